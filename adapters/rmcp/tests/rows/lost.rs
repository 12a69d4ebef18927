//! Servers that end by themselves.

use std::time::Instant;

use futures_lite::future::poll_once;
use serde_json::json;
use tenure_bounds::whole;
use tenure_rmcp::rmcp::service::NotificationContext;
use tenure_rmcp::rmcp::{ClientHandler, RoleClient};
use tenure_rmcp::{Delivery, Error, Mode, PipeClosed, ServerEnded, SessionError};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::support::{
    Deaf, SHORT, asking, call, client, grandchild, params, patient, pid, text, wait_until_gone,
};

#[tokio::test]
async fn a_server_that_dies_under_a_call_ends_it_with_why_and_the_next_call_starts_another() {
    whole("the row", async {
        let client = client(&[], patient());
        let lease = client.acquire().await.unwrap();
        let left = grandchild(&lease).await;
        let error = call(&lease, "crash", json!({ "code": 9 })).await.unwrap_err();
        let Error::Revoked(SessionError::Lost { failure, .. }) = &error else { panic!("{error:?}") };
        let ended: &ServerEnded = failure.downcast_ref().unwrap();
        assert_eq!(ended.status.code(), Some(9));
        assert!(error.may_have_run());
        assert!(error.to_string().contains("exit status: 9"), "{error}");
        wait_until_gone(&[left]);
        assert_eq!(
            text(&client.call_tool(params("echo", json!({ "text": "again" }))).await.unwrap()),
            "again"
        );
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn a_server_whose_child_holds_its_output_open_is_seen_to_have_ended() {
    whole("the row", async {
        let client = client(&[], patient());
        let lease = client.acquire().await.unwrap();
        let (pid, left) = (pid(&lease).await, grandchild(&lease).await);
        let mut never = Box::pin(call(&lease, "never", json!({})));
        assert!(poll_once(&mut never).await.is_none());
        crate::support::kill(pid);
        let error = never.await.unwrap_err();
        assert!(matches!(error, Error::Revoked(SessionError::Lost { .. })), "{error:?}");
        wait_until_gone(&[left]);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_came_before_the_servers_end_reaches_its_caller() {
    whole("the row", async {
        let client = tenure_rmcp::stdio(|| asking(&[]), || (), patient());
        for _ in 0..40 {
            let lease = client.acquire().await.unwrap();
            assert_eq!(call(&lease, "last-words", json!({})).await.unwrap(), "goodbye");
            assert!(matches!(lease.revoked().await, SessionError::Lost { .. }));
        }
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_never_answers_holds_up_neither_the_calls_nor_the_next_session() {
    whole("the row", async {
        let (asked, mut seen) = unbounded_channel();
        let client = tenure_rmcp::stdio(|| asking(&[]), move || Deaf(asked.clone()), patient());
        let lease = client.acquire().await.unwrap();
        let mut dying = Box::pin(lease.call_tool(params("ask-and-die", json!({}))));
        assert!(poll_once(&mut dying).await.is_none());
        seen.recv().await.unwrap();
        // rmcp waits five seconds for its handlers before it ends the calls.
        let begun = Instant::now();
        // The server waits for a message before it dies.
        let _ = lease.run(async |peer| peer.notify_roots_list_changed().await).await;
        let error = dying.await.unwrap_err();
        assert!(matches!(error, Error::Revoked(SessionError::Lost { .. })), "{error:?}");
        assert_eq!(text(&client.call_tool(params("again", json!({}))).await.unwrap()), "again");
        assert!(begun.elapsed().as_secs() < 4, "{:?}", begun.elapsed());
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

/// Tells when it hears of a change.
struct Listener(UnboundedSender<()>);

impl ClientHandler for Listener {
    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.0.send(()).unwrap();
    }
}

fn sh(script: &str) -> std::process::Command {
    let mut command = std::process::Command::new("sh");
    command.args(["-c", script]);
    tenure_bounds::mark(&mut command);
    command
}

/// Closes its input after the handshake, says so, and lives on.
const DEAF: &str = r#"
read -r line
echo '{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"deaf","version":"1"}}}'
read -r line
exec 0<&-
echo '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'
exec sleep 60
"#;

#[tokio::test]
async fn a_server_that_closed_its_input_is_lost_and_the_call_that_met_it_says_so() {
    whole("the row", async {
        let (told, mut closed) = unbounded_channel();
        let client =
            tenure_rmcp::stdio(|| sh(DEAF), move || Listener(told.clone()), patient().stop_timeout(SHORT));
        let lease = client.acquire().await.unwrap();
        closed.recv().await.unwrap();
        let error = call(&lease, "any", json!({})).await.unwrap_err();
        let Error::Revoked(SessionError::Lost { failure, .. }) = &error else { panic!("{error:?}") };
        assert!(failure.downcast_ref::<PipeClosed>().is_some(), "{failure:?}");
        drop(lease);
        // It can't see that it should end, and is told.
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

/// Takes a call and closes its input, says so, and answers when the file is there.
const ANSWERS_DEAF: &str = r#"
read -r line
echo '{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"deaf","version":"1"}}}'
read -r line
read -r line
exec 0<&-
echo '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'
until [ -e "$0" ]; do sleep 0.02; done
echo '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"taken before"}]}}'
exec sleep 60
"#;

#[tokio::test]
async fn a_server_that_closed_its_input_still_answers_the_calls_that_it_took() {
    whole("the row", async {
        let gate = std::env::temp_dir().join(format!("tenure-rmcp-deaf-{}", std::process::id()));
        let (told, mut closed) = unbounded_channel();
        let command = {
            let gate = gate.clone();
            move || {
                let mut command = sh(ANSWERS_DEAF);
                command.arg(&gate);
                command
            }
        };
        let client =
            tenure_rmcp::stdio(command, move || Listener(told.clone()), patient().stop_timeout(SHORT));
        let lease = client.acquire().await.unwrap();
        let mut taken = Box::pin(call(&lease, "any", json!({})));
        assert!(poll_once(&mut taken).await.is_none());
        closed.recv().await.unwrap();
        let error = call(&lease, "another", json!({})).await.unwrap_err();
        assert!(matches!(error, Error::Revoked(SessionError::Lost { .. })), "{error:?}");
        assert!(poll_once(&mut taken).await.is_none());
        std::fs::write(&gate, "").unwrap();
        let answer = taken.await;
        std::fs::remove_file(&gate).unwrap();
        assert_eq!(answer.unwrap(), "taken before");
        drop(lease);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

/// Closes its output when it is called, and lives on until it is told to hurry.
const SAYS_NOTHING: &str = r#"
trap 'echo goodbye >&2; exit 0' TERM
read -r line
echo '{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"silent","version":"1"}}}'
read -r line
read -r line
exec 1>&-
while read -r line; do :; done
echo 'no more input' >&2
while :; do sleep 0.02; done
"#;

#[tokio::test]
async fn a_server_that_closes_its_output_and_lives_is_let_go_in_order() {
    whole("the row", async {
        let (said, mut heard) = unbounded_channel();
        let options = patient()
            .stop_timeout(SHORT)
            .on_stderr(move |generation, line| said.send((generation.number(), line.to_owned())).unwrap());
        let client = tenure_rmcp::stdio(|| sh(SAYS_NOTHING), || (), options);
        let lease = client.acquire().await.unwrap();
        let error = call(&lease, "any", json!({})).await.unwrap_err();
        let Error::Revoked(SessionError::Lost { failure, .. }) = &error else { panic!("{error:?}") };
        assert!(failure.downcast_ref::<PipeClosed>().is_some(), "{failure:?}");
        assert_eq!((error.delivery(), error.is_retryable()), (Delivery::Unknown, true));
        assert_eq!(heard.recv().await.unwrap(), (1, "no more input".to_owned()));
        // The lease is good until it is given back, and nobody new gets this server.
        lease.check().unwrap();
        let mut next = Box::pin(client.acquire());
        assert!(poll_once(&mut next).await.is_none());
        drop(lease);
        assert_eq!(next.await.unwrap().generation().number(), 2);
        // It was asked to hurry before it was killed, and its last words were heard.
        let last_words: Vec<_> = std::iter::from_fn(|| heard.try_recv().ok()).collect();
        assert!(last_words.contains(&(1, "goodbye".to_owned())), "{last_words:?}");
        client.shutdown(Mode::Force).await;
    })
    .await;
}
