//! What callers hold: the client that tasks share, and the lease with the protocol's methods.

pub(crate) mod connect;
pub(crate) mod lease;
pub(crate) mod options;
pub(crate) mod watch;

use std::time::Duration;

use serde_json::value::RawValue;
use tenure::{Mode, Status};
use tenure_mcp_proto::types::{CallToolResult, Tool};

use crate::client::lease::Lease;
use crate::client::watch::{Close, States};
use crate::error::Error;
use crate::session::handle::Handle;

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
/// **No call is ever sent twice by itself.** After [`Error::Lost`], [`Error::Closed`] and [`Error::TimedOut`]
/// the server may or may not have done what it was asked for.
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
/// use serde_json::value::RawValue;
/// use tenure_mcp::{Client, Error};
///
/// async fn sum(client: &Client, a: i64, b: i64) -> Result<String, Error> {
///     let arguments = RawValue::from_string(format!(r#"{{"a":{a},"b":{b}}}"#)).expect("it is JSON");
///     // Starts the server if it isn't running.
///     let result = client.call_tool("add", Some(&arguments)).await?;
///     Ok(result.raw.get().to_owned())
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
    client: tenure_driver::Client<Handle>,
    call_timeout: Option<Duration>,
}

impl Client {
    pub(crate) const fn new(client: tenure_driver::Client<Handle>, call_timeout: Option<Duration>) -> Self {
        Self { client, call_timeout }
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
        Ok(Lease::new(self.client.acquire().await?, self.call_timeout))
    }

    /// Takes a lease if the session is live; starts nothing and doesn't wait.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn try_acquire(&self) -> Result<Lease, Error> {
        Ok(Lease::new(self.client.try_acquire()?, self.call_timeout))
    }

    /// [`Lease::list_tools`] on a lease of its own.
    ///
    /// # Errors
    /// Why there is no result.
    ///
    /// # Cancel safety
    /// That of [`acquire`](Self::acquire), then that of [`Lease::request`].
    pub async fn list_tools(&self) -> Result<Vec<Tool>, Error> {
        self.acquire().await?.list_tools().await
    }

    /// [`Lease::call_tool`] on a lease of its own.
    ///
    /// # Errors
    /// Why there is no result.
    ///
    /// # Cancel safety
    /// That of [`acquire`](Self::acquire), then that of [`Lease::request`].
    pub async fn call_tool(&self, name: &str, arguments: Option<&RawValue>) -> Result<CallToolResult, Error> {
        self.acquire().await?.call_tool(name, arguments).await
    }

    /// [`Lease::ping`] on a lease of its own.
    ///
    /// # Errors
    /// Why there is no answer.
    ///
    /// # Cancel safety
    /// That of [`acquire`](Self::acquire), then that of [`Lease::request`].
    pub async fn ping(&self) -> Result<(), Error> {
        self.acquire().await?.ping().await
    }

    /// Ends the connection; the next call starts another. It acts now, the future only waits.
    pub fn close(&self, mode: Mode) -> Close {
        Close(self.client.close(mode))
    }

    /// Ends the session for good. It acts now, the future only waits.
    pub fn shutdown(&self, mode: Mode) -> Close {
        Close(self.client.shutdown(mode))
    }

    /// The session's state now.
    pub fn state(&self) -> Status {
        self.client.state()
    }

    /// The session's state now and after each change; the latest only.
    pub fn states(&self) -> States {
        States(self.client.states())
    }

    /// A client that doesn't keep the session open, for handlers of its own events.
    pub fn downgrade(&self) -> WeakClient {
        WeakClient { client: self.client.downgrade(), call_timeout: self.call_timeout }
    }
}

/// A [`Client`] that doesn't keep the session open.
#[derive(Clone, Debug)]
pub struct WeakClient {
    client: tenure_driver::WeakClient<Handle>,
    call_timeout: Option<Duration>,
}

impl WeakClient {
    /// The client, if there is still one.
    pub fn upgrade(&self) -> Option<Client> {
        Some(Client::new(self.client.upgrade()?, self.call_timeout))
    }
}
