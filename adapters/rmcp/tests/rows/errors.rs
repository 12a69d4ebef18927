use std::error::Error as _;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tenure_bounds::whole;
use tenure_rmcp::rmcp::ServiceError;
use tenure_rmcp::rmcp::service::ClientInitializeError;
use tenure_rmcp::{Client, Delivery, Error, Failure, Mode, Retry, ServerEnded, SessionError};

use crate::support::{SHORT, asking, client, params, patient, strict, text};

/// How it failed, which the error says itself; its source is what is behind that.
async fn connect_failure(client: &Client) -> Failure {
    let result = client.list_all_tools().await;
    let error = result.as_ref().unwrap_err();
    let (words, source) = (error.to_string(), error.source().map(ToString::to_string));
    let retry = (error.delivery(), error.is_retryable());
    let failure = failure_of(result);
    assert_eq!(retry, (Delivery::NotSent, failure.is_retryable()));
    assert!(words.contains(&failure.to_string()), "{words}");
    let behind = failure.error().and_then(std::error::Error::source).map(ToString::to_string);
    assert_eq!(source, behind);
    failure
}

fn failure_of<T: std::fmt::Debug>(result: Result<T, Error>) -> Failure {
    match result {
        Err(Error::NotSent(SessionError::ConnectFailed { failure, .. })) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_program_that_is_not_there_is_not_tried_again() {
    whole("the row", async {
        let command = || std::process::Command::new("/nowhere/server");
        let client = tenure_rmcp::stdio(command, || (), patient().retry(Some(Retry::default())));
        let failure = connect_failure(&client).await;
        assert!(!failure.is_retryable());
        assert!(failure.to_string().contains("/nowhere/server"), "{failure}");
    })
    .await;
}

#[tokio::test]
async fn a_server_that_refuses_is_not_tried_again_and_its_words_are_kept() {
    whole("the row", async {
        let client =
            tenure_rmcp::stdio(|| asking(&["--refuse"]), || (), patient().retry(Some(Retry::default())));
        let failure = connect_failure(&client).await;
        assert!(!failure.is_retryable());
        let error: &ClientInitializeError = failure.downcast_ref().unwrap();
        assert!(
            matches!(error, ClientInitializeError::JsonRpcError(error) if error.message == "not you"),
            "{error}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_server_that_dies_at_its_start_is_told_by_how_it_ended_and_what_it_said() {
    whole("the row", async {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listener = heard.clone();
        let options = patient().on_stderr(move |generation, line| {
            listener.lock().unwrap().push((generation.number(), line.to_owned()));
        });
        let client = tenure_rmcp::stdio(|| asking(&["--die-at-once"]), || (), options);
        let failure = connect_failure(&client).await;
        let ended: &ServerEnded = failure.downcast_ref().unwrap();
        assert_eq!(ended.status.code(), Some(6));
        assert_eq!(ended.stderr, ["no configuration"]);
        assert_eq!(failure.to_string(), "the server ended: exit status: 6; its last words: no configuration");
        assert_eq!(*heard.lock().unwrap(), [(1, "no configuration".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn a_command_that_pipes_its_standard_error_is_read_and_its_last_lines_are_kept() {
    whole("the row", async {
        let command = || {
            let mut command = asking(&[]);
            command.stderr(Stdio::piped());
            command
        };
        let client = tenure_rmcp::stdio(command, || (), patient());
        let error = client.call_tool(params("complain-and-die", json!({}))).await.unwrap_err();
        let Some(SessionError::Lost { failure, .. }) = error.session() else { panic!("{error:?}") };
        let ended: &ServerEnded = failure.downcast_ref().unwrap();
        assert_eq!(ended.stderr, ["the disk is [31mfull", "giving up"]);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_floods_a_piped_standard_error_is_not_held_up() {
    whole("the row", async {
        let options = patient().on_stderr(|_, _| {});
        let client = client(&[], options);
        let flooded = client.call_tool(params("stderr-flood", json!({ "bytes": 4 << 20 }))).await;
        assert_eq!(text(&flooded.unwrap()), "flooded");
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_never_answers_the_handshake_is_ended_by_the_connect_deadline() {
    whole("the row", async {
        let client = client(&["--never-answer-initialize"], strict().connect_timeout(SHORT));
        let error = client.list_all_tools().await.unwrap_err();
        assert!(matches!(error, Error::NotSent(SessionError::TimedOut { .. })), "{error:?}");
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn an_error_of_the_servers_is_rmcps_own_and_the_session_lives_on() {
    whole("the row", async {
        let client = client(&[], patient());
        let lease = client.acquire().await.unwrap();
        let error = lease.call_tool(params("no-such-tool", json!({}))).await.unwrap_err();
        let Error::Call(ServiceError::McpError(data)) = &error else { panic!("{error:?}") };
        assert_eq!(data.code.0, -32602);
        assert!(error.to_string().starts_with("Mcp error: -32602: no such tool"), "{error}");
        assert!(error.source().is_none());
        lease.check().unwrap();
        drop(lease);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn a_call_that_its_caller_drops_is_cancelled_at_the_server() {
    whole("the row", async {
        let client = client(&[], patient());
        let lease = client.acquire().await.unwrap();
        let never = lease.call_tool(params("never", json!({})));
        assert!(tokio::time::timeout(Duration::from_millis(50), never).await.is_err());
        assert_eq!(crate::support::call(&lease, "cancelled", json!({})).await.unwrap(), "1");
        drop(lease);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn an_error_says_how_far_its_call_got_and_whether_another_may_go_better() {
    whole("the row", async {
        let client = client(&[], patient());
        let late = async |_| Err::<(), _>(ServiceError::Timeout { timeout: SHORT });
        let error = client.run(late).await.unwrap_err();
        assert_eq!((error.delivery(), error.is_retryable()), (Delivery::Unknown, true));
        let error = client.run(async |_| Err::<(), _>(ServiceError::UnexpectedResponse)).await.unwrap_err();
        assert_eq!((error.delivery(), error.is_retryable()), (Delivery::Unknown, false));
        client.shutdown(Mode::Graceful).await;
        let error = client.list_all_tools().await.unwrap_err();
        assert_eq!((error.delivery(), error.is_retryable()), (Delivery::NotSent, false));
    })
    .await;
}
