//! How serious a log message is (MCP 2025-11-25, server/utilities/logging).

use std::fmt;
use std::str::FromStr;

use serde_json::value::RawValue;

use crate::types::written::Written;

/// How serious a log message is, the least first (RFC 5424).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// For finding faults.
    Debug,
    /// Worth knowing.
    Info,
    /// Normal but notable.
    Notice,
    /// Something may go wrong.
    Warning,
    /// Something went wrong.
    Error,
    /// A part failed.
    Critical,
    /// Something must be done at once.
    Alert,
    /// Nothing works.
    Emergency,
}

impl LogLevel {
    /// All there are, the least serious first.
    pub const ALL: [Self; 8] = [
        Self::Debug,
        Self::Info,
        Self::Notice,
        Self::Warning,
        Self::Error,
        Self::Critical,
        Self::Alert,
        Self::Emergency,
    ];

    /// As it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no level of log messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of debug, info, notice, warning, error, critical, alert and emergency")]
pub struct NoLogLevel;

impl FromStr for LogLevel {
    type Err = NoLogLevel;

    fn from_str(text: &str) -> Result<Self, NoLogLevel> {
        Self::ALL.into_iter().find(|level| level.as_str() == text).ok_or(NoLogLevel)
    }
}

/// Params of `logging/setLevel`.
#[derive(Clone, Copy, Debug)]
pub struct SetLevelParams {
    /// Messages of this level and the more serious ones are wanted.
    pub level: LogLevel,
}

impl SetLevelParams {
    /// The params as JSON.
    pub fn to_raw(&self) -> Box<RawValue> {
        Written::new().text("level", self.level.as_str()).into_raw()
    }
}
