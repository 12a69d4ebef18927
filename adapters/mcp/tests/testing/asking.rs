//! What the server asks its client and doesn't wait for, and what is shown of it.

use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake};

use futures_lite::future::zip;
use serde_json::json;
use serde_json::value::RawValue;
use tenure_mcp::proto::ClientFeature;
use tenure_mcp::testing::{ClientAnswer, MemoryServer};
use tenure_mcp::{HandlerContext, Handlers, Options, Refusal};

use crate::run_with;

/// Never answers, and counts the handlers that are gone.
#[derive(Clone, Default)]
struct Never(Arc<AtomicUsize>);

impl Drop for Never {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Handlers of that kind.
struct Silent(Arc<AtomicUsize>);

#[async_trait::async_trait]
impl Handlers for Silent {
    fn offers(&self) -> Vec<ClientFeature> {
        vec![ClientFeature::Other("x/never".to_owned())]
    }

    async fn other(&self, _: &HandlerContext, _: Option<Box<RawValue>>) -> Result<Box<RawValue>, Refusal> {
        let _there = Never(self.0.clone());
        pending().await
    }
}

struct Nobody;

impl Wake for Nobody {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn what_the_server_waits_for_no_more_ends_and_lets_go_of_who_waited() {
    let server = MemoryServer::new();
    let (asking, gone) = (server.clone(), Arc::new(AtomicUsize::new(0)));
    run_with(&server, Options::new().handlers(Silent(gone.clone())), async move |client| {
        let _lease = client.acquire().await.unwrap();
        let asked = asking.ask("x/never", json!({}));
        client.ping().await.unwrap();
        assert_eq!(gone.load(Ordering::SeqCst), 0);
        let waits = Arc::new(Nobody);
        let mut answer = Box::pin(asked.answer());
        assert!(answer.as_mut().poll(&mut Context::from_waker(&waits.clone().into())).is_pending());
        assert!(Arc::strong_count(&waits) > 1);
        drop(answer);
        assert_eq!(Arc::strong_count(&waits), 1);
        asked.cancel();
        client.ping().await.unwrap();
        assert_eq!(gone.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn what_the_server_gives_out_shows_what_it_is() {
    let server = MemoryServer::new();
    assert!(format!("{server:?}").starts_with("MemoryServer"));
    assert!(format!("{:?}", server.ask("x/y", json!({}))).starts_with("Asked { id: "));
    assert!(format!("{:?}", server.hold("tools/call")).starts_with("Held { number: "));
}

#[test]
fn nothing_is_asked_of_a_client_before_its_handshake_is_complete() {
    let server = MemoryServer::new();
    let asking = server.clone();
    run_with(&server, Options::new(), async move |client| {
        let held = asking.hold("initialize");
        let early = async {
            held.arrived(1).await;
            assert_eq!(asking.ask("roots/list", json!({})).answer().await, ClientAnswer::None);
            held.release();
        };
        let (lease, ()) = zip(client.acquire(), early).await;
        let answer = asking.ask("roots/list", json!({})).answer().await;
        assert!(matches!(answer, ClientAnswer::Error { .. }), "{answer:?}");
        drop(lease.unwrap());
    });
}
