//! Section 2: what is sent. That no request has a header too many or too few, the server looks at in every test.

use std::pin::pin;

use futures_lite::future::poll_once;
use serde_json::json;
use tenure::Mode;
use tenure_http_server::{Reply, Speaks, http, rpc};
use tenure_mcp::{Client, Subscriptions};

use crate::outcome::failure;
use crate::stage::{Stage, call};
use crate::support::{Runtime, SHORT};

const INITIALIZED: &str = "notifications/initialized";

async fn a_legacy_session_is_opened_confirmed_used_and_deleted<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let lease = stage.lease().await;
    assert_eq!(stage.call(&lease, "hi").await, "ok hi");
    lease.ping().await.unwrap();
    lease.notify("notifications/roots/list_changed", ()).await.unwrap();
    stage.server.seen(1, http("GET")).await;
    stage.server.seen(1, rpc("notifications/roots/list_changed")).await;
    drop(lease);
    let journal = stage.close().await;
    let mut story = journal.story();
    story.retain(|it| *it != "GET");
    let expected =
        ["initialize", INITIALIZED, "tools/call", "ping", "notifications/roots/list_changed", "DELETE"];
    assert_eq!(story, expected);
    let get = journal.http("GET")[0];
    assert!(get.number > 1, "listened to before the session was confirmed: {:?}", journal.story());
    assert_eq!(get.header("last-event-id"), None);
}

async fn a_modern_server_gets_requests_alone<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Modern);
    let lease = stage.lease().await;
    assert_eq!(stage.call(&lease, "hi").await, "ok hi");
    lease.get_prompt("greet", ()).await.unwrap();
    lease.read_resource("file:///a").await.unwrap();
    stage.client.subscribe(|wished| wished.tools(true));
    stage.server.seen(1, rpc("subscriptions/listen")).await;
    drop(lease);
    stage.client.shutdown(Mode::Force).await;
    stage.server.dropped(rpc("subscriptions/listen")).await;
    let journal = stage.close().await;
    let story = ["server/discover", "tools/call", "prompts/get", "resources/read", "subscriptions/listen"];
    assert_eq!(journal.story(), story);
}

async fn requests_wait_for_the_confirmation_to_be_taken<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let taken = stage.server.gate();
    stage.server.next(rpc(INITIALIZED), Reply::correct().held(&taken));
    let calling = async { stage.call_once("hi").await };
    let serving = async {
        stage.server.seen(1, rpc(INITIALIZED)).await;
        // What is sent too soon has the time to come.
        futures_lite::future::or(
            async { drop(stage.server.seen(1, rpc("tools/call")).await) },
            R::pause(SHORT),
        )
        .await;
        assert!(stage.server.journal().rpc("tools/call").is_empty());
        taken.open();
    };
    assert_eq!(futures_lite::future::zip(calling, serving).await.0, "ok hi");
    let journal = stage.close().await;
    assert_eq!(journal.rpc("tools/call").len(), 1);
}

async fn a_confirmation_that_fails_is_nobodys_trouble<R: Runtime>() {
    for reply in [Reply::status(500), Reply::status(400), Reply::raw("").reset(), Reply::status(200)] {
        let stage = Stage::new::<R>(Speaks::Legacy);
        stage.server.next(rpc(INITIALIZED), reply);
        assert_eq!(stage.call_once("hi").await, "ok hi");
        stage.close().await;
    }
}

async fn ones_own_headers_are_sent_and_replace_none_of_ours<R: Runtime>() {
    for speaks in [Speaks::Legacy, Speaks::Modern] {
        let stage = Stage::with::<R>(speaks, |mut setup| {
            setup.headers = vec![
                ("X-Own", "mine"),
                ("Accept", "text/html"),
                ("Content-Type", "text/html"),
                ("Content-Length", "5"),
                ("Host", "example.com"),
                ("MCP-Session-Id", "theirs"),
                ("MCP-Protocol-Version", "1999-01-01"),
                ("Mcp-Method", "none"),
                ("Mcp-Name", "none"),
                ("Transfer-Encoding", "chunked"),
                ("Connection", "close"),
                ("Origin", "http://example.com"),
                ("Accept-Encoding", "gzip"),
            ];
            setup
        });
        assert_eq!(stage.call_once("hi").await, "ok hi");
        let host = stage.server.host();
        let journal = stage.close().await;
        for request in &journal.requests {
            assert_eq!(request.header("x-own"), Some("mine"), "{request:?}");
            assert_eq!(request.header("host"), Some(&*host), "{request:?}");
        }
    }
}

async fn a_legacy_call_that_nobody_waits_for_is_cancelled_with_a_notice<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let lease = stage.lease().await;
    stage.server.next(rpc("tools/call"), Reply::sse().hold());
    give_up(&stage, call(&lease, "hi")).await;
    let notice = stage.server.seen(1, rpc("notifications/cancelled")).await;
    let dropped = stage.server.dropped(rpc("tools/call")).await;
    assert_eq!(&notice.json["params"]["requestId"], dropped.id());
    assert_eq!(stage.call(&lease, "ho").await, "ok ho");
    drop(lease);
    stage.close().await;
}

