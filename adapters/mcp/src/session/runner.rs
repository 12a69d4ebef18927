//! The machine of one generation, from the open wire to its end. [`stages`](super::stages) has the whole table.
//!
//! ```text
//!            the wire is open
//!                   │
//!      ┌────────────▼──────────────┐
//!      │ Talking   opening         │── the handshake fails ──► ended, with why
//!      │              │ ready      │
//!      │              ▼            │── the server ends ────────────┐
//!      │           serving         │                               │
//!      │ Deaf, Listening: the same,│                               │
//!      │           one way         │                               │
//!      └───┬──────────────────┬────┘                               │
//!          │ told to stop     │ the wire ends                      │
//!          │            ┌─────▼─────┐                              │
//!          │◄───────────┤  Broken   ├── the server ends ──────────►│
//!          │   told     └─────┬─────┘                              │
//!          │   to stop        │ a moment has passed            ┌───▼───┐
//!          │            ┌─────▼─────┐                          │ Lost  │
//!          │◄───────────┤ Retiring  ├── the server ends ──┐    └───┬───┘
//!          │   told     └───────────┘                     │        │ all that it said before is told
//!    ┌─────▼─────┐  to stop                               ▼        ▼
//!    │ Unwinding ├── the server has let go ─┐            ended, with how it was lost
//!    └─────┬─────┘                          │
//!          │ told to hurry                  │
//!    ┌─────▼─────┐                          ▼
//!    │ Hurried   ├── the server has let go ──► ended
//!    └───────────┘
//! ```
//!
//! - **The wire ends** (the server closed its output, or it broke): how the server ended says more than that,
//!   and mostly comes at once, so it is waited for a moment. What the server said before its end still counts. A
//!   server that lives on is let go in order: the session [retires](tenure_driver::Serving::retire), calls end, its
//!   input is closed. Before it is ready, or if nothing is known of its end, the session is lost.
//! - **The server takes nothing more** (Deaf: it closed its input): what it says is heard as before, since the answer
//!   to a call that it took may be on its way. How it ended says more, and is waited for a moment, too. One that lives
//!   on [retires](tenure_driver::Serving::retire), and is listened to (Listening) until its output ends: calls that
//!   were not sent end then, the others wait for their answers. Before it is ready, the session is lost.
//! - **Exchanges** (HTTP): nobody's end says more, so nothing is waited for; what is gone leaves its callers a moment
//!   to take their answers, and ends.
//! - **The server ends**: what is left on the wire is read, and counts. One that ended while it was asked whether it
//!   speaks the modern era may have ended for that: the wire is let go (Leaving), and the same generation
//!   [opens another](super::connector) to it, once.
//! - **Told to stop**: calls are given up, the wire is closed, and the server's end is waited for. What it
//!   says meanwhile is read and dropped, so that it never waits for a reader. A stop while the transport still
//!   opens ends that ([`connector`](super::connector)).
//! - **The handshake fails**: the generation ends at once; over HTTP it says goodbye first (Parting).
//! - **The server asks**: a [handler](crate::handlers) works on it as long as the wire holds, and no longer.
//! - A server that doesn't end in time is dropped by the driver, together with this future.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_lite::future;
use tenure::Time;
use tenure_driver::{Failure, Life, Signal};
use tenure_mcp_proto::{Event, Server};

use crate::handlers::open::OpenRequests;
use crate::session::common::Common;
use crate::session::dialogue::Dialogue;
use crate::session::events::ServerEvent;
use crate::session::handle::Handle;
use crate::session::listener::Listener;
use crate::session::probes::Probes;
use crate::session::progress::{Progress, Served, note, refused};
use crate::session::stages::{End, Heard, LastWords, State};
use crate::session::timer::{SessionTimer, passed};
use crate::session::wishes::Asked;
use crate::spans::Span;
use crate::wire::Peer;
use crate::wire::stderr::StderrTail;

mod unwinding;

