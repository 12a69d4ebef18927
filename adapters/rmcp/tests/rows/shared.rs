use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_lite::future::{self, poll_once};
use serde_json::json;
use tenure_bounds::whole;
use tenure_rmcp::rmcp::{Peer, RoleClient, ServiceError};
use tenure_rmcp::{Client, Error, Mode, SessionError, Status};

use crate::support::{TOOLS, call, client, params, patient, pid, scripted, text};

#[tokio::test]
async fn tasks_share_one_server_that_is_started_at_the_first_use() {
    whole("the row", async {
        let starts = Arc::new(AtomicU32::new(0));
        let counted = starts.clone();
        let command = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            scripted(&[])
        };
        let client = tenure_rmcp::stdio(command, || (), patient());
        assert_eq!(starts.load(Ordering::SeqCst), 0);
        let tasks: Vec<_> = (0..8)
            .map(|number: u32| {
                let client = client.clone();
                tokio::spawn(async move {
                    let arguments = json!({ "text": number.to_string() });
                    text(&client.call_tool(params("echo", arguments)).await.unwrap())
                })
            })
            .collect();
        for (number, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap(), number.to_string());
        }
        assert_eq!(starts.load(Ordering::SeqCst), 1);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn a_closed_session_is_opened_again_at_the_next_use() {
    whole("the row", async {
        let client = client(&[], patient());
        let lease = client.acquire().await.unwrap();
        let first = pid(&lease).await;
        drop(lease);
        client.close(Mode::Graceful).await;
        let lease = client.acquire().await.unwrap();
        assert_eq!(lease.generation().number(), 2);
        assert_ne!(pid(&lease).await, first);
        drop(lease);
        client.shutdown(Mode::Graceful).await;
        assert!(matches!(client.state(), Status::Closed { .. }));
        let refused = client.list_all_tools().await.unwrap_err();
        assert!(
            matches!(refused, Error::NotSent(SessionError::Closed { for_good: true, .. })),
            "{refused:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_caller_who_gives_up_takes_nobody_along() {
    whole("the row", async {
        let client = client(&[], patient());
        let mut impatient = Box::pin(client.list_all_tools());
        assert!(poll_once(&mut impatient).await.is_none());
        let ((), tools) = future::zip(async { drop(impatient) }, client.list_all_tools()).await;
        assert_eq!(tools.unwrap().len(), TOOLS);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn the_last_client_ends_the_server_when_it_is_dropped() {
    whole("the row", async {
        let client = client(&[], patient());
        let lease = client.acquire().await.unwrap();
        let pid = pid(&lease).await;
        let weak = client.downgrade();
        assert!(weak.upgrade().is_some());
        drop((lease, client));
        assert!(weak.upgrade().is_none());
        tokio::task::spawn_blocking(move || crate::support::wait_until_gone(&[pid])).await.unwrap();
    })
    .await;
}

/// Any call, from code that knows neither the call nor its future.
async fn in_a_task<T, F>(client: Client, call: impl FnOnce(Peer<RoleClient>) -> F + Send + 'static) -> T
where
    T: Send + 'static,
    F: Future<Output = Result<T, ServiceError>> + Send + 'static,
{
    let task = tokio::spawn(async move {
        let lease = client.acquire().await?;
        lease.run(call).await
    });
    task.await.unwrap().unwrap()
}

#[tokio::test]
async fn a_guarded_call_can_be_spawned_from_generic_code() {
    whole("the row", async {
        let client = client(&[], patient());
        let tools = in_a_task(client.clone(), async |peer| peer.list_all_tools().await).await;
        assert_eq!(tools.len(), TOOLS);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn a_lease_is_good_for_calls_on_one_connection() {
    whole("the row", async {
        let client = client(&[], patient());
        let lease = client.acquire().await.unwrap();
        let server = lease.server().await.unwrap().unwrap();
        assert!(server.capabilities.tools.is_some());
        let pid = pid(&lease).await;
        assert_eq!(call(&lease, "pid", json!({})).await.unwrap(), pid.to_string());
        drop(lease);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}
