//! The client that tasks share, and the lease with the protocol's methods.

pub(crate) mod options;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::value::RawValue;
use tenure::{Generation, Mode, Status};
use tenure_driver::{Builder, Close, Driver, States, Timer};
use tenure_mcp_proto::pages::ToolPages;
use tenure_mcp_proto::types::{CallToolParams, CallToolResult, InitializeResult, Tool};

use crate::client::options::Options;
use crate::error::Error;
use crate::session::handle::Handle;
use crate::session::runner::McpConnector;
use crate::wire::Transport;

/// Makes a client and the driver that must be spawned for anything to happen.
///
/// The crates `tenure-tokio` and `tenure-smol` do both in one call, for servers that are child processes.
pub fn connect<T>(options: Options, transport: impl Transport, timer: T) -> (Client, McpDriver<T>)
where
    T: Timer<Sleep: Send> + Clone + Send + Sync + 'static,
{
    let Options { session, protocol, call_timeout, on_event, trace } = options;
    let builder = Builder::new(session);
    let builder = match trace {
        Some(sink) => builder.trace(sink),
        None => builder,
    };
    let connector = McpConnector { transport: Arc::new(transport), timer: timer.clone(), protocol, on_event };
    let (client, driver) = builder.build(connector, timer);
    (Client { client, call_timeout }, McpDriver { driver })
}

/// The driver of an MCP session; see [`Driver`].
#[must_use = "a session does nothing until its driver is spawned or awaited"]
pub struct McpDriver<T>
where
    T: Timer<Sleep: Send> + Clone + Send + Sync + 'static,
{
    driver: Driver<McpConnector<T>, T>,
}

impl<T> Future for McpDriver<T>
where
    T: Timer<Sleep: Send> + Clone + Send + Sync + 'static,
{
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        std::pin::Pin::new(&mut self.driver).poll(cx)
    }
}

impl<T> fmt::Debug for McpDriver<T>
where
    T: Timer<Sleep: Send> + Clone + Send + Sync + 'static,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.driver.fmt(f)
    }
}

/// An MCP session, as tasks share it: clone it freely. The same type on every runtime.
///
/// The server is started at the first use and again after it was lost. Dropping the last client is a
/// graceful shutdown. Calls are never sent twice by themselves.
#[derive(Clone, Debug)]
pub struct Client {
    client: tenure_driver::Client<Handle>,
    call_timeout: Option<Duration>,
}

impl Client {
    /// Takes a lease for several calls on one connection. Callers who all give up sooner than the server
    /// takes to start never get one: the connect is stopped with the last of them.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn acquire(&self) -> Result<Lease, Error> {
        let lease = self.client.acquire().await?;
        Ok(Lease { lease, call_timeout: self.call_timeout })
    }

    /// Takes a lease if the session is live; starts nothing and doesn't wait.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn try_acquire(&self) -> Result<Lease, Error> {
        let lease = self.client.try_acquire()?;
        Ok(Lease { lease, call_timeout: self.call_timeout })
    }

    /// [`Lease::list_tools`] on a lease of its own.
    ///
    /// # Errors
    /// Why there is no result.
    pub async fn list_tools(&self) -> Result<Vec<Tool>, Error> {
        self.acquire().await?.list_tools().await
    }

    /// [`Lease::call_tool`] on a lease of its own.
    ///
    /// # Errors
    /// Why there is no result.
    pub async fn call_tool(&self, name: &str, arguments: Option<&RawValue>) -> Result<CallToolResult, Error> {
        self.acquire().await?.call_tool(name, arguments).await
    }

    /// [`Lease::ping`] on a lease of its own.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn ping(&self) -> Result<(), Error> {
        self.acquire().await?.ping().await
    }

    /// Ends the connection; the next call starts another. It acts now, the future only waits.
    pub fn close(&self, mode: Mode) -> Close<Handle> {
        self.client.close(mode)
    }

    /// Ends the session for good. It acts now, the future only waits.
    pub fn shutdown(&self, mode: Mode) -> Close<Handle> {
        self.client.shutdown(mode)
    }

    /// The session's state now.
    pub fn state(&self) -> Status {
        self.client.state()
    }

    /// The session's state now and after each change; the latest only.
    pub fn states(&self) -> States<Handle> {
        self.client.states()
    }

    /// The driver's client, for what isn't of this protocol.
    pub const fn driver_client(&self) -> &tenure_driver::Client<Handle> {
        &self.client
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
        let client = self.client.upgrade()?;
        Some(Client { client, call_timeout: self.call_timeout })
    }
}

