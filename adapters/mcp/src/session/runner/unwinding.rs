//! The last stages of a generation: the wire is closed, and the server's end is waited for.

use futures_lite::future;
use tenure_driver::{Failure, Life};
use tenure_mcp_proto::Era;

use super::Runner;
use crate::session::handle::Handle;
use crate::session::stages::{End, State};
use crate::session::timer::SessionTimer;

impl<T: SessionTimer> Runner<T> {
    /// The next one must not meet what is left of this one.
    pub(super) async fn leave(&mut self, life: Life<Handle>, era: Era, failure: Failure) -> State {
        self.dialogue.close();
        self.peer.hurry();
        let stopped = async {
            (&mut self.stopped).await;
            None
        };
        let unwound = async { Some(self.peer.as_mut().unwound().await) };
        match future::or(stopped, unwound).await {
            Some(_) => State::Ended(Ok(End::Again(life, era, self.peer.explain(failure)))),
            None => State::Unwinding,
        }
    }

    /// The handshake failed, and the server may have made a session all the same: it is told that it is over. How long
    /// that may take is the carrier's to bound; told to stop, it goes on, and told to hurry it ends.
    pub(super) async fn part(&mut self, failure: Failure) -> State {
        self.dialogue.close();
        let unwound = async {
            // The handshake's failure is what counts.
            let _ = self.peer.as_mut().unwound().await;
        };
        let aborted = async { (&mut self.aborted).await };
        let discarding = async { match self.dialogue.discard().await {} };
        future::or(future::or(unwound, aborted), discarding).await;
        State::Ended(Err(failure))
    }

    pub(super) async fn unwind(&mut self) -> State {
        self.dialogue.close();
        let unwound = async { State::Ended(self.peer.as_mut().unwound().await.map(|()| End::InOrder)) };
        let aborted = async {
            (&mut self.aborted).await;
            State::Hurried
        };
        let discarding = async { match self.dialogue.discard().await {} };
        future::or(future::or(unwound, aborted), discarding).await
    }

    pub(super) async fn hurry(&mut self) -> State {
        self.peer.hurry();
        let unwound = async { State::Ended(self.peer.as_mut().unwound().await.map(|()| End::InOrder)) };
        let discarding = async { match self.dialogue.discard().await {} };
        future::or(unwound, discarding).await
    }
}
