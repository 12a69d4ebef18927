//! Exit statuses, and the one line that says why.

use std::fmt::Display;

use clap::error::ErrorKind;
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
    /// One line for standard error.
    pub(crate) why: String,
}

impl Failed {
    pub(crate) fn new(status: u8, why: impl Display) -> Self {
        let why = crate::text::one_line(&why.to_string());
        // A server's own words can be of any length.
        Self { status, why: crate::text::shortened(&why, 1000) }
    }

    /// By a command line that can't be understood, in one line: the first paragraph says why.
    pub(crate) fn usage(error: &clap::Error) -> Self {
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Self::new(USAGE, "which command? tenure --help lists them");
        }
        let text = error.to_string();
        let why = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
        let why: Vec<&str> = why.split_whitespace().collect();
        Self::new(USAGE, format!("{}; see --help", why.join(" ")))
    }

    /// By a signal, as a shell tells it.
    pub(crate) fn by_signal(signal: i32) -> Self {
        let status = u8::try_from(signal.saturating_add(128)).unwrap_or(LOST);
        let why = match signal {
            2 => "ended by Ctrl-C (SIGINT)".into(),
            15 => "ended by SIGTERM".into(),
            other => format!("ended by signal {other}"),
        };
        Self { status, why }
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