/// How long the server's end is waited for once the wire has ended.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Runs one generation.
pub(crate) struct Runner<T: SessionTimer> {
    dialogue: Dialogue<T>,
    peer: Box<dyn Peer>,
    /// The last lines of the server's standard error, if they are read here.
    tail: Option<StderrTail>,
    common: Arc<Common<T>>,
    /// The era that it turns out to speak is remembered.
    pub(crate) learns_era: bool,
    /// What the server asks for.
    asked: OpenRequests,
    listener: Listener,
    stopped: Signal,
    aborted: Signal,
}

impl<T: SessionTimer> Runner<T> {
    pub(crate) fn new(
        common: Arc<Common<T>>,
        dialogue: Dialogue<T>,
        peer: Box<dyn Peer>,
        life: &Life<Handle>,
    ) -> Self {
        let (generation, stopped, aborted) = (life.generation(), life.stopped(), life.aborted());
        let tail = peer.stderr_tail();
        let listener = Listener { generation, span: Span::of(life), on_event: common.on_event.clone() };
        let asked = OpenRequests::new(common.offer.clone(), dialogue.channel().clone(), generation);
        Self { dialogue, peer, tail, common, learns_era: true, asked, listener, stopped, aborted }
    }

    pub(crate) fn run(&mut self, life: Life<Handle>) -> impl Future<Output = Result<End, Failure>> {
        let mut state = State::Talking(Progress::Opening(life));
        // A block, which holds what it uses once: a function would hold its arguments twice.
        async move {
            self.dialogue.channel().start()?;
            loop {
                match state {
                    State::Talking(_) => {}
                    State::Deaf(..) | State::Listening(_) => self.asked.give_up_all(),
                    _ => self.asked.drop_all(),
                }
                state = match state {
                    State::Talking(progress) => self.talk(progress).await,
                    // Larger, or seldom needed: they are not part of each runner.
                    State::Deaf(progress, failure, until) => {
                        Box::pin(self.hear_how_it_ended(progress, failure, until)).await
                    }
                    State::Listening(progress) => Box::pin(self.listen(progress)).await,
                    State::Broken(progress, failure) => {
                        Box::pin(self.wait_for_last_words(progress, failure)).await
                    }
                    State::Lost(progress, failure) => self.hear_out(progress, failure),
                    State::Retiring(progress, gone) => Box::pin(self.retire(progress, gone)).await,
                    State::Parting(failure) => Box::pin(self.part(failure)).await,
                    State::Unwinding => self.unwind().await,
                    State::Hurried => self.hurry().await,
                    State::Leaving(life, era, failure) => Box::pin(self.leave(life, era, failure)).await,
                    State::Ended(result) => return result.map_err(|failure| self.peer.explain(failure)),
                };
            }
        }
    }

    #[expect(clippy::manual_async_fn, reason = "its arguments would be held twice")]
    fn talk(&mut self, mut progress: Progress) -> impl Future<Output = State> {
        async move {
            match self.hear(&mut progress).await {
                Heard::Stop => State::Unwinding,
                Heard::Event(event) => match self.take(progress, event) {
                    Ok(progress) => State::Talking(progress),
                    Err(failure) if self.dialogue.has_exchanges() => State::Parting(failure),
                    Err(failure) => State::Ended(Err(failure)),
                },
                // There is nobody whose end would say more.
                Heard::Deaf(failure) if self.dialogue.has_exchanges() => {
                    self.let_go_but_listen(progress, failure)
                }
                Heard::Deaf(failure) => State::Deaf(progress, failure, self.patience()),
                Heard::WireEnded(failure) => State::Broken(progress, failure),
                Heard::ServerEnded(failure) => State::Lost(progress, failure),
            }
        }
    }

