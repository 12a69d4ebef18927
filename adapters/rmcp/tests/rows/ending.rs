use std::time::Instant;

use futures_lite::future::poll_once;
use serde_json::json;
use tenure_bounds::whole;
use tenure_rmcp::{Error, Mode, SessionError};

use crate::support::{
    Deaf, Notes, asking, call, client, grandchild, in_sampling, is_running, params, patient, pid, scripted,
    strict, wait_until_gone,
};

#[tokio::test]
async fn a_graceful_shutdown_lets_the_server_end_by_itself_and_takes_what_it_started_along() {
    whole("the row", async {
        let notes = Notes::new();
        let path = notes.path();
        let command = move || scripted(&["--teardown-ms", "100", "--done", &path]);
        let client = tenure_rmcp::stdio(command, || (), patient());
        let lease = client.acquire().await.unwrap();
        let (pid, grandchild) = (pid(&lease).await, grandchild(&lease).await);
        drop(lease);
        client.shutdown(Mode::Graceful).await;
        assert_eq!(notes.exit_of(pid).as_deref(), Some("0"));
        assert!(!is_running(pid));
        wait_until_gone(&[grandchild]);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_ignores_its_end_of_input_is_terminated_and_one_that_ignores_that_is_killed() {
    whole("the row", async {
        for args in [&["--ignore-eof"] as &[_], &["--ignore-eof", "--ignore-sigterm"]] {
            let client = client(args, strict());
            let lease = client.acquire().await.unwrap();
            let (pid, grandchild) = (pid(&lease).await, grandchild(&lease).await);
            drop(lease);
            client.close(Mode::Force).await;
            assert!(!is_running(pid), "{args:?}");
            wait_until_gone(&[grandchild]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_forced_close_ends_the_calls_in_flight_at_once_however_long_the_teardown_takes() {
    whole("the row", async {
        let client = client(&["--teardown-ms", "1500"], patient());
        let lease = client.acquire().await.unwrap();
        let pid = pid(&lease).await;
        let mut never = Box::pin(client.call_tool(params("never", json!({}))));
        assert!(poll_once(&mut never).await.is_none());
        assert_eq!(call(&lease, "echo", json!({ "text": "seen" })).await.unwrap(), "seen");
        let begun = Instant::now();
        let closed = client.close(Mode::Force);
        let error = never.await.unwrap_err();
        assert!(begun.elapsed().as_millis() < 1000, "{:?}", begun.elapsed());
        assert!(
            matches!(error, Error::Revoked(SessionError::Closed { for_good: false, .. }))
                && error.may_have_run(),
            "{error:?}"
        );
        assert!(is_running(pid));
        // No call is begun on a revoked lease.
        let error = call(&lease, "echo", json!({ "text": "more" })).await.unwrap_err();
        assert!(
            matches!(error, Error::NotSent(SessionError::Closed { .. })) && !error.may_have_run(),
            "{error:?}"
        );
        closed.await;
        assert!(!is_running(pid));
    })
    .await;
}

#[tokio::test]
async fn two_servers_are_never_there_at_once_though_the_closing_caller_is_cancelled() {
    whole("the row", async {
        let client = client(&["--teardown-ms", "400"], patient());
        let lease = client.acquire().await.unwrap();
        let first = pid(&lease).await;
        drop(lease);
        assert!(poll_once(client.close(Mode::Force)).await.is_none());
        let lease = client.acquire().await.unwrap();
        assert!(!is_running(first));
        assert_ne!(pid(&lease).await, first);
        drop(lease);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn what_a_server_says_while_it_ends_is_read() {
    whole("the row", async {
        let client = tenure_rmcp::stdio(|| asking(&["--last-report"]), || (), patient());
        client.list_all_tools().await.unwrap();
        // Unread, it would be waited for until a deadline that is longer than this row.
        client.close(Mode::Graceful).await;
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_never_answers_holds_up_no_close() {
    whole("the row", async {
        let (asked, seen) = tokio::sync::mpsc::unbounded_channel();
        let client = tenure_rmcp::stdio(|| asking(&[]), move || Deaf(asked.clone()), patient());
        let begun = Instant::now();
        let asking = in_sampling(&client, seen).await;
        client.close(Mode::Force).await;
        // rmcp waits two seconds for its handlers.
        assert!(begun.elapsed().as_millis() < 1800, "{:?}", begun.elapsed());
        assert!(matches!(asking.await.unwrap(), Err(Error::Revoked(_))));
    })
    .await;
}

#[test]
fn a_runtime_that_is_dropped_takes_the_servers_with_it() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (pids, client) = runtime.block_on(whole("the row", async {
        let client = client(&["--ignore-eof", "--ignore-sigterm"], patient());
        let lease = client.acquire().await.unwrap();
        ([pid(&lease).await, grandchild(&lease).await], client)
    }));
    drop(runtime);
    wait_until_gone(&pids);
    drop(client);
}
