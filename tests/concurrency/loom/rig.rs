//! A session under loom: threads, a way to wait, and runners that do as they are told.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_lite::StreamExt;
use loom::sync::atomic::AtomicBool;
use loom::sync::{Condvar, Mutex};
use tenure::{Config, Generation, KeepAlive, Status, Time};
use tenure_driver::{Builder, Client, Connector, Driver, Error, Failure, Lease, Life, Timer, from_fn};

/// How far a model is tried.
pub(crate) struct Bound {
    preemptions: usize,
    ways: &'static [&'static str],
}

/// A model that ends in each of these ways in some interleaving, and in no other; else it fails.
pub(crate) const fn ways(preemptions: usize, ways: &'static [&'static str]) -> Bound {
    Bound { preemptions, ways }
}

impl From<usize> for Bound {
    fn from(preemptions: usize) -> Self {
        ways(preemptions, &[])
    }
}

/// The ways that were seen. A lock of std's: it is no point to switch at.
static SEEN: std::sync::Mutex<BTreeSet<&str>> = std::sync::Mutex::new(BTreeSet::new());

/// This interleaving ends like this.
pub(crate) fn saw(way: &'static str) {
    SEEN.lock().unwrap().insert(way);
}

/// Tries all interleavings of `model` with up to so many switches from a thread that could have gone on
/// (`LOOM_MAX_PREEMPTIONS` overrides it; most races need one or two); how many there were.
pub(crate) fn check(bound: impl Into<Bound>, model: fn()) -> u64 {
    let Bound { preemptions, ways } = bound.into();
    let mut builder = loom::model::Builder::new();
    let tried = *builder.preemption_bound.get_or_insert(preemptions);
    builder.max_branches = 20_000;
    let runs = Arc::new(AtomicU64::new(0));
    let counter = runs.clone();
    builder.check(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        model();
    });
    let (seen, wanted) = (SEEN.lock().unwrap(), ways.iter().copied().collect());
    // With fewer switches than it needs it may not get everywhere.
    assert!(*seen == wanted || tried < preemptions, "it ends in {seen:?}, and should in {wanted:?}");
    runs.load(Ordering::Relaxed)
}

/// Wakes one thread. (loom's `park` won't do: `unpark` would also end a wait for a lock.)
pub(crate) struct Alarm {
    woken: Mutex<bool>,
    changed: Condvar,
}

impl Alarm {
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let alarm = Arc::new(Self { woken: Mutex::new(false), changed: Condvar::new() });
        (alarm.clone(), Waker::from(alarm))
    }

    /// Waits for a wake-up. If none comes, loom finds the deadlock.
    pub(crate) fn wait(&self) {
        let mut woken = self.woken.lock().unwrap();
        while !*woken {
            woken = self.changed.wait(woken).unwrap();
        }
        *woken = false;
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        *self.woken.lock().unwrap() = true;
        self.changed.notify_one();
    }
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let (alarm, waker) = Alarm::new();
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        alarm.wait();
    }
}

/// Polls it once, with a waker that nobody listens to.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// A time that stands still: whatever ends, ends without any deadline's help.
pub(crate) struct Still;

impl Timer for Still {
    type Sleep = std::future::Pending<()>;

    fn now(&self) -> Time {
        Time::ZERO
    }

    fn sleep_until(&self, _: Time) -> Self::Sleep {
        std::future::pending()
    }
}

/// What callers see of a runner: whether it was told to stop.
pub(crate) struct Handle {
    told: Arc<AtomicBool>,
}

/// Panics if the lease's runner was told to stop and the lease still looks good.
pub(crate) fn assert_honest(lease: &Lease<Handle>) {
    let Ok(told) = block_on(lease.run(async |handle: &Handle| handle.told.clone())) else {
        return;
    };
    // In this order: it may be told between the two.
    if told.load(Ordering::SeqCst) {
        assert!(lease.check().is_err(), "a lease looks good after its runner was told to stop");
    }
}

/// Waits until nobody holds a lease: what is on its way to a caller that left is still counted.
pub(crate) fn wait_until_unheld(client: &Client<Handle>) {
    let mut states = client.states();
    while let Some(Status::Live { held: 1.., .. }) = block_on(states.next()) {}
}

/// Runners that are ready at once and end when they are told to.
pub(crate) fn obedient() -> impl Connector<Handle = Handle, Run: 'static> + 'static {
    from_fn(|life: Life<Handle>| async move {
        let told = Arc::new(AtomicBool::new(false));
        life.ready(Handle { told: told.clone() }).stopped().await;
        told.store(true, Ordering::SeqCst);
        Ok::<(), Failure>(())
    })
}

/// Runners that end when they are told to, and are never ready.
pub(crate) fn slow() -> impl Connector<Handle = Handle, Run: 'static> + 'static {
    from_fn(|life: Life<Handle>| async move {
        life.stopped().await;
        Ok::<(), Failure>(())
    })
}

/// A session whose connection stays when no lease is held.
pub(crate) fn kept() -> Config {
    Config::default().keep_alive(KeepAlive::Always)
}

pub(crate) fn session<C: Connector>(config: Config, connector: C) -> (Client<C::Handle>, Driver<C, Still>) {
    Builder::new(config).build(connector, Still)
}

/// A session of obedient runners with its driver on a thread of its own.
pub(crate) struct Served {
    pub(crate) client: Client<Handle>,
    driver: loom::thread::JoinHandle<()>,
}

impl Served {
    pub(crate) fn new(config: Config) -> Self {
        let (client, driver) = session(config, obedient());
        Self { client, driver: loom::thread::spawn(move || block_on(driver)) }
    }

    pub(crate) fn acquire(&self) -> Result<Lease<Handle>, Error> {
        block_on(self.client.acquire())
    }

    /// Drops the client, and waits for the driver's end.
    pub(crate) fn end(self) {
        self.end_with(|| ());
    }

    /// Drops the client, then does something else, then waits for the driver's end.
    pub(crate) fn end_with(self, meanwhile: impl FnOnce()) {
        drop(self.client);
        meanwhile();
        self.driver.join().unwrap();
    }
}

pub(crate) fn number(generation: Option<Generation>) -> u64 {
    generation.map_or(0, Generation::number)
}
