//! What a server writes beside its messages: read, cut into lines, handed on, and the last of it kept.

mod line;
mod printable;
mod reader;
mod tail;

pub use line::StderrLine;
pub(super) use reader::{Hook, Stderr};
pub use tail::StderrTail;

#[cfg(test)]
mod tests;