async fn a_modern_call_that_nobody_waits_for_is_dropped_without_a_word<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Modern);
    let lease = stage.lease().await;
    stage.server.next(rpc("tools/call"), Reply::sse().hold());
    give_up(&stage, call(&lease, "hi")).await;
    stage.server.dropped(rpc("tools/call")).await;
    assert_eq!(stage.call(&lease, "ho").await, "ok ho");
    drop(lease);
    assert_eq!(stage.close().await.story(), ["server/discover", "tools/call", "tools/call"]);
}

/// Lets go of a call that has come.
async fn give_up(stage: &Stage, call: impl Future) {
    let mut call = pin!(call);
    let sent = stage.server.seen(1, rpc("tools/call"));
    futures_lite::future::or(async { drop(sent.await) }, async {
        call.as_mut().await;
    })
    .await;
    assert!(poll_once(call).await.is_none());
}

async fn initialize_is_never_cancelled_and_its_session_is_deleted<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let gate = stage.server.gate();
    stage.server.next(rpc("initialize"), Reply::correct().held(&gate));
    let closing = open_and_close(&stage.client, &stage);
    let serving = async {
        stage.server.until(|journal| (!journal.rpc("initialize").is_empty()).then_some(())).await;
        // The close has begun by now, or begins now: either way its session is deleted.
        gate.open();
    };
    futures_lite::future::zip(closing, serving).await;
    stage.server.seen(1, http("DELETE")).await;
    let journal = stage.server.journal();
    assert_eq!(journal.http("DELETE")[0].session(), Some("session-1"));
    assert!(journal.rpc("notifications/cancelled").is_empty());
}

async fn open_and_close(client: &Client, stage: &Stage) {
    let mut opening = Box::pin(client.acquire());
    let came = stage.server.seen(1, rpc("initialize"));
    futures_lite::future::or(async { drop(came.await) }, async { drop(opening.as_mut().await) }).await;
    client.close(Mode::Force).await;
}

async fn without_a_session_there_is_nothing_to_delete<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    stage.server.gives_sessions(false);
    assert_eq!(stage.call_once("hi").await, "ok hi");
    let journal = stage.close().await;
    assert!(journal.http("DELETE").is_empty());
    assert!(journal.requests.iter().all(|request| request.session().is_none()));
    let versions = journal.requests.iter().skip(1).map(|request| request.header("mcp-protocol-version"));
    assert!(versions.into_iter().all(|version| version == Some("2025-11-25")));
}

async fn a_session_id_that_cant_be_one_is_refused<R: Runtime>() {
    let long = "x".repeat(1025);
    for id in ["a b", "a\tb", "caf\u{e9}", &*long] {
        let stage = Stage::new::<R>(Speaks::Legacy);
        let result = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {} });
        stage.server.next(rpc("initialize"), Reply::result(&result).header("MCP-Session-Id", id));
        let said = failure(&stage.client.acquire().await.unwrap_err());
        assert!(said.starts_with("connect failed"), "{id:?}: {said}");
        let story = stage.server.journal();
        assert!(story.requests.iter().all(|it| it.session().is_none()), "{id:?}: {:?}", story.story());
    }
}

async fn what_the_server_asks_is_answered_with_a_post_and_only_once<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let lease = stage.lease().await;
    let answered = stage.server.gate();
    let question = json!({ "jsonrpc": "2.0", "id": "q", "method": "ping" });
    let reply = Reply::sse().event(&question).gate(&answered).event_result(&crate::outcome::text("hi"));
    stage.server.next(rpc("tools/call"), reply);
    // The answer is not taken: it is not given again.
    stage.server.next(tenure_http_server::reply(), Reply::status(500));
    let serving = async {
        let answer = stage.server.seen(1, tenure_http_server::reply()).await;
        assert_eq!(answer.json, json!({ "jsonrpc": "2.0", "id": "q", "result": {} }));
        answered.open();
    };
    let (said, ()) = futures_lite::future::zip(stage.call(&lease, "hi"), serving).await;
    assert_eq!(said, "ok hi");
    assert_eq!(stage.call(&lease, "ho").await, "ok ho");
    drop(lease);
    let journal = stage.close().await;
    assert_eq!(journal.story().iter().filter(|it| **it == "reply").count(), 1);
}

async fn wishes_are_requests_or_one_stream<R: Runtime>() {
    let wished = Subscriptions::default().tools(true).resource("file:///a");
    for (speaks, method) in
        [(Speaks::Legacy, "resources/subscribe"), (Speaks::Modern, "subscriptions/listen")]
    {
        let stage = Stage::new::<R>(speaks);
        stage.client.subscribe(|_| wished.clone());
        let lease = stage.lease().await;
        stage.server.seen(1, rpc(method)).await;
        drop(lease);
        stage.close().await;
    }
}

tests!(
    a_legacy_session_is_opened_confirmed_used_and_deleted,
    a_modern_server_gets_requests_alone,
    requests_wait_for_the_confirmation_to_be_taken,
    a_confirmation_that_fails_is_nobodys_trouble,
    ones_own_headers_are_sent_and_replace_none_of_ours,
    a_legacy_call_that_nobody_waits_for_is_cancelled_with_a_notice,
    a_modern_call_that_nobody_waits_for_is_dropped_without_a_word,
    initialize_is_never_cancelled_and_its_session_is_deleted,
    without_a_session_there_is_nothing_to_delete,
    a_session_id_that_cant_be_one_is_refused,
    what_the_server_asks_is_answered_with_a_post_and_only_once,
    wishes_are_requests_or_one_stream,
);