/// A right to use the live connection; dropping it gives it back.
///
/// All calls end with a typed error as soon as the lease is revoked. Dropping a call cancels it, and the
/// server is told so.
#[derive(Debug)]
#[must_use = "a lease is given back when it is dropped"]
pub struct Lease {
    lease: tenure_driver::Lease<Handle>,
    call_timeout: Option<Duration>,
}

impl Lease {
    /// Which life of the connection it is a right to.
    pub fn generation(&self) -> Generation {
        self.lease.generation()
    }

    /// The same lease with another deadline for its calls; `None`: as long as the session lives.
    pub fn with_call_timeout(self, call_timeout: Option<Duration>) -> Self {
        Self { call_timeout, ..self }
    }

    /// Whether it may still be used.
    ///
    /// # Errors
    /// Why it was revoked.
    pub fn check(&self) -> Result<(), Error> {
        Ok(self.lease.check()?)
    }

    /// Completes when the lease is revoked, with why.
    pub async fn revoked(&self) -> Error {
        self.lease.revoked().await.into()
    }

    /// What the server said in the handshake.
    ///
    /// # Errors
    /// Why the lease was revoked.
    pub async fn server(&self) -> Result<Arc<InitializeResult>, Error> {
        Ok(self.lease.run(async |handle: &Handle| handle.server.clone()).await?)
    }

    /// Any request, as raw JSON: what goes in and comes out stays as it is, byte for byte.
    ///
    /// # Errors
    /// Why there is no result.
    pub async fn request(&self, method: &str, params: Option<&RawValue>) -> Result<Box<RawValue>, Error> {
        let timeout = self.call_timeout;
        let begun = OnceLock::new();
        let called =
            self.lease.run(async |handle: &Handle| handle.request(method, params, timeout, &begun).await);
        let answer = match called.await {
            Ok(answer) => answer?,
            // An answer that came just before the lease was revoked counts.
            Err(revoked) => begun.get().and_then(|call| call.take()).ok_or(revoked)?,
        };
        answer.map_err(|error| Error::of_call(self.generation(), error))
    }

    /// All tools of the server, over as many pages as it has them on.
    ///
    /// # Errors
    /// Why there is no result; a server that repeats a cursor is [`Error::Protocol`].
    pub async fn list_tools(&self) -> Result<Vec<Tool>, Error> {
        let mut pages = ToolPages::new();
        while let Some(params) = pages.next_params() {
            let page = self.request(ToolPages::METHOD, Some(&params)).await?;
            pages.handle_page(page)?;
        }
        Ok(pages.into_tools())
    }

    /// Calls a tool with `arguments`, a JSON object. A tool that fails is a result too
    /// ([`CallToolResult::is_error`]).
    ///
    /// # Errors
    /// Why there is no result.
    pub async fn call_tool(&self, name: &str, arguments: Option<&RawValue>) -> Result<CallToolResult, Error> {
        let params = CallToolParams { name, arguments, meta: None }.to_raw();
        let result = self.request("tools/call", Some(&params)).await?;
        Ok(CallToolResult::from_raw(result)?)
    }

    /// Asks the server for a sign of life.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn ping(&self) -> Result<(), Error> {
        self.request("ping", None).await.map(drop)
    }
}
