//! The machine of one generation, from the open wire to its end.
//!
//! ```text
//!            the wire is open
//!                   │
//!      ┌────────────▼──────────────┐
//!      │ Talking   opening         │── the handshake fails ──► ended, with why
//!      │              │ ready      │
//!      │              ▼            │── the server ends ────────────┐
//!      │           serving         │                               │
//!      └───┬──────────────────┬────┘                               │
//!          │ told to stop     │ the wire ends                      │
//!          │            ┌─────▼─────┐  the server ends, or         │
//!          │◄───────────┤  Broken   │  a moment has passed         │
//!          │   told     └─────┬─────┘                              │
//!          │   to stop        └────────────────┐                   │
//!          │                               ┌───▼───┐               │
//!          │                               │ Lost  │◄──────────────┘
//!    ┌─────▼─────┐                         └───┬───┘
//!    │ Unwinding ├── the server has let go ─┐  │ all that it said before is told
//!    └─────┬─────┘                          │  └──► ended, with how it was lost
//!          │ told to hurry                  │
//!    ┌─────▼─────┐                          ▼
//!    │ Hurried   ├── the server has let go ──► ended
//!    └───────────┘
//! ```
//!
//! - **The wire ends** (the server closed its output, or it broke): how the server ended says more than that,
//!   and mostly comes at once, so it is waited for a moment. What the server said before its end still counts.
//! - **The server ends**: what is left on the wire is read, and counts.
//! - **Told to stop**: calls are given up, the wire is closed, and the server's end is waited for. What it
//!   says meanwhile is read and dropped, so that it never waits for a reader. A stop while the transport still
//!   opens ends that ([`connector`](super::connector)).
//! - **The handshake fails**: the generation ends at once.
//! - A server that doesn't end in time is dropped by the driver, together with this future.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_lite::future;
use tenure::Generation;
use tenure_driver::{Failure, Life, Signal, Timer};
use tenure_mcp_proto::{CallError, Event, HandshakeError, Server};

use crate::session::dialogue::Dialogue;
use crate::session::events::{OnEvent, ServerEvent};
use crate::session::handle::Handle;
use crate::session::probes::answer_probes;
use crate::wire::Peer;

/// How long the server's end is waited for once the wire has ended.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Where a generation is. Each state is consumed by the one function that leads on from it.
enum State {
    /// The wire holds.
    Talking(Progress),
    /// The wire ended, with that; how the server ended is not known yet.
    Broken(Progress, Failure),
    /// The session is lost, for that reason; what the server said before is still to be told.
    Lost(Progress, Failure),
    /// Told to stop.
    Unwinding,
    /// Told to hurry, too.
    Hurried,
    /// The runner ends like this.
    Ended(Result<(), Failure>),
}

/// How far the dialogue has come.
enum Progress {
    /// The handshake is under way.
    Opening(Life<Handle>),
    /// Callers have leases; the session's probes are answered.
    Serving(Pin<Box<dyn Future<Output = Infallible> + Send>>),
}

/// What ends a wait while the session is talking.
enum Heard {
    Stop,
    Event(Event),
    WireEnded(Failure),
    ServerEnded(Failure),
}

pub(crate) struct Runner<T: Timer> {
    dialogue: Dialogue<T>,
    peer: Box<dyn Peer>,
    timer: T,
    on_event: Option<OnEvent>,
    generation: Generation,
    stopped: Signal,
    aborted: Signal,
}

impl<T: Timer> Runner<T> {
    pub(crate) fn new(
        dialogue: Dialogue<T>,
        peer: Box<dyn Peer>,
        timer: T,
        on_event: Option<OnEvent>,
        life: &Life<Handle>,
    ) -> Self {
        let (generation, stopped, aborted) = (life.generation(), life.stopped(), life.aborted());
        Self { dialogue, peer, timer, on_event, generation, stopped, aborted }
    }

    pub(crate) async fn run(mut self, life: Life<Handle>) -> Result<(), Failure> {
        self.dialogue.channel().start()?;
        let mut state = State::Talking(Progress::Opening(life));
        loop {
            state = match state {
                State::Talking(progress) => self.talk(progress).await,
                State::Broken(progress, failure) => self.wait_for_last_words(progress, failure).await,
                State::Lost(progress, failure) => self.hear_out(progress, failure),
                State::Unwinding => self.unwind().await,
                State::Hurried => self.hurry().await,
                State::Ended(result) => return result,
            };
        }
    }

