//! What can go wrong, by whose fault: the caller's ([`RequestError`]), the peer's for one call
//! ([`CallError`]), the peer's for nobody in particular ([`ProtocolError`]). Why an opening failed is the
//! era's to say.

use serde_json::value::RawValue;

use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::message::ServerError;

/// A request, notification or start that was not accepted. Nothing was queued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// Only `ping` may be sent before the handshake is complete (MCP 2025-11-25, basic/lifecycle).
    #[error("the handshake is not complete")]
    NotReady,
    /// [`start`](crate::Connection::start) was called before.
    #[error("the connection was already started")]
    AlreadyStarted,
    /// The connection has ended; nothing will be sent any more.
    #[error("the connection is closed")]
    Closed,
    /// The requests in flight, with the answers not yet polled, reached
    /// [`max_in_flight`](crate::Options::max_in_flight).
    #[error("{limit} requests are in flight already")]
    TooManyInFlight {
        /// The limit that was reached.
        limit: usize,
    },
    /// The messages waiting to be written reached [`max_queued`](crate::Options::max_queued): the writer is
    /// stuck or slow.
    #[error("the messages waiting to be written exceed {limit} bytes")]
    QueueFull {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The encoded message exceeds [`max_message`](crate::Options::max_message).
    #[error("the message has {size} bytes, more than the limit of {limit}")]
    TooLarge {
        /// Bytes of the encoded message, without what delimits it.
        size: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// This method can't be sent this way.
    #[error("the method {method:?} can't be sent here: {reason}")]
    InvalidMethod {
        /// The method, shortened when it is long.
        method: String,
        /// Why not.
        reason: &'static str,
    },
    /// `params` is not a JSON object (MCP allows nothing else).
    #[error("params must be a JSON object")]
    InvalidParams,
    /// All ids that every peer can represent (up to 2^53 - 1) are used up.
    #[error("no request id is left on this connection")]
    IdsExhausted,
}

/// Why a request ended without a result.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The server answered with an error (JSON-RPC 2.0, section 5.1).
    #[error("the server answered error {code}: {message}")]
    Server {
        /// The error's code.
        code: i64,
        /// The error's message.
        message: String,
        /// The error's data, byte for byte.
        data: Option<Box<RawValue>>,
    },
    /// The request's deadline passed. The server was sent a notice of it, if the request had been handed to
    /// the writer.
    #[error("the request timed out")]
    TimedOut,
    /// The request was cancelled by [`cancel`](crate::Connection::cancel).
    #[error("the request was cancelled")]
    Cancelled,
    /// The answer exceeds [`max_message`](crate::Options::max_message).
    #[error("the answer is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The answer is not a valid JSON-RPC response.
    #[error("the answer breaks the protocol: {what}")]
    Protocol {
        /// What is wrong with it.
        what: String,
    },
    /// The connection ended first.
    #[error("the connection was lost")]
    ConnectionLost {
        /// Whether the request had been handed to the writer. If not, the server can't have seen it.
        sent: bool,
    },
}

impl From<ServerError> for CallError {
    fn from(error: ServerError) -> Self {
        let ServerError { code, message, data } = error;
        Self::Server { code, message, data }
    }
}

/// A fault of the peer that can't be put on one call. The connection goes on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// What came is not a JSON-RPC message.
    #[error("not a JSON-RPC message: {reason} in {excerpt:?}")]
    Malformed {
        /// What is wrong with it.
        reason: String,
        /// The beginning of what came.
        excerpt: String,
    },
    /// A message is not UTF-8.
    #[error("invalid UTF-8 after {valid_up_to} bytes in {excerpt:?}")]
    InvalidUtf8 {
        /// How many bytes of the message are valid.
        valid_up_to: usize,
        /// The beginning of the message, with replacement characters.
        excerpt: String,
    },
    /// A message exceeds [`max_message`](crate::Options::max_message) and is not the answer to a request in
    /// flight. It was skipped.
    #[error("a message of {size} bytes exceeds the limit of {limit}")]
    Oversized {
        /// Bytes of the message, without what delimits it.
        size: u64,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The input ended inside of a message, such as a line without its newline.
    #[error("the input ended after {size} bytes of an unfinished message")]
    Unfinished {
        /// Bytes of the message that did arrive.
        size: u64,
    },
    /// A response to a request that was never sent.
    #[error("a response with the unknown id {id}")]
    UnknownResponse {
        /// The id's JSON text, shortened when it is long.
        id: String,
    },
    /// A further response to a request that was answered before.
    #[error("a further response to request {id}")]
    RepeatedResponse {
        /// The request.
        id: RequestId,
    },
    /// An error response without an id: the server could not read something that was sent to it.
    #[error("an error answer to no request, {code}: {message}")]
    UnaddressedError {
        /// The error's code.
        code: i64,
        /// The error's message, shortened when it is long.
        message: String,
    },
    /// A message whose id is null, neither string nor number, or longer than 1 KiB.
    #[error("an invalid id: {id}")]
    InvalidId {
        /// The id's JSON text, shortened when it is long.
        id: String,
    },
    /// A batch, on a version that has none. Only 2025-03-26 has batches (MCP 2025-03-26, basic, "Batching").
    #[error("a batch, which the negotiated version does not have")]
    Batch,
}
