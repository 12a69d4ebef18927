//! A caller's right to use one generation, with the protocol's methods.

use std::sync::Arc;
use std::time::Duration;

use serde_core::Serialize;
use tenure::Generation;
use tenure_mcp_proto::Server;
use tenure_mcp_proto::types::{CompletionReference, Params, Prompt, Resource, ResourceTemplate, Tool};

use crate::client::ask::By;
use crate::client::call::{Call, CallTool, Complete, GetPrompt, ReadResource};
use crate::client::limits::Limits;
use crate::client::listing::Listing;
use crate::client::notify::Notify;
use crate::client::request::Request;
use crate::error::Error;
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
///         let result = lease.call_tool(&tool.name, ()).await?;
///         println!("{}: {}", tool.name, result.text());
///     }
///     Ok(()) // dropped here, and so given back
/// }
/// # let _ = run_all;
/// ```
#[derive(Debug)]
#[must_use = "a lease is given back when it is dropped"]
pub struct Lease {
    lease: tenure_driver::Lease<Handle>,
    limits: Limits,
}

impl Lease {
    pub(crate) const fn new(lease: tenure_driver::Lease<Handle>, limits: Limits) -> Self {
        Self { lease, limits }
    }

    /// Which life of the connection it is a right to.
    pub fn generation(&self) -> Generation {
        self.lease.generation()
    }

    /// The same lease with another deadline for its calls; `None`: as long as the session lives. See
    /// [`Options::call_timeout`](crate::Options::call_timeout).
    pub fn with_call_timeout(mut self, call_timeout: Option<Duration>) -> Self {
        self.limits.set_timeout(call_timeout);
        self
    }

    /// The same lease with another limit on how long its calls may take without any progress; `None`: without one. See
    /// [`Request::idle_timeout`].
    pub fn with_call_idle_timeout(mut self, idle_timeout: Option<Duration>) -> Self {
        self.limits.set_idle_timeout(idle_timeout);
        self
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
        Ok(self.lease.run(async |handle| handle.server.clone()).await?)
    }