    async fn talk(&mut self, mut progress: Progress) -> State {
        match self.hear(&mut progress).await {
            Heard::Stop => State::Unwinding,
            Heard::Event(event) => match self.take(progress, event) {
                Ok(progress) => State::Talking(progress),
                Err(failure) => State::Ended(Err(failure)),
            },
            Heard::WireEnded(failure) => State::Broken(progress, failure),
            Heard::ServerEnded(failure) => State::Lost(progress, failure),
        }
    }

    async fn wait_for_last_words(&mut self, progress: Progress, broken: Failure) -> State {
        let stopped = async {
            (&mut self.stopped).await;
            None
        };
        let ended = async { Some(self.peer.ended().await) };
        let patience = async {
            self.timer.sleep_until(self.timer.now().saturating_add(LAST_WORDS)).await;
            Some(None)
        };
        match future::or(stopped, future::or(ended, patience)).await {
            None => State::Unwinding,
            Some(ended) => State::Lost(progress, ended.unwrap_or(broken)),
        }
    }

    fn hear_out(&mut self, mut progress: Progress, failure: Failure) -> State {
        self.dialogue.receive_rest();
        while let Some(event) = self.dialogue.channel().poll_event() {
            progress = match self.take(progress, event) {
                Ok(progress) => progress,
                Err(failure) => return State::Ended(Err(failure)),
            };
        }
        State::Ended(Err(failure))
    }

    async fn unwind(&mut self) -> State {
        self.dialogue.close();
        let unwound = async { State::Ended(self.peer.unwound().await) };
        let aborted = async {
            (&mut self.aborted).await;
            State::Hurried
        };
        let discarding = async { match self.dialogue.discard().await {} };
        future::or(future::or(unwound, aborted), discarding).await
    }

    async fn hurry(&mut self) -> State {
        self.peer.hurry();
        let unwound = async { State::Ended(self.peer.unwound().await) };
        let discarding = async { match self.dialogue.discard().await {} };
        future::or(unwound, discarding).await
    }

    /// Waits for what happens next; of two things at once the earlier in this order counts.
    async fn hear(&mut self, progress: &mut Progress) -> Heard {
        let stopped = async {
            (&mut self.stopped).await;
            Heard::Stop
        };
        let probes = async { match progress.answer_probes().await {} };
        let dialogue = async {
            match self.dialogue.next().await {
                Ok(event) => Heard::Event(event),
                Err(failure) => Heard::WireEnded(failure),
            }
        };
        let ended = async {
            match self.peer.ended().await {
                Some(failure) => Heard::ServerEnded(failure),
                None => future::pending().await,
            }
        };
        future::or(stopped, future::or(probes, future::or(dialogue, ended))).await
    }

    /// Takes what the protocol says; fails if that was the end of the handshake.
    fn take(&self, progress: Progress, event: Event) -> Result<Progress, Failure> {
        match (progress, event) {
            (Progress::Opening(life), Event::Ready(server)) => Ok(self.serve(life, *server)),
            (Progress::Opening(_), Event::HandshakeFailed(error)) => Err(refused(error)),
            // Noise before the handshake, such as a banner on the wrong stream, concerns no call.
            (Progress::Opening(life), _) => Ok(Progress::Opening(life)),
            (Progress::Serving(probes), event) => {
                if let Some(event) = ServerEvent::of(event) {
                    self.tell(&event);
                }
                Ok(Progress::Serving(probes))
            }
        }
    }

    /// Opens the session to callers.
    fn serve(&self, life: Life<Handle>, server: Server) -> Progress {
        let (channel, server) = (self.dialogue.channel().clone(), Arc::new(server));
        self.tell(&ServerEvent::Connected(server.clone()));
        let serving = life.ready(Handle { channel: channel.clone(), server });
        Progress::Serving(Box::pin(answer_probes(serving, channel)))
    }

    fn tell(&self, event: &ServerEvent) {
        if let Some(on_event) = &self.on_event {
            on_event(self.generation, event);
        }
    }
}

impl Progress {
    /// Answers the session's probes; before it is ready there are none.
    async fn answer_probes(&mut self) -> Infallible {
        match self {
            Self::Opening(_) => future::pending().await,
            Self::Serving(probes) => probes.await,
        }
    }
}

/// A server that says no will say no again; one that was slow may not be slow again.
fn refused(error: HandshakeError) -> Failure {
    let slow = matches!(error, HandshakeError::Failed(CallError::TimedOut));
    let failure = Failure::new(error);
    if slow { failure } else { failure.permanent() }
}
