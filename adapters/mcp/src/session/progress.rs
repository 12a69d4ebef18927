//! How far the dialogue of a generation has come, and what is done meanwhile.

use std::sync::Arc;
use std::task::Context;

use tenure_driver::{Failure, Life, Serving};
use tenure_mcp_proto::{CallError, HandshakeError, Server};

use crate::session::channel::Channel;
use crate::session::handle::Handle;
use crate::session::listener::Listener;
use crate::session::probes::Probes;
use crate::session::wishes::Asked;
use crate::spans::handshake_failed;
use crate::wire::stderr::StderrTail;

/// How far the dialogue has come.
pub(crate) enum Progress {
    /// The handshake is under way.
    Opening(Life<Handle>),
    /// Callers have leases. In a box: it is handed on from state to state, and each has its own place for it.
    Serving(Box<Served>),
}

/// A session that is open to callers.
pub(crate) struct Served {
    pub(crate) serving: Serving<Handle>,
    /// The session's probes are answered.
    pub(crate) probes: Probes,
    /// What of the client's wishes the server was asked for.
    pub(crate) wished: Asked,
    /// What it said of itself.
    pub(crate) server: Arc<Server>,
}

impl Served {
    /// Answers the session's probes, and carries out the client's wishes.
    pub(crate) fn tend(&mut self, channel: &Arc<Channel>, listener: &Listener, cx: &mut Context<'_>) {
        self.probes.answer(&self.serving, channel, cx);
        self.wished.tend(cx, channel, listener);
    }
}

/// Notes what the server says instead of being ready, if that is another thing than was noted.
pub(crate) fn note(life: &Life<Handle>, channel: &Channel, tail: Option<&StderrTail>, noted: &mut String) {
    let instead = channel.received_instead();
    let tail = tail.filter(|tail| !tail.is_empty()).map(ToString::to_string);
    let note = match (instead, tail) {
        (None, None) if noted.is_empty() => return,
        (instead, tail) => [instead, tail].into_iter().flatten().collect::<Vec<_>>().join("; "),
    };
    if note != *noted {
        life.note(note.as_str());
        *noted = note;
    }
}

impl Progress {
    /// The server, once it has said who it is.
    pub(crate) fn server(&self) -> Option<&Arc<Server>> {
        match self {
            Self::Opening(_) => None,
            Self::Serving(served) => Some(&served.server),
        }
    }

    /// Nobody new is given a server that speaks another era than it did. Whoever has it may go on with it.
    pub(crate) fn retire_for_other_era(&self) {
        if let Self::Serving(served) = self {
            served.serving.retire(Failure::new("the server speaks another era than it did"));
        }
    }
}

/// A server that says no will say no again; one that was slow may not be slow again.
pub(crate) fn refused(error: HandshakeError) -> Failure {
    #[cfg(feature = "http")]
    if let HandshakeError::Failed(CallError::Http(error)) = error {
        return crate::wire::http::failure_of(error);
    }
    let slow = matches!(error, HandshakeError::Failed(CallError::TimedOut));
    let has_own_words = matches!(
        error,
        HandshakeError::Failed(
            CallError::TimedOut
                | CallError::Cancelled
                | CallError::TooLarge { .. }
                | CallError::ConnectionLost { .. }
        )
    );
    handshake_failed(&error);
    let failure = Failure::new(error);
    // What repeats the server's words is not for logs.
    let failure = if has_own_words { failure } else { failure.confidential() };
    if slow { failure } else { failure.permanent() }
}
