//! Why a connection could not be opened.

use std::fmt;

use crate::error::{CallError, RequestError};
use crate::jsonrpc::error::ServerError;
use crate::jsonrpc::raw::Raw;

/// Why the opening failed. The connection is closed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The server answered with a version that is not on our list (MCP 2025-11-25, basic/lifecycle, "Version
    /// Negotiation").
    #[error("the server speaks version {answered:?}; supported here: {}", Joined(.supported))]
    UnsupportedVersion {
        /// The version that the server answered, shortened when it is long.
        answered: String,
        /// The versions that this side accepts, latest first.
        supported: Vec<String>,
    },
    /// The server speaks the modern era, but none of its versions that is on our list, and no legacy version
    /// either (MCP 2026-07-28, basic/versioning).
    #[error("the server speaks {}; supported here: {}", Joined(.server_supports), Joined(.supported))]
    NoCommonVersion {
        /// The versions that the server named.
        server_supports: Vec<String>,
        /// The versions that this side accepts, latest first.
        supported: Vec<String>,
    },
    /// The server answered the opening request with an error, such as -32602 (legacy) or -32022 (a server that
    /// speaks the modern era only).
    #[error("the server refused the handshake with {}{}", .error.said(), Offer(.server_supports))]
    Rejected {
        /// The error as the server sent it.
        error: ServerError,
        /// The versions the server named in `data.supported`; empty if none.
        server_supports: Vec<String>,
    },
    /// The answer is neither an `InitializeResult` nor a `DiscoverResult`, whichever was asked for.
    #[error("the server's answer to the handshake makes no sense: {what}")]
    Malformed {
        /// What is wrong with it.
        what: String,
        /// The answer's result byte for byte.
        raw: Raw,
    },
    /// There was no usable answer: timed out, too large, not a valid response, or the connection ended first.
    #[error("the handshake failed: {0}")]
    Failed(CallError),
    /// The next opening request could not be queued, such as when it is larger than the options allow.
    #[error("the handshake can't go on: {0}")]
    Unsendable(RequestError),
}

struct Joined<'a>(&'a [String]);

impl fmt::Display for Joined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, part) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(", ")?;
            }
            f.write_str(part)?;
        }
        Ok(())
    }
}

struct Offer<'a>(&'a [String]);

impl fmt::Display for Offer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(f, " (it supports {})", Joined(self.0))
    }
}
