//! The one future that carries out what the machine wants.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tenure::{DeadlineKind, Generation, Input, Mode, Status, Time, Wake};

use crate::alarm::Alarm;
use crate::connector::Connector;
use crate::ended::EndSink;
use crate::error::Failure;
use crate::life::{Life, Tokens};
use crate::overdue::Overdue;
use crate::shared::{Inner, Order, Shared};
use crate::signal::Signals;
use crate::spans::{Spanned, Spans, start_in};
use crate::sync::Arc;
use crate::timer::Timer;
use crate::trace::{Sink, TraceEntry};
use crate::wake::{Key, Noted};

/// The rounds of orders, runner and deadlines in one poll, before others get their turn.
const ROUNDS: usize = 64;

/// How often a runner that doesn't come to rest is polled before a deadline is judged, or put off.
const HEARD_OUT: usize = 8;

/// The future that carries one session: spawn it on any executor.
///
/// It comes with a [`Client`](crate::Client), from [`Builder::build`](crate::Builder::build). It starts runners and
/// polls them in place, tells them to stop, to hurry or to end, and keeps the deadlines; it alone reads the clock. It
/// is `Send` if the connector, its runners and the timer are.
///
/// ```
/// # async fn f(driver: impl Future<Output = ()> + Send + 'static) {
/// // On tokio: `tokio::spawn(driver);`. On smol: `smol::spawn(driver).detach();`. Or beside something else:
/// futures_lite::future::or(driver, async { /* what runs as long as the session */ }).await;
/// # }
/// ```
///
/// # When it completes
/// Both must hold:
///
/// - the session was shut down, by [`Client::shutdown`](crate::Client::shutdown) or by the drop of the last client;
/// - the runner of its last generation is gone, or was given up when its deadlines had passed.
///
/// # What it needs
/// **Nothing happens until it is polled.** Callers of a driver that was never spawned wait, and no deadline ends
/// that. It is woken only for something to do: an order, the runner, a deadline that is due. What the runner has to do
/// comes before a deadline: one for a connect or a probe waits up to a second for a runner that does not come to rest.
///
/// # When not to use it
/// - Where there is no executor, or a loop of your own decides when something happens: the machine itself,
///   [`tenure::Session`], takes inputs and gives actions, without futures.
/// - Not in a task that blocks or that waits for a caller of the same session: it does nothing meanwhile, and neither
///   do its deadlines.
///
/// # Cancel safety
/// Dropping it, as a runtime does that goes away, is an abort: callers that wait are rejected, leases are revoked, the
/// runner is dropped, and later acquires fail. Nobody hangs. What lingers of the runner goes by itself.
#[must_use = "a session does nothing until its driver is spawned or awaited"]
pub struct Driver<C: Connector, T: Timer> {
    shared: Arc<Shared<C::Handle>>,
    connector: C,
    alarm: Alarm<T>,
    sleeps_for: Option<DeadlineKind>,
    overdue: Option<Overdue>,
    sinks: Sinks,
    runner: Option<Runner<C>>,
    /// This task as the runner wakes it.
    noted: Option<(Arc<Noted>, Waker)>,
    key: Option<Key>,
}

/// Who is told what happens, from the driver's task.
pub(crate) struct Sinks {
    pub(crate) trace: Option<Sink>,
    pub(crate) ends: Option<EndSink>,
    pub(crate) spans: Spans,
}

/// The runner of the current generation.
struct Runner<C: Connector> {
    generation: Generation,
    run: Spanned<C::Run>,
    signals: Arc<Signals>,
    tokens: Arc<Tokens<C::Handle>>,
}

/// Nothing in it is pinned in place: the runner can be moved, and the alarm's sleep has a box of its own.
impl<C: Connector, T: Timer> Unpin for Driver<C, T> {}

impl<C: Connector, T: Timer> Driver<C, T> {
    pub(crate) fn new(shared: Arc<Shared<C::Handle>>, connector: C, timer: T, sinks: Sinks) -> Self {
        let alarm = Alarm::new(timer);
        Self {
            shared,
            connector,
            alarm,
            sleeps_for: None,
            overdue: None,
            sinks,
            runner: None,
            noted: None,
            key: None,
        }
    }

