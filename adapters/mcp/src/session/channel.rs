//! Calls in flight: the protocol's state between the callers and the runner, under a lock of its own.
//!
//! The machine's lock is never held here, and no waker is woken under this one.
//!
//! **The protocol is never told that its connection has ended.** The revocation of the leases ends all calls and
//! says why. A caller that heard of the end from here, before that, could acquire again and be given the same
//! dead session. So a call that is in flight when the session is lost or stopped, or that is made then, just
//! stays without an answer; nobody above has to tell a loss from an answer.
//!
//! The package tests/concurrency compiles this file by itself: it imports nothing of this crate.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::value::RawValue;
use tenure_driver::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tenure_driver::wake::{Key, Slot, Waiters};
use tenure_mcp_proto::{CallError, Connection, Event, Incoming, Options, Outgoing, RequestError, RequestId};

/// What a server answered, or why it counts as none.
pub(crate) type Answer = Result<Box<RawValue>, CallError>;

/// What callers and the runner of one generation share.
pub(crate) struct Channel {
    inner: Mutex<Inner>,
    /// The runner, which waits for something to send.
    runner: Waiters,
    /// Who waits for any sign of life.
    listeners: Waiters,
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
}

struct Inner {
    connection: Connection,
    /// Where the callers wait for their answers.
    calls: BTreeMap<RequestId, Arc<Slot<Answer>>>,
    /// How often something came from the server.
    heard: u64,
}

impl Channel {
    pub(crate) fn new(options: Options, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Arc<Self> {
        let inner = Inner { connection: Connection::new(options), calls: BTreeMap::new(), heard: 0 };
        Arc::new(Self {
            inner: Mutex::new(inner),
            runner: Waiters::default(),
            listeners: Waiters::default(),
            clock: Box::new(clock),
        })
    }

    /// Sends a request. It is cancelled when the [`Answering`] is dropped before its answer came.
    pub(crate) fn call(
        self: &Arc<Self>,
        method: &str,
        params: Option<&RawValue>,
        timeout: Option<Duration>,
    ) -> Result<Answering, RequestError> {
        self.ask(|connection, now| connection.request(now, method, params, timeout))
    }

    /// Asks the server for a sign of life; which request that is, its era says.
    pub(crate) fn ask_for_life(
        self: &Arc<Self>,
        timeout: Option<Duration>,
    ) -> Result<Answering, RequestError> {
        self.ask(|connection, now| connection.ask_for_life(now, timeout))
    }

    fn ask(
        self: &Arc<Self>,
        request: impl FnOnce(&mut Connection, Duration) -> Result<RequestId, RequestError>,
    ) -> Result<Answering, RequestError> {
        let now = (self.clock)();
        let slot = Arc::new(Slot::new());
        let id = {
            let mut inner = self.lock();
            let id = request(&mut inner.connection, now)?;
            inner.calls.insert(id, slot.clone());
            id
        };
        self.runner.wake_all();
        Ok(Answering { id, slot, key: None, channel: self.clone() })
    }

    /// Completes when the server has sent something after this was called.
    pub(crate) fn hears(self: &Arc<Self>) -> Hearing {
        let heard = self.lock().heard;
        Hearing { heard, key: None, channel: self.clone() }
    }

    fn give_up(&self, id: RequestId) {
        let call = {
            let mut inner = self.lock();
            let call = inner.calls.remove(&id);
            if call.is_some() {
                inner.connection.cancel(id, None);
            }
            call
        };
        if call.is_some() {
            self.runner.wake_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The runner's side.
impl Channel {
    /// Begins the handshake.
    pub(crate) fn start(&self) -> Result<(), RequestError> {
        let now = (self.clock)();
        self.lock().connection.start(now)
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

    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        self.lock().connection.poll_timeout()
    }

    pub(crate) fn handle_timeout(&self, now: Duration) {
        self.lock().connection.handle_timeout(now);
    }

    pub(crate) fn handle_message(&self, message: Incoming<'_>) {
        self.lock().connection.handle_message(message);
    }

    /// Something came from the server, be it part of a message.
    pub(crate) fn handle_sign_of_life(&self) {
        {
            let mut inner = self.lock();
            inner.heard = inner.heard.wrapping_add(1);
        }
        self.listeners.wake_all();
    }

    /// The next event that concerns no single call; answers go to their callers.
    pub(crate) fn poll_event(&self) -> Option<Event> {
        loop {
            let (answer, call) = {
                let mut inner = self.lock();
                match inner.connection.poll_event()? {
                    Event::Response { id, result } => (result, inner.calls.remove(&id)),
                    event => return Some(event),
                }
            };
            // Without a caller it is the late end of a call that was given up.
            if let Some(call) = call {
                call.put(answer);
            }
        }
    }

    /// Gives up all calls in flight, telling the server so. Answers that came before still reach their
    /// callers.
    pub(crate) fn cancel_all(&self) {
        while self.poll_event().is_some() {}
        let calls = {
            let mut inner = self.lock();
            let calls = std::mem::take(&mut inner.calls);
            for id in calls.keys() {
                inner.connection.cancel(*id, Some("the session is being closed"));
            }
            calls
        };
        // Out here: with them may go the last of a caller's waker.
        drop(calls);
    }
}

/// Waits for an answer; dropping it before that cancels the request.
pub(crate) struct Answering {
    id: RequestId,
    slot: Arc<Slot<Answer>>,
    key: Option<Key>,
    channel: Arc<Channel>,
}

impl Answering {
    /// The answer, if it has come and was not taken.
    pub(crate) fn take(&self) -> Option<Answer> {
        self.slot.take()
    }
}

impl Future for Answering {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let this = &mut *self;
        this.slot.poll_take(&mut this.key, cx)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.slot.leave(&mut self.key);
        self.channel.give_up(self.id);
    }
}

/// Waits for a sign of life. See [`Channel::hears`].
pub(crate) struct Hearing {
    heard: u64,
    key: Option<Key>,
    channel: Arc<Channel>,
}

impl Future for Hearing {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.channel.listeners.register(&mut this.key, cx.waker());
        if this.channel.lock().heard == this.heard { Poll::Pending } else { Poll::Ready(()) }
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        self.channel.listeners.deregister(&mut self.key);
    }
}
