//! A caller's right to use one generation, with rmcp's handle.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use futures_lite::future;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, GetPromptRequestParams, GetPromptResult,
    ReadResourceRequestParams, ReadResourceResult, ServerPeerInfo, Tool,
};
use rmcp::{Peer, RoleClient, ServiceError};
use tenure::Generation;
use tenure_driver::Error as SessionError;

use crate::error::{Error, tells_of_the_end};
use crate::handle::Handle;
use crate::wire::Wire;

/// A right to use the live connection: one generation of it, with the same server from first call to last.
///
/// [`Client::acquire`](crate::Client::acquire) gives it, and dropping it gives it back: at once, from anywhere,
/// without waiting. While leases are held, the session isn't ended for want of use, and a graceful close waits for
/// them, up to its deadline.
///
/// **It may be revoked**: when somebody closes the session by force, or it is lost. Then every call on it ends at
/// once with why, however long the teardown takes, and it can't be used again: acquire another. An answer that came
/// before the revocation is still given to its caller.
///
/// ```
/// # async fn f(client: tenure_rmcp::Client) -> Result<(), tenure_rmcp::Error> {
/// let lease = client.acquire().await?;
/// for tool in lease.list_all_tools().await? {
///     println!("{}", tool.name);
/// }
/// let resources = lease.run(async |peer| peer.list_all_resources().await).await?;
/// println!("{}", resources.len());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a lease is given back when it is dropped"]
pub struct Lease {
    lease: tenure_driver::Lease<Handle>,
}

impl Lease {
    pub(crate) const fn new(lease: tenure_driver::Lease<Handle>) -> Self {
        Self { lease }
    }

    /// Which life of the connection it is a right to.
    pub fn generation(&self) -> Generation {
        self.lease.generation()
    }

    /// Says whether it may still be used.
    ///
    /// # Errors
    /// Why it was revoked.
    pub fn check(&self) -> Result<(), SessionError> {
        self.lease.check()
    }

    /// Completes when the lease is revoked, with why.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn revoked(&self) -> SessionError {
        self.lease.revoked().await
    }

    /// Uses rmcp's [`Peer`], guarded: as soon as the lease is revoked the call is dropped, and this says why.
    ///
    /// All of rmcp's calls are there, with rmcp's types. There is no deadline of its own: rmcp's
    /// [`PeerRequestOptions`](rmcp::service::PeerRequestOptions) has one, or put a timeout around it. What fails
    /// otherwise than by a [`ServiceError`] is returned as `Ok`.
    ///
    /// A clone of the peer that is kept for longer than the call is outside of the guard: no lease holds the session
    /// open for it, and nobody tells it why the session ended.
    ///
    /// # Errors
    /// Why there is no result. While the lease is good, an error of rmcp's is [`Error::Call`].
    ///
    /// # Cancel safety
    /// Dropping the future drops the call. Those of rmcp then tell the server that it is not waited for any more,
    /// which may or may not have done it.
    pub async fn run<T, F>(&self, call: impl FnOnce(Peer<RoleClient>) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, ServiceError>>,
    {
        let handle = self.handle().await?;
        // rmcp's calls are large: on the heap they cost their callers nothing.
        self.guarded(Box::pin(call(handle.peer)), &handle.wire).await
    }

    async fn handle(&self) -> Result<Handle, Error> {
        self.lease.run(async |handle: &Handle| handle.clone()).await.map_err(Error::NotSent)
    }

    async fn guarded<T>(
        &self,
        call: impl Future<Output = Result<T, ServiceError>> + Unpin,
        wire: &Wire,
    ) -> Result<T, Error> {
        match self.until_revoked(call).await? {
            // The session is ending, and is about to say why.
            Err(error) if tells_of_the_end(&error) && wire.is_over() => {
                Err(Error::Revoked(self.ended(wire).await))
            }
            result => result.map_err(Error::Call),
        }
    }

    /// Why the session ends under this lease, which may be held beyond that.
    async fn ended(&self, wire: &Wire) -> SessionError {
        let retired = async {
            let (generation, failure) = (Some(self.generation()), wire.retired().await);
            SessionError::Lost { generation, failure }
        };
        future::or(self.lease.revoked(), retired).await
    }

    async fn until_revoked<T>(
        &self,
        mut call: impl Future<Output = Result<T, ServiceError>> + Unpin,
    ) -> Result<Result<T, ServiceError>, Error> {
        let mut revoked = self.lease.revoked();
        poll_fn(|cx| {
            let Poll::Ready(why) = Pin::new(&mut revoked).poll(cx) else {
                return Pin::new(&mut call).poll(cx).map(Ok);
            };
            // The answer may have come before. One look, which tokio's budget for this task's turn must not hinder.
            let last_look = pin!(tokio::task::unconstrained(&mut call));
            Poll::Ready(match last_look.poll(cx) {
                Poll::Ready(Err(error)) if tells_of_the_end(&error) => Err(Error::Revoked(why)),
                Poll::Ready(answer) => Ok(answer),
                Poll::Pending => Err(Error::Revoked(why)),
            })
        })
        .await
    }

    /// What the server said of itself in the handshake.
    ///
    /// # Errors
    /// Why the lease was revoked.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn server(&self) -> Result<Option<Arc<ServerPeerInfo>>, Error> {
        self.run(async |peer| Ok(peer.peer_info())).await
    }

    /// Calls a tool, guarded as by [`run`](Self::run).
    ///
    /// What the server asks back meanwhile is answered by the service, in all versions of the protocol; that is rmcp's
    /// [`RunningService::call_tool`](rmcp::service::RunningService::call_tool). In [`run`](Self::run) the peer's own
    /// `call_tool` has no service to ask: from protocol version 2026-07-28 on a server that asks back is an error
    /// there.
    ///
    /// # Errors
    /// Why there is no result. A tool that fails is a result too.
    ///
    /// # Cancel safety
    /// That of [`run`](Self::run).
    pub async fn call_tool(&self, params: CallToolRequestParams) -> Result<CallToolResult, Error> {
        let handle = self.handle().await?;
        self.guarded(handle.rounds.call_tool(params), &handle.wire).await
    }

    /// Gets a prompt, as [`call_tool`](Self::call_tool) calls a tool.
    ///
    /// # Errors
    /// Why there is no result.
    ///
    /// # Cancel safety
    /// That of [`run`](Self::run).
    pub async fn get_prompt(&self, params: GetPromptRequestParams) -> Result<GetPromptResult, Error> {
        let handle = self.handle().await?;
        self.guarded(handle.rounds.get_prompt(params), &handle.wire).await
    }

    /// Reads a resource, as [`call_tool`](Self::call_tool) calls a tool.
    ///
    /// # Errors
    /// Why there is no result.
    ///
    /// # Cancel safety
    /// That of [`run`](Self::run).
    pub async fn read_resource(
        &self,
        params: ReadResourceRequestParams,
    ) -> Result<ReadResourceResult, Error> {
        let handle = self.handle().await?;
        self.guarded(handle.rounds.read_resource(params), &handle.wire).await
    }

    /// [`Peer::list_all_tools`], guarded as by [`run`](Self::run).
    ///
    /// # Errors
    /// Why there is no list.
    ///
    /// # Cancel safety
    /// That of [`run`](Self::run).
    pub async fn list_all_tools(&self) -> Result<Vec<Tool>, Error> {
        self.run(async |peer| peer.list_all_tools().await).await
    }
}
