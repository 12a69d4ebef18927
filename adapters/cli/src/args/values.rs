//! Values on the command line.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use tenure_mcp::proto::types::{LogLevel, NoLogLevel};

/// Which runtime carries the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Runtime {
    /// The tokio runtime
    Tokio,
    /// The smol runtime
    Smol,
}

/// Which eras of the protocol are offered to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Era {
    /// The one that the server speaks, the modern one if it speaks both
    Auto,
    /// With a handshake: versions up to 2025-11-25
    Legacy,
    /// Without one: versions from 2026-07-28 on
    Modern,
}

impl From<Era> for tenure_mcp::proto::Eras {
    fn from(era: Era) -> Self {
        match era {
            Era::Auto => Self::Auto,
            Era::Legacy => Self::Legacy,
            Era::Modern => Self::Modern,
        }
    }
}

/// A variable and its value, which need not be text.
pub(super) fn variable(text: &OsStr) -> Result<(OsString, OsString), String> {
    match split(text) {
        Some((name, value)) if !name.is_empty() => Ok((name, value)),
        _ => Err("expected NAME=VALUE".into()),
    }
}

#[cfg(unix)]
fn split(text: &OsStr) -> Option<(OsString, OsString)> {
    use std::os::unix::ffi::OsStrExt as _;
    let bytes = text.as_bytes();
    let at = bytes.iter().position(|byte| *byte == b'=').filter(|_| !bytes.contains(&0))?;
    let (name, value) = (bytes.get(..at)?, bytes.get(at.checked_add(1)?..)?);
    Some((OsStr::from_bytes(name).into(), OsStr::from_bytes(value).into()))
}

#[cfg(not(unix))]
fn split(text: &OsStr) -> Option<(OsString, OsString)> {
    let (name, value) = text.to_str()?.split_once('=').filter(|_| !text.to_string_lossy().contains('\0'))?;
    Some((name.into(), value.into()))
}

/// How long something may take. No time at all is never meant: zero doesn't set a limit off.
pub(super) fn some_time(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => {
            Err("no time at all is too short; give a long one, such as 1day, for no limit".to_owned())
        }
        Ok(time) => Ok(time),
        Err(error) => Err(error.to_string()),
    }
}

/// How serious a log message is.
pub(super) fn level() -> impl TypedValueParser<Value = LogLevel> {
    PossibleValuesParser::new(LogLevel::ALL.map(LogLevel::as_str))
        .try_map(|level| level.parse::<LogLevel>().map_err(|_: NoLogLevel| "no such level"))
}

/// A number of bytes; K, M and G stand for powers of 1024.
pub(super) fn bytes(text: &str) -> Result<usize, String> {
    let expected = || "expected a number of bytes from 1 on, such as 1000000, 64K or 256M".to_owned();
    let (number, unit) = match text.strip_suffix(|c: char| c.is_ascii_alphabetic()) {
        None => (text, 1),
        Some(number) if text.ends_with(['k', 'K']) => (number, 1 << 10),
        Some(number) if text.ends_with(['m', 'M']) => (number, 1 << 20),
        Some(number) if text.ends_with(['g', 'G']) => (number, 1 << 30),
        Some(_) => return Err(expected()),
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(expected());
    }
    let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_needs_a_name() {
        assert_eq!(variable("A=b=c".as_ref()), Ok(("A".into(), "b=c".into())));
        assert!(variable("=b".as_ref()).is_err() && variable("A".as_ref()).is_err());
    }

    #[test]
    fn a_limit_of_no_time_is_refused() {
        assert_eq!(some_time("300ms"), Ok(Duration::from_millis(300)));
        assert!(some_time("0s").is_err_and(|error| error.contains("too short")));
        assert!(some_time("5").is_err() && some_time("-1s").is_err());
    }

    #[test]
    fn bytes_may_have_a_unit() {
        assert_eq!(["1", "64K", "2m", "1G"].map(bytes), [Ok(1), Ok(65536), Ok(2 << 20), Ok(1 << 30)]);
        for wrong in
            ["", "0", "K", "0G", "-1", "+1", "1T", "1.5M", "1 K", "99999999999999999999", "99999999999G"]
        {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}
