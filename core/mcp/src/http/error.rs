//! Why an exchange gave no answer.

use std::fmt;
use std::time::Duration;

use crate::delivery::Delivery;
use crate::http::failure::Failure;

/// Why a request over HTTP has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpError {
    /// What happened.
    pub kind: HttpErrorKind,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// The beginning of the answer's body, if it is text: at most 256 bytes, with control characters escaped.
    pub excerpt: String,
    /// How far the request got.
    pub delivery: Delivery,
    /// When the server asks to be tried again, from now on.
    pub retry_after: Option<Duration>,
    /// What else is known of it: what the server said to `server/discover` before it refused `initialize`, say.
    pub note: Option<String>,
}

/// What happened to an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// It broke.
    Broken(Failure),
    /// The server answered with a status that is no answer to the request.
    Status,
    /// The server wants other credentials (401), or forbids it with these (403, 407).
    Unauthorized {
        /// Its words, if it has any: the challenge's error and description.
        challenge: Option<String>,
    },
    /// The server knows the session no more (404, 410), or answers everything as if it didn't.
    Expired,
    /// The server speaks another era than it did.
    OtherEra,
    /// The server sends the request elsewhere, where it may not go.
    Redirected {
        /// The origin that it names, or why it can't be followed.
        to: String,
    },
    /// The answer is none: empty, of another kind, for somebody else.
    NoAnswer {
        /// What is wrong with it.
        what: String,
    },
    /// The stream ended before the answer, and could not be taken up again.
    Interrupted {
        /// Why not.
        what: String,
    },
    /// The session takes nothing new any more.
    Retired,
    /// The call can't be sent as HTTP: a tool's `x-mcp-header` isn't valid, say.
    Unsendable {
        /// Why not.
        what: String,
    },
}

impl HttpError {
    pub(crate) fn new(kind: HttpErrorKind, delivery: Delivery) -> Self {
        Self { kind, status: None, excerpt: String::new(), delivery, retry_after: None, note: None }
    }

    /// Returns whether the same request may go better later, or on another session.
    pub const fn is_retryable(&self) -> bool {
        match &self.kind {
            HttpErrorKind::Broken(failure) => !failure.is_permanent,
            HttpErrorKind::Status => matches!(self.status, Some(408 | 409 | 429 | 500 | 502..=599)),
            HttpErrorKind::Expired
            | HttpErrorKind::OtherEra
            | HttpErrorKind::Interrupted { .. }
            | HttpErrorKind::Retired => true,
            HttpErrorKind::Unauthorized { .. }
            | HttpErrorKind::Redirected { .. }
            | HttpErrorKind::NoAnswer { .. }
            | HttpErrorKind::Unsendable { .. } => false,
        }
    }
}

impl std::error::Error for HttpError {}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            HttpErrorKind::Broken(failure) => failure.fmt(f)?,
            HttpErrorKind::Status => write!(f, "the server answered {}", Status(self.status))?,
            HttpErrorKind::Unauthorized { challenge } => {
                write!(f, "the server refuses the credentials ({})", Status(self.status))?;
                if let Some(challenge) = challenge {
                    write!(f, ": {challenge}")?;
                }
            }
            HttpErrorKind::Expired => {
                write!(f, "the server knows the session no more ({})", Status(self.status))?;
            }
            HttpErrorKind::OtherEra => f.write_str("the server speaks another era than it did")?,
            HttpErrorKind::Redirected { to } => write!(f, "the server sends the request elsewhere: {to}")?,
            HttpErrorKind::NoAnswer { what } => write!(f, "the server's answer is none: {what}")?,
            HttpErrorKind::Interrupted { what } => write!(f, "the answer's stream was interrupted: {what}")?,
            HttpErrorKind::Retired => f.write_str("the session takes no new calls any more")?,
            HttpErrorKind::Unsendable { what } => f.write_str(what)?,
        }
        if !self.excerpt.is_empty() {
            write!(f, ": {}", self.excerpt)?;
        }
        if let Some(after) = self.retry_after {
            write!(f, " (try again in {} s)", after.as_secs())?;
        }
        if let Some(note) = &self.note {
            write!(f, "; {note}")?;
        }
        Ok(())
    }
}

/// `503 Service Unavailable`.
struct Status(Option<u16>);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.and_then(|status| http::StatusCode::from_u16(status).ok()) {
            Some(status) => status.fmt(f),
            None => f.write_str("without a status"),
        }
    }
}
