//! Signs of life: for each probe of the session the server is asked for one.

use std::convert::Infallible;
use std::sync::Arc;

use tenure_driver::Serving;
use tenure_mcp_proto::RequestError;

use crate::session::channel::Channel;
use crate::session::handle::Handle;
use crate::session::hearing::Hearing;
use crate::session::in_flight::Answer;

/// Asks the server for each sign of life that the session wants, one at a time, and passes it on. Where the server
/// holds no session (`has_life` is false), there is nothing whose life could be asked for.
pub(crate) async fn answer_probes(
    serving: Arc<Serving<Handle>>,
    channel: Arc<Channel>,
    has_life: bool,
) -> Infallible {
    loop {
        let probe = serving.probe().await;
        if !has_life {
            probe.answer();
            continue;
        }
        match channel.ask_for_life(None) {
            // Any answer is a sign of life, an error too.
            Ok(answering) => {
                if is_silence(&answering.await) {
                    Hearing::of(&channel).await;
                }
            }
            // No room for one request more, so the server has much to answer: whatever it says next is a sign of life.
            Err(RequestError::TooManyInFlight { .. } | RequestError::QueueFull { .. }) => {
                Hearing::of(&channel).await;
            }
            // Nothing can be asked: the probe stays unanswered.
            Err(_) => continue,
        }
        probe.answer();
    }
}

/// Nothing came from the server: it could not be reached, say.
#[cfg(feature = "http")]
fn is_silence(answer: &Answer) -> bool {
    matches!(answer, Err(tenure_mcp_proto::CallError::Http(error)) if error.status.is_none())
}

#[cfg(not(feature = "http"))]
const fn is_silence(_: &Answer) -> bool {
    false
}
