//! Section 9: much at once, of what servers say and of what is asked of them.

use std::time::Instant;

use futures_lite::future::zip;
use serde_json::json;
use tenure_http_server::{Reply, Speaks, http, rpc};

use crate::outcome::text;
use crate::stage::Stage;
use crate::support::{BOTH, Runtime, SHORT, SOON};

async fn a_flood_before_an_answer_does_not_hide_it<R: Runtime>() {
    let told = json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": "info", "data": "z" } });
    let told = format!("data: {told}\n\n");
    for speaks in BOTH {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        stage.server.next(
            rpc("tools/call"),
            Reply::sse().executed().repeat(&*told, 20_000).event_result(&text("hi")),
        );
        assert_eq!(stage.call(&lease, "hi").await, "ok hi");
        // One without an end costs its own call alone.
        stage.server.next(rpc("tools/call").key("flooded"), Reply::sse().executed().endless(&*told));
        let hurried = stage.lease().await.with_call_timeout(Some(SHORT));
        let beside = async {
            stage.server.seen(2, rpc("tools/call")).await;
            stage.call(&lease, "beside").await
        };
        let (flooded, beside) = zip(stage.call(&hurried, "flooded"), beside).await;
        assert_eq!([flooded, beside], ["timed out, unknown", "ok beside"]);
        drop((lease, hurried));
        stage.close().await;
    }
}

async fn a_listening_stream_that_floods_costs_the_listener_alone<R: Runtime>() {
    let told = json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": "info", "data": "z" } });
    let stage = Stage::new::<R>(Speaks::Legacy);
    stage.server.always(http("GET"), Reply::sse().endless(format!("data: {told}\n\n")));
    let lease = stage.lease().await;
    stage.server.seen(1, http("GET")).await;
    for key in ["a", "b", "c"] {
        assert_eq!(stage.call(&lease, key).await, format!("ok {key}"));
    }
    let begun = Instant::now();
    drop(lease);
    stage.close().await;
    assert!(begun.elapsed() < SOON);
}

async fn so_many_exchanges_at_once_and_no_more<R: Runtime>() {
    for speaks in BOTH {
        let stage = Stage::with::<R>(speaks, |mut setup| {
            setup.max_exchanges = Some(2);
            setup
        });
        let lease = stage.lease().await;
        let gate = stage.server.gate();
        stage.server.times(2, rpc("tools/call"), Reply::correct().held(&gate));
        let hurried = stage.lease().await.with_call_timeout(Some(SHORT));
        let all = async {
            let two = zip(stage.call(&lease, "a"), stage.call(&lease, "b"));
            let queued = async {
                stage.server.seen(2, rpc("tools/call")).await;
                let said = stage.call(&hurried, "c").await;
                // It never came to its turn.
                assert!(said.starts_with("timed out"), "{said}");
                assert_eq!(stage.server.journal().rpc("tools/call").len(), 2);
                gate.open();
                stage.call(&lease, "d").await
            };
            zip(two, queued).await
        };
        let ((a, b), d) = all.await;
        assert_eq!([a, b, d], ["ok a", "ok b", "ok d"]);
        drop((lease, hurried));
        let journal = stage.close().await;
        assert!(journal.requests.iter().all(|request| request.key() != Some("c")));
    }
}

/// Answers to the server and cancel notices don't wait for calls that go on and on.
async fn what_the_server_waits_for_passes_calls_by<R: Runtime>() {
    let stage = Stage::with::<R>(Speaks::Legacy, |mut setup| {
        setup.max_exchanges = Some(1);
        setup
    });
    let lease = stage.lease().await;
    let answered = stage.server.gate();
    let question = json!({ "jsonrpc": "2.0", "id": "q", "method": "ping" });
    let reply = Reply::sse().executed().event(&question).gate(&answered).event_result(&text("hi"));
    stage.server.next(rpc("tools/call"), reply);
    let serving = async {
        stage.server.seen(1, tenure_http_server::reply()).await;
        answered.open();
    };
    assert_eq!(zip(stage.call(&lease, "hi"), serving).await.0, "ok hi");
    let hurried = stage.lease().await.with_call_timeout(Some(SHORT));
    stage.server.next(rpc("tools/call"), Reply::raw("").hold());
    assert_eq!(stage.call(&hurried, "ho").await, "timed out, unknown");
    stage.server.seen(1, rpc("notifications/cancelled")).await;
    drop((lease, hurried));
    stage.close().await;
}

tests!(
    a_flood_before_an_answer_does_not_hide_it,
    a_listening_stream_that_floods_costs_the_listener_alone,
    so_many_exchanges_at_once_and_no_more,
    what_the_server_waits_for_passes_calls_by,
);
