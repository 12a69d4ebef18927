//! Requests whose results have a typed view, before they are made.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use serde_core::Serialize;
use tenure_mcp_proto::types::{
    CallToolResult, CompleteResult, DecodeError, GetPromptResult, Params, ParamsError, Progress, Raw,
    ReadResourceResult,
};

use crate::client::ask::By;
use crate::client::in_progress::InProgress;
use crate::client::limits::Limits;
use crate::client::plain::Listener;
use crate::client::request::Request;
use crate::error::Error;

/// A call of a tool. From [`Lease::call_tool`](crate::Lease::call_tool) and
/// [`Client::call_tool`](crate::Client::call_tool).
pub type CallTool<'a> = Call<'a, CallToolResult>;

/// Reads a resource. From [`Lease::read_resource`](crate::Lease::read_resource) and
/// [`Client::read_resource`](crate::Client::read_resource).
pub type ReadResource<'a> = Call<'a, ReadResourceResult>;

/// Has a prompt filled in. From [`Lease::get_prompt`](crate::Lease::get_prompt) and
/// [`Client::get_prompt`](crate::Client::get_prompt).
pub type GetPrompt<'a> = Call<'a, GetPromptResult>;

/// Asks what an argument may become. From [`Lease::complete`](crate::Lease::complete) and
/// [`Client::complete`](crate::Client::complete).
pub type Complete<'a> = Call<'a, CompleteResult>;

/// A request whose result is read as a `T`, before it is made. The view keeps the raw JSON it was made from.
///
/// ```
/// use std::time::Duration;
///
/// use serde::{Deserialize, Serialize};
/// use serde_json::json;
/// use tenure_mcp::{Error, Lease};
///
/// #[derive(Serialize)]
/// struct Terms {
///     a: i64,
///     b: i64,
/// }
/// #[derive(Deserialize)]
/// struct Sum {
///     sum: i64,
/// }
///
/// async fn add(lease: &Lease, a: i64, b: i64) -> Result<i64, Error> {
///     let result = lease
///         .call_tool("add", Terms { a, b })
///         .meta(json!({ "example.com/trace": 7 }))
///         .timeout(Some(Duration::from_secs(5)))
///         .await?;
///     // What the tool says for people is `result.text()`.
///     Ok(result.structured::<Sum>()?.sum)
/// }
/// # let _ = add;
/// ```
///
/// # Errors
/// Why there is no result. A tool that fails is a result too ([`CallToolResult::is_error`]). Arguments that are no JSON
/// object are [`Error::InvalidParams`]; then nothing is sent. An answer of which nothing can be read is
/// [`Error::Unreadable`], which holds it as it came.
///
/// # Cancel safety
/// That of [`Request`].
#[must_use = "nothing is sent until it is awaited"]
pub struct Call<'a, T> {
    pub(crate) request: Request<'a>,
    result: PhantomData<fn() -> T>,
}

/// What the result of a [`Call`] can be read as. It can't be implemented elsewhere.
pub trait CallResult: sealed::Readable {
    /// The method that has this result.
    const METHOD: &'static str;
}

mod sealed {
    use tenure_mcp_proto::types::{DecodeError, Raw};

    pub trait Readable: Sized + Send + 'static {
        fn read(raw: Raw) -> Result<Self, DecodeError>;
    }
}

impl<'a, T: CallResult> Call<'a, T> {
    pub(crate) fn new(by: By<'a>, params: Result<Params, ParamsError>, limits: Limits) -> Self {
        Self::of(Request::new(by, T::METHOD, params, limits))
    }

    const fn of(request: Request<'a>) -> Self {
        Self { request, result: PhantomData }
    }

    /// Sends `_meta` along: see [`Request::meta`].
    pub fn meta(self, meta: impl Serialize) -> Self {
        Self::of(self.request.meta(meta))
    }

    /// How long this call may take in all: see [`Request::timeout`].
    pub fn timeout(self, timeout: Option<Duration>) -> Self {
        Self::of(self.request.timeout(timeout))
    }

    /// How long this call may take without any progress: see [`Request::idle_timeout`].
    pub fn idle_timeout(self, timeout: Option<Duration>) -> Self {
        Self::of(self.request.idle_timeout(timeout))
    }

    /// Who is told how far the server is: see [`Request::progress`].
    pub fn progress(self, listener: impl FnMut(Progress) + Send + 'a) -> Self {
        Self::of(self.request.progress(listener))
    }

    /// The call as a stream of its progress, and then its result.
    pub fn with_progress(self) -> InProgress<'a, T> {
        InProgress::new(|listener| self.listen(listener).into_future())
    }

    pub(crate) fn listen(self, listener: Listener<'a>) -> Self {
        Self::of(self.request.listen(listener))
    }
}

impl Complete<'_> {
    /// Tells the server which arguments are filled in already, an object of strings; `()` is none (MCP 2025-11-25,
    /// server/utilities/completion, "Requesting Completions").
    pub fn context(self, arguments: impl Serialize) -> Self {
        Self::of(self.request.map_params(|params| params.with_context(arguments)))
    }
}

impl<'a, T: CallResult> IntoFuture for Call<'a, T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.request.send(T::read))
    }
}

impl<T> fmt::Debug for Call<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.request).finish()
    }
}

macro_rules! results {
    ($($result:ty: $method:literal,)*) => {$(
        impl CallResult for $result {
            const METHOD: &'static str = $method;
        }

        impl sealed::Readable for $result {
            fn read(raw: Raw) -> Result<Self, DecodeError> {
                Self::from_raw(raw)
            }
        }
    )*};
}

results! {
    CallToolResult: "tools/call",
    ReadResourceResult: "resources/read",
    GetPromptResult: "prompts/get",
    CompleteResult: "completion/complete",
}
