//! What callers hold: the client that tasks share, and the lease with the protocol's methods.

pub(crate) mod ask;
pub(crate) mod call;
#[cfg(feature = "jsonschema")]
pub(crate) mod checked;
pub(crate) mod connect;
pub(crate) mod in_progress;
pub(crate) mod lease;
pub(crate) mod limits;
pub(crate) mod listening;
pub(crate) mod listing;
pub(crate) mod notify;
pub(crate) mod options;
pub(crate) mod page_stream;
pub(crate) mod pager;
pub(crate) mod plain;
pub(crate) mod repeat;
pub(crate) mod request;
pub(crate) mod tool_headers;
pub(crate) mod watch;

use serde_core::Serialize;
use tenure::{Mode, Status};
use tenure_mcp_proto::Subscriptions;
use tenure_mcp_proto::types::{
    CompletionReference, LogLevel, Params, Prompt, Resource, ResourceTemplate, Tool,
};

use crate::client::ask::By;
use crate::client::call::{Call, CallTool, Complete, GetPrompt, ReadResource};
use crate::client::lease::Lease;
use crate::client::limits::Limits;
use crate::client::listing::Listing;
use crate::client::notify::Notify;
use crate::client::request::Request;
use crate::client::watch::{Close, States};
use crate::error::Error;
use crate::session::handle::Handle;
use crate::session::wishes::Wishes;

/// An MCP session, as tasks share it: clone it freely. The same type on every runtime.
///
/// A client is half of a pair: [`connect`](crate::connect) makes it together with a
/// [`McpDriver`](crate::McpDriver), the future that carries the session. Without the driver being polled no
/// call gets anywhere.
///
/// A call, or [`acquire`](Self::acquire), completes when one of these holds:
///
/// * a server is connected, and it answered; the first use starts it, and so does the first use after it was
///   closed or lost;
/// * the call can't be made, or its session was closed or lost, or a deadline passed: each [`Error`] says
///   which.
///
/// So no call waits for ever, with one exception: with [`call_timeout`](crate::Options::call_timeout) set to
/// `None` a server that lives on and never answers is waited for.
///
/// **No call is done twice by itself.** A call of the client whose connection was lost before it was sent is made again
/// on the next one, once: nobody can tell the difference. Over HTTP that holds for what a server refused that had
/// forgotten the session, too; and what does no harm twice by the specification, such as a list or a resource that is
/// read, is asked for once more when its answer broke off. Every other is not; its error says with
/// [`delivery`](Error::delivery) whether the server may have done what it was asked for.
///
/// Dropping the last client is a graceful shutdown, which the driver carries out; to wait for it, call
/// [`shutdown`](Self::shutdown).
///
/// # When not to use it
/// For several calls that belong together, such as those of a server that keeps state, take a [`Lease`]: each
/// call of the client may be on another generation of the connection than the one before. In a handler of
/// the session's own events hold a [`WeakClient`]: a client there would keep the session open.
///
/// # Examples
/// What most programs want: one client, shared, and calls on it.
///
/// ```
/// use serde_json::json;
/// use tenure_mcp::{Client, Error};
///
/// async fn sum(client: &Client, a: i64, b: i64) -> Result<String, Error> {
///     // Starts the server if it isn't running.
///     let result = client.call_tool("add", json!({ "a": a, "b": b })).await?;
///     Ok(result.text())
/// }
///
/// async fn sum_again(client: Client) -> Result<String, Error> {
///     match sum(&client, 1, 2).await {
///         // The server ended, and adding twice does no harm: a new server is asked.
///         Err(Error::Lost { .. }) => sum(&client, 1, 2).await,
///         result => result,
///     }
/// }
/// # let _ = sum_again;
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    session: tenure_driver::Client<Handle>,
    limits: Limits,
    wishes: Wishes,
}

impl Client {
    pub(crate) const fn new(session: tenure_driver::Client<Handle>, limits: Limits, wishes: Wishes) -> Self {
        Self { session, limits, wishes }
    }

    /// Takes a lease for several calls on one connection: at once while the session is live, else when it
    /// next is.
    ///
    /// Callers who all give up sooner than the server takes to start never get one: the connect is stopped
    /// with the last of them.
    ///
    /// # Errors
    /// Why there is none.
    ///
    /// # Cancel safety
    /// Dropping the future gives the place in the queue up; a lease that comes at that moment goes back.
    pub async fn acquire(&self) -> Result<Lease, Error> {
        Ok(Lease::new(self.session.acquire().await?, self.limits))
    }