    /// The process id of the server, if it is a process.
    ///
    /// # Errors
    /// Why the lease was revoked.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn server_pid(&self) -> Result<Option<u32>, Error> {
        Ok(self.lease.run(async |handle| handle.pid).await?)
    }

    /// The beginning of the id that the server gave the session over HTTP, if it did, to be shown to people: never more
    /// than half of it, since whoever has the whole has the session.
    ///
    /// # Errors
    /// Why the lease was revoked.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn session_hint(&self) -> Result<Option<String>, Error> {
        Ok(self.lease.run(async |handle| handle.session_hint.clone()).await?)
    }

    /// A request of any method; awaited, it gives the raw result, byte for byte.
    ///
    /// `params` is any value that is a JSON object once serialized, which is done now; `()` is none. Raw JSON
    /// ([`RawValue`](serde_json::value::RawValue)) goes out byte for byte. What may be said of the request besides, and
    /// how it fails, is told at [`Request`].
    pub fn request(&self, method: &str, params: impl Serialize) -> Request<'_> {
        let params = Params::new(params);
        Request::new(By::Lease(&self.lease), method.to_owned(), params, self.limits)
    }

    /// A notification of any method: what the server doesn't answer. See [`Notify`].
    pub fn notify(&self, method: &str, params: impl Serialize) -> Notify<'_> {
        Notify::new(By::Lease(&self.lease), method, params)
    }

    /// The tools of the server; awaited, all of them (MCP 2025-11-25, server/tools, "Listing Tools"). See [`Listing`].
    pub fn list_tools(&self) -> Listing<'_, Tool> {
        Listing::new(By::Lease(&self.lease), self.limits)
    }

    /// The resources that the server lists; awaited, all of them (MCP 2025-11-25, server/resources, "Listing
    /// Resources"). See [`Listing`].
    pub fn list_resources(&self) -> Listing<'_, Resource> {
        Listing::new(By::Lease(&self.lease), self.limits)
    }

    /// The server's templates of resources; awaited, all of them (MCP 2025-11-25, server/resources, "Resource
    /// Templates"). See [`Listing`].
    pub fn list_resource_templates(&self) -> Listing<'_, ResourceTemplate> {
        Listing::new(By::Lease(&self.lease), self.limits)
    }

    /// The prompts of the server; awaited, all of them (MCP 2025-11-25, server/prompts, "Listing Prompts"). See
    /// [`Listing`].
    pub fn list_prompts(&self) -> Listing<'_, Prompt> {
        Listing::new(By::Lease(&self.lease), self.limits)
    }

    /// Reads the resource at `uri`; awaited, it gives what it holds (MCP 2025-11-25, server/resources, "Reading
    /// Resources"). What may be said of it besides, and how it fails, is told at [`Call`].
    ///
    /// ```
    /// use tenure_mcp::proto::types::ResourceContents;
    /// use tenure_mcp::{Error, Lease};
    ///
    /// async fn read(lease: &Lease, uri: &str) -> Result<String, Error> {
    ///     let read = lease.read_resource(uri).await?;
    ///     let texts = read.contents.into_iter().filter_map(|contents| match contents {
    ///         ResourceContents::Text { text, .. } => Some(text),
    ///         _ => None, // bytes, in base64
    ///     });
    ///     Ok(texts.collect())
    /// }
    /// # let _ = read;
    /// ```
    pub fn read_resource(&self, uri: &str) -> ReadResource<'_> {
        Call::new(By::Lease(&self.lease), Ok(Params::of_resource(uri)), self.limits)
    }

    /// Has the prompt `name` filled in; awaited, it gives its messages (MCP 2025-11-25, server/prompts, "Getting a
    /// Prompt"). What may be said of it besides, and how it fails, is told at [`Call`].
    ///
    /// `arguments` is any value that is a JSON object of strings once serialized, which is done now; `()` is none. Raw
    /// JSON goes out byte for byte.
    pub fn get_prompt(&self, name: &str, arguments: impl Serialize) -> GetPrompt<'_> {
        Call::new(By::Lease(&self.lease), Params::of_prompt(name, arguments), self.limits)
    }

    /// Asks what the argument `name` of a prompt, or of a template of resources, may become when there is `value` of
    /// it; awaited, it gives the values (MCP 2025-11-25, server/utilities/completion). [`context`](Complete::context)
    /// tells the arguments that are filled in already. What may be said of it besides, and how it fails, is told at
    /// [`Call`].
    ///
    /// ```
    /// use serde_json::json;
    /// use tenure_mcp::proto::types::CompletionReference;
    /// use tenure_mcp::{Error, Lease};
    ///
    /// async fn cities(lease: &Lease, typed: &str) -> Result<Vec<String>, Error> {
    ///     let of = CompletionReference::Prompt("weather");
    ///     let found = lease.complete(of, "city", typed).context(json!({ "country": "France" })).await?;
    ///     Ok(found.values)
    /// }
    /// # let _ = cities;
    /// ```
    pub fn complete(&self, of: CompletionReference<'_>, name: &str, value: &str) -> Complete<'_> {
        Call::new(By::Lease(&self.lease), Ok(Params::of_completion(of, name, value)), self.limits)
    }

    /// A call of the tool `name`; awaited, it gives the tool's result.
    ///
    /// `arguments` is any value that is a JSON object once serialized, which is done now; `()` is none. Raw JSON
    /// ([`RawValue`](serde_json::value::RawValue)) goes out byte for byte. What may be said of the call besides, and
    /// how it fails, is told at [`Call`].
    ///
    /// A tool that fails is a result too ([`CallToolResult::is_error`]). A result that is not as it should be is read
    /// as well as it can be, see [`CallToolResult::warnings`].
    ///
    /// [`CallToolResult::is_error`]: tenure_mcp_proto::types::CallToolResult::is_error
    /// [`CallToolResult::warnings`]: tenure_mcp_proto::types::CallToolResult::warnings
    pub fn call_tool(&self, name: &str, arguments: impl Serialize) -> CallTool<'_> {
        Call::new(By::Lease(&self.lease), Params::of_tool_call(name, arguments), self.limits)
    }

    /// Asks the server for a sign of life.
    ///
    /// # Errors
    /// Why there is none.
    ///
    /// # Cancel safety
    /// That of [`request`](Self::request).
    pub async fn ping(&self) -> Result<(), Error> {
        By::Lease(&self.lease).ping(self.limits).await
    }
}