    async fn hear_how_it_ended(&mut self, mut progress: Progress, deaf: Failure, until: Time) -> State {
        let passed = passed(self.common.timer.clone(), until);
        let patience = async {
            passed.await;
            None
        };
        match future::or(async { Some(self.hear(&mut progress).await) }, patience).await {
            Some(Heard::Stop) => State::Unwinding,
            Some(Heard::Event(event)) => match self.take(progress, event) {
                Ok(progress) => State::Deaf(progress, deaf, until),
                Err(failure) => State::Ended(Err(failure)),
            },
            // What came first is the reason.
            Some(Heard::Deaf(_)) => State::Deaf(progress, deaf, until),
            Some(Heard::WireEnded(_)) => State::Broken(progress, deaf),
            Some(Heard::ServerEnded(failure)) => State::Lost(progress, failure),
            None => self.let_go_but_listen(progress, deaf),
        }
    }

    /// Calls that can't be sent end when nobody can acquire the session any more.
    fn let_go_but_listen(&mut self, progress: Progress, deaf: Failure) -> State {
        let Progress::Serving(served) = &progress else {
            return State::Lost(progress, deaf);
        };
        self.common.era.doubt(&deaf);
        served.serving.retire(deaf);
        self.dialogue.stop_sending();
        State::Listening(progress)
    }

    /// Until the leases are given back, or their time is over.
    async fn listen(&mut self, mut progress: Progress) -> State {
        match self.hear(&mut progress).await {
            Heard::Stop => State::Unwinding,
            Heard::Event(event) => match self.take(progress, event) {
                Ok(progress) => State::Listening(progress),
                Err(failure) => State::Ended(Err(failure)),
            },
            Heard::Deaf(_) => State::Listening(progress),
            Heard::WireEnded(failure) => self.let_go(progress, failure),
            Heard::ServerEnded(failure) => State::Lost(progress, failure),
        }
    }

    /// Until when it is waited for how the server ended.
    fn patience(&self) -> Time {
        self.common.timer.now().saturating_add(LAST_WORDS)
    }

    async fn wait_for_last_words(&mut self, progress: Progress, broken: Failure) -> State {
        let passed = passed(self.common.timer.clone(), self.patience());
        let stopped = async {
            (&mut self.stopped).await;
            LastWords::Stop
        };
        let ended = async { LastWords::Ended(self.peer.as_mut().ended().await) };
        let patience = async {
            passed.await;
            LastWords::None
        };
        match future::or(stopped, future::or(ended, patience)).await {
            LastWords::Stop => State::Unwinding,
            LastWords::Ended(failure) => State::Lost(progress, failure.unwrap_or(broken)),
            LastWords::None => self.let_go(progress, broken),
        }
    }

    fn hear_out(&mut self, progress: Progress, failure: Failure) -> State {
        self.dialogue.receive_rest();
        match self.tell_rest(progress) {
            // An exchange that failed says nothing of the next one.
            Ok(Progress::Opening(_)) if self.dialogue.has_exchanges() => State::Ended(Err(failure)),
            Ok(Progress::Opening(life)) => match self.dialogue.channel().era_to_begin_with() {
                Some(era) => State::Leaving(life, era, failure),
                None => State::Ended(Err(failure)),
            },
            Ok(Progress::Serving(_)) => State::Ended(Err(failure)),
            Err(failure) => State::Ended(Err(failure)),
        }
    }

    /// What was received and not told yet.
    fn tell_rest(&mut self, mut progress: Progress) -> Result<Progress, Failure> {
        while let Some(event) = self.dialogue.channel().poll_event() {
            progress = self.take(progress, event)?;
        }
        Ok(progress)
    }

    /// The server lives, and nothing more can come from it. Its calls end when nobody can acquire it any more.
    fn let_go(&mut self, progress: Progress, broken: Failure) -> State {
        self.dialogue.receive_rest();
        let progress = match self.tell_rest(progress) {
            Ok(progress) => progress,
            Err(failure) => return State::Ended(Err(failure)),
        };
        let Progress::Serving(served) = &progress else {
            return State::Ended(Err(broken));
        };
        // Nothing of a session in exchanges could be let go: who has answers may take them, and no longer.
        let gone = self.dialogue.has_exchanges().then(|| (broken.clone(), self.patience()));
        served.serving.retire(broken);
        self.dialogue.channel().end();
        let told = self.tell_rest(progress);
        self.dialogue.close();
        told.map_or_else(|failure| State::Ended(Err(failure)), |progress| State::Retiring(progress, gone))
    }

