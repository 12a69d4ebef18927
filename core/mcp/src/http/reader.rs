//! The body of an answer, as it comes.

use std::time::Duration;

use crate::http::sse::Sse;

/// What is read of a body that is no answer, in bytes.
const ERROR_BODY: usize = 64 * 1024;

/// What a body is read as.
#[derive(Debug)]
pub(crate) enum Reader {
    /// One JSON text. `kind` is its media type, if it isn't that of JSON.
    Whole { bytes: Vec<u8>, max: usize, is_too_large: bool, kind: Option<String> },
    /// A stream of events.
    Events(Box<Sse>),
    /// The body of a status that is no success.
    Refusal { status: u16, bytes: Vec<u8>, retry_after: Option<Duration> },
    /// Nothing in it matters; it is read so that its connection can be used again.
    Rest { bytes: usize },
}

impl Reader {
    pub(crate) fn whole(max: usize, kind: Option<String>) -> Self {
        Self::Whole { bytes: Vec::new(), max, is_too_large: false, kind }
    }

    pub(crate) fn refusal(status: u16, retry_after: Option<Duration>) -> Self {
        Self::Refusal { status, bytes: Vec::new(), retry_after }
    }

    pub(crate) fn rest() -> Self {
        Self::Rest { bytes: 0 }
    }

    /// Keeps a piece of anything but events. Returns whether more of it is worth reading.
    pub(crate) fn keep(&mut self, piece: &[u8]) -> bool {
        match self {
            Self::Whole { bytes, max, is_too_large, .. } => {
                *is_too_large = *is_too_large || bytes.len().saturating_add(piece.len()) > *max;
                if !*is_too_large {
                    bytes.extend_from_slice(piece);
                }
                !*is_too_large
            }
            Self::Refusal { bytes, .. } => {
                let room = ERROR_BODY.saturating_sub(bytes.len());
                bytes.extend_from_slice(piece.get(..room).unwrap_or(piece));
                bytes.len() < ERROR_BODY
            }
            Self::Rest { bytes } => {
                *bytes = bytes.saturating_add(piece.len());
                *bytes < ERROR_BODY
            }
            Self::Events(_) => true,
        }
    }
}

/// What an answer's `Content-Type` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    Json,
    Events,
    Other(String),
}

impl Media {
    pub(crate) fn of(headers: &http::HeaderMap) -> Self {
        let value = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = value.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/json") {
            Self::Json
        } else if kind.eq_ignore_ascii_case("text/event-stream") {
            Self::Events
        } else {
            Self::Other(kind.to_ascii_lowercase().chars().take(64).collect())
        }
    }
}
