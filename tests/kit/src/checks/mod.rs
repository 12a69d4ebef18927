//! Checks of what users bring: a timer, a way to spawn, a connector.

mod bell;
pub(crate) mod connector;
mod real;
mod report;
mod rule;
mod spawn;
mod timer;

pub(crate) use real::within;
pub use report::{Fault, Report};
pub use rule::Rule;
pub use spawn::{Task, check_spawn};
pub use timer::check_timer;
