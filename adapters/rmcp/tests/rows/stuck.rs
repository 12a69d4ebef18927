//! A server that stopped reading its input: what rmcp alone does, and what a session does.

use std::time::{Duration, Instant};

use futures_lite::future::poll_once;
use serde_json::{Value, json};
use tenure_bounds::whole;
use tenure_rmcp::rmcp::ServiceExt as _;
use tenure_rmcp::rmcp::transport::TokioChildProcess;
use tenure_rmcp::{Error, Mode, Probe, SessionError};
use tokio::process::Command;
use tokio::sync::mpsc::unbounded_channel;

use crate::support::{
    LONG, SHORT, call, client, is_running, kill, params, patient, pid, pid_of, scripted, strict, text,
};

/// Reads its handshake and the question for its pid, and no more.
const STUCK: &[&str] = &["--stop-reading", "3"];

/// More than a pipe holds.
fn large() -> Value {
    json!({ "text": "x".repeat(1 << 20) })
}

/// rmcp's own bounds at close: 2 s for answers under way, 3 s for the server, 3 s more after SIGTERM.
const OWN_BOUNDS: Duration = Duration::from_secs(8);

#[tokio::test]
async fn rmcp_alone_waits_for_ever_when_it_closes_and_leaves_the_server_behind() {
    whole("the row", async {
        let transport = TokioChildProcess::new(Command::from(scripted(STUCK))).unwrap();
        let mut running = ().serve(transport).await.unwrap();
        let pid = pid_of(running.peer()).await.unwrap();
        let peer = running.peer().clone();
        let mut stuck = Box::pin(peer.call_tool(params("echo", large())));
        assert!(poll_once(&mut stuck).await.is_none());
        tokio::task::yield_now().await;
        let closed = running.close_with_timeout(OWN_BOUNDS + Duration::from_secs(2)).await;
        assert!(matches!(closed, Ok(None)), "{closed:?}");
        assert!(is_running(pid));
        // The call doesn't end either.
        assert!(poll_once(&mut stuck).await.is_none());
        kill(pid);
    })
    .await;
}

#[test]
fn rmcp_alone_leaves_a_server_running_when_its_runtime_is_dropped() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let pid = runtime.block_on(whole("the row", async {
        let transport = TokioChildProcess::new(Command::from(scripted(&["--ignore-eof"]))).unwrap();
        let running = ().serve(transport).await.unwrap();
        let pid = pid_of(running.peer()).await.unwrap();
        std::mem::forget(running);
        pid
    }));
    drop(runtime);
    // That nothing happens takes time to see.
    std::thread::sleep(SHORT);
    assert!(is_running(pid));
    kill(pid);
}

#[tokio::test]
async fn rmcp_alone_leaves_what_the_server_started() {
    whole("the row", async {
        let transport = TokioChildProcess::new(Command::from(scripted(&[]))).unwrap();
        let running = ().serve(transport).await.unwrap();
        let started = running.peer().call_tool(params("spawn-grandchild", json!({}))).await.unwrap();
        let grandchild = text(&started).parse().unwrap();
        running.cancel().await.unwrap();
        assert!(is_running(grandchild));
        kill(grandchild);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_within_its_deadlines_and_its_calls_at_once() {
    whole("the row", async {
        for mode in [Mode::Graceful, Mode::Force] {
            let client = client(STUCK, strict().configure(|config| config.finish_timeout(SHORT)));
            let lease = client.acquire().await.unwrap();
            let pid = pid(&lease).await;
            let stuck = tokio::spawn({
                let client = client.clone();
                async move { client.call_tool(params("echo", large())).await }
            });
            tokio::task::yield_now().await;
            let begun = Instant::now();
            client.close(mode).await;
            // Finish, stop and abort, and what a busy machine takes beside.
            assert!(begun.elapsed() < 3 * SHORT + Duration::from_secs(2), "{:?}", begun.elapsed());
            assert!(!is_running(pid));
            let error = stuck.await.unwrap().unwrap_err();
            assert!(matches!(error, Error::Revoked(_)), "{error:?}");
            drop(lease);
            client.shutdown(Mode::Graceful).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_that_ends_at_the_end_of_its_input_gets_it_also_under_a_stuck_write() {
    whole("the row", async {
        // It reads on once its input has ended: no deadline is reached.
        let client = tenure_rmcp::stdio(
            || {
                let mut command = std::process::Command::new("sh");
                command.args(["-c", "head -n 2 >/dev/null; exec cat >/dev/null"]);
                tenure_bounds::mark(&mut command);
                command
            },
            || (),
            patient(),
        );
        // It never answers the handshake.
        let mut waiting = Box::pin(client.acquire());
        assert!(poll_once(&mut waiting).await.is_none());
        client.close(Mode::Force).await;
        assert!(matches!(waiting.await, Err(Error::NotSent(SessionError::Closed { .. }))));
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn a_probe_finds_out_a_server_that_stopped_reading() {
    whole("the row", async {
        let probe = Probe { interval: SHORT, timeout: SHORT };
        let client = client(STUCK, strict().configure(|config| config.probe(Some(probe))));
        let lease = client.acquire().await.unwrap();
        let pid = pid(&lease).await;
        let error = call(&lease, "never", json!({})).await.unwrap_err();
        assert!(matches!(error, Error::Revoked(SessionError::TimedOut { .. })), "{error:?}");
        client.shutdown(Mode::Graceful).await;
        assert!(!is_running(pid));
    })
    .await;
}

#[tokio::test]
async fn a_probe_leaves_a_server_alone_that_answers() {
    whole("the row", async {
        let probe = Probe { interval: Duration::from_millis(20), timeout: LONG };
        let (answered, mut seen) = unbounded_channel();
        let options = patient().configure(|config| config.probe(Some(probe))).trace(move |event| {
            if format!("{event:?}").contains("ProbeAnswered") {
                let _ = answered.send(());
            }
        });
        let client = client(&[], options);
        let lease = client.acquire().await.unwrap();
        for _ in 0..3 {
            seen.recv().await.unwrap();
        }
        lease.check().unwrap();
        drop(lease);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}
