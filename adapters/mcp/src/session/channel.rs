//! Calls in flight: the protocol's state between the callers and the runner, under a lock of its own.
//!
//! The machine's lock is never held here, and no waker is woken under this one.
//!
//! **The protocol is not told that its connection has ended while the session can still be acquired.** The revocation
//! of the leases ends all calls and says why. A caller that heard of the end from here, before that, could acquire
//! again and be given the same dead session. So a call that is in flight when the session is lost or stopped, or that
//! is made then, just stays without an answer; nobody above has to tell a loss from an answer. A session that
//! [retires](tenure_driver::Serving::retire) is given to nobody any more: then [`Channel::end`] ends the calls, or
//! [`Channel::stop_sending`] those that can't be sent.
//!
//! **A caller writes its request itself** where the wire's sending half is [here](super::outlet) and nobody else sends:
//! the runner is woken only for what the wire doesn't take at once, and for a deadline before the one it sleeps for.
//!
//! The package tests/concurrency compiles this file and those of what it consists of ([`deadlines`](super::deadlines),
//! [`ends`](super::ends), [`in_flight`](super::in_flight), [`news`](super::news), [`outlet`](super::outlet),
//! [`sending`](super::sending)) by themselves: they import nothing else of this crate.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::value::RawValue;
use tenure_driver::sync::{Arc, AtomicU64, Mutex, MutexGuard, Ordering, PoisonError};
use tenure_driver::wake::{Key, Waiters};
use tenure_mcp_proto::types::LogLevel;
use tenure_mcp_proto::{
    Connection, Era, ErrorAnswer, Event, Incoming, Options, Outgoing, RequestError, RequestId,
    RequestOptions, ServerRequestId, Subscriptions,
};

use super::in_flight::{Answer, Arrived, Call};
use super::news::{News, Reports};
use super::outlet::{Place, SendFailed};

/// What callers and the runner of one generation share.
pub(crate) struct Channel {
    inner: Mutex<Inner>,
    /// The runner, which waits for something to send.
    pub(super) runner: Waiters,
    /// Who waits for any sign of life.
    listeners: Waiters,
    /// How often something came from the server.
    heard: AtomicU64,
    /// See [`Carrier::tools_version`](crate::wire::Carrier::tools_version).
    tools_version: AtomicU64,
    clock: Arc<dyn Clock>,
}

/// What tells the time.
pub(crate) trait Clock: Send + Sync {
    /// The time since an origin that is always the same.
    fn now(&self) -> Duration;
}

impl<F: Fn() -> Duration + Send + Sync> Clock for F {
    fn now(&self) -> Duration {
        self()
    }
}

pub(super) struct Inner {
    pub(super) connection: Connection,
    /// Where the callers wait for their answers.
    pub(super) calls: BTreeMap<RequestId, Arc<Call>>,
    /// What sends, where callers may.
    pub(super) outlet: Place,
    /// Callers may not send: only the runner does.
    pub(super) is_kept_to_runner: bool,
    /// How sending failed, until the runner knows.
    pub(super) send_failed: Option<Box<SendFailed>>,
    /// The runner wakes at this time, if not before.
    pub(super) armed: Option<Duration>,
}

impl Channel {
    pub(crate) fn new(options: Options, clock: Arc<dyn Clock>) -> Arc<Self> {
        let inner = Inner {
            connection: Connection::new(options),
            calls: BTreeMap::new(),
            outlet: Place::default(),
            is_kept_to_runner: false,
            send_failed: None,
            armed: None,
        };
        Arc::new(Self {
            inner: Mutex::new(inner),
            runner: Waiters::default(),
            listeners: Waiters::default(),
            heard: AtomicU64::new(0),
            tools_version: AtomicU64::new(0),
            clock,
        })
    }

    /// Sends a request. It is cancelled when the [`Answering`] is dropped before its answer came. If it `is_watched`,
    /// progress that the options ask for is kept for its caller.
    pub(crate) fn call(
        self: &Arc<Self>,
        method: &str,
        params: Option<&RawValue>,
        options: RequestOptions,
        is_watched: bool,
    ) -> Result<Answering, RequestError> {
        self.ask(is_watched, |connection, now| connection.request_with(now, method, params, options))
    }

