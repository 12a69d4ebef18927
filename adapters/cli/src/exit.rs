//! Exit statuses, and what is said of a failure: one line for people, one JSON object for programs.

use std::fmt::Display;

use serde_json::value::RawValue;
use tenure_mcp::{Error, HttpErrorKind};

/// The server answered with an error or nonsense; or what was to be checked doesn't hold.
pub(crate) const ANSWERED: u8 = 1;
/// Wrong usage.
pub(crate) const USAGE: u8 = 2;
/// Could not connect, or the session was lost.
pub(crate) const LOST: u8 = 3;
/// A deadline passed.
pub(crate) const DEADLINE: u8 = 4;

/// The most characters of a line on standard error: a server's own words can be of any length.
const LONGEST: usize = 1000;

/// Why the program ends with another status than 0.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) status: u8,
    /// One line for standard error.
    pub(crate) why: String,
    /// The signal that the program is to die by.
    pub(crate) signal: Option<i32>,
    /// For programs: which kind of failure.
    kind: &'static str,
    /// The whole of what was said, as it came.
    message: String,
    /// The server's error code and data.
    code: Option<i64>,
    data: Option<Box<RawValue>>,
    /// Whether standard output has had its one document.
    printed: bool,
    /// Whether the line was said already.
    is_said: bool,
}

impl Failed {
    pub(crate) fn new(status: u8, why: impl Display) -> Self {
        let message = why.to_string();
        let kind = match status {
            ANSWERED => "answer",
            USAGE => "usage",
            DEADLINE => "deadline",
            _ => "lost",
        };
        let why = crate::text::shortened(&crate::text::one_line(&message), LONGEST);
        Self {
            status,
            why,
            signal: None,
            kind,
            message,
            code: None,
            data: None,
            printed: false,
            is_said: false,
        }
    }

    /// The same, where standard output has a document already that tells it.
    pub(crate) fn printed(self) -> Self {
        Self { printed: true, ..self }
    }

    fn kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    /// By a signal; a shell tells it by this status.
    pub(crate) fn by_signal(signal: i32) -> Self {
        let status = u8::try_from(signal.saturating_add(128)).unwrap_or(LOST);
        let name = crate::signal_names::name(signal);
        let name = if signal == 2 { format!("Ctrl-C ({name})") } else { name };
        let failed = Self::new(status, format!("ended by {name}")).kind("signal");
        Self { signal: Some(signal), ..failed }
    }

    /// Says it, once. With `json`, standard output gets a document too, but not of a program that was told to end:
    /// its reader may be stuck.
    pub(crate) fn tell(&mut self, json: bool) {
        if std::mem::replace(&mut self.is_said, true) {
            return;
        }
        let line = format!("tenure: {}", self.why);
        if self.signal.is_some() {
            crate::out::last_words(&line);
            return;
        }
        crate::out::to_stderr(&line);
        if json && !self.printed {
            // Where that can't be written, the line above is all there is.
            let _ = crate::out::write(&self.document());
        }
    }

    fn document(&self) -> String {
        let data = self.data.as_ref().map_or("null", |data| data.get());
        let code = self.code.map_or_else(|| "null".into(), |code| code.to_string());
        let [kind, message] = [self.kind, &self.message].map(serde_json::Value::from);
        format!("{{\"error\":{{\"kind\":{kind},\"code\":{code},\"message\":{message},\"data\":{data}}}}}\n")
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let why = explained(&error);
        let status = error.http().and_then(|error| error.status).map(i64::from);
        match error {
            Error::Server(server) => {
                let failed = Self::new(ANSWERED, why).kind("server");
                Self { code: server.code, message: server.message, data: server.data, ..failed }
            }
            Error::TooLarge { .. } => {
                Self::new(ANSWERED, format!("{why}; --max-message allows more")).kind("too_large")
            }
            Error::Protocol { .. } => Self::new(ANSWERED, why).kind("protocol"),
            Error::InputRequired { raw, .. } => {
                let failed = Self::new(ANSWERED, why).kind("input_required");
                Self { data: raw.requests().and_then(wanted), ..failed }
            }
            Error::Unreadable { raw, .. } => {
                let failed = Self::new(ANSWERED, why).kind("unreadable");
                Self { data: Some(raw.into()), ..failed }
            }
            Error::Http { error, .. } => {
                let failed = Self::new(status_of(&error.kind), why).kind("http");
                Self { code: status, ..failed }
            }
            Error::NotSent(_) | Error::InvalidParams(_) => Self::new(USAGE, why).kind("not_sent"),
            Error::TimedOut { .. } => Self::new(DEADLINE, why),
            Error::ConnectFailed { .. } => {
                let failed = Self::new(LOST, why).kind("connect");
                Self { code: status, ..failed }
            }
            _ => Self { code: status, ..Self::new(LOST, why) },
        }
    }
}

/// What a server wants; what it keeps in `requestState` is not for whoever reads along.
fn wanted(requests: &RawValue) -> Option<Box<RawValue>> {
    RawValue::from_string(format!(r#"{{"resultType":"input_required","inputRequests":{requests}}}"#)).ok()
}

/// What became of a request over HTTP.
const fn status_of(kind: &HttpErrorKind) -> u8 {
    match kind {
        HttpErrorKind::Unsendable { .. } => USAGE,
        HttpErrorKind::Status
        | HttpErrorKind::Unauthorized { .. }
        | HttpErrorKind::Redirected { .. }
        | HttpErrorKind::NoAnswer { .. } => ANSWERED,
        _ => LOST,
    }
}

/// What the system says of a program that is no program, and what that means.
fn explained(error: &Error) -> String {
    let why = error.to_string();
    if matches!(error, Error::ConnectFailed { .. }) && why.contains("Exec format error") {
        return format!(
            "{why}; if it is a script, its first line must be #! and an interpreter, such as #!/bin/sh"
        );
    }
    why
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_says_it_whole_and_as_it_came() {
        let long = "x\n\u{202e}".repeat(1000);
        let failed = Failed::new(LOST, &long);
        let document: serde_json::Value = serde_json::from_str(&failed.document()).unwrap();
        assert_eq!(document["error"]["message"], long);
        assert_eq!((&document["error"]["kind"], document["error"]["code"].is_null()), (&"lost".into(), true));
        assert!(
            failed.why.contains("2000 characters cut") && !failed.why.contains('\u{202e}'),
            "{}",
            failed.why
        );
    }
}
