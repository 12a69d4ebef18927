//! How an exchange broke, as what carries it sees it.

use std::fmt;

/// How far an exchange was when it broke. It decides what may have become of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// There is no connection: the name is not known, nobody listens, a proxy refuses.
    Connect,
    /// TLS was not agreed on.
    Tls,
    /// There was a connection, and nothing of the request was written to it.
    Unwritten,
    /// Some of the request was written, all perhaps, and no head came.
    Sent,
    /// The head can't be read, or is too large.
    Head,
    /// The body broke off, or can't be read.
    Body,
}

impl Stage {
    /// Returns whether the server can't have seen the request.
    pub const fn is_unsent(self) -> bool {
        matches!(self, Self::Connect | Self::Tls | Self::Unwritten)
    }
}

/// Why an exchange broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How far it was.
    pub stage: Stage,
    /// Whether its connection had carried an exchange before: it may have been closed while nobody looked.
    pub was_reused: bool,
    /// Whether trying again is of no use: a certificate that isn't valid, say.
    pub is_permanent: bool,
    /// Why, in words that are safe to print: no credentials, no query.
    pub reason: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.stage {
            Stage::Connect => "no connection",
            Stage::Tls => "TLS failed",
            Stage::Unwritten => "the request could not be written",
            Stage::Sent => "the connection ended before the answer",
            Stage::Head => "the answer's head can't be read",
            Stage::Body => "the answer broke off",
        };
        write!(f, "{what}: {}", self.reason)
    }
}