    /// Asks the server for a sign of life; which request that is, its era says.
    pub(crate) fn ask_for_life(
        self: &Arc<Self>,
        timeout: Option<Duration>,
    ) -> Result<Answering, RequestError> {
        self.ask(false, |connection, now| connection.ask_for_life(now, timeout))
    }

    /// Sends a notification.
    pub(crate) fn notify(&self, method: &str, params: Option<&RawValue>) -> Result<(), RequestError> {
        let mut inner = self.lock();
        inner.connection.notify(method, params)?;
        self.send_queued(inner);
        Ok(())
    }

    /// See [`Connection::subscribe`].
    pub(crate) fn subscribe(&self, wished: Subscriptions) -> Result<(), RequestError> {
        let now = self.clock.now();
        self.lock().connection.subscribe(now, wished)?;
        self.runner.wake_all();
        Ok(())
    }

    /// See [`Connection::set_log_level`].
    pub(crate) fn set_log_level(&self, level: LogLevel) -> Result<(), RequestError> {
        let now = self.clock.now();
        self.lock().connection.set_log_level(now, level)?;
        self.runner.wake_all();
        Ok(())
    }

    fn ask(
        self: &Arc<Self>,
        is_watched: bool,
        request: impl FnOnce(&mut Connection, Duration) -> Result<RequestId, RequestError>,
    ) -> Result<Answering, RequestError> {
        let now = self.clock.now();
        let call = Call::new(is_watched);
        let mut inner = self.lock();
        let id = request(&mut inner.connection, now)?;
        inner.calls.insert(id, call.clone());
        self.send_queued(inner);
        Ok(Answering { id, call, key: None, news: None, is_answered: false, channel: self.clone() })
    }

    /// What came last that is not the protocol, if nothing else has been asked for since.
    pub(crate) fn received_instead(&self) -> Option<String> {
        self.lock().connection.received_instead().map(ToString::to_string)
    }

    /// How often something came from the server.
    pub(crate) fn heard(&self) -> u64 {
        self.heard.load(Ordering::SeqCst)
    }

    /// Changes when it changes which headers the server's tools want: before whoever asked for the tools has them.
    #[cfg(feature = "http")]
    pub(crate) fn tools_version(&self) -> u64 {
        self.tools_version.load(Ordering::SeqCst)
    }

    /// Who waits for any sign of life.
    pub(crate) const fn listeners(&self) -> &Waiters {
        &self.listeners
    }

    /// The session's own clock.
    #[cfg(feature = "tracing")]
    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The runner's side.
impl Channel {
    /// Begins the handshake.
    pub(crate) fn start(&self) -> Result<(), RequestError> {
        let now = self.clock.now();
        self.lock().connection.start(now)
    }

    /// See [`Connection::learned_era`].
    pub(crate) fn learned_era(&self) -> Option<Era> {
        self.lock().connection.learned_era()
    }

    /// See [`Connection::is_stateless`].
    pub(crate) fn is_stateless(&self) -> bool {
        self.lock().connection.is_stateless()
    }

    /// See [`Connection::era_to_begin_with`].
    pub(crate) fn era_to_begin_with(&self) -> Option<Era> {
        self.lock().connection.era_to_begin_with()
    }

    /// Lets the next call wake the runner. To be called before [`poll_message`](Self::poll_message).
    pub(crate) fn register(&self, key: &mut Option<Key>, runner: &Waker) {
        self.runner.register(key, runner);
    }

    /// The runner waits no more.
    pub(crate) fn deregister(&self, key: &mut Option<Key>) {
        self.runner.deregister(key);
    }

    /// No message may be larger than so many bytes.
    pub(crate) fn max_message(&self) -> usize {
        self.lock().connection.max_message()
    }

    /// The next message to send. It counts as sent from then on.
    pub(crate) fn poll_message(&self) -> Option<Outgoing> {
        self.lock().connection.poll_message()
    }

    /// The next answer to the server or cancel notice to send, as [`poll_message`](Self::poll_message).
    pub(crate) fn poll_reply(&self) -> Option<Outgoing> {
        self.lock().connection.poll_reply()
    }