    /// Waits until the leases are given back, or their time is over; the server may end before.
    async fn retire(&mut self, progress: Progress, gone: Option<(Failure, Time)>) -> State {
        let timer = self.common.timer.clone();
        let over = async {
            let Some((failure, until)) = gone else { return future::pending().await };
            passed(timer, until).await;
            State::Ended(Err(failure))
        };
        let stopped = async {
            (&mut self.stopped).await;
            State::Unwinding
        };
        let ended = async {
            match self.peer.as_mut().ended().await {
                Some(failure) => State::Ended(Err(failure)),
                None => future::pending().await,
            }
        };
        let state = future::or(stopped, future::or(ended, over)).await;
        drop(progress);
        state
    }

    /// Waits for what happens next; of two things at once the earlier in this order counts.
    fn hear(&mut self, progress: &mut Progress) -> impl Future<Output = Heard> {
        let Self { dialogue, peer, tail, asked, listener, stopped, .. } = self;
        // `None` once nothing can be known of the server's end.
        let mut ended = Some(peer.ended());
        let mut noted = String::new();
        poll_fn(move |cx| {
            if Pin::new(&mut *stopped).poll(cx).is_ready() {
                return Poll::Ready(Heard::Stop);
            }
            if let Poll::Ready(next) = dialogue.poll_next(cx) {
                return Poll::Ready(next.into());
            }
            if let Some(Poll::Ready(failure)) = ended.as_mut().map(|ended| ended.as_mut().poll(cx)) {
                ended = None;
                if let Some(failure) = failure {
                    return Poll::Ready(Heard::ServerEnded(failure));
                }
            }
            // What the server said comes before the probes that may be answered by it, and before it is noted; and
            // that it cancels a request comes before that is answered.
            asked.work(cx, listener);
            match progress {
                Progress::Opening(life) => note(life, dialogue.channel(), tail.as_ref(), &mut noted),
                Progress::Serving(served) => served.tend(dialogue.channel(), listener, cx),
            }
            Poll::Pending
        })
    }

    /// Takes what the protocol says; fails if that was the end of the handshake.
    fn take(&mut self, progress: Progress, event: Event) -> Result<Progress, Failure> {
        match (progress, event) {
            (Progress::Opening(life), Event::Ready(server)) => Ok(self.serve(life, server)),
            (Progress::Opening(_), Event::HandshakeFailed(error)) => Err(refused(error)),
            (progress, Event::OtherEra) => {
                self.common.era.learn(None);
                progress.retire_for_other_era();
                Ok(progress)
            }
            // Also what comes before the handshake, such as a banner on the wrong stream.
            (progress, event) => {
                let event = self.asked.take(event, progress.server());
                if let Some(event) = event.and_then(ServerEvent::of) {
                    self.listener.tell(&event);
                }
                Ok(progress)
            }
        }
    }

    /// Opens the session to callers.
    fn serve(&mut self, life: Life<Handle>, server: Arc<Server>) -> Progress {
        self.dialogue.forget_deadlines();
        let channel = self.dialogue.channel().clone();
        let pid = self.peer.pid();
        self.common.era.learn(channel.learned_era().filter(|_| self.learns_era));
        self.listener.tell(&ServerEvent::Connected { server: server.clone(), pid });
        // Before anybody asks for something.
        let mut wished = Asked::of(&self.common.wishes);
        wished.ask(&channel, &self.listener);
        let is_stateless = channel.is_stateless();
        let handle = Handle {
            channel,
            server: server.clone(),
            pid,
            session_hint: self.dialogue.session_hint(),
            // The same servers want headers that repeat what is in a request.
            has_tool_headers: is_stateless,
        };
        let serving = life.ready(handle);
        Progress::Serving(Box::new(Served { serving, probes: Probes::new(!is_stateless), wished, server }))
    }
}
