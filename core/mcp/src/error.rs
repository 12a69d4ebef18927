//! What can go wrong, by whose fault: the caller's ([`RequestError`]), the peer's for one call
//! ([`CallError`]), the peer's for nobody in particular ([`ProtocolError`]). Why an opening failed is the
//! era's to say.

use crate::jsonrpc::error::ServerError;
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::raw::Raw;
use crate::required_input::RequiredInput;

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
    /// The messages waiting to be written reached [`max_queued`](crate::Options::max_queued), or the answers among
    /// them [`max_replies`](crate::Options::max_replies): the writer is stuck or slow.
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
    /// `_meta` in the params is not a JSON object (MCP 2026-07-28, basic/index, "_meta").
    #[error("_meta must be a JSON object")]
    InvalidMeta,
    /// `_meta` in the params has a member that the connection itself adds to each request (MCP 2026-07-28,
    /// basic/index, "Per-request protocol fields").
    #[error("the connection itself adds {key} to _meta")]
    ReservedMeta {
        /// The member's name.
        key: &'static str,
    },
    /// The token for progress that `params` names is that of another request in flight (MCP 2025-11-25,
    /// basic/utilities/progress: it must be unique).
    #[error("the progress token {token} is in use")]
    ProgressTokenInUse {
        /// The token, shortened when it is long.
        token: String,
    },
    /// The server doesn't offer what is asked for (MCP 2025-11-25, basic/lifecycle, "Capability Negotiation").
    #[error("the server does not offer {what}")]
    NotOffered {
        /// What it doesn't offer.
        what: &'static str,
    },
    /// The server doesn't wait for this answer, or not any more.
    #[error("the server does not wait for this answer")]
    NotAsked,
    /// All ids that every peer can represent (up to 2^53 - 1) are used up.
    #[error("no request id is left on this connection")]
    IdsExhausted,
}

/// Why a request ended without a result.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The server answered with an error (JSON-RPC 2.0, section 5.1).
    #[error(transparent)]
    Server(#[from] ServerError),
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
    /// The answer came and can't be read as a JSON-RPC response.
    #[error("the answer breaks the protocol: {what} in {excerpt:?}")]
    Protocol {
        /// What is wrong with it.
        what: String,
        /// The beginning of what came.
        excerpt: String,
    },
    /// The result is of a kind that isn't known here, which makes it invalid (MCP 2026-07-28, basic/index,
    /// `ResultType`).
    #[error("the result can't be understood: {what}")]
    UnknownResult {
        /// What is wrong with it.
        what: String,
        /// The result byte for byte.
        raw: Raw,
    },
    /// The server wants input first (MCP 2026-07-28, basic/patterns/mrtr), and the request was not made again
    /// with it.
    #[error("the server wants input first: {why}")]
    InputRequired {
        /// Why it was not.
        why: InputError,
        /// The server's result byte for byte.
        raw: RequiredInput,
    },
    /// The exchange that carried it gave no answer.
    #[cfg(feature = "http")]
    #[error(transparent)]
    Http(#[from] crate::http::HttpError),
    /// The connection ended first.
    #[error("the connection was lost")]
    ConnectionLost {
        /// Whether the request had been handed to the writer. If not, the server can't have seen it.
        sent: bool,
    },
}

/// Why a request is not made again with the input that the server wants (MCP 2026-07-28, basic/patterns/mrtr).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// Servers must not want input for requests of this method.
    #[error("no input may be wanted for this method")]
    NotAllowed,
    /// What the server wants can't be read.
    #[error("what it wants can't be read: {what}")]
    Malformed {
        /// What is wrong with it.
        what: String,
    },
    /// The server wants something that was not [offered](crate::Options::offer).
    #[error("{method:?} was not offered")]
    NotOffered {
        /// The method of what it wants, shortened when it is long.
        method: String,
    },
    /// More is wanted at once than [`max_inputs`](crate::Options::max_inputs) allows, or than
    /// [`max_server_requests`](crate::Options::max_server_requests) and the other bounds leave room for.
    #[error("it wants too much at once")]
    TooMuch,
    /// It wanted input [`max_rounds`](crate::Options::max_rounds) times before.
    #[error("it wanted input {limit} times before")]
    TooManyRounds {
        /// The limit that was reached.
        limit: usize,
    },
    /// What it wants was [answered](crate::Connection::answer) with this error. There is no way to tell a server of
    /// it (MCP 2026-07-28, client/sampling, "Error Handling").
    #[error("it was refused: {message}")]
    Refused {
        /// The error's code.
        code: i64,
        /// What is wrong, as it was answered.
        message: String,
    },
    /// The request can't be made again.
    #[error("the request can't be made again: {why}")]
    NotRepeatable {
        /// Why not.
        why: &'static str,
    },
    /// The request with its input was not accepted to be sent.
    #[error("the request can't be sent again: {0}")]
    Unsendable(RequestError),
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
    /// The input ended inside of a message: in a line without its newline that is no whole JSON text.
    #[error("the input ended after {size} bytes of an unfinished message, {excerpt:?}")]
    Unfinished {
        /// Bytes of the message that did arrive.
        size: u64,
        /// The beginning of them.
        excerpt: String,
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
    #[error("an answer to no request: {message}")]
    UnaddressedError {
        /// The error's code, if there is one.
        code: Option<i64>,
        /// What the server said, with the code; shortened when it is long.
        message: String,
    },
    /// Something odd that the carrier of the messages saw.
    #[error("{what}")]
    Carrier {
        /// What it saw.
        what: String,
    },
    /// A message whose id is null, neither string nor number, or longer than 1 KiB.
    #[error("an invalid id: {id}")]
    InvalidId {
        /// The id's JSON text, shortened when it is long.
        id: String,
    },
    /// A request of the server, in an era where only the client asks (MCP 2026-07-28, basic/transports/stdio,
    /// "Receiving Messages"). It is not answered.
    #[error("a request of the server, {method:?}, which this version does not have")]
    ForbiddenRequest {
        /// The method, shortened when it is long.
        method: String,
    },
    /// Progress of a request that is not farther than what was told of it before (MCP 2025-11-25,
    /// basic/utilities/progress: it must increase). It is not told.
    #[error("the progress of request {id} does not increase")]
    ProgressNotIncreasing {
        /// The request.
        id: RequestId,
    },
    /// A notification of a subscription that was never asked for. It is not told.
    #[error("a notification of the unknown subscription {id}")]
    UnknownSubscription {
        /// The subscription's id, shortened when it is long.
        id: String,
    },
    /// A request with the id of another one that waits for its answer. It gets none, since nobody could tell
    /// which of them is answered.
    #[error("a further request with the id {id}")]
    RepeatedRequest {
        /// The id's JSON text, shortened when it is long.
        id: String,
    },
    /// A batch, on a version that has none. Only 2025-03-26 has batches (MCP 2025-03-26, basic, "Batching"). The
    /// messages in it are taken all the same.
    #[error("a batch, which the negotiated version does not have")]
    Batch,
}
