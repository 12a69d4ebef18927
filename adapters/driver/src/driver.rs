//! The one future that carries out what the machine wants.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tenure::{Generation, Input, Mode, Status, Time, Wake};

use crate::alarm::Alarm;
use crate::connector::Connector;
use crate::error::Failure;
use crate::life::{Life, Tokens};
use crate::shared::{Order, Shared};
use crate::signal::Signals;
use crate::sync::Arc;
use crate::timer::Timer;
use crate::trace::Sink;
use crate::wake::Key;

/// The rounds of orders, runner and deadlines in one poll, before others get their turn.
const ROUNDS: usize = 64;

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
/// that. It is woken only for something to do: an order, the runner, a deadline that is due.
///
/// # Cancel safety
/// Dropping it, as a runtime does that goes away, is an abort: callers that wait are rejected, leases are revoked, the
/// runner is dropped, and later acquires fail. Nobody hangs. What lingers of the runner goes by itself.
#[must_use = "a session does nothing until its driver is spawned or awaited"]
pub struct Driver<C: Connector, T: Timer> {
    shared: Arc<Shared<C::Handle>>,
    connector: C,
    alarm: Alarm<T>,
    sink: Option<Sink>,
    runner: Option<Runner<C>>,
    key: Option<Key>,
}

/// The runner of the current generation.
struct Runner<C: Connector> {
    generation: Generation,
    run: Pin<Box<C::Run>>,
    signals: Arc<Signals>,
    tokens: Arc<Tokens<C::Handle>>,
}

/// Nothing in it is pinned in place: the runner and the alarm's sleep have boxes of their own.
impl<C: Connector, T: Timer> Unpin for Driver<C, T> {}

impl<C: Connector, T: Timer> Driver<C, T> {
    pub(crate) fn new(shared: Arc<Shared<C::Handle>>, connector: C, timer: T, sink: Option<Sink>) -> Self {
        Self { shared, connector, alarm: Alarm::new(timer), sink, runner: None, key: None }
    }

    /// Carries out all orders. Returns whether there were any.
    fn obey(&mut self) -> bool {
        let orders = self.shared.change(|inner, _| inner.take_orders());
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
        }
    }

    fn start(&mut self, generation: Generation) {
        let tokens = Tokens::new(generation, self.shared.clone());
        let signals = Arc::new(Signals::default());
        let life = Life::new(tokens.clone(), signals.clone());
        let connector = &mut self.connector;
        match catch_unwind(AssertUnwindSafe(|| Box::pin(connector.start(life)))) {
            Ok(run) => self.runner = Some(Runner { generation, run, signals, tokens }),
            Err(panic) => tokens.confirm(Failure::panicked(&*panic)),
        }
    }

    /// Polls the runner once. Returns whether it ended.
    fn poll_runner(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(runner) = &mut self.runner else {
            return false;
        };
        let failure = match catch_unwind(AssertUnwindSafe(|| runner.run.as_mut().poll(cx))) {
            Ok(Poll::Pending) => return false,
            Ok(Poll::Ready(Ok(()))) => Failure::finished(),
            Ok(Poll::Ready(Err(failure))) => failure,
            Err(panic) => Failure::panicked(&*panic),
        };
        self.drop_runner(failure);
        true
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
        let due = match self.shared.change(|inner, _| inner.arm()) {
            Wake::Never => {
                self.alarm.unset();
                return false;
            }
            Wake::Now(_) => self.alarm.now(),
            Wake::At(deadline, _) => match self.alarm.poll_until(deadline, cx) {
                Poll::Pending => return false,
                Poll::Ready(now) => now,
            },
        };
        // What came before is written as of now at the latest: times in a trace don't go back.
        self.write_trace(due);
        self.shared.feed(Some(due), |inner, _| (inner.session.handle_timeout(due), Input::Timeout));
        true
    }

    fn write_trace(&mut self, now: Time) {
        // A sink that panics is out, and is not called again while that unwinds.
        if let Some(mut sink) = self.sink.take() {
            let events = self.shared.change(|inner, _| inner.trace.as_mut().map(|trace| trace.take(now)));
            for event in events.into_iter().flatten() {
                sink(&event);
            }
            self.sink = Some(sink);
        }
    }

    /// Nobody takes events out from here on; clients that live on would only fill it.
    fn end_trace(&mut self) {
        let now = self.alarm.now();
        self.write_trace(now);
        self.shared.change(|inner, outside| outside.drop_trace(inner.trace.take()));
    }

    fn is_over(&self) -> bool {
        self.runner.is_none()
            && self.shared.look(|inner| matches!(inner.session.status(), Status::Closed { .. }))
    }
}

impl<C: Connector, T: Timer> Future for Driver<C, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        for _ in 0..ROUNDS {
            // Before anything is looked at: what comes meanwhile wakes this task again.
            this.shared.driver.register(&mut this.key, cx.waker());
            let mut progress = this.obey();
            progress |= this.poll_runner(cx);
            progress |= this.keep_time(cx);
            let now = this.alarm.now();
            this.write_trace(now);
            if this.is_over() {
                this.end_trace();
                this.shared.driver.deregister(&mut this.key);
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
        if !self.is_over() {
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
            outside.drop_failure(inner.failure.replace(Failure::dropped()));
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
mod tests {
    use futures_lite::future;

    use super::*;
    use crate::{Builder, from_fn};

    struct Still;

    impl Timer for Still {
        type Sleep = future::Pending<()>;

        fn now(&self) -> Time {
            Time::ZERO
        }

        fn sleep_until(&self, _: Time) -> Self::Sleep {
            future::pending()
        }
    }

    #[test]
    fn a_caller_that_gives_up_leaves_no_place_behind() {
        let connector = from_fn(|_: Life<u32>| future::pending());
        let (client, driver) = Builder::new(tenure::Config::default()).build(connector, Still);
        for _ in 0..3 {
            assert!(future::block_on(future::poll_once(client.acquire())).is_none());
        }
        assert_eq!(driver.shared.look(crate::shared::Inner::places), 0);
    }

    #[test]
    fn a_client_that_outlives_a_traced_driver_records_nothing() {
        let connector = from_fn(|life: Life<u32>| async move {
            life.stopped().await;
            Ok(())
        });
        let builder = Builder::new(tenure::Config::default()).trace(|_| {});
        let (client, driver) = builder.build(connector, Still);
        let shared = driver.shared.clone();
        assert!(shared.look(|inner| inner.trace.is_some()));
        drop(driver);
        for _ in 0..10 {
            assert!(future::block_on(client.acquire()).is_err());
        }
        assert!(shared.look(|inner| inner.trace.is_none()));
    }
}
