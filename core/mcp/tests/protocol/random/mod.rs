//! Random input and random histories.

mod dialogue;
mod passing_through;
mod properties;
