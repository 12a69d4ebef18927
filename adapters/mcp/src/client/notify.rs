//! What is told and not answered, before it is sent.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use serde_core::Serialize;
use tenure_mcp_proto::types::{Params, ParamsError};

use crate::client::ask::By;
use crate::error::Error;

/// A notification, before it is sent: what the server doesn't answer. From [`Lease::notify`](crate::Lease::notify) and
/// [`Client::notify`](crate::Client::notify).
///
/// Awaited, it completes when the notification is queued, behind the requests made so far. Nobody can say whether the
/// server has it: a connection that is lost a moment later takes it along in silence.
///
/// ```
/// use serde_json::json;
/// use tenure_mcp::{Client, Error};
///
/// async fn roots_changed(client: &Client) -> Result<(), Error> {
///     client.notify("notifications/roots/list_changed", ()).await
/// }
/// # let _ = roots_changed;
/// ```
///
/// # Errors
/// Why it was not queued; then it never is sent.
///
/// # Cancel safety
/// It is queued in one poll of the future: dropped before that it never is sent, and nothing takes it back later.
#[must_use = "nothing is sent until it is awaited"]
pub struct Notify<'a> {
    by: By<'a>,
    method: String,
    params: Result<Params, ParamsError>,
}

impl<'a> Notify<'a> {
    pub(crate) fn new(by: By<'a>, method: &str, params: impl Serialize) -> Self {
        Self { by, method: method.to_owned(), params: Params::new(params) }
    }

    /// Sends `_meta` along: see [`Request::meta`](crate::Request::meta).
    pub fn meta(mut self, meta: impl Serialize) -> Self {
        self.params = self.params.and_then(|params| params.with_meta(meta));
        self
    }

    async fn send(self) -> Result<(), Error> {
        let Self { by, method, params } = self;
        let params = params?;
        by.tell(|channel| channel.notify(&method, params.raw())).await
    }
}

impl<'a> IntoFuture for Notify<'a> {
    type Output = Result<(), Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for Notify<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify").field("method", &self.method).finish_non_exhaustive()
    }
}
