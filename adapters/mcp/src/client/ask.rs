//! How something is asked: on a lease, or on one of its own that lasts as long.

use std::sync::Arc;

use serde_json::value::RawValue;
use tenure_mcp_proto::RequestError;

use crate::client::plain::{Lease, ask_plainly};
use crate::client::repeat::{may_repeat_here, may_repeat_next};
use crate::error::Error;
use crate::session::channel::{Answering, Channel};
use crate::session::handle::Handle;
use crate::session::news::Reports;

pub(crate) type Client = tenure_driver::Client<Handle>;

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    Lease(&'a Lease),
    Client(&'a Client),
}

impl By<'_> {
    /// Sends a request, and waits for its result.
    pub(crate) async fn ask(
        self,
        method: &str,
        request: impl Fn(&Arc<Channel>) -> Result<Answering, RequestError>,
        tell: &mut (dyn FnMut(Reports) + Send),
    ) -> Result<Box<RawValue>, Error> {
        match self {
            Self::Lease(lease) => ask(lease, method, request, tell).await,
            Self::Client(client) => Ok(ask_once(client, method, request, tell).await?.0),
        }
    }

    /// Sends what is not answered.
    pub(crate) async fn tell(
        self,
        notice: impl Fn(&Arc<Channel>) -> Result<(), RequestError>,
    ) -> Result<(), Error> {
        let client = match self {
            Self::Lease(lease) => return tell(lease, notice).await,
            Self::Client(client) => client,
        };
        match tell(&client.acquire().await?, &notice).await {
            Err(error) if error.was_lost_before_it_was_sent() => {}
            result => return result,
        }
        tell(&client.acquire().await?, &notice).await
    }
}

/// Sends a request on `lease`, and waits for its result. It is asked once more if the server doesn't speak its version
/// and names one that both have; and what does no harm twice, if the answer broke off.
pub(crate) async fn ask(
    lease: &Lease,
    method: &str,
    request: impl Fn(&Arc<Channel>) -> Result<Answering, RequestError>,
    tell: &mut (dyn FnMut(Reports) + Send),
) -> Result<Box<RawValue>, Error> {
    match ask_as_wanted(lease, method, &request, tell).await {
        Err(error) if may_repeat_here(method, &error) || is_of_another_version(lease, &error).await => {
            ask_as_wanted(lease, method, request, tell).await
        }
        result => result,
    }
}

/// Returns whether the server took a request for one of a version that it doesn't speak, and both have another: further
/// requests are of that one.
async fn is_of_another_version(lease: &Lease, error: &Error) -> bool {
    let Error::Server(error) = error else {
        return false;
    };
    lease.run(async |handle| handle.has_version_in_common(error)).await.unwrap_or(false)
}

/// A tool that wants other headers than those that it got is called once more, if the list of tools says which.
async fn ask_as_wanted(
    lease: &Lease,
    method: &str,
    request: impl Fn(&Arc<Channel>) -> Result<Answering, RequestError>,
    tell: &mut (dyn FnMut(Reports) + Send),
) -> Result<Box<RawValue>, Error> {
    #[cfg(feature = "http")]
    if method == "tools/call" {
        return crate::client::tool_headers::call(lease, &request, tell).await;
    }
    ask_plainly(lease, method, request, tell).await
}

/// Asks on a lease of its own; on a second one if the first was lost before the request was sent. Returns the lease
/// with the result.
pub(crate) async fn ask_once(
    client: &Client,
    method: &str,
    request: impl Fn(&Arc<Channel>) -> Result<Answering, RequestError>,
    told: &mut (dyn FnMut(Reports) + Send),
) -> Result<(Box<RawValue>, Lease), Error> {
    let lease = client.acquire().await?;
    match ask(&lease, method, &request, told).await {
        Ok(result) => return Ok((result, lease)),
        Err(error) if may_repeat_next(method, &error) => drop(lease),
        Err(error) => return Err(error),
    }
    let lease = client.acquire().await?;
    let result = ask(&lease, method, &request, told).await?;
    Ok((result, lease))
}

async fn tell(
    lease: &Lease,
    notice: impl FnOnce(&Arc<Channel>) -> Result<(), RequestError>,
) -> Result<(), Error> {
    let told = lease.run(async |handle| notice(&handle.channel)).await?;
    told.map_err(|error| Error::of_request(lease.generation(), error))
}
