//! What a handler knows beside the request.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_core::Serialize;
use serde_json::value::RawValue;
use tenure::Generation;
use tenure_mcp_proto::types::{CallToolResult, Params, ParamsError, Raw};
use tenure_mcp_proto::{CallError, RequestId, Server};

use crate::client::limits::Limits;
use crate::error::Error;
use crate::session::channel::{Answering, Channel};

/// Who asks, and in what connection.
///
/// A handler may call the server that asks, on the same connection: with [`request`](Self::request) and
/// [`call_tool`](Self::call_tool). They need no lease, since a handler never outlives its connection.
pub struct HandlerContext {
    pub(crate) generation: Generation,
    pub(crate) server: Arc<Server>,
    pub(crate) method: String,
    pub(crate) call: Option<RequestId>,
    pub(crate) meta: Option<Box<RawValue>>,
    pub(crate) channel: Arc<Channel>,
    pub(crate) limits: Limits,
}

/// What comes of a request made by a handler.
type Asking<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

impl HandlerContext {
    /// Which life of the connection it is.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// The server that asks, as it said of itself in the handshake. Whoever shows a person what it asks says which
    /// server that is (MCP 2025-11-25, client/elicitation, "User Interaction Model").
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The method, such as `elicitation/create`.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The call that it is for, by its number in this connection, if that is known: in MCP 2026-07-28 always, before
    /// that if it is the only one in flight. That call's clock stands still until the handler is done, ten minutes in
    /// all at most.
    pub const fn call(&self) -> Option<RequestId> {
        self.call
    }

    /// `_meta` of the request.
    pub fn meta(&self) -> Option<&RawValue> {
        self.meta.as_deref()
    }

    /// A request of any method to the server that asks; see [`Lease::request`](crate::Lease::request). It may take as
    /// long as [`Options::call_timeout`](crate::Options::call_timeout) says.
    ///
    /// # Errors
    /// Why there is no result.
    ///
    /// # Cancel safety
    /// It is made at the first poll. Dropping the future before it completes cancels the request.
    pub fn request<'a>(&'a self, method: &'a str, params: impl Serialize) -> Asking<'a, Raw> {
        let params = Params::new(params);
        Box::pin(self.ask(method, params))
    }

    /// A call of a tool of the server that asks; see [`Lease::call_tool`](crate::Lease::call_tool).
    ///
    /// # Errors
    /// As [`request`](Self::request). A tool that fails is a result too.
    ///
    /// # Cancel safety
    /// That of [`request`](Self::request).
    pub fn call_tool<'a>(&'a self, name: &str, arguments: impl Serialize) -> Asking<'a, CallToolResult> {
        let params = Params::of_tool_call(name, arguments);
        Box::pin(async move { Ok(CallToolResult::from_raw(self.ask("tools/call", params).await?)?) })
    }

    /// Sends a notification to the server that asks; see [`Lease::notify`](crate::Lease::notify).
    ///
    /// # Errors
    /// Why it was not queued.
    pub fn notify(&self, method: &str, params: impl Serialize) -> Result<(), Error> {
        let params = Params::new(params)?;
        let queued = self.channel.notify(method, params.raw());
        queued.map_err(|error| Error::of_request(self.generation, error))
    }

    async fn ask(&self, method: &str, params: Result<Params, ParamsError>) -> Result<Raw, Error> {
        let params = params?;
        let options = self.limits.of_request(false);
        let answering = self.channel.call(method, params.raw(), options, false);
        let mut answering = answering.map_err(|error| Error::of_request(self.generation, error))?;
        let answer = (&mut answering).await;
        answer.map_err(|error| {
            let is_late = matches!(error, CallError::TimedOut);
            let instead = is_late.then(|| Answering::received_instead(&answering)).flatten();
            Error::of_call(self.generation, error, instead)
        })
    }
}

/// What the server said may be secret.
impl fmt::Debug for HandlerContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerContext")
            .field("generation", &self.generation)
            .field("method", &self.method)
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}
