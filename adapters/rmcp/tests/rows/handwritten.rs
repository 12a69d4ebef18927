//! The client that README.md shows, as hosts write it by hand around rmcp alone, and what goes wrong in it.

use std::time::{Duration, Instant};

use futures_lite::future::poll_once;
use serde_json::json;
use tenure_bounds::whole;
use tenure_rmcp::Mode;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use self::client::Client;
use crate::support::{
    Deaf, Notes, asking, is_running, kill, params, patient, pid_of, scripted, wait_until_ended,
    wait_until_gone,
};

#[path = "handwritten/client.rs"]
mod client;

const CLIENT: &str = include_str!("handwritten/client.rs");

const README: &str = include_str!("../../README.md");

#[test]
fn the_readme_shows_this_very_client() {
    let shown = CLIENT.split_once("// ---\n").unwrap().1;
    assert!(README.contains(shown), "README.md doesn't hold:\n{shown}");
}

fn deaf() -> (Deaf, UnboundedReceiver<()>) {
    let (asked, seen) = unbounded_channel();
    (Deaf(asked), seen)
}

/// Late clean-up, in the form of two servers at once: the old one, which still holds its ports and files, and the new.
#[tokio::test]
async fn a_cancelled_close_lets_the_next_call_start_a_second_server_beside_the_first() {
    whole("the row", async {
        let notes = Notes::new();
        let path = notes.path();
        let client =
            Client::new(move || (scripted(&["--teardown-ms", "1500", "--done", &path]).into(), deaf().0));
        let first = pid_of(&client.peer().await.unwrap()).await.unwrap();
        assert!(tokio::time::timeout(Duration::from_millis(100), client.close()).await.is_err());
        let second = pid_of(&client.peer().await.unwrap()).await.unwrap();
        assert!(second != first && is_running(first), "the race was not run");
        let _ = tokio::time::timeout(Duration::from_millis(100), client.close()).await;
        tokio::task::spawn_blocking(move || wait_until_gone(&[first, second])).await.unwrap();
    })
    .await;
}

/// Reuse: rmcp's task waits up to five seconds for a handler, and meanwhile takes calls for a server that is gone.
///
/// Whether rmcp sees the end of the server's output or the broken pipe of the next call first is rmcp's affair: a call
/// that failed at once has not run the race, and the row is begun again.
#[tokio::test]
async fn a_dead_server_is_handed_out_for_as_long_as_a_handler_still_works() {
    whole("the row", async {
        let mut waited = Vec::new();
        while waited.len() < 5 {
            waited.push(time_that_a_call_of_a_dead_server_takes().await);
            if waited.last() > Some(&Duration::from_secs(2)) {
                return;
            }
        }
        panic!("no call waited for the handler: {waited:?}");
    })
    .await;
}

async fn time_that_a_call_of_a_dead_server_takes() -> Duration {
    let (asked, mut seen) = unbounded_channel();
    let client = Client::new(move || (asking(&[]).into(), Deaf(asked.clone())));
    let peer = client.peer().await.unwrap();
    let pid = pid_of(&peer).await.unwrap();
    let mut dying = Box::pin(peer.call_tool(params("ask-and-die", json!({}))));
    assert!(poll_once(&mut dying).await.is_none());
    seen.recv().await.unwrap();
    // The server waits for a message before it dies.
    peer.notify_roots_list_changed().await.unwrap();
    tokio::task::spawn_blocking(move || wait_until_ended(pid)).await.unwrap();
    // Its end is there to be seen; rmcp's task gets its turns to see it.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    let begun = Instant::now();
    let again = client.peer().await.unwrap().call_tool(params("again", json!({}))).await;
    assert!(again.is_err(), "it reached another server");
    assert!(dying.await.is_err());
    begun.elapsed()
}

/// A stuck close: the lock is held for as long as it takes, which is for ever.
#[tokio::test]
async fn a_close_that_is_stuck_takes_every_caller_along() {
    whole("the row", async {
        let client = Client::new(|| (scripted(&["--stop-reading", "3"]).into(), deaf().0));
        let peer = client.peer().await.unwrap();
        let pid = pid_of(&peer).await.unwrap();
        let large = json!({ "text": "x".repeat(1 << 20) });
        let stuck = tokio::spawn(async move { peer.call_tool(params("echo", large)).await });
        tokio::task::yield_now().await;
        let (closed, called) = futures_lite::future::zip(
            tokio::time::timeout(Duration::from_secs(8), client.close()),
            tokio::time::timeout(Duration::from_secs(7), client.peer()),
        )
        .await;
        assert!(closed.is_err() && called.is_err());
        kill(pid);
        stuck.abort();
    })
    .await;
}

/// The first of them, with a session; the others are in `lost.rs` and `stuck.rs`.
#[tokio::test]
async fn with_a_session_the_next_call_waits_for_the_one_that_ends_and_reaches_another_server() {
    whole("the row", async {
        let client = crate::support::client(&["--teardown-ms", "300"], patient());
        let lease = client.acquire().await.unwrap();
        let first = crate::support::pid(&lease).await;
        drop(lease);
        let cancelled = tokio::time::timeout(Duration::from_millis(50), client.close(Mode::Force)).await;
        assert!(cancelled.is_err());
        let lease = client.acquire().await.unwrap();
        assert!(!is_running(first));
        assert_ne!(crate::support::pid(&lease).await, first);
        drop(lease);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}
