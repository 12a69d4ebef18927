//! One request on a lease, and its result.

use std::future::poll_fn;
use std::sync::Arc;

use tenure_mcp_proto::types::Raw;
use tenure_mcp_proto::{CallError, RequestError};

use crate::error::{Error, delivery_of};
use crate::session::channel::{Answering, Channel};
use crate::session::handle::Handle;
use crate::session::news::Reports;
use crate::spans::CallReport;

pub(crate) type Lease = tenure_driver::Lease<Handle>;

/// Who is told of a call's progress, from the task that awaits the call.
pub(crate) type Listener<'a> = Box<dyn FnMut(Reports) + Send + 'a>;

/// Nobody is told.
pub(crate) fn nobody(_: Reports) {}

/// What is asked.
pub(crate) struct Question<'a> {
    pub(crate) method: &'a str,
    /// Makes the request, each time that it is asked.
    pub(crate) request: &'a (dyn Fn(&Arc<Channel>) -> Result<Answering, RequestError> + Sync),
}

/// Sends a request on `lease`, and waits for its result. Who is told of progress is told before that is returned.
pub(crate) async fn ask_plainly(
    lease: &Lease,
    question: &Question<'_>,
    tell: &mut (dyn FnMut(Reports) + Send),
) -> Result<Raw, Error> {
    // Outside of the guarded call, which is dropped when the lease is revoked: an answer that came before
    // that is still there.
    let mut pending = None;
    let mut report = CallReport::new(question.method, lease.generation());
    let guarded = lease.run(async |handle| {
        report.begin(handle);
        let answering = pending.insert((question.request)(&handle.channel)?);
        Ok(poll_fn(|cx| answering.poll_telling(cx, tell)).await)
    });
    let guarded = guarded.await;
    let generation = lease.generation();
    let instead = || pending.as_ref().and_then(Answering::received_instead);
    let of_call = |error, instead| Error::of_call(generation, error, instead);
    let result = match guarded {
        Ok(Ok(Err(CallError::TimedOut))) => Err(of_call(CallError::TimedOut, instead())),
        Ok(Ok(answer)) => answer.map_err(|error| of_call(error, None)),
        Ok(Err(error)) => Err(Error::of_request(generation, error)),
        Err(revoked) => match pending.as_ref().map_or(Err(false), |pending| pending.give_up(tell)) {
            Ok(answer) => answer.map_err(|error| of_call(error, None)),
            Err(sent) => Err(Error::revoked(revoked, delivery_of(sent))),
        },
    };
    report.end(&result);
    result
}
