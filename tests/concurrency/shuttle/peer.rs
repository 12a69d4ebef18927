//! Runners that behave in all ways, by chance.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_lite::future::{self, yield_now};
use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::atomic::{AtomicBool, AtomicU64};
use shuttle::thread;
use tenure_driver::{Connector, Failure, Life, Serving, from_fn};

/// Counts what must not be left behind: one in each handle, error, runner and sink.
pub(crate) type Token = Arc<()>;

/// What callers see of a runner.
pub(crate) struct Handle {
    told: Arc<AtomicBool>,
    _token: Token,
}

impl Handle {
    pub(crate) fn told(&self) -> Arc<AtomicBool> {
        self.told.clone()
    }
}

#[derive(Clone, Debug)]
struct Broken(#[allow(dead_code, reason = "counted")] Token);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

/// Which runners there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manners {
    /// All stop when they are told to: everything ends without any deadline's help.
    Good,
    /// Some don't stop, or not before they are told to hurry.
    Bad,
}

pub(crate) fn runners(manners: Manners, token: Token) -> impl Connector<Handle = Handle, Run: Send> + Send {
    let last = Arc::new(AtomicU64::new(0));
    from_fn(move |life| {
        last.store(life.generation().number(), Ordering::SeqCst);
        run(life, manners, token.clone(), last.clone())
    })
}

/// `last` is the generation that was started last.
async fn run(
    life: Life<Handle>,
    manners: Manners,
    token: Token,
    last: Arc<AtomicU64>,
) -> Result<(), Failure> {
    if one_in(4) {
        linger(&life, (manners == Manners::Good).then_some(last));
    }
    life.or_stopped(some_time()).await?;
    if one_in(8) {
        return Err(Failure::new(Broken(token)));
    }
    let told = Arc::new(AtomicBool::new(false));
    let serving = life.ready(Handle { told: told.clone(), _token: token.clone() });
    let dies = one_in(4);
    let serving_ends = async {
        if dies {
            // Now or later, unless it is told before.
            serving.or_stopped(some_time()).await.is_err()
        } else {
            serving.stopped().await;
            true
        }
    };
    let was_told = future::or(serving_ends, answer(&serving)).await;
    if was_told {
        told.store(true, Ordering::SeqCst);
    }
    if manners == Manners::Bad && one_in(2) {
        serving.aborted().await;
        if one_in(2) {
            future::pending::<()>().await;
        }
    }
    some_time().await;
    if was_told { Ok(()) } else { Err(Failure::new(Broken(token))) }
}

/// Answers every other probe or so; never completes.
async fn answer<T>(serving: &Serving<Handle>) -> T {
    loop {
        let probe = serving.probe().await;
        if one_in(2) {
            probe.answer();
        }
    }
}

/// Something of it is left behind, and goes some time. Where no deadline passes, no other generation begins
/// before.
fn linger(life: &Life<Handle>, last: Option<Arc<AtomicU64>>) {
    let (linger, own) = (life.linger(), life.generation().number());
    thread::spawn(move || {
        for _ in 0..some() {
            thread::yield_now();
        }
        if let Some(last) = last {
            assert_eq!(last.load(Ordering::SeqCst), own, "the next one began while something lingered");
        }
        drop(linger);
    });
}

pub(crate) fn one_in(n: u32) -> bool {
    thread_rng().gen_range(0..n) == 0
}

/// A small number.
pub(crate) fn some() -> u32 {
    thread_rng().gen_range(0..4)
}

/// Lets others go first, some times.
pub(crate) async fn some_time() {
    for _ in 0..some() {
        yield_now().await;
    }
}
