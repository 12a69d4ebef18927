//! What is asked, before it is asked: the request, and what may be said of it.

use std::borrow::Cow;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use tenure_mcp_proto::types::{DecodeError, Params, ParamsError, Progress, Raw, decode};

use crate::client::ask::By;
use crate::client::in_progress::InProgress;
use crate::client::limits::Limits;
use crate::client::plain::{Listener, Question, nobody};
use crate::error::Error;
use crate::session::channel::Channel;

/// A request of any method, before it is made. From [`Lease::request`](crate::Lease::request) and
/// [`Client::request`](crate::Client::request).
///
/// Awaited, it gives the result as raw JSON, byte for byte; [`decode`](Self::decode) gives it as a type of the
/// program's own.
///
/// ```
/// use serde::Deserialize;
/// use serde_json::json;
/// use tenure_mcp::{Client, Error};
///
/// #[derive(Deserialize)]
/// struct Found {
///     places: Vec<String>,
/// }
///
/// /// A method that the server's makers have added.
/// async fn find(client: &Client, word: &str) -> Result<Vec<String>, Error> {
///     let found: Found = client.request("example.com/find", json!({ "word": word })).decode().await?;
///     Ok(found.places)
/// }
/// # let _ = find;
/// ```
///
/// # Errors
/// Why there is no result. Params that are no JSON object are [`Error::InvalidParams`]; then nothing is sent.
///
/// # Cancel safety
/// The request is made at the first poll of the future. Dropping the future before it completes cancels the request:
/// if it was sent, the server is told so, and may or may not have done it; if not, it never is. One of a client gives
/// its place in the queue up, or its lease back.
#[must_use = "nothing is sent until it is awaited"]
pub struct Request<'a> {
    by: By<'a>,
    method: Cow<'static, str>,
    params: Result<Params, ParamsError>,
    limits: Limits,
    listener: Option<Listener<'a>>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(
        by: By<'a>,
        method: impl Into<Cow<'static, str>>,
        params: Result<Params, ParamsError>,
        limits: Limits,
    ) -> Self {
        Self { by, method: method.into(), params, limits, listener: None }
    }

    /// Sends `_meta` along, an object such as `json!({ "example.com/trace": 7 })` (MCP 2025-11-25, basic, "`_meta`").
    /// It stands behind the params, which stay as they are; `()` and `None` are none.
    ///
    /// The request fails with [`Error::InvalidParams`] if the params have a `_meta` already.
    pub fn meta(mut self, meta: impl Serialize) -> Self {
        self.params = self.params.and_then(|params| params.with_meta(meta));
        self
    }

    /// How long this request may take, once there is a connection, whatever its progress; `None`: as long as that
    /// lives. Default: what the [options](crate::Options::call_timeout) say, or the
    /// [lease](crate::Lease::with_call_timeout).
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.limits.set_timeout(timeout);
        self
    }

    /// How long this request may take without any progress; each report of the server's begins that time anew, and none
    /// moves the [`timeout`](Self::timeout) (MCP 2025-11-25, basic/lifecycle, "Timeouts"). The server is asked for
    /// progress; one that never tells any has that time in all. `None`: without a limit of this kind. Default: what the
    /// [options](crate::Options::call_idle_timeout) say, or the [lease](crate::Lease::with_call_idle_timeout).
    pub fn idle_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.limits.set_idle_timeout(timeout);
        self
    }

    /// Asks the server to tell how far it is, and calls `listener` with what it tells (MCP 2025-11-25,
    /// basic/utilities/progress). One listener: a later call replaces the earlier one.
    ///
    /// It is called in order, with reports of this request alone, all that came before the result, and never after it:
    /// in the task that awaits the request and while that polls it, outside of every lock. So one that takes long holds
    /// up this request and nothing else; of what the server tells meanwhile the last 64 reports are kept, and 64 KiB of
    /// them. One that panics does so in the task that awaits the request, which is cancelled with it.
    ///
    /// A token for it is sent in `_meta`, behind what is there. If [`meta`](Self::meta) or the params name a
    /// `progressToken` of their own, that one is.
    ///
    /// ```
    /// use tenure_mcp::{Client, Error};
    ///
    /// async fn index(client: &Client) -> Result<String, Error> {
    ///     let call = client.call_tool("index", ()).progress(|progress| match progress.fraction() {
    ///         Some(fraction) => eprintln!("{:.0} %", fraction * 100.0),
    ///         None => eprintln!("{} so far", progress.progress),
    ///     });
    ///     Ok(call.await?.text())
    /// }
    /// # let _ = index;
    /// ```
    pub fn progress(self, mut listener: impl FnMut(Progress) + Send + 'a) -> Self {
        self.listen(Box::new(move |reports| reports.progress.into_iter().for_each(&mut listener)))
    }

    pub(crate) fn listen(mut self, listener: Listener<'a>) -> Self {
        self.listener = Some(listener);
        self
    }

    /// The request as a stream of its progress, and then its result: what [`progress`](Self::progress) is for closures.
    pub fn with_progress(self) -> InProgress<'a, Raw> {
        InProgress::new(|listener| self.listen(listener).into_future())
    }

    /// Makes the request and reads its result as a `T`.
    ///
    /// # Errors
    /// Why there is no result. An answer that is no `T` is [`Error::Unreadable`], which holds it as it came.
    ///
    /// # Cancel safety
    /// That of the request.
    pub async fn decode<T: DeserializeOwned>(self) -> Result<T, Error> {
        self.send(decode).await
    }

    /// Makes the request, and reads its result.
    pub(crate) fn send<T>(
        self,
        read: impl FnOnce(Raw) -> Result<T, DecodeError> + Send + 'a,
    ) -> impl Future<Output = Result<T, Error>> + Send + 'a {
        let Self { by, method, params, limits, listener } = self;
        let is_watched = listener.is_some();
        let mut listener = listener.unwrap_or_else(|| Box::new(nobody));
        let options = limits.of_request(is_watched);
        // A block, which holds what it uses once: a function would hold its arguments twice, and such a future is on
        // the heap.
        async move {
            let params = params.as_ref().map_err(Clone::clone)?.raw();
            let request = |channel: &Arc<Channel>| channel.call(&method, params, options, is_watched);
            let question = Question { method: &method, request: &request };
            Ok(read(by.ask(&question, &mut *listener).await?)?)
        }
    }

    /// What goes out as params.
    #[cfg(feature = "jsonschema")]
    pub(crate) fn params(&self) -> Result<&Params, ParamsError> {
        self.params.as_ref().map_err(Clone::clone)
    }

    /// The same with other params.
    pub(crate) fn map_params(self, change: impl FnOnce(Params) -> Result<Params, ParamsError>) -> Self {
        Self { params: self.params.and_then(change), ..self }
    }
}

impl<'a> IntoFuture for Request<'a> {
    type Output = Result<Raw, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send(Ok))
    }
}

/// The params are the caller's, and may be secret.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
