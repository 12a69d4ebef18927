//! Leases by the driver, without a protocol.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tenure::{Config, KeepAlive, Mode};
use tenure_driver::{Builder, Client, Failure, Life, from_fn};

use crate::runtime::{Runtime, SmolUnwatched, Tokio};
use crate::{Case, case};

/// A session that stays for a while after its last lease, as MCP's does by default.
pub fn client<R: Runtime>() -> Client<u32> {
    let connector = from_fn(|life: Life<u32>| async move {
        life.ready(7).stopped().await;
        Ok::<(), Failure>(())
    });
    let config = Config::default().keep_alive(KeepAlive::For(Duration::from_secs(300)));
    let (client, driver) = Builder::new(config).build(connector, R::timer());
    R::spawn(driver);
    client
}

/// Leases of a session that is live, one after the other.
pub async fn leases(client: &Client<u32>, times: u64) {
    for _ in 0..times {
        drop(black_box(client.acquire().await.expect("a lease")));
    }
}

/// Each lease is the only one: the session is unused in between, and its keep-alive begins.
pub async fn alone<R: Runtime>(times: u64) -> Duration {
    let client = client::<R>();
    leases(&client, 1).await;
    let begun = Instant::now();
    leases(&client, times).await;
    let took = begun.elapsed();
    client.shutdown(Mode::Graceful).await;
    took
}

/// Another lease is held all the time.
pub async fn beside<R: Runtime>(times: u64) -> Duration {
    let client = client::<R>();
    let held = client.acquire().await.expect("a lease");
    let begun = Instant::now();
    leases(&client, times).await;
    let took = begun.elapsed();
    drop(held);
    client.shutdown(Mode::Graceful).await;
    took
}

const LEASES: (u64, u64) = (1_000, 21_000);

pub const CASES: &[Case] = &[
    case!("tokio/lease-alone", LEASES, Tokio, alone),
    case!("tokio/lease-beside", LEASES, Tokio, beside),
    case!("smol/lease-alone", LEASES, SmolUnwatched, alone),
    case!("smol/lease-beside", LEASES, SmolUnwatched, beside),
];
