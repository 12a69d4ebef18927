//! Bounds hold to the byte.

mod exact_limits;
mod limits;