    /// Carries out all orders. Returns whether there were any.
    fn obey(&mut self) -> bool {
        let orders = self.shared.set(Inner::take_orders);
        let any = !orders.is_empty();
        for order in orders {
            match order {
                Order::Connect(generation) => self.start(generation),
                Order::Stop(generation) => self.tell(generation, Signals::stop),
                Order::Abort(generation) => self.tell(generation, Signals::abort),
                Order::Probe(generation, number) => self.tell(generation, |signals| signals.probe(number)),
                Order::Discard(generation) => {
                    if self.runner.as_ref().is_some_and(|runner| runner.generation == generation) {
                        self.drop_runner(Failure::dropped());
                    }
                }
            }
        }
        any
    }

    fn tell(&self, generation: Generation, tell: impl FnOnce(&Signals)) {
        if let Some(runner) = self.runner.as_ref().filter(|runner| runner.generation == generation) {
            tell(&runner.signals);
            // It may only look whether it was told, each time it is polled.
            self.note_runner();
        }
    }

    /// The runner has something to do.
    fn note_runner(&self) {
        if let Some((noted, _)) = &self.noted {
            noted.note();
        }
    }

    fn start(&mut self, generation: Generation) {
        let span = self.sinks.spans.of(generation);
        let tokens = Tokens::new(generation, self.shared.clone(), span.clone());
        let signals = Arc::new(Signals::default());
        let life = Life::new(tokens.clone(), signals.clone());
        let connector = &mut self.connector;
        match catch_unwind(AssertUnwindSafe(|| start_in(&span, || connector.start(life)))) {
            Ok(run) => {
                self.runner = Some(Runner { generation, run, signals, tokens });
                self.note_runner();
            }
            Err(panic) => tokens.confirm(Failure::panicked(&*panic)),
        }
    }

    /// Polls the runner. Returns whether it ended.
    fn poll_runner(&mut self, task: &Waker) -> bool {
        let Some(runner) = &mut self.runner else {
            return false;
        };
        let (noted, waker) = Noted::of(&mut self.noted, task);
        noted.take();
        let poll = || Pin::new(&mut runner.run).poll(&mut Context::from_waker(waker));
        let failure = match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(Poll::Pending) => return false,
            Ok(Poll::Ready(Ok(()))) => Failure::finished(),
            Ok(Poll::Ready(Err(failure))) => failure,
            Err(panic) => Failure::panicked(&*panic),
        };
        self.drop_runner(failure);
        true
    }

    /// Returns whether the runner has something to do: it was woken, or not polled yet.
    fn runner_is_woken(&mut self, task: &Waker) -> bool {
        self.runner.is_some() && Noted::of(&mut self.noted, task).0.is_woken()
    }

    /// Polls the runner until it has nothing left to do: what has come for it is judged before a deadline is. One that
    /// never comes to rest is left after [`HEARD_OUT`] polls. Returns whether it rests; if not, this task is woken
    /// again.
    fn hear_runner_out(&mut self, task: &Waker) -> bool {
        for _ in 0..HEARD_OUT {
            if !self.runner_is_woken(task) {
                return true;
            }
            self.poll_runner(task);
        }
        !self.runner_is_woken(task)
    }

    /// Drops the runner's future and lets the machine know how it went.
    fn drop_runner(&mut self, failure: Failure) {
        if let Some(Runner { run, tokens, .. }) = self.runner.take() {
            let dropped = catch_unwind(AssertUnwindSafe(|| drop(run)));
            tokens.confirm(dropped.map_or_else(|panic| Failure::panicked(&*panic), |()| failure));
        }
    }

    /// Handles the deadlines that are due and sleeps for the next. Returns whether there was one.
    fn keep_time(&mut self, cx: &mut Context<'_>) -> bool {
        let (due, kind, has_come) = match self.shared.set(Inner::arm) {
            Wake::Never => {
                // A keep-alive that a lease has put off comes back with its release, later: the sleep is good for that.
                if self.sleeps_for != Some(DeadlineKind::KeepAlive) {
                    self.alarm.unset();
                }
                return false;
            }
            // It was armed and has its time to come; another one may have come meanwhile.
            Wake::Now(kind) => {
                let now = self.alarm.now();
                (now, kind, self.alarm.may_have_come(now))
            }
            Wake::At(deadline, kind) => {
                self.sleeps_for = Some(kind);
                let Poll::Ready(now) = self.alarm.poll_until(deadline, cx) else {
                    return false;
                };
                (now, kind, true)
            }
        };
        if has_come {
            // Woken or not: what there is to hear may not have been told yet.
            self.poll_runner(cx.waker());
        }
        let rests = self.hear_runner_out(cx.waker());
        if Overdue::puts_off(&mut self.overdue, kind, due, rests) {
            // Others get their turn.
            return false;
        }
        // What came before is written as of now at the latest: times in a trace don't go back.
        self.write_trace(Some(due));
        self.shared.feed(Some(due), |inner, _| (inner.session.handle_timeout(due), Input::Timeout));
        true
    }

    /// What there is to be told happened by `now`, or by the time that it is.
    fn write_trace(&mut self, now: Option<Time>) {
        let may_be = Spans::ARE_ON || self.sinks.trace.is_some();
        if may_be && self.shared.look(Inner::has_events) {
            let now = now.unwrap_or_else(|| self.alarm.now());
            let events = self.shared.set(|inner| inner.trace.as_mut().map(|trace| trace.take(now)));
            // A sink that panics is out, and is not called again while that unwinds.
            let mut sink = self.sinks.trace.take();
            for TraceEntry { event, failure } in events.into_iter().flatten() {
                self.sinks.spans.write(&event, failure.as_ref());
                if let Some(sink) = &mut sink {
                    sink(&event);
                }
            }
            self.sinks.trace = sink;
        }
        self.tell_ends();
    }

    /// A sink that panics harms nobody: the generation that it was told of is over already.
    fn tell_ends(&mut self) {
        if let Some(sink) = &mut self.sinks.ends {
            let ends = self.shared.set(|inner| inner.ends.as_mut().map(std::mem::take));
            for ended in ends.into_iter().flatten() {
                let _ = catch_unwind(AssertUnwindSafe(|| sink(&ended)));
                // Who waits for a close goes on then.
                self.shared.change(|inner, outside| {
                    inner.end_told = Some(ended.generation);
                    outside.changed = true;
                });
            }
        }
    }

    /// Nobody takes events out from here on; clients that live on would only fill it.
    fn end_trace(&mut self) {
        self.write_trace(None);
        self.shared.change(|inner, outside| outside.drop_told(inner.trace.take(), inner.ends.take()));
    }

    fn is_closed(&self) -> bool {
        self.runner.is_none() && self.shared.look(|inner| inner.session.status().is_closed())
    }
}

