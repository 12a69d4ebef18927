//! Section 6: sessions that the server knows no more, and the next ones; how sessions end.

use std::time::{Duration, Instant};

use futures_lite::future::{or, zip};
use serde_json::{Value, json};
use tenure::Mode;
use tenure_http_server::{Matching, Reply, Speaks, any, http, reply, rpc};

use crate::outcome::{failure, text};
use crate::stage::Stage;
use crate::support::Runtime;

/// What comes of that session.
fn of_session(id: &'static str) -> Matching {
    any().and(move |request| request.session() == Some(id) && request.method == "POST")
}

fn error(status: u16, id: &Value, code: i64) -> Reply {
    Reply::json(status, &json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": "m" } }))
}

/// What real servers say of a session that they know no more.
fn expiries() -> Vec<(&'static str, Reply)> {
    vec![
        ("TypeScript SDK 1.x", error(400, &json!(null), -32000)),
        ("the Python SDK", error(404, &json!("server-error"), -32600)),
        ("rmcp", Reply::text(404, "Not Found: Session not found")),
        ("410", Reply::status(410)),
        ("401", Reply::status(401)),
        ("400 without a word", Reply::status(400)),
        ("2xx with an error for nobody", error(200, &json!(null), -32600)),
    ]
}

async fn whoever_calls_after_an_expiry_is_served_by_the_next_session<R: Runtime>() {
    for (who, reply) in expiries() {
        let stage = Stage::new::<R>(Speaks::Legacy);
        assert_eq!(stage.call_once("one").await, "ok one");
        stage.server.always(of_session("session-1"), reply);
        assert_eq!(stage.call_once("two").await, "ok two", "{who}");
        stage.until_generation(2).await;
        assert_eq!(stage.call_once("three").await, "ok three", "{who}");
        let journal = stage.close().await;
        assert_eq!(journal.rpc("initialize").len(), 2, "{who}: {:?}", journal.story());
        let deleted: Vec<_> = journal.http("DELETE").into_iter().filter_map(|it| it.session()).collect();
        assert_eq!(deleted, ["session-2"], "{who}");
    }
}

async fn one_initialize_serves_all_who_come_next<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    assert_eq!(stage.call_once("zero").await, "ok zero");
    stage.server.expire();
    let calls =
        zip(zip(stage.call_once("a"), stage.call_once("b")), zip(stage.call_once("c"), stage.call_once("d")));
    let ((a, b), (c, d)) = calls.await;
    assert_eq!([a, b, c, d], ["ok a", "ok b", "ok c", "ok d"]);
    assert_eq!(stage.close().await.rpc("initialize").len(), 2);
}

/// A call that was answered counts, one that gets a 404 too was refused, and of the rest nobody knows.
async fn calls_in_flight_have_a_moment_to_be_told_what_became_of_them<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let lease = stage.lease().await;
    let (late, too) = (stage.server.gate(), stage.server.gate());
    let calls = || rpc("tools/call");
    stage.server.next(calls().key("answered"), Reply::correct().held(&late));
    stage.server.next(calls().key("refused"), Reply::status(404).held(&too));
    stage.server.next(calls().key("silent"), Reply::raw("").executed().hold());
    stage.server.next(calls().key("expired"), Reply::status(404));
    let sent = async {
        stage.server.seen(3, calls()).await;
        let said = stage.call(&lease, "expired").await;
        late.open();
        too.open();
        said
    };
    let three =
        zip(zip(stage.call(&lease, "answered"), stage.call(&lease, "refused")), stage.call(&lease, "silent"));
    let (said, ((answered, refused), silent)) = zip(sent, three).await;
    assert_eq!(
        [said, answered, refused, silent],
        ["lost, refused", "ok answered", "lost, refused", "lost, unknown"]
    );
    assert_eq!(stage.generation().await, 2);
    let journal = stage.close().await;
    assert!(journal.rpc("notifications/cancelled").is_empty(), "{:?}", journal.story());
}

async fn nothing_new_is_sent_in_a_session_that_has_expired<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let lease = stage.lease().await;
    // Somebody else keeps the session from being over.
    stage.server.next(rpc("tools/call").key("silent"), Reply::raw("").executed().hold());
    stage.server.next(rpc("tools/call").key("expired"), Reply::status(404));
    let then = async {
        stage.server.seen(1, rpc("tools/call")).await;
        assert_eq!(stage.call(&lease, "expired").await, "lost, refused");
        let said = stage.call(&lease, "next").await;
        assert!(said.ends_with("unsent"), "{said}");
    };
    assert_eq!(zip(stage.call(&lease, "silent"), then).await.0, "lost, unknown");
    let journal = stage.close().await;
    assert!(journal.requests.iter().all(|request| request.key() != Some("next")));
}

async fn one_ping_settles_what_is_suspect<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let lease = stage.lease().await;
    let pinged = stage.server.gate();
    stage.server.times(3, rpc("tools/call"), Reply::text(400, "what?"));
    stage.server.next(rpc("ping"), Reply::correct().held(&pinged));
    let opening = async {
        stage.server.seen(1, rpc("ping")).await;
        // They are to be read before the ping is answered.
        stage.arrivals.until(3, 400).await;
        pinged.open();
    };
    let calls = zip(zip(stage.call(&lease, "a"), stage.call(&lease, "b")), stage.call(&lease, "c"));
    let (((a, b), c), ()) = zip(calls, opening).await;
    for said in [a, b, c] {
        assert_eq!(said, "status 400, refused");
    }
    assert_eq!(stage.generation().await, 1);
    assert_eq!(stage.close().await.rpc("ping").len(), 1);
}