    /// See [`Connection::poll_withdrawn`].
    pub(crate) fn poll_withdrawn(&self) -> Option<RequestId> {
        self.lock().connection.poll_withdrawn()
    }

    pub(crate) fn handle_message(&self, message: Incoming<'_>) {
        let now = self.clock.now();
        self.lock().connection.handle_message_at(now, message);
    }

    /// To be called before the events of a message are polled.
    pub(crate) fn note_tools_version(&self, version: u64) {
        self.tools_version.store(version, Ordering::SeqCst);
    }

    /// Something came from the server, be it part of a message.
    pub(crate) fn handle_sign_of_life(&self) {
        self.heard.fetch_add(1, Ordering::SeqCst);
        self.listeners.wake_all();
    }

    /// The next event that concerns no single call; answers and progress go to their callers.
    pub(crate) fn poll_event(&self) -> Option<Event> {
        loop {
            let (arrived, call) = {
                let mut inner = self.lock();
                match inner.connection.poll_event()? {
                    Event::Response { id, result } => (Arrived::Answer(result), inner.calls.remove(&id)),
                    Event::Progress { id, progress } => {
                        (Arrived::Progress(progress), inner.calls.get(&id).cloned())
                    }
                    event => return Some(event),
                }
            };
            // Without a caller it is the late end of a call that was given up.
            if let Some(call) = call {
                call.take(arrived);
            }
        }
    }

    /// Answers a request of the server: see [`Connection::answer`].
    pub(crate) fn answer(
        &self,
        id: ServerRequestId,
        answer: Result<&RawValue, ErrorAnswer<'_>>,
    ) -> Result<(), RequestError> {
        let now = self.clock.now();
        self.lock().connection.answer(now, id, answer)?;
        self.runner.wake_all();
        Ok(())
    }
}

/// Waits for an answer; dropping it before that cancels the request.
pub(crate) struct Answering {
    id: RequestId,
    call: Arc<Call>,
    key: Option<Key>,
    /// The caller's place among those whom progress wakes.
    news: Option<Key>,
    /// Its answer was given to its caller: nothing is left of it here.
    is_answered: bool,
    channel: Arc<Channel>,
}

impl Answering {
    /// Waits for the answer, and tells how far the server is: all that came before the answer, before it is returned.
    pub(crate) fn poll_telling(
        &mut self,
        cx: &mut Context<'_>,
        tell: &mut dyn FnMut(Reports),
    ) -> Poll<Answer> {
        if let Some(news) = &self.call.news {
            news.register(&mut self.news, cx.waker());
        }
        let answer = self.poll_answer(cx);
        self.tell(tell);
        answer
    }

    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Answer> {
        let answer = self.call.answer.poll_take(&mut self.key, cx);
        self.is_answered |= answer.is_ready();
        answer
    }

    /// Tells what came of its progress, if anything did.
    fn tell(&self, tell: &mut dyn FnMut(Reports)) {
        let reports = self.call.news.as_ref().map(News::take);
        if let Some(reports) = reports.filter(|reports| !reports.progress.is_empty()) {
            tell(reports);
        }
    }

    /// What the server said instead, if that is known.
    pub(crate) fn received_instead(&self) -> Option<String> {
        self.channel.received_instead()
    }

    /// Waits no more: the answer, if it has come. Without one, the request is cancelled, and whether the server may
    /// have seen it is returned. Progress that came before is told.
    pub(crate) fn give_up(&self, tell: &mut dyn FnMut(Reports)) -> Result<Answer, bool> {
        if let Some(answer) = self.call.answer.take() {
            self.tell(tell);
            return Ok(answer);
        }
        self.channel.give_up(self.id);
        // One that came in this moment.
        let answer = self.call.answer.take();
        self.tell(tell);
        answer.ok_or_else(|| !self.call.unsent.load(Ordering::SeqCst))
    }
}

impl Future for Answering {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        self.poll_answer(cx)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.call.answer.leave(&mut self.key);
        if let Some(news) = &self.call.news {
            news.deregister(&mut self.news);
        }
        if !self.is_answered {
            self.channel.give_up(self.id);
        }
    }
}
