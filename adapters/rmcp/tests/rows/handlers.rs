//! The user's own service keeps working: one for each generation.
#![allow(deprecated, reason = "sampling is on its way out of the protocol, and is still there")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tenure_bounds::{whole, within};
use tenure_rmcp::rmcp::model::{
    ClientCapabilities, ClientConfig, CreateMessageRequestParams, CreateMessageResult,
    ProgressNotificationParam, ProtocolVersion, SamplingMessage,
};
use tenure_rmcp::rmcp::service::{ClientLifecycleMode, NotificationContext, RequestContext};
use tenure_rmcp::rmcp::{ClientHandler, ErrorData, RoleClient};
use tenure_rmcp::{Client, Mode, Options};
use tokio::sync::Notify;

use crate::support::{asking, params, patient, text};

#[derive(Default)]
struct Heard {
    progress: Mutex<Vec<f64>>,
    changes: AtomicU32,
    changed: Notify,
}

struct Handler {
    number: u32,
    heard: Arc<Heard>,
}

impl ClientHandler for Handler {
    async fn create_message(
        &self,
        params: CreateMessageRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        assert_eq!(params.max_tokens, 8);
        let message = SamplingMessage::assistant_text(format!("handler {}", self.number));
        Ok(CreateMessageResult::new(message, "a-model".to_owned()))
    }

    async fn on_progress(&self, params: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.heard.progress.lock().unwrap().push(params.progress);
        self.heard.changed.notify_one();
    }

    async fn on_tool_list_changed(&self, context: NotificationContext<RoleClient>) {
        // A handler may use the session it is of.
        let pong = context.peer.list_all_tools().await;
        self.heard.changes.fetch_add(u32::from(pong.is_ok()), Ordering::SeqCst);
        self.heard.changed.notify_one();
    }

    fn get_info(&self) -> ClientConfig {
        let mut info = ClientConfig::default();
        info.capabilities = ClientCapabilities::builder().enable_sampling().build();
        info
    }
}

fn start(options: Options) -> (Client, Arc<Heard>) {
    let heard = Arc::new(Heard::default());
    let (shared, made) = (heard.clone(), AtomicU32::new(0));
    let service = move || Handler { number: made.fetch_add(1, Ordering::SeqCst) + 1, heard: shared.clone() };
    (tenure_rmcp::stdio(|| asking(&[]), service, options), heard)
}

#[tokio::test]
async fn a_server_that_asks_is_answered_by_a_service_of_its_own_generation() {
    whole("the row", async {
        let (client, _) = start(patient());
        for generation in 1..=3 {
            let answer = client.call_tool(params("ask", json!({}))).await.unwrap();
            assert_eq!(text(&answer), format!("handler {generation}"));
            client.close(Mode::Force).await;
        }
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_asks_back_without_a_handshake_is_answered_too() {
    whole("the row", async {
        let modern =
            ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
        let (client, _) = start(patient().lifecycle(modern));
        let answer = client.call_tool(params("ask-back", json!({}))).await.unwrap();
        assert_eq!(text(&answer), "handler 1");
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn progress_and_changes_reach_the_service() {
    whole("the row", async {
        let (client, heard) = start(patient());
        let lease = client.acquire().await.unwrap();
        lease.call_tool(params("progress", json!({}))).await.unwrap();
        within("three notes of progress", async {
            while heard.progress.lock().unwrap().len() < 3 {
                heard.changed.notified().await;
            }
        })
        .await;
        lease.call_tool(params("change", json!({}))).await.unwrap();
        within("a change", async {
            while heard.changes.load(Ordering::SeqCst) == 0 {
                heard.changed.notified().await;
            }
        })
        .await;
        drop(lease);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}
