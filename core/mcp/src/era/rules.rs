//! All that an era decides. Whatever differs between eras is a question here and an answer in each era's
//! file.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::era::error::HandshakeError;
use crate::era::methods::CANCELLED;
use crate::era::versions::Era;
use crate::error::{CallError, RequestError};
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;
use crate::options::Options;
use crate::server::Server;
use crate::types::LogLevel;

/// What a request of ours was answered with.
pub(crate) type Answer = Result<Raw, CallError>;

/// A request or notification that the connection sends of its own accord.
#[derive(Debug)]
pub(crate) struct Composed {
    pub(crate) method: &'static str,
    pub(crate) params: Option<String>,
}

/// What the answer to an opening request says of the server.
#[derive(Debug)]
pub(crate) enum Finding {
    /// The connection is open.
    Open(Arc<Server>),
    /// It speaks these versions, and not the one it was asked for. The error is for when none of them will do.
    Speaks(Vec<String>, HandshakeError),
    /// No server of this era answers so.
    OtherEra(HandshakeError),
    /// It is of this era, or nobody knows, and the connection can't be opened.
    Refused(HandshakeError),
}

/// What a well-formed answer means to its caller.
#[derive(Debug)]
pub(crate) enum Verdict {
    Final(Answer),
    /// The server wants input, and the request made again with it.
    WantsInput(Raw),
}

/// The rules of one era. They hold no state: what a connection remembers is in its exchange.
pub(crate) trait Rules: fmt::Debug + Send + Sync {
    fn era(&self) -> Era;

    // Opening.

    /// The method of the request that opens a connection. It is never cancelled.
    fn opening_method(&self) -> &'static str;

    /// The params of the request that opens a connection of this version.
    fn opening_params(&self, options: &Options, version: &str) -> Option<String>;

    /// What the answer to the opening request means.
    fn judge_opening(&self, options: &Options, answer: Answer) -> Finding;

    /// The notification that follows a successful opening before anything else, if there is one.
    fn confirmation(&self) -> Option<&'static str>;

    // What the caller sends.

    /// Returns whether a request may be sent while the opening isn't answered yet.
    fn is_early(&self, method: &str) -> bool;

    /// Requests that only the connection itself may send.
    fn reserved_requests(&self) -> &'static [&'static str];

    /// Notifications that only the connection itself may send.
    fn reserved_notifications(&self) -> &'static [&'static str];

    /// The request, without params, that asks the server for a sign of life.
    fn sign_of_life(&self) -> &'static str;

    /// The members of `_meta` that mark each request of this era, on a connection of this version; empty if none do.
    fn marks(&self, options: &Options, version: &str) -> String;

    /// What is added to the `_meta` of a request that has these params: the [marks](Self::marks), and which log
    /// messages are wanted.
    ///
    /// # Errors
    /// If the params have marks of their own.
    fn stamp<'m>(
        &self,
        marks: &'m str,
        level: Option<LogLevel>,
        params: Option<&str>,
    ) -> Result<Cow<'m, str>, RequestError>;

    /// The notice that nobody waits for a request any more, where notices are sent (MCP 2025-11-25,
    /// basic/utilities/cancellation; 2026-07-28, basic/patterns/cancellation).
    fn cancel_notice(&self, id: RequestId, reason: Option<&str>) -> Composed {
        let reason =
            reason.map_or_else(String::new, |reason| format!(",\"reason\":{}", json::quoted(reason)));
        Composed { method: CANCELLED, params: Some(format!("{{\"requestId\":{id}{reason}}}")) }
    }

    /// Returns whether requests say which version they are of, so that it may change while the connection lives.
    fn may_change_version(&self) -> bool;

    // What the server keeps, and sends.

    /// Returns whether a server knows its clients from one request to the next, over HTTP by the id of a session. Where
    /// it doesn't, each request says all that it must know.
    fn has_session(&self) -> bool;

    /// Returns whether one request asks for all that the server is to tell of; else each resource has one.
    fn has_listening(&self) -> bool;

    /// Returns whether a request says which log messages are wanted; else each request says it.
    fn has_set_level(&self) -> bool;

    /// What a well-formed answer means to its caller.
    fn judge_answer(&self, answer: Answer) -> Verdict;

    /// The codes of errors with which no server of this era answers: whoever does speaks another one than it did.
    fn errors_of_other_era(&self) -> &'static [i64];

    /// The method, if a server may want input for requests of it.
    fn may_want_input(&self, method: &str) -> Option<&'static str>;

    /// Returns whether a server may send requests, which are then answered.
    fn has_server_requests(&self) -> bool;

    /// The result of a request of the server that has one answer only; `None` if this side doesn't know the
    /// method.
    fn fixed_result(&self, method: &str) -> Option<&'static str>;

    /// Returns whether messages may come in batches on a connection of this version.
    fn has_batches(&self, version: &str) -> bool;
}
