//! A server that floods its output with what nobody asked for: it takes its turns, and no more than those.

use std::process::Command;
use std::time::{Duration, Instant};

use tenure_bounds::{mark, whole};
use tenure_rmcp::{Error, Mode, Options, SessionError};
use tokio::runtime::{Builder, Runtime};

/// How much later than asked for something may come, on a busy machine.
const SLACK: Duration = Duration::from_secs(3);

fn flavours() -> [(&'static str, Runtime); 2] {
    [
        ("one thread", Builder::new_current_thread().enable_all().build().unwrap()),
        // The fewest workers: what holds one up holds all up.
        ("one worker", Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()),
    ]
}

/// Tiny lines that are no messages, as fast as they are read.
fn yes() -> Command {
    let mut command = Command::new("yes");
    mark(&mut command);
    command
}

/// Runs `row` as a task of the runtime: what blocks its workers blocks the row.
fn run(runtime: &Runtime, row: impl Future<Output = ()> + Send + 'static) {
    runtime.block_on(whole("the row", async { runtime.spawn(row).await.unwrap() }));
}

async fn a_connect_deadline_passes(flavour: &'static str) {
    const CONNECT: Duration = Duration::from_secs(1);
    let options = Options::new().connect_timeout(CONNECT).stop_timeout(Duration::from_millis(200));
    let client = tenure_rmcp::stdio(yes, || (), options);
    let begun = Instant::now();
    let error = client.list_all_tools().await.unwrap_err();
    let took = begun.elapsed();
    assert!(matches!(error, Error::NotSent(SessionError::TimedOut { .. })), "{error:?}");
    assert!(took < CONNECT + SLACK, "{flavour}: {took:?}");
    client.shutdown(Mode::Force).await;
}

/// The host's own timers, and a shutdown in the middle of the handshake.
async fn the_host_is_not_held_up(flavour: &'static str) {
    let client = tenure_rmcp::stdio(yes, || (), Options::new().stop_timeout(Duration::from_millis(200)));
    let calling = tokio::spawn({
        let client = client.clone();
        async move { client.list_all_tools().await }
    });
    let begun = Instant::now();
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let took = begun.elapsed();
    let begun = Instant::now();
    client.shutdown(Mode::Force).await;
    let ended = begun.elapsed();
    assert!(calling.await.unwrap().is_err());
    assert!(took < Duration::from_secs(1) + SLACK, "{flavour}: {took:?}");
    assert!(ended < SLACK, "{flavour}: {ended:?}");
}

#[test]
fn a_flood_before_the_handshake_does_not_hold_up_the_connect_deadline() {
    for (flavour, runtime) in flavours() {
        run(&runtime, a_connect_deadline_passes(flavour));
    }
}

#[test]
fn a_flood_does_not_hold_up_the_timers_of_the_host_or_a_shutdown() {
    for (flavour, runtime) in flavours() {
        run(&runtime, the_host_is_not_held_up(flavour));
    }
}
