//! Being built.
mod timer;
pub use timer::Timer;