    /// Takes a lease if the session is live; starts nothing and doesn't wait.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn try_acquire(&self) -> Result<Lease, Error> {
        Ok(Lease::new(self.session.try_acquire()?, self.limits))
    }

    /// [`Lease::list_tools`] on a lease of its own.
    pub fn list_tools(&self) -> Listing<'_, Tool> {
        Listing::new(By::Client(&self.session), self.limits)
    }

    /// [`Lease::list_resources`] on a lease of its own.
    pub fn list_resources(&self) -> Listing<'_, Resource> {
        Listing::new(By::Client(&self.session), self.limits)
    }

    /// [`Lease::list_resource_templates`] on a lease of its own.
    pub fn list_resource_templates(&self) -> Listing<'_, ResourceTemplate> {
        Listing::new(By::Client(&self.session), self.limits)
    }

    /// [`Lease::list_prompts`] on a lease of its own.
    pub fn list_prompts(&self) -> Listing<'_, Prompt> {
        Listing::new(By::Client(&self.session), self.limits)
    }

    /// [`Lease::read_resource`] on a lease of its own.
    pub fn read_resource(&self, uri: &str) -> ReadResource<'_> {
        Call::new(By::Client(&self.session), Ok(Params::of_resource(uri)), self.limits)
    }

    /// [`Lease::get_prompt`] on a lease of its own.
    pub fn get_prompt(&self, name: &str, arguments: impl Serialize) -> GetPrompt<'_> {
        Call::new(By::Client(&self.session), Params::of_prompt(name, arguments), self.limits)
    }

    /// [`Lease::complete`] on a lease of its own.
    pub fn complete(&self, of: CompletionReference<'_>, name: &str, value: &str) -> Complete<'_> {
        Call::new(By::Client(&self.session), Ok(Params::of_completion(of, name, value)), self.limits)
    }

    /// [`Lease::call_tool`] on a lease of its own.
    pub fn call_tool(&self, name: &str, arguments: impl Serialize) -> CallTool<'_> {
        Call::new(By::Client(&self.session), Params::of_tool_call(name, arguments), self.limits)
    }

    /// [`Lease::request`] on a lease of its own.
    pub fn request(&self, method: &str, params: impl Serialize) -> Request<'_> {
        let params = Params::new(params);
        Request::new(By::Client(&self.session), method.to_owned(), params, self.limits)
    }

    /// [`Lease::notify`] on a lease of its own. It starts a server if none is connected, as every call does.
    pub fn notify(&self, method: &str, params: impl Serialize) -> Notify<'_> {
        Notify::new(By::Client(&self.session), method, params)
    }

    /// [`Lease::ping`] on a lease of its own.
    ///
    /// # Errors
    /// Why there is no answer.
    ///
    /// # Cancel safety
    /// That of [`acquire`](Self::acquire), then that of [`Lease::request`].
    pub async fn ping(&self) -> Result<(), Error> {
        By::Client(&self.session).ping(self.limits).await
    }

    /// Ends the connection; the next call starts another. It acts now, the future only waits.
    ///
    /// # Cancel safety
    /// Dropping the future interrupts nothing: the close goes on.
    pub fn close(&self, mode: Mode) -> Close {
        Close(self.session.close(mode))
    }

    /// Ends the session for good. It acts now, the future only waits.
    ///
    /// # Cancel safety
    /// Dropping the future interrupts nothing: the shutdown goes on.
    pub fn shutdown(&self, mode: Mode) -> Close {
        Close(self.session.shutdown(mode))
    }

    /// Changes what servers are to tell of: `change` is given what that is at present.
    ///
    /// It is a wish of the client, not of a connection, and starts no server: the one that is connected is asked at
    /// once, and each later one when it becomes ready, in whichever way its era has. What it grants is told as
    /// [`ServerEvent::Subscribed`](crate::ServerEvent::Subscribed), and what happens as
    /// [`ServerEvent::Notification`](crate::ServerEvent::Notification), which
    /// [`Notification::read`](tenure_mcp_proto::types::Notification::read) reads. Servers of the legacy era tell of
    /// other tools, prompts and resources without being asked
    /// (MCP 2025-11-25, server/tools, "List Changed Notification"); those of the modern era tell nothing else than what
    /// is asked for (MCP 2026-07-28, basic/patterns/subscriptions).
    ///
    /// A server of the modern era that refuses the request
    /// (with -32601 or -32602, for a resource that it doesn't know, say) tells nothing more of all that is wished,
    /// until that is changed: [`ServerEvent::SubscriptionEnded`](crate::ServerEvent::SubscriptionEnded).
    ///
    /// `change` is called once more if another task changes the same meanwhile.
    ///
    /// ```
    /// use tenure_mcp::Client;
    ///
    /// fn watch(client: &Client, uri: &str) {
    ///     client.subscribe(|wished| wished.tools(true).resource(uri));
    /// }
    /// fn watch_no_more(client: &Client, uri: &str) {
    ///     client.subscribe(|mut wished| {
    ///         wished.uris.remove(uri);
    ///         wished
    ///     });
    /// }
    /// # let _ = (watch, watch_no_more);
    /// ```
    pub fn subscribe(&self, change: impl FnMut(Subscriptions) -> Subscriptions) {
        self.wishes.subscribe(change);
    }

    /// What servers are to tell of.
    pub fn subscriptions(&self) -> Subscriptions {
        self.wishes.subscriptions()
    }

    /// Says which log messages are wanted: those of this level and the more serious ones. A wish as those of
    /// [`subscribe`](Self::subscribe): the server that is connected is told, and each later one. One that doesn't offer
    /// log messages is not: [`ServerEvent::WishNotSent`](crate::ServerEvent::WishNotSent).
    pub fn set_log_level(&self, level: LogLevel) {
        self.wishes.set_log_level(level);
    }

    /// The session's state now.
    pub fn state(&self) -> Status {
        self.session.state()
    }

    /// The session's state now and after each change; the latest only.
    pub fn states(&self) -> States {
        States(self.session.states())
    }

    /// A client that doesn't keep the session open, for handlers of its own events.
    pub fn downgrade(&self) -> WeakClient {
        let Self { session, limits, wishes } = self;
        WeakClient { session: session.downgrade(), limits: *limits, wishes: wishes.clone() }
    }
}

/// A [`Client`] that doesn't keep the session open.
#[derive(Clone, Debug)]
pub struct WeakClient {
    session: tenure_driver::WeakClient<Handle>,
    limits: Limits,
    wishes: Wishes,
}

impl WeakClient {
    /// The client, if there is still one.
    pub fn upgrade(&self) -> Option<Client> {
        Some(Client::new(self.session.upgrade()?, self.limits, self.wishes.clone()))
    }
}
