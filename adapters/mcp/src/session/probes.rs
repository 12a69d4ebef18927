//! Signs of life: for each probe of the session the server is asked for one.

use std::convert::Infallible;
use std::sync::Arc;

use tenure_driver::Serving;
use tenure_mcp_proto::RequestError;

use crate::session::channel::Channel;
use crate::session::handle::Handle;

/// Asks the server for each sign of life that the session wants, one at a time, and passes it on.
pub(crate) async fn answer_probes(serving: Serving<Handle>, channel: Arc<Channel>) -> Infallible {
    loop {
        let probe = serving.probe().await;
        match channel.ask_for_life(None) {
            // Any answer is a sign of life, an error too.
            Ok(answering) => drop(answering.await),
            // No room for one request more, so the server has much to answer: whatever it says next is a sign of life.
            Err(RequestError::TooManyInFlight { .. } | RequestError::QueueFull { .. }) => {
                channel.hears().await;
            }
            // Nothing can be asked: the probe stays unanswered.
            Err(_) => continue,
        }
        probe.answer();
    }
}
