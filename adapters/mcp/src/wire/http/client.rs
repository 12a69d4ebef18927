//! What carries a request over HTTP and brings its answer.

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_lite::Stream;
use http::{Request, Response};
use tenure_mcp_proto::http::{Failure, Reuse};

/// The body of an answer, piece by piece as it comes: never more than what was asked for next.
///
/// It ends after the last piece, or after a failure, whose stage is [`Body`](tenure_mcp_proto::http::Stage::Body).
/// Dropped before its end, the rest is not wanted, and the exchange is cancelled.
pub type HttpBody = Pin<Box<dyn Stream<Item = Result<Bytes, Failure>> + Send>>;

/// A client of HTTP: request in, head and body of the answer out.
///
/// The crate `tenure-http` has one for tokio and smol. A program that has its own passes it in instead
/// (the repository has an example over reqwest, `examples/reqwest-client`); then its rules about proxies, certificates
/// and addresses are those for MCP servers too. Exchanges run at the same time, each on its own; an answer may well be
/// a stream that stays open for hours.
///
/// It does nothing but carry. It follows no redirects, repeats nothing, adds no credentials or cookies, asks for no
/// encoding of the body and undoes none. What an answer means, and when something is sent again, is decided above it.
///
/// ```
/// use async_trait::async_trait;
/// use bytes::Bytes;
/// use futures_lite::{StreamExt as _, stream};
/// use http::{Request, Response};
/// use tenure_mcp::{HttpBody, HttpClient, HttpFailure, Reuse};
///
/// /// Answers with what was asked.
/// struct Echo;
///
/// #[async_trait]
/// impl HttpClient for Echo {
///     async fn send(&self, request: Request<Bytes>, _: Reuse) -> Result<Response<HttpBody>, HttpFailure> {
///         let body: HttpBody = stream::once(Ok(request.into_body())).boxed();
///         Ok(Response::new(body))
///     }
/// }
/// ```
#[async_trait]
pub trait HttpClient: Send + Sync + 'static {
    /// Sends the request, and completes with the head of its answer.
    ///
    /// The request's URI is absolute, and its body whole: it is sent with its length. `reuse` says whether a connection
    /// that carried something before will do. There is no deadline of one's own but for the connecting.
    ///
    /// # Errors
    /// How far it got and why it broke. The stage must not be earlier than the truth: what is said to be unwritten is
    /// sent again. Its words are shown, so there is nothing secret in them: no credentials, no query of the URI.
    ///
    /// # Cancel safety
    /// The future that is dropped before it completes has cancelled the request: what was begun is ended by that,
    /// for HTTP/1.1 by closing the connection. So has the body that is dropped before its end.
    async fn send(&self, request: Request<Bytes>, reuse: Reuse) -> Result<Response<HttpBody>, Failure>;
}

/// Shared, so that whoever made it can still look at it.
#[async_trait]
impl<C: HttpClient + ?Sized> HttpClient for Arc<C> {
    async fn send(&self, request: Request<Bytes>, reuse: Reuse) -> Result<Response<HttpBody>, Failure> {
        (**self).send(request, reuse).await
    }
}
