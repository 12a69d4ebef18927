//! Requests of a server that no handler answered.

use std::fmt;

/// Why a request of the server got an error that no handler chose. See
/// [`ServerEvent::Unhandled`](crate::ServerEvent::Unhandled).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unhandled {
    /// It is offered ([`Handlers::offers`](crate::Handlers::offers)), and its method says that it is not, or there are
    /// no handlers at all. The server got -32601.
    NotOffered,
    /// Its params can't be read as those of its method, for that reason, which may hold words of the server. The server
    /// got -32602.
    InvalidParams(String),
    /// The handler panicked. The server got -32603.
    Panicked,
    /// The answer is larger than a [message may be](tenure_mcp_proto::Options::max_message). The server got -32603.
    TooLarge {
        /// Bytes of the answer.
        size: usize,
        /// The limit, in bytes.
        limit: usize,
    },
}

impl Unhandled {
    /// What it is, without any words of the server.
    #[cfg(feature = "tracing")]
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::NotOffered => "offered and not handled",
            Self::InvalidParams(_) => "invalid params",
            Self::Panicked => "the handler panicked",
            Self::TooLarge { .. } => "the answer is too large",
        }
    }
}

impl fmt::Display for Unhandled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOffered => f.write_str("it is offered, and no handler takes it"),
            Self::InvalidParams(problem) => write!(f, "its params can't be read: {problem}"),
            Self::Panicked => f.write_str("its handler panicked"),
            Self::TooLarge { size, limit } => {
                write!(f, "its answer has {size} bytes, more than the limit of {limit}")
            }
        }
    }
}