async fn a_404_to_the_handshake_is_a_failed_connect<R: Runtime>() {
    for method in ["initialize", "notifications/initialized"] {
        let stage = Stage::new::<R>(Speaks::Legacy);
        stage.server.always(rpc(method), Reply::text(404, "not found"));
        let said = failure(&stage.client.acquire().await.unwrap_err());
        assert!(said.starts_with("connect failed"), "{method}: {said}");
        stage.close().await;
    }
}

/// Replicas that don't know of each other's sessions.
async fn sessions_that_expire_at_once_are_not_opened_for_ever<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    stage.server.always(rpc("tools/call"), Reply::status(404));
    let said = stage.call_once("hi").await;
    assert_eq!(said, "lost, refused");
    let journal = stage.close().await;
    assert!(journal.rpc("initialize").len() <= 2, "{:?}", journal.story());
}

async fn an_answer_of_the_old_session_never_reaches_the_new_one<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let lease = stage.lease().await;
    let late = stage.server.gate();
    // The first call of the next session has the same id.
    let old = json!({ "jsonrpc": "2.0", "id": "$ID", "result": text("old") });
    stage.server.next(rpc("tools/call"), Reply::sse().executed().gate(&late).event(&old));
    stage.server.next(rpc("tools/call").key("expired"), Reply::status(404));
    let then = async {
        stage.server.seen(1, rpc("tools/call")).await;
        assert_eq!(stage.call(&lease, "expired").await, "lost, refused");
    };
    assert_eq!(zip(stage.call(&lease, "silent"), then).await.0, "lost, unknown");
    let slow = stage.server.gate();
    // Its stream has begun when the client answers what it is asked there.
    let asked = json!({ "jsonrpc": "2.0", "id": "p", "method": "ping" });
    let new = Reply::sse().executed().event(&asked).gate(&slow).event_result(&text("new"));
    stage.server.next(rpc("tools/call").key("new"), new);
    let serving = async {
        stage.server.seen(1, reply()).await;
        late.open();
        stage.server.dropped(rpc("tools/call").key("silent")).await;
        slow.open();
        std::future::pending().await
    };
    assert_eq!(or(stage.call_once("new"), serving).await, "ok new");
    stage.close().await;
}

async fn a_close_deletes_the_session_whatever_the_server_says_to_it<R: Runtime>() {
    for reply in [200, 202, 204, 400, 401, 404, 405, 500]
        .map(Reply::status)
        .into_iter()
        .chain([Reply::raw("").reset()])
    {
        let stage = Stage::new::<R>(Speaks::Legacy);
        drop(stage.lease().await);
        stage.server.next(http("DELETE"), reply.clone());
        let begun = Instant::now();
        let journal = stage.close().await;
        assert_eq!(journal.http("DELETE").len(), 1, "{reply:?}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{reply:?}: {:?}", begun.elapsed());
    }
}

async fn a_delete_that_hangs_holds_nobody_up<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    drop(stage.lease().await);
    stage.server.next(http("DELETE"), Reply::raw("").hold());
    let begun = Instant::now();
    stage.client.close(Mode::Force).await;
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert_eq!(stage.call_once("hi").await, "ok hi");
    stage.close().await;
}

async fn a_close_ends_calls_at_once_and_tells_the_server<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let lease = stage.lease().await;
    stage.server.next(rpc("tools/call"), Reply::sse().execute().hold());
    let closing = async {
        stage.server.until(|journal| (journal.executed("hi") == 1).then_some(())).await;
        stage.client.close(Mode::Force).await;
    };
    let (said, ()) = zip(stage.call(&lease, "hi"), closing).await;
    assert_eq!(said, "closed, unknown");
    stage.server.dropped(rpc("tools/call")).await;
    let journal = stage.close().await;
    let last = journal.requests.iter().rfind(|it| it.method == "DELETE").unwrap();
    assert_eq!(last.session(), Some("session-1"));
}

async fn the_last_client_that_goes_ends_the_session<R: Runtime>() {
    let mut stage = Stage::new::<R>(Speaks::Legacy);
    assert_eq!(stage.call_once("hi").await, "ok hi");
    let other = R::http(&stage.server.url(), crate::support::Setup::new(tenure_mcp::Eras::Legacy));
    drop(std::mem::replace(&mut stage.client, other));
    stage.server.seen(1, http("DELETE")).await;
    stage.close().await;
}

async fn a_server_that_is_down_makes_calls_fail_at_once<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    assert_eq!(stage.call_once("hi").await, "ok hi");
    let Stage { client, server, .. } = stage;
    drop(server);
    let begun = Instant::now();
    for _ in 0..3 {
        let error = client.call_tool("echo", json!({ "text": "ho" })).await.unwrap_err();
        assert!(
            failure(&error).ends_with("unsent") || failure(&error).starts_with("connect failed"),
            "{error:?}"
        );
    }
    client.shutdown(Mode::Force).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

tests!(
    whoever_calls_after_an_expiry_is_served_by_the_next_session,
    one_initialize_serves_all_who_come_next,
    calls_in_flight_have_a_moment_to_be_told_what_became_of_them,
    nothing_new_is_sent_in_a_session_that_has_expired,
    one_ping_settles_what_is_suspect,
    a_404_to_the_handshake_is_a_failed_connect,
    sessions_that_expire_at_once_are_not_opened_for_ever,
    an_answer_of_the_old_session_never_reaches_the_new_one,
    a_close_deletes_the_session_whatever_the_server_says_to_it,
    a_delete_that_hangs_holds_nobody_up,
    a_close_ends_calls_at_once_and_tells_the_server,
    the_last_client_that_goes_ends_the_session,
    a_server_that_is_down_makes_calls_fail_at_once,
);
