//! Calls in flight: the protocol's state between the callers and the runner, under a lock of its own.
//!
//! The machine's lock is never held here, and no waker is woken under this one.
//!
//! **The end of the connection is not told here.** The revocation of the leases ends all calls and says why.
//! A caller that heard of the end from here, before that, could acquire again and be given the same dead
//! session. So what ends with the connection stays open in this file, and nowhere else is that decided: a
//! call that is lost or given up with its session gets no answer ([`Channel::poll_event`]), a call on a
//! connection that is closed waits like any other ([`Channel::call`]), and the runner, which knows how the
//! connection ended, doesn't hear of it as a failed handshake.
//!
//! The package tests/concurrency compiles this file by itself: it imports nothing of this crate.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::value::RawValue;
use tenure_driver::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tenure_driver::wake::{Key, Slot, Waiters};
use tenure_mcp_proto::{
    CallError, Connection, Event, HandshakeError, Incoming, Options, Outgoing, RequestError, RequestId,
};

/// The result of a call whose connection holds.
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
        let now = (self.clock)();
        let slot = Arc::new(Slot::new());
        let id = {
            let mut inner = self.lock();
            match inner.connection.request(now, method, params, timeout) {
                Ok(id) => {
                    inner.calls.insert(id, slot.clone());
                    Some(id)
                }
                Err(RequestError::Closed) => None,
                Err(error) => return Err(error),
            }
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

    /// The connection is over: nothing comes any more, and nothing is sent.
    pub(crate) fn handle_end(&self) {
        self.lock().connection.handle_end();
    }

    /// The next event that concerns no single call; answers go to their callers.
    pub(crate) fn poll_event(&self) -> Option<Event> {
        loop {
            let (result, call) = {
                let mut inner = self.lock();
                match inner.connection.poll_event()? {
                    Event::Response { id, result } => (result, inner.calls.remove(&id)),
                    Event::HandshakeFailed(HandshakeError::Failed(CallError::ConnectionLost { .. })) => {
                        continue;
                    }
                    event => return Some(event),
                }
            };
            // Without a caller it is the late end of a call that was given up.
            let Some(call) = call else { continue };
            match result {
                Err(CallError::ConnectionLost { .. } | CallError::Cancelled) => {}
                answer => call.put(answer),
            }
        }
    }

    /// Gives up all calls in flight, telling the server so. Answers that came before still reach their
    /// callers.
    pub(crate) fn cancel_all(&self) {
        {
            let mut inner = self.lock();
            let ids: Vec<RequestId> = inner.calls.keys().copied().collect();
            for id in ids {
                inner.connection.cancel(id, Some("the session is being closed"));
            }
        }
        while self.poll_event().is_some() {}
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").finish_non_exhaustive()
    }
}

/// Waits for an answer; dropping it before that cancels the request.
pub(crate) struct Answering {
    /// `None`: the connection was closed, so no answer will come.
    id: Option<RequestId>,
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
        if let Some(id) = self.id {
            self.channel.give_up(id);
        }
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
