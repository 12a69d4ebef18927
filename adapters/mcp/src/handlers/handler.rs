//! What a program does for its servers.

use async_trait::async_trait;
use serde_json::value::RawValue;
use tenure_mcp_proto::ClientFeature;
use tenure_mcp_proto::types::{
    CreateMessageParams, CreateMessageResult, ElicitFormParams, ElicitResult, ElicitUrlParams,
    ListRootsResult,
};

use crate::handlers::context::HandlerContext;
use crate::handlers::refusal::Refusal;

/// What a program does for its servers, given to a session with [`Options::handlers`](crate::Options::handlers): one
/// implementation for both eras of the protocol.
///
/// What [`offers`](Self::offers) names is announced, and reaches the method beside it; all else that a server asks for
/// is refused. A method that is not implemented says "not offered".
///
/// # How handlers are run
/// * They are futures polled by the session's driver, beside all that it does; so they must not block. What computes
///   for long belongs on a thread or task of its own, of which the handler awaits the result.
/// * Any number may wait at once, up to [`max_server_requests`](tenure_mcp_proto::Options::max_server_requests); beyond
///   that the server gets an error.
/// * A handler is dropped when the server cancels its request, and at once when the session is lost or told to stop. It
///   never outlives its connection, and no answer of it reaches another one.
/// * One that panics costs itself: the server gets an internal error, and
///   [`ServerEvent::Unhandled`](crate::ServerEvent::Unhandled) tells of it.
/// * While it works, the deadline of the call that it serves stands still ([`HandlerContext::call`]).
/// * It may call its own server: with the [context](HandlerContext::call_tool), on the same connection.
///   [Clients](crate::Client) of other sessions may be used at will. One of its own session would keep that open for
///   ever: hold a [`WeakClient`](crate::WeakClient), and mind that a session that is being closed gives no leases.
///
/// # Examples
/// A person is asked to fill in a form, with the fields' defaults; and the server may work in one folder:
///
/// ```
/// use async_trait::async_trait;
/// use tenure_mcp::proto::types::{ElicitFormParams, ElicitResult, ListRootsResult, Root};
/// use tenure_mcp::proto::ClientFeature;
/// use tenure_mcp::{HandlerContext, Handlers, Options, Refusal};
///
/// struct Desk;
///
/// #[async_trait]
/// impl Handlers for Desk {
///     fn offers(&self) -> Vec<ClientFeature> {
///         vec![ClientFeature::FormElicitation, ClientFeature::Roots]
///     }
///
///     async fn elicit_form(
///         &self,
///         context: &HandlerContext,
///         form: ElicitFormParams,
///     ) -> Result<ElicitResult, Refusal> {
///         println!("{} asks: {}", context.server().name, form.message);
///         let schema = form.schema().map_err(|error| Refusal::invalid_params(error.problem()))?;
///         // Show the fields, let them be changed ...
///         let content = schema.defaults();
///         if !schema.check(&content).is_empty() {
///             return Ok(ElicitResult::decline());
///         }
///         ElicitResult::accept(content).map_err(|error| Refusal::internal(error.to_string()))
///     }
///
///     async fn list_roots(&self, _: &HandlerContext) -> Result<ListRootsResult, Refusal> {
///         Ok(ListRootsResult::new([Root::new("file:///project").name("the project")]))
///     }
/// }
///
/// let options = Options::new().handlers(Desk);
/// # let _ = options;
/// ```
#[async_trait]
pub trait Handlers: Send + Sync + 'static {
    /// What is offered to servers. Asked once, when the session is made. A method below that serves something which is
    /// not named here is never called: servers are told that it isn't there.
    ///
    /// Requests of [`ClientFeature::Other`] reach [`other`](Self::other), also those of a method that has a method of
    /// its own here. What offers them to the server, if it must be told, stands in
    /// [`capabilities`](tenure_mcp_proto::Options::capabilities).
    fn offers(&self) -> Vec<ClientFeature>;

    /// `sampling/createMessage`: the server asks the program's model (MCP 2025-11-25, client/sampling). To be offered
    /// as [`ClientFeature::Sampling`]. Requests that bring tools along are refused, unless the
    /// [`capabilities`](tenure_mcp_proto::Options::capabilities) of the client say `{"sampling":{"tools":{}}}`.
    ///
    /// # Errors
    /// What the server gets instead, such as [`Refusal::rejected`].
    async fn create_message(
        &self,
        context: &HandlerContext,
        params: CreateMessageParams,
    ) -> Result<CreateMessageResult, Refusal> {
        let _ = (context, params);
        Err(Refusal::not_offered())
    }

    /// `elicitation/create`: the server asks the person who uses the program to fill in a form (MCP 2025-11-25,
    /// client/elicitation, "Form Mode"). To be offered as [`ClientFeature::FormElicitation`].
    ///
    /// # Errors
    /// What the server gets instead. A person who says no is an answer: [`ElicitResult::decline`].
    async fn elicit_form(
        &self,
        context: &HandlerContext,
        params: ElicitFormParams,
    ) -> Result<ElicitResult, Refusal> {
        let _ = (context, params);
        Err(Refusal::not_offered())
    }

    /// `elicitation/create`: the server sends the person who uses the program to a page (MCP 2025-11-25,
    /// client/elicitation, "URL Mode"). To be offered as [`ClientFeature::UrlElicitation`]. Content in the answer is
    /// left out, since this way has none.
    ///
    /// # Errors
    /// What the server gets instead. A person who says no is an answer: [`ElicitResult::decline`].
    async fn elicit_url(
        &self,
        context: &HandlerContext,
        params: ElicitUrlParams,
    ) -> Result<ElicitResult, Refusal> {
        let _ = (context, params);
        Err(Refusal::not_offered())
    }

    /// `roots/list`: the server asks where it may work (MCP 2025-11-25, client/roots). To be offered as
    /// [`ClientFeature::Roots`]. When the roots change, a server of that era is told with
    /// [`notify`](crate::Client::notify)`("notifications/roots/list_changed", ())`; the modern one asks again by
    /// itself.
    ///
    /// # Errors
    /// What the server gets instead.
    async fn list_roots(&self, context: &HandlerContext) -> Result<ListRootsResult, Refusal> {
        let _ = context;
        Err(Refusal::not_offered())
    }

    /// A request of [any other method](HandlerContext::method), raw. To be offered as [`ClientFeature::Other`]. The
    /// result is sent byte for byte; it should be an object (MCP 2025-11-25, basic, "Responses").
    ///
    /// # Errors
    /// What the server gets instead.
    async fn other(
        &self,
        context: &HandlerContext,
        params: Option<Box<RawValue>>,
    ) -> Result<Box<RawValue>, Refusal> {
        let _ = (context, params);
        Err(Refusal::not_offered())
    }
}
