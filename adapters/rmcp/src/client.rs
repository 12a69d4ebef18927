//! The client that tasks share.

use futures_lite::Stream;
use rmcp::model::{CallToolRequestParams, CallToolResult, Tool};
use rmcp::{Peer, RoleClient, ServiceError};
use tenure::{Mode, Status};
use tenure_driver::Error as SessionError;

use crate::error::Error;
use crate::handle::Handle;
use crate::lease::Lease;

/// An MCP session that rmcp speaks and tenure owns, as tasks share it: clone it freely.
///
/// Nothing is started before the first use; that, and the first use after the session was closed or lost, connects.
/// Whoever comes meanwhile joins in. [`run`](Self::run) and the methods beside it take a lease for one call; several
/// calls that belong together need one [`Lease`].
///
/// **No call that may have been sent is ever sent again by itself**: see [`Error::may_have_run`].
///
/// Dropping the last client is a graceful shutdown, which goes on by itself; to wait for it, call
/// [`shutdown`](Self::shutdown). A service that rmcp calls back (a `ClientHandler`) must not hold a client, which
/// would keep its own session open: it holds a [`WeakClient`].
#[derive(Clone, Debug)]
pub struct Client {
    client: tenure_driver::Client<Handle>,
}

impl Client {
    pub(crate) const fn new(client: tenure_driver::Client<Handle>) -> Self {
        Self { client }
    }

    /// Takes a lease for several calls on one connection: at once while the session is live, else when it next is.
    ///
    /// Callers who all give up sooner than the server takes to start never get one: the connect is stopped with the
    /// last of them.
    ///
    /// # Errors
    /// [`Error::NotSent`]: why there is none.
    ///
    /// # Cancel safety
    /// Dropping the future gives the place in the queue up; a lease that comes at that moment goes back.
    pub async fn acquire(&self) -> Result<Lease, Error> {
        self.client.acquire().await.map(Lease::new).map_err(Error::NotSent)
    }

    /// Takes a lease if the session is live; starts nothing and doesn't wait.
    ///
    /// # Errors
    /// [`SessionError::Refused`].
    pub fn try_acquire(&self) -> Result<Lease, SessionError> {
        self.client.try_acquire().map(Lease::new)
    }

    /// [`Lease::run`] on a lease of its own.
    ///
    /// A lease that is revoked before the call has begun is replaced by one of the next generation, once.
    ///
    /// # Errors
    /// Why there is no result.
    ///
    /// # Cancel safety
    /// That of [`acquire`](Self::acquire), then that of [`Lease::run`].
    ///
    /// # Examples
    /// ```
    /// # async fn f(client: tenure_rmcp::Client) -> Result<(), tenure_rmcp::Error> {
    /// let prompts = client.run(async |peer| peer.list_all_prompts().await).await?;
    /// # let _ = prompts;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run<T, F>(&self, call: impl FnOnce(Peer<RoleClient>) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, ServiceError>>,
    {
        self.acquire_good().await?.run(call).await
    }

    /// A lease for a call that begins now.
    async fn acquire_good(&self) -> Result<Lease, Error> {
        let lease = self.acquire().await?;
        if lease.check().is_ok() { Ok(lease) } else { self.acquire().await }
    }

    /// [`Lease::call_tool`] on a lease of its own.
    ///
    /// # Errors
    /// Why there is no result. A tool that fails is a result too.
    ///
    /// # Cancel safety
    /// That of [`run`](Self::run).
    pub async fn call_tool(&self, params: CallToolRequestParams) -> Result<CallToolResult, Error> {
        self.acquire_good().await?.call_tool(params).await
    }

    /// [`Lease::list_all_tools`] on a lease of its own.
    ///
    /// # Errors
    /// Why there is no list.
    ///
    /// # Cancel safety
    /// That of [`run`](Self::run).
    pub async fn list_all_tools(&self) -> Result<Vec<Tool>, Error> {
        self.run(async |peer| peer.list_all_tools().await).await
    }

    /// Ends the connection; the next use starts another. It acts at the call; the future only waits, no longer than
    /// the deadlines allow.
    ///
    /// # Cancel safety
    /// Dropping the future interrupts nothing: the close goes on.
    pub fn close(&self, mode: Mode) -> impl Future<Output = ()> + Send + use<> {
        self.client.close(mode)
    }

    /// Ends the session for good. It acts at the call; the future only waits, no longer than the deadlines allow.
    ///
    /// # Cancel safety
    /// Dropping the future interrupts nothing: the shutdown goes on.
    pub fn shutdown(&self, mode: Mode) -> impl Future<Output = ()> + Send + use<> {
        self.client.shutdown(mode)
    }

    /// The session's state now.
    pub fn state(&self) -> Status {
        self.client.state()
    }

    /// The session's state now and after each change; the latest only.
    pub fn states(&self) -> impl Stream<Item = Status> + Send + Unpin + use<> {
        self.client.states()
    }

    /// A client that doesn't keep the session open.
    pub fn downgrade(&self) -> WeakClient {
        WeakClient { client: self.client.downgrade() }
    }
}

/// A [`Client`] that doesn't keep the session open; for services that rmcp calls back.
#[derive(Clone, Debug)]
pub struct WeakClient {
    client: tenure_driver::WeakClient<Handle>,
}

impl WeakClient {
    /// The client, if there is still one.
    pub fn upgrade(&self) -> Option<Client> {
        self.client.upgrade().map(Client::new)
    }
}
