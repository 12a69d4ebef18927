//! Pools of connections, for what a lease costs, and the locks that nothing goes below.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deadpool::managed::{Metrics, RecycleResult};
use tenure::Mode;
use tenure_cases::runtime::{Runtime, Tokio, TokioThreads};
use tenure_cases::{Case, case, lease};

/// Threads that take and give back at once.
const THREADS: u64 = 8;
type Threads = TokioThreads<8>;

/// What a pool holds costs nothing to make, and is always well.
struct Manager;

impl deadpool::managed::Manager for Manager {
    type Type = u32;
    type Error = Infallible;

    async fn create(&self) -> Result<u32, Infallible> {
        Ok(7)
    }

    async fn recycle(&self, _: &mut u32, _: &Metrics) -> RecycleResult<Infallible> {
        Ok(())
    }
}

impl bb8::ManageConnection for Manager {
    type Connection = u32;
    type Error = Infallible;

    async fn connect(&self) -> Result<u32, Infallible> {
        Ok(7)
    }

    async fn is_valid(&self, _: &mut u32) -> Result<(), Infallible> {
        Ok(())
    }

    fn has_broken(&self, _: &mut u32) -> bool {
        false
    }
}

/// Enough for all threads at once, so that nobody waits.
const SIZE: u32 = 16;

fn deadpool() -> deadpool::managed::Pool<Manager> {
    deadpool::managed::Pool::builder(Manager).max_size(SIZE as usize).build().expect("a pool")
}

async fn bb8() -> bb8::Pool<Manager> {
    let builder = bb8::Pool::builder().max_size(SIZE).min_idle(SIZE).test_on_check_out(false);
    builder.build(Manager).await.expect("a pool")
}

async fn take_deadpool(pool: &deadpool::managed::Pool<Manager>, times: u64) {
    for _ in 0..times {
        drop(black_box(pool.get().await.expect("an object")));
    }
}

async fn take_bb8(pool: &bb8::Pool<Manager>, times: u64) {
    for _ in 0..times {
        drop(black_box(pool.get().await.expect("an object")));
    }
}

/// As an acquire and a release lock and unlock at least.
fn take_locks(lock: &Mutex<u64>, times: u64) {
    for _ in 0..times {
        *black_box(lock).lock().expect("it isn't poisoned") += 1;
        *black_box(lock).lock().expect("it isn't poisoned") -= 1;
    }
}

/// Does `times` in all, in as many tasks as there are threads.
async fn at_once<T, F>(shared: T, times: u64, take: impl Fn(T, u64) -> F) -> Duration
where
    T: Clone,
    F: Future<Output = ()> + Send + 'static,
{
    let begun = Instant::now();
    let tasks: Vec<_> =
        (0..THREADS).map(|_| tokio::spawn(take(shared.clone(), times.div_ceil(THREADS)))).collect();
    for task in tasks {
        task.await.expect("it doesn't panic");
    }
    begun.elapsed()
}

async fn deadpool_alone<R: Runtime>(times: u64) -> Duration {
    let pool = deadpool();
    take_deadpool(&pool, 1).await;
    let begun = Instant::now();
    take_deadpool(&pool, times).await;
    begun.elapsed()
}

async fn bb8_alone<R: Runtime>(times: u64) -> Duration {
    let pool = bb8().await;
    let begun = Instant::now();
    take_bb8(&pool, times).await;
    begun.elapsed()
}

fn locks_alone(times: u64) -> Duration {
    let lock = Mutex::new(0);
    let begun = Instant::now();
    take_locks(&lock, times);
    begun.elapsed()
}

async fn deadpool_at_once<R: Runtime>(times: u64) -> Duration {
    at_once(deadpool(), times, |pool, times| async move { take_deadpool(&pool, times).await }).await
}

async fn bb8_at_once<R: Runtime>(times: u64) -> Duration {
    at_once(bb8().await, times, |pool, times| async move { take_bb8(&pool, times).await }).await
}

async fn locks_at_once<R: Runtime>(times: u64) -> Duration {
    at_once(Arc::new(Mutex::new(0)), times, |lock, times| async move { take_locks(&lock, times) }).await
}

async fn leases_at_once<R: Runtime>(times: u64) -> Duration {
    let client = lease::client::<R>();
    lease::leases(&client, 1).await;
    let take = |client, times| async move { lease::leases(&client, times).await };
    let took = at_once(client.clone(), times, take).await;
    client.shutdown(Mode::Graceful).await;
    took
}

const LEASES: (u64, u64) = (1_000, 21_000);

pub const CASES: &[Case] = &[
    case!("deadpool/lease-alone", LEASES, Tokio, deadpool_alone),
    case!("bb8/lease-alone", LEASES, Tokio, bb8_alone),
    Case { name: "locks/lease-alone", times: LEASES, run: locks_alone },
];

/// Those that are timed only.
pub const TIMED: &[Case] = &[
    case!("tokio/lease-8-threads", LEASES, Threads, leases_at_once),
    case!("deadpool/lease-8-threads", LEASES, Threads, deadpool_at_once),
    case!("bb8/lease-8-threads", LEASES, Threads, bb8_at_once),
    case!("locks/lease-8-threads", LEASES, Threads, locks_at_once),
];
