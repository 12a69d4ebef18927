//! Callers that wait for a connection and give up.

use std::future::Future;
use std::num::NonZeroU32;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use tenure::{Config, Mode};
use tenure_cases::runtime::{Runtime, Tokio};
use tenure_driver::{Builder, Failure, Life, from_fn};
use tokio::sync::Semaphore;

/// So many callers wait, and give up in random order: how long one of them takes.
pub fn give_up(waiters: u32) -> Duration {
    Tokio::block_on(async move {
        // It is never ready.
        let connector = from_fn(|life: Life<u32>| async move {
            life.or_stopped(std::future::pending::<()>()).await?;
            Ok::<(), Failure>(())
        });
        let config =
            Config::default().max_waiting(NonZeroU32::MAX).connect_timeout(Duration::from_secs(3600));
        let (client, driver) = Builder::new(config).build(connector, Tokio::timer());
        Tokio::spawn(driver);
        let took = come_and_go(waiters, || client.acquire());
        pin!(client.shutdown(Mode::Abort)).await;
        took
    })
}

/// The same at a semaphore of tokio's that has no permit, with no session behind it.
pub fn give_up_semaphore(waiters: u32) -> Duration {
    let semaphore = Semaphore::new(0);
    come_and_go(waiters, || semaphore.acquire())
}

fn come_and_go<F: Future>(waiters: u32, acquire: impl Fn() -> F) -> Duration {
    let order = shuffled(waiters);
    let begun = Instant::now();
    let mut waiting: Vec<_> = (0..waiters).map(|_| Some(Box::pin(acquire()))).collect();
    for caller in waiting.iter_mut().flatten() {
        assert!(caller.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    for caller in order {
        waiting[caller as usize] = None;
    }
    begun.elapsed() / waiters
}

/// The numbers below `count` in an order that is always the same, and looks like none.
fn shuffled(count: u32) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count).collect();
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for at in (1..order.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        #[allow(clippy::cast_possible_truncation, reason = "it is below a length")]
        order.swap(at, (state % (at as u64 + 1)) as usize);
    }
    order
}
