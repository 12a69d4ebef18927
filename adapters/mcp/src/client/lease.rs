//! A caller's right to use one generation, with the protocol's methods.

use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use tenure::Generation;
use tenure_mcp_proto::pages::ToolPages;
use tenure_mcp_proto::types::{CallToolParams, CallToolResult, Tool};
use tenure_mcp_proto::{RequestError, Server};

use crate::error::Error;
use crate::session::channel::{Answering, Channel};
use crate::session::handle::Handle;

/// A right to use the live connection: one generation of it, with the same server from first call to last.
///
/// [`Client::acquire`](crate::Client::acquire) gives it, and dropping it gives it back: at once, from
/// anywhere, without waiting. While leases are held, the session isn't ended for want of use, and a graceful
/// close waits for them, up to its deadline.
///
/// **It may be revoked**: when somebody closes the session by force, or it is lost. Then every call on it
/// ends at once with why, however long the teardown takes; [`revoked`](Self::revoked) completes; and it can't
/// be used again: acquire another. There is one exception: an answer that came before the revocation is still
/// given to its caller, even if that one looks later.
///
/// # When not to use it
/// For a single call; the methods of [`Client`](crate::Client) take a lease for that long. And don't keep one
/// where nothing is called for a long time: the session's keep-alive counts from the last release.
///
/// # Examples
/// Several calls on one connection:
///
/// ```
/// use tenure_mcp::{Client, Error};
///
/// async fn run_all(client: &Client) -> Result<(), Error> {
///     let lease = client.acquire().await?;
///     for tool in lease.list_tools().await? {
///         let result = lease.call_tool(&tool.name, None).await?;
///         println!("{}: {}", tool.name, result.raw);
///     }
///     Ok(()) // dropped here, and so given back
/// }
/// # let _ = run_all;
/// ```
#[derive(Debug)]
#[must_use = "a lease is given back when it is dropped"]
pub struct Lease {
    lease: tenure_driver::Lease<Handle>,
    call_timeout: Option<Duration>,
}

impl Lease {
    pub(crate) const fn new(lease: tenure_driver::Lease<Handle>, call_timeout: Option<Duration>) -> Self {
        Self { lease, call_timeout }
    }

    /// Which life of the connection it is a right to.
    pub fn generation(&self) -> Generation {
        self.lease.generation()
    }

    /// The same lease with another deadline for its calls; `None`: as long as the session lives.
    pub fn with_call_timeout(self, call_timeout: Option<Duration>) -> Self {
        Self { call_timeout, ..self }
    }

    /// Says whether it may still be used.
    ///
    /// # Errors
    /// Why it was revoked.
    pub fn check(&self) -> Result<(), Error> {
        Ok(self.lease.check()?)
    }

    /// Completes when the lease is revoked, with why.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn revoked(&self) -> Error {
        self.lease.revoked().await.into()
    }

    /// What the server said of itself in the handshake.
    ///
    /// # Errors
    /// Why the lease was revoked.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn server(&self) -> Result<Arc<Server>, Error> {
        Ok(self.lease.run(async |handle: &Handle| handle.server.clone()).await?)
    }

    /// Any request, as raw JSON: what goes in and comes out stays as it is, byte for byte.
    ///
    /// # Errors
    /// Why there is no result.
    ///
    /// # Cancel safety
    /// The request is made at the first poll. Dropping the future before it completes cancels the request: if
    /// it was sent, the server is told so, and may or may not have done it; if not, it never is.
    pub async fn request(&self, method: &str, params: Option<&RawValue>) -> Result<Box<RawValue>, Error> {
        self.ask(|channel| channel.call(method, params, self.call_timeout)).await
    }

    async fn ask(
        &self,
        call: impl FnOnce(&Arc<Channel>) -> Result<Answering, RequestError>,
    ) -> Result<Box<RawValue>, Error> {
        // Outside of the guarded call, which is dropped when the lease is revoked: an answer that came before
        // that is still there.
        let mut pending = None;
        let guarded = self.lease.run(async |handle: &Handle| {
            let answering = call(&handle.channel)?;
            Ok(pending.insert(answering).await)
        });
        let answer = match guarded.await {
            Ok(answer) => answer.map_err(Error::NotSent)?,
            Err(revoked) => pending.and_then(|answering| answering.take()).ok_or(revoked)?,
        };
        answer.map_err(|error| Error::of_call(self.generation(), error))
    }

    /// All tools of the server, from as many pages as it has them on.
    ///
    /// # Errors
    /// Why there is no result; a server that repeats a cursor is [`Error::Protocol`].
    ///
    /// # Cancel safety
    /// That of [`request`](Self::request); the pages that came are forgotten.
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
    ///
    /// # Cancel safety
    /// That of [`request`](Self::request).
    pub async fn call_tool(&self, name: &str, arguments: Option<&RawValue>) -> Result<CallToolResult, Error> {
        let params = CallToolParams { name, arguments, meta: None }.to_raw();
        let result = self.request("tools/call", Some(&params)).await?;
        Ok(CallToolResult::from_raw(result)?)
    }

    /// Asks the server for a sign of life.
    ///
    /// # Errors
    /// Why there is none.
    ///
    /// # Cancel safety
    /// That of [`request`](Self::request).
    pub async fn ping(&self) -> Result<(), Error> {
        self.ask(|channel| channel.ask_for_life(self.call_timeout)).await.map(drop)
    }
}
