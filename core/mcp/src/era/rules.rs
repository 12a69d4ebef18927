//! All that an era decides. Whatever differs between eras is a question here and an answer in each era's
//! file.

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;

use crate::era::error::HandshakeError;
use crate::error::{CallError, RequestError};
use crate::jsonrpc::id::RequestId;
use crate::options::Options;
use crate::server::Server;

/// What a request of ours was answered with.
pub(crate) type Answer = Result<Box<RawValue>, CallError>;

/// A request or notification that the connection sends of its own accord.
#[derive(Debug)]
pub(crate) struct Composed {
    pub(crate) method: &'static str,
    pub(crate) params: String,
}

/// The rules of one era. They hold no state: what a connection remembers is in its exchange.
pub(crate) trait Rules: fmt::Debug + Send + Sync {
    // Opening.

    /// The request that opens a connection. It is never cancelled.
    ///
    /// # Errors
    /// If the options can't be written as such a request.
    fn opening(&self, options: &Options) -> Result<Composed, RequestError>;

    /// What the answer to the opening request means; an error never means that the connection is open.
    ///
    /// # Errors
    /// Why the connection isn't open.
    fn judge_opening(&self, options: &Options, answer: Answer) -> Result<Server, HandshakeError>;

    /// The notification that follows a successful opening before anything else, if there is one.
    fn confirmation(&self) -> Option<&'static str>;

    // What the caller sends.

    /// Requests that may be sent while the opening isn't answered yet.
    fn early_requests(&self) -> &'static [&'static str];

    /// Requests that only the connection itself may send.
    fn reserved_requests(&self) -> &'static [&'static str];

    /// Notifications that only the connection itself may send.
    fn reserved_notifications(&self) -> &'static [&'static str];

    /// The request, without params, that asks the server for a sign of life.
    fn sign_of_life(&self) -> &'static str;

    /// The params of a request with what marks each request of this era.
    fn stamp<'p>(&self, options: &Options, params: Option<&'p str>) -> Option<Cow<'p, str>>;

    /// The notice that nobody waits for a request any more.
    fn cancel_notice(&self, id: RequestId, reason: Option<&str>) -> Composed;

    // What the server sends.

    /// What a well-formed answer means to its caller.
    fn judge_answer(&self, answer: Answer) -> Answer;

    /// The result of a request of the server that has one answer only; `None` if this side doesn't know the
    /// method.
    fn fixed_result(&self, method: &str) -> Option<&'static str>;

    /// Returns whether messages may come in batches on a connection of this version.
    fn has_batches(&self, version: &str) -> bool;
}
