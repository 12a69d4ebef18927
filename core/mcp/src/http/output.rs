//! What the exchanges want done, and tell.

use std::fmt;

use bytes::Bytes;
use http::Request;

use crate::http::challenge::Challenge;
use crate::http::error::HttpError;

/// Names an exchange: one request and what answers it. Never used again on the same [`Exchanges`](super::Exchanges).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExchangeId(pub(crate) u64);

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which connection may carry an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reuse {
    /// Any.
    Any,
    /// One that was used last, or a new one: what it carries must not be lost to a connection that the server has
    /// closed meanwhile.
    Youngest,
    /// A new one.
    Fresh,
}

/// What is to be done, in order. Its `Debug` has of a request what anybody may see: neither its query nor its headers
/// nor its body.
#[non_exhaustive]
pub enum Output {
    /// Begin this exchange: send the request, with the headers of the [`Credentials`] that are asked for it, and say
    /// what comes.
    ///
    /// [`Credentials`]: super::Exchanges::credentials
    Open {
        /// Its name.
        exchange: ExchangeId,
        /// The request, whole.
        request: Request<Bytes>,
        /// Which connection may carry it.
        reuse: Reuse,
    },
    /// Nobody waits for this exchange any more: drop it. What comes of it later is ignored.
    Drop(ExchangeId),
    /// The server refused the credentials of this version: tell who gives them, and say what came of it with
    /// [`credentials`](super::Exchanges::credentials). At most one of these is open at a time.
    AskCredentials {
        /// What the server demands, by the answer's `WWW-Authenticate`.
        challenges: Vec<Challenge>,
        /// The version that was refused; `None` if the request had none.
        refused: Option<u64>,
    },
    /// Something came from the server: a sign of life.
    Piece,
    /// Nothing new is taken any more, for this reason; what was sent may still be answered.
    Retiring(HttpError),
    /// All has ended: for that reason, or in order.
    Ended(Option<HttpError>),
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { exchange, request, reuse } => f
                .debug_struct("Open")
                .field("exchange", exchange)
                .field("method", request.method())
                .field("path", &request.uri().path())
                .field("body", &format_args!("{} bytes", request.body().len()))
                .field("reuse", reuse)
                .finish(),
            Self::Drop(exchange) => f.debug_tuple("Drop").field(exchange).finish(),
            Self::AskCredentials { challenges, refused } => f
                .debug_struct("AskCredentials")
                .field("challenges", challenges)
                .field("refused", refused)
                .finish(),
            Self::Piece => f.write_str("Piece"),
            Self::Retiring(why) => f.debug_tuple("Retiring").field(why).finish(),
            Self::Ended(why) => f.debug_tuple("Ended").field(why).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Delivery;
    use crate::http::error::HttpErrorKind;

    #[test]
    fn nobody_sees_of_a_request_what_may_be_secret() {
        let request = Request::post("https://a.example/mcp?token=secret1").header("x-key", "secret2");
        let request = request.body(Bytes::from_static(b"secret3")).unwrap();
        let open = Output::Open { exchange: ExchangeId(5), request, reuse: Reuse::Any };
        let told = format!("{open:?}");
        assert!(told.contains("POST") && told.contains("/mcp") && told.contains("7 bytes"), "{told}");
        assert!(!told.contains("secret"), "{told}");
    }

    #[test]
    fn what_has_nothing_to_hide_is_told_whole() {
        let error = HttpError::new(HttpErrorKind::Expired, Delivery::Refused);
        let told = |output: Output| format!("{output:?}");
        assert_eq!(told(Output::Drop(ExchangeId(5))), "Drop(ExchangeId(5))");
        assert_eq!(told(Output::Piece), "Piece");
        assert_eq!(told(Output::Ended(None)), "Ended(None)");
        assert_eq!(told(Output::Retiring(error.clone())), format!("Retiring({error:?})"));
        let asks = Output::AskCredentials { challenges: Vec::new(), refused: Some(2) };
        assert_eq!(told(asks), "AskCredentials { challenges: [], refused: Some(2) }");
    }
}
