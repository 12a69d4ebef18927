//! How something is asked: on a lease, or on one of its own that lasts as long.

use std::sync::Arc;

use tenure_mcp_proto::RequestError;
use tenure_mcp_proto::types::Raw;

use crate::client::limits::Limits;
use crate::client::plain::{Lease, Question, ask_plainly, nobody};
use crate::client::repeat::{may_repeat_here, may_repeat_next};
use crate::client::tool_headers::{self, Known};
use crate::error::Error;
use crate::session::channel::Channel;
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
        question: &Question<'_>,
        tell: &mut (dyn FnMut(Reports) + Send),
    ) -> Result<Raw, Error> {
        match self {
            Self::Lease(lease) => ask(lease, question, tell).await,
            Self::Client(client) => Ok(ask_once(client, question, tell).await?.0),
        }
    }

    /// Asks the server for a sign of life.
    pub(crate) async fn ping(self, limits: Limits) -> Result<(), Error> {
        let timeout = limits.of_sign_of_life();
        let request = |channel: &Arc<Channel>| channel.ask_for_life(timeout);
        self.ask(&Question { method: "ping", request: &request }, &mut nobody).await.map(drop)
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
/// and names one that both have; what does no harm twice, if the answer broke off; and a tool that wants other headers
/// than those that it got, if the list of tools says which.
pub(crate) async fn ask(
    lease: &Lease,
    question: &Question<'_>,
    tell: &mut (dyn FnMut(Reports) + Send),
) -> Result<Raw, Error> {
    let known = tool_headers::known(lease, question).await;
    match ask_plainly(lease, question, tell).await {
        // What is seldom needed is not part of each call's future.
        Err(error) => Box::pin(ask_again(lease, question, tell, known, error)).await,
        result => result,
    }
}

/// Asks once more what failed so, if it may be.
async fn ask_again(
    lease: &Lease,
    question: &Question<'_>,
    tell: &mut (dyn FnMut(Reports) + Send),
    known: Known,
    error: Error,
) -> Result<Raw, Error> {
    let error = match tool_headers::ask_again(lease, question, tell, known, error).await {
        Err(error) => error,
        result => return result,
    };
    if !may_repeat_here(question.method, &error) && !is_of_another_version(lease, &error).await {
        return Err(error);
    }
    let known = tool_headers::known(lease, question).await;
    match ask_plainly(lease, question, tell).await {
        Err(error) => tool_headers::ask_again(lease, question, tell, known, error).await,
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

/// Asks on a lease of its own; on a second one if the first was lost before the request was sent. Returns the lease
/// with the result.
pub(crate) async fn ask_once(
    client: &Client,
    question: &Question<'_>,
    tell: &mut (dyn FnMut(Reports) + Send),
) -> Result<(Raw, Lease), Error> {
    let lease = client.acquire().await?;
    match ask(&lease, question, tell).await {
        Ok(result) => return Ok((result, lease)),
        Err(error) if may_repeat_next(question.method, &error) => drop(lease),
        Err(error) => return Err(error),
    }
    let lease = client.acquire().await?;
    let result = Box::pin(ask(&lease, question, tell)).await?;
    Ok((result, lease))
}

async fn tell(
    lease: &Lease,
    notice: impl FnOnce(&Arc<Channel>) -> Result<(), RequestError>,
) -> Result<(), Error> {
    let told = lease.run(async |handle| notice(&handle.channel)).await?;
    told.map_err(|error| Error::of_request(lease.generation(), error))
}
