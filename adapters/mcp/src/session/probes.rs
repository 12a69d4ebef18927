//! Signs of life: for each probe of the session the server is asked for one.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tenure_driver::wake::Key;
use tenure_driver::{Probe, Serving};
use tenure_mcp_proto::RequestError;

use crate::session::channel::{Answering, Channel};
use crate::session::handle::Handle;
use crate::session::hearing::Hearing;
use crate::session::in_flight::Answer;

/// Asks the server for each sign of life that the session wants, one at a time, and passes it on.
pub(crate) struct Probes {
    /// The server holds a session. Where it doesn't, there is nothing whose life could be asked for.
    has_life: bool,
    /// The sign that is wanted, and waited for. In a box: of most sessions none ever is.
    wanted: Option<Box<Wanted>>,
    /// The runner's place among those whom the next probe wakes.
    key: Option<Key>,
}

struct Wanted {
    probe: Probe<Handle>,
    sign: Sign,
}

/// A sign of life that is on its way.
enum Sign {
    Answer(Answering),
    Any(Hearing),
}

impl Probes {
    pub(crate) const fn new(has_life: bool) -> Self {
        Self { has_life, wanted: None, key: None }
    }

    /// Does what there is to be done; the task is woken for the next.
    pub(crate) fn answer(&mut self, serving: &Serving<Handle>, channel: &Arc<Channel>, cx: &mut Context<'_>) {
        loop {
            if let Some(wanted) = &mut self.wanted
                && wanted.sign.poll(channel, cx).is_pending()
            {
                return;
            }
            if let Some(wanted) = self.wanted.take() {
                wanted.probe.answer();
            }
            let Poll::Ready(probe) = serving.poll_probe(&mut self.key, cx) else {
                return;
            };
            if !self.has_life {
                probe.answer();
                continue;
            }
            // Where nothing can be asked the probe stays unanswered.
            self.wanted = Sign::ask(channel).map(|sign| Box::new(Wanted { probe, sign }));
        }
    }
}

impl Sign {
    fn ask(channel: &Arc<Channel>) -> Option<Self> {
        match channel.ask_for_life(None) {
            Ok(answering) => Some(Self::Answer(answering)),
            // No room for one request more, so the server has much to answer: whatever it says next is a sign of life.
            Err(RequestError::TooManyInFlight { .. } | RequestError::QueueFull { .. }) => {
                Some(Self::Any(Hearing::of(channel)))
            }
            Err(_) => None,
        }
    }

    fn poll(&mut self, channel: &Arc<Channel>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match self {
                // Any answer is a sign of life, an error too.
                Self::Answer(answering) => {
                    if !is_silence(&ready!(Pin::new(answering).poll(cx))) {
                        return Poll::Ready(());
                    }
                    *self = Self::Any(Hearing::of(channel));
                }
                Self::Any(hearing) => return Pin::new(hearing).poll(cx),
            }
        }
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