impl<C: Connector, T: Timer> Future for Driver<C, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        for _ in 0..ROUNDS {
            // Before anything is looked at: what comes meanwhile wakes this task again.
            this.shared.driver.register(&mut this.key, cx.waker());
            if Spans::ARE_ON {
                // A generation's span begins with its connect, not with what its runner says.
                this.write_trace(None);
            }
            let mut progress = this.obey();
            progress |= this.runner_is_woken(cx.waker()) && this.poll_runner(cx.waker());
            progress |= this.keep_time(cx);
            this.write_trace(None);
            if this.is_closed() {
                this.end_trace();
                this.shared.driver.deregister(&mut this.key);
                // Its task may be gone before this driver is.
                this.noted = None;
                return Poll::Ready(());
            }
            if !progress {
                return Poll::Pending;
            }
        }
        // A runner that answers probes of interval zero in place, say, would never let go of the thread.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<C: Connector, T: Timer> Drop for Driver<C, T> {
    fn drop(&mut self) {
        self.shared.driver.deregister(&mut self.key);
        if !self.is_closed() {
            self.abandon();
        }
        self.end_trace();
    }
}

impl<C: Connector, T: Timer> Driver<C, T> {
    /// Nobody carries the session any more: everything ends now.
    fn abandon(&mut self) {
        let mode = Mode::Abort;
        self.shared.feed(None, |inner, outside| {
            inner.driver_gone = true;
            outside.drop_last_word(inner.last_word.take());
            (inner.session.shutdown(mode), Input::Shutdown { mode })
        });
        self.drop_runner(Failure::dropped());
        // No driver is left to keep the discard deadline, so the generation ends here. What lingers reports its
        // own end later, which is stale.
        if let Status::Draining { generation, .. } = self.shared.look(|inner| inner.session.status()) {
            let exit = Failure::dropped().exit();
            self.shared.feed(None, |inner, _| {
                let outcome = inner.session.runner_ended(generation, exit);
                (outcome, Input::RunnerEnded { generation, exit })
            });
        }
    }
}

impl<C: Connector, T: Timer> fmt::Debug for Driver<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.look(|inner| inner.session.status());
        f.debug_struct("Driver").field("state", &state).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
