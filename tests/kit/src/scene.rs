//! A session with all that a row needs around it.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_lite::{StreamExt as _, future};
use tenure::{Config, Mode, Status};
use tenure_driver::{AcquireOwned, Builder, Client, Driver, Error, Lease, TraceEvent};

use crate::board::Board;
use crate::clock::VirtualClock;
use crate::peer::{Handle, Peer};
use crate::plan::Plan;
use crate::proof::prove;
use crate::runtime::Runtime;
use crate::scripted::Scripted;

/// A session on `R`: scripted runners, virtual time, a recorded trace.
///
/// [`end`](Self::end) ends it and holds the trace against the machine.
pub struct Scene<R> {
    /// The session's client, unless the row took it.
    client: Option<Client<Handle>>,
    /// The other side.
    pub peer: Peer,
    /// The driver's time.
    pub clock: VirtualClock,
    config: Config,
    trace: Arc<Mutex<Vec<TraceEvent>>>,
    carried: Arc<Carried>,
    runtime: PhantomData<fn() -> R>,
}

/// What is known of the driver's task.
#[derive(Default)]
struct Carried {
    polls: AtomicU64,
    dropping: Board<bool>,
    over: Board<bool>,
}

impl<R: Runtime> Scene<R> {
    /// A session with the default config, whose first generations do as planned.
    #[must_use]
    pub fn new(plans: impl IntoIterator<Item = Plan>) -> Self {
        Self::with(Config::default(), plans)
    }

    /// A session whose first generations do as planned.
    #[must_use]
    pub fn with(config: Config, plans: impl IntoIterator<Item = Plan>) -> Self {
        let (peer, clock) = (Peer::default(), VirtualClock::new());
        peer.plan(plans);
        let trace = Arc::new(Mutex::new(Vec::new()));
        let sink = trace.clone();
        let (client, driver) = Builder::new(config.clone())
            .trace(move |event| sink.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone()))
            .build(Scripted::new(&peer), clock.clone());
        let progress = Arc::new(Carried::default());
        R::spawn(Carrier { driver: Some(driver), carried: progress.clone() });
        Self { client: Some(client), peer, clock, config, trace, carried: progress, runtime: PhantomData }
    }

    /// The client.
    pub fn client(&self) -> &Client<Handle> {
        self.client.as_ref().expect("the row took the client")
    }

    /// The client, for the row to drop.
    pub(crate) fn take_client(&mut self) -> Client<Handle> {
        self.client.take().expect("the row took the client before")
    }

    /// A lease, which has to come.
    ///
    /// # Cancel safety
    /// Dropping the future gives up the place in the queue, as [`Client::acquire`] does.
    pub async fn lease(&self) -> Lease<Handle> {
        self.client().acquire_owned().await.expect("a lease comes")
    }

    /// A caller who waits for a lease.
    ///
    /// # Cancel safety
    /// It doesn't wait: it is there after one poll. What it gives has a place in the queue, and gives
    /// it up when it is dropped.
    pub async fn waiting(&self) -> AcquireOwned<Handle> {
        let mut acquire = self.client().acquire_owned();
        let result = future::poll_once(&mut acquire).await;
        assert!(result.is_none(), "it should wait: {result:?}");
        acquire
    }

    /// The state now.
    pub fn status(&self) -> Status {
        self.client().state()
    }

    /// The state, as soon as `wanted` likes it.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing; states that pass meanwhile are not seen by the next one either.
    pub async fn until(&self, wanted: impl Fn(Status) -> bool) -> Status {
        let mut states = self.client().states();
        loop {
            let now = states.next().await.expect("the state isn't closed yet");
            if wanted(now) {
                return now;
            }
        }
    }

    /// Asserts that the session is live in this generation, with so many leases held.
    pub(crate) fn assert_live(&self, generation: u64, leases: u64) {
        let status = self.status();
        let live = matches!(status, Status::Live { generation: of, held } if (of.number(), held) == (generation, leases));
        assert!(live, "live in generation {generation} with {leases} leases, not {status:?}");
    }

    /// How often the driver was polled.
    pub fn polls(&self) -> u64 {
        self.carried.polls.load(Ordering::SeqCst)
    }

    /// Drops the driver, and waits until it is gone.
    ///
    /// # Cancel safety
    /// The driver is told at the first poll, and goes then also if the future is dropped.
    pub async fn drop_driver(&self) {
        self.carried.dropping.update(|dropping| *dropping = true);
        self.driver_gone().await;
    }

    /// Completes when the driver is gone.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: it only looks, and whoever waits anew sees the same.
    pub async fn driver_gone(&self) {
        self.carried.over.until(|over| over.then_some(())).await;
    }

    /// Ends the session, if the row didn't; then nothing of it must be left, and what was recorded must
    /// be what the machine does, with all invariants. Gives what was recorded.
    ///
    /// # Cancel safety
    /// Dropping the future drops the scene: what happened is not held against anything, and a driver that sleeps is
    /// left to the runtime.
    pub async fn end(mut self) -> Vec<TraceEvent> {
        self.peer.let_all_go();
        if let Some(client) = self.client.take() {
            drop(client.shutdown(Mode::Force));
        }
        self.clock.drive(self.driver_gone()).await;
        self.peer.let_all_go();
        let trace = std::mem::take(&mut *self.trace.lock().unwrap_or_else(PoisonError::into_inner));
        prove(&self.config, &trace);
        assert_eq!(self.peer.alive(), (0, 0), "runners and handles that are left");
        assert_eq!(self.peer.in_flight(), 0, "calls that are left");
        trace
    }
}

