//! Exit statuses, and the one line that says why.

use std::fmt::Display;

use tenure_mcp::Error;

/// The server answered with an error or nonsense; or what was to be checked doesn't hold.
pub(crate) const ANSWERED: u8 = 1;
/// Wrong usage.
pub(crate) const USAGE: u8 = 2;
/// Could not connect, or the session was lost.
pub(crate) const LOST: u8 = 3;
/// A deadline passed.
pub(crate) const DEADLINE: u8 = 4;

/// Why the program ends with another status than 0.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) status: u8,
    /// One line for standard error; `None` if it was said.
    pub(crate) why: Option<String>,
}

impl Failed {
    pub(crate) fn new(status: u8, why: impl Display) -> Self {
        Self { status, why: Some(crate::text::one_line(&why.to_string())) }
    }

    /// By a signal, as a shell tells it.
    pub(crate) fn by_signal(signal: i32) -> Self {
        let status = u8::try_from(signal.saturating_add(128)).unwrap_or(LOST);
        Self { status, why: Some(format!("ended by signal {signal}")) }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::Server(_) | Error::TooLarge { .. } | Error::Protocol { .. } => ANSWERED,
            Error::NotSent(_) => USAGE,
            Error::TimedOut { .. } => DEADLINE,
            _ => LOST,
        };
        Self::new(status, error)
    }
}
