//! Between the callers and the runner: the protocol's state under a lock of its own.
//!
//! The machine's lock is never held here, and no waker is woken under this one.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use atomic_waker::AtomicWaker;
use serde_json::value::RawValue;
use tenure_mcp_proto::{CallError, Connection, Event, Options, Output, RequestError, RequestId};

pub(crate) type Answer = Result<Box<RawValue>, CallError>;

pub(crate) struct Channel {
    inner: Mutex<Inner>,
    /// The runner's task.
    runner: AtomicWaker,
    /// How often the server was heard, and who listens for it.
    heard: AtomicU64,
    listener: AtomicWaker,
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
}

struct Inner {
    connection: Connection,
    calls: BTreeMap<RequestId, Arc<Call>>,
}

/// Where a caller finds its answer.
#[derive(Default)]
pub(crate) struct Call {
    answer: Mutex<Option<Answer>>,
    caller: AtomicWaker,
}

impl Channel {
    pub(crate) fn new(options: Options, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Arc<Self> {
        let inner = Inner { connection: Connection::new(options), calls: BTreeMap::new() };
        Arc::new(Self {
            inner: Mutex::new(inner),
            runner: AtomicWaker::new(),
            heard: AtomicU64::new(0),
            listener: AtomicWaker::new(),
            clock: Box::new(clock),
        })
    }

    /// Begins the handshake.
    pub(crate) fn start(&self) -> Result<(), RequestError> {
        let now = (self.clock)();
        self.lock().connection.start(now)
    }

    /// Sends a request. It is cancelled when the answer is dropped before it came.
    pub(crate) fn call(
        self: &Arc<Self>,
        method: &str,
        params: Option<&RawValue>,
        timeout: Option<Duration>,
    ) -> Result<Answering, RequestError> {
        let now = (self.clock)();
        let call = Arc::new(Call::default());
        let id = {
            let mut inner = self.lock();
            let id = inner.connection.request(now, method, params, timeout)?;
            inner.calls.insert(id, call.clone());
            id
        };
        wake(&self.runner);
        Ok(Answering { id, call, channel: self.clone() })
    }

    /// The runner's turn: registers it, so that the next call wakes it.
    pub(crate) fn register(&self, runner: &Waker) {
        self.runner.register(runner);
    }

    pub(crate) fn poll_output(&self) -> Option<Output> {
        self.lock().connection.poll_output()
    }

    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        self.lock().connection.poll_timeout()
    }

    pub(crate) fn handle_timeout(&self, now: Duration) {
        self.lock().connection.handle_timeout(now);
    }

    pub(crate) fn handle_input(&self, bytes: &[u8]) {
        self.lock().connection.handle_input(bytes);
        self.heard.fetch_add(1, Ordering::SeqCst);
        wake(&self.listener);
    }

    /// Completes when the server has said something after this was asked.
    pub(crate) fn hears(&self) -> impl Future<Output = ()> + '_ {
        let before = self.heard.load(Ordering::SeqCst);
        std::future::poll_fn(move |cx| {
            self.listener.register(cx.waker());
            if self.heard.load(Ordering::SeqCst) == before { Poll::Pending } else { Poll::Ready(()) }
        })
    }

    pub(crate) fn handle_eof(&self) {
        self.lock().connection.handle_eof();
    }

    /// The next event that isn't an answer; answers go to their callers.
    pub(crate) fn poll_event(&self) -> Option<Event> {
        loop {
            let (result, call) = {
                let mut inner = self.lock();
                match inner.connection.poll_event()? {
                    Event::Response { id, result } => (result, inner.calls.remove(&id)),
                    event => return Some(event),
                }
            };
            // The revocation of the leases tells of a loss or a close, and why: whoever heard of it before
            // could be given the dead session once more.
            let over = matches!(result, Err(CallError::ConnectionLost { .. } | CallError::Cancelled));
            // Without a caller it is the late end of a call that was given up.
            if let Some(call) = call.filter(|_| !over) {
                call.settle(result);
            }
        }
    }

    /// Gives up all calls in flight, telling the server so.
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
            wake(&self.runner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").finish_non_exhaustive()
    }
}

impl Call {
    fn settle(&self, answer: Answer) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
        wake(&self.caller);
    }

    /// The answer, if it came and nobody has it yet.
    pub(crate) fn take(&self) -> Option<Answer> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A waker that panics is its task's trouble, not that of the session.
fn wake(waker: &AtomicWaker) {
    if let Some(waker) = waker.take() {
        let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
    }
}

impl Answering {
    pub(crate) fn call(&self) -> &Arc<Call> {
        &self.call
    }
}

/// Waits for an answer; dropping it before cancels the request.
pub(crate) struct Answering {
    id: RequestId,
    call: Arc<Call>,
    channel: Arc<Channel>,
}

impl Future for Answering {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        self.call.caller.register(cx.waker());
        self.call.take().map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.channel.give_up(self.id);
    }
}