impl<R> fmt::Debug for Scene<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scene")
            .field("client", &self.client)
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

/// Carries the driver, counts its polls, drops it when it is told to.
struct Carrier {
    driver: Option<Driver<Scripted, VirtualClock>>,
    carried: Arc<Carried>,
}

impl Future for Carrier {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let carried = this.carried.clone();
        let dropping = std::pin::pin!(carried.dropping.until(|dropping| dropping.then_some(())));
        if dropping.poll(cx).is_ready() {
            this.driver = None;
        }
        let Some(driver) = &mut this.driver else {
            return Poll::Ready(());
        };
        this.carried.polls.fetch_add(1, Ordering::SeqCst);
        Pin::new(driver).poll(cx)
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.driver = None;
        self.carried.over.update(|over| *over = true);
    }
}

/// A call, guarded by its lease.
pub type Call<'a> = Pin<Box<dyn Future<Output = Result<u32, Error>> + Send + 'a>>;

/// A call that waits for its answer.
pub fn call(lease: &Lease<Handle>, number: u32) -> Call<'_> {
    Box::pin(async move { lease.run(async |handle: &Handle| handle.call(number).await).await })
}

/// A call that is in flight.
///
/// # Cancel safety
/// It doesn't wait: it is there after one poll. Dropping the [`Call`] that it gives ends the call.
pub async fn in_flight(lease: &Lease<Handle>, number: u32) -> Call<'_> {
    let mut call = call(lease, number);
    let result = future::poll_once(&mut call).await;
    assert!(result.is_none(), "it should wait: {result:?}");
    call
}

/// A call that is answered at once.
///
/// # Cancel safety
/// It doesn't wait for anything but the lease's session: it is there after one poll.
pub async fn echo(lease: &Lease<Handle>, number: u32) -> Result<u32, Error> {
    lease.run(async |handle: &Handle| handle.echo(number)).await
}

/// What a future has to say now, without waiting.
///
/// # Cancel safety
/// It doesn't wait. The future is the caller's still.
pub async fn now<F: Future + Unpin>(future: &mut F) -> F::Output {
    future::poll_once(future).await.expect("it doesn't wait for anything")
}

/// Asserts that a future still waits.
///
/// # Cancel safety
/// It doesn't wait. The future is the caller's still.
pub async fn assert_waits<F: Future<Output: fmt::Debug> + Unpin>(future: &mut F) {
    let result = future::poll_once(future).await;
    assert!(result.is_none(), "it should wait: {result:?}");
}
