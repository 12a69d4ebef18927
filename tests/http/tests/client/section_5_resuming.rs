//! Section 5: streams that break are taken up again, or not.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tenure_http_server::{Matching, Reply, Request, Speaks, http, rpc};
use tenure_mcp::Lease;

use crate::outcome::{failure, text};
use crate::stage::{Stage, call};
use crate::support::{Runtime, SHORT};

/// Event `c1`, by which the stream can be taken up in a moment; then the end.
fn cut() -> Reply {
    Reply::sse().executed().piece("id: c1\nretry: 10\ndata:\n\n")
}

fn resumes() -> Matching {
    http("GET").and(|request| request.header("last-event-id").is_some())
}

fn answer(call: &Request) -> Value {
    json!({ "jsonrpc": "2.0", "id": call.id(), "result": text("hi") })
}

/// Calls `hi`, whose stream breaks so; GETs that take it up get these answers, and then the call's own.
async fn resumed<R: Runtime>(broken: Reply, replies: Vec<Reply>) -> (String, Stage) {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let lease = stage.lease().await;
    let said = resumed_on(&stage, &lease, broken, replies).await;
    (said, stage)
}

async fn resumed_on(stage: &Stage, lease: &Lease, broken: Reply, replies: Vec<Reply>) -> String {
    for reply in replies {
        stage.server.next(resumes(), reply);
    }
    let stream = stage.server.stream();
    stage.server.always(resumes(), stage.server.following(stream, 0));
    stage.server.next(rpc("tools/call"), broken);
    let serving = async {
        let call = stage.server.seen(1, rpc("tools/call").key("hi")).await;
        stage.server.say(stream, &format!("id: c9\ndata: {}\n\n", answer(&call)));
        std::future::pending::<()>().await;
    };
    futures_lite::future::or(stage.call(lease, "hi"), async {
        serving.await;
        String::new()
    })
    .await
}

/// From where the stream was taken up, in order.
fn cursors(stage: &Stage) -> Vec<String> {
    let journal = stage.server.journal();
    let cursor = |request: &&Request| request.header("last-event-id").map(str::to_owned);
    journal.requests.iter().filter_map(|request| cursor(&request)).collect()
}

async fn a_stream_that_was_cut_is_taken_up_where_it_was<R: Runtime>() {
    for end in [cut().reset(), cut().close(), cut(), cut().bytewise()] {
        let (said, stage) = resumed::<R>(end.clone(), Vec::new()).await;
        assert_eq!((said.as_str(), cursors(&stage)), ("ok hi", vec!["c1".to_owned()]), "{end:?}");
        let journal = stage.close().await;
        assert_eq!((journal.executed("hi"), journal.rpc("tools/call").len()), (1, 1));
    }
}

async fn the_cursor_is_kept_until_there_is_another<R: Runtime>() {
    let empty = || Reply::sse();
    let half = Reply::sse().piece("id: c2\ndata: half").reset();
    let nameless = || Reply::sse().piece("data:\n\n");
    let next = Reply::sse().piece("id: c3\ndata:\n\n");
    let (said, stage) = resumed::<R>(cut(), vec![empty(), half, nameless(), next, empty(), nameless()]).await;
    assert_eq!(
        (said.as_str(), cursors(&stage)),
        ("ok hi", ["c1", "c1", "c1", "c1", "c3", "c3", "c3"].map(str::to_owned).to_vec())
    );
    stage.close().await;
}

async fn the_servers_time_to_retry_is_waited_for<R: Runtime>() {
    let wait = Duration::from_millis(600);
    let begun = Instant::now();
    let broken = Reply::sse().executed().piece("id: c1\nretry: 600\ndata:\n\n");
    // It holds for the next time too.
    let (said, stage) = resumed::<R>(broken, vec![Reply::sse().piece("data:\n\n")]).await;
    assert_eq!(said, "ok hi");
    assert!(begun.elapsed() >= 2 * wait, "{:?}", begun.elapsed());
    stage.close().await;
}

async fn failures_that_pass_are_tried_through<R: Runtime>() {
    let passing = [500, 502, 503, 429].map(Reply::status);
    let (said, stage) = resumed::<R>(cut(), passing.to_vec()).await;
    assert_eq!((said.as_str(), cursors(&stage).len()), ("ok hi", 5));
    stage.close().await;
    let passing =
        vec![Reply::status(408), Reply::status(409), Reply::raw("").close(), Reply::raw("").reset()];
    let (said, stage) = resumed::<R>(cut(), passing).await;
    assert_eq!((said.as_str(), cursors(&stage).len()), ("ok hi", 5));
    stage.close().await;
}

async fn five_tries_for_nothing_are_enough<R: Runtime>() {
    for useless in [Reply::status(503), Reply::sse(), Reply::raw("").close()] {
        let (said, stage) = resumed::<R>(cut(), vec![useless.clone(); 9]).await;
        assert_eq!((said.as_str(), cursors(&stage).len()), ("interrupted, unknown", 5), "{useless:?}");
        assert_eq!(stage.generation().await, 1);
        stage.close().await;
    }
}

async fn what_is_no_stream_cant_be_taken_up<R: Runtime>() {
    for odd in [
        Reply::status(400),
        Reply::status(405),
        Reply::status(202),
        Reply::json(200, &json!({})),
        Reply::text(200, "hi"),
    ] {
        let (said, stage) = resumed::<R>(cut(), vec![odd.clone()]).await;
        assert_eq!((said.as_str(), cursors(&stage).len()), ("interrupted, unknown", 1), "{odd:?}");
        assert_eq!(stage.generation().await, 1);
        stage.close().await;
    }
}

async fn a_session_that_is_gone_when_its_stream_is_taken_up_is_lost<R: Runtime>() {
    for status in [404, 410] {
        let (said, stage) = resumed::<R>(cut(), vec![Reply::status(status)]).await;
        assert_eq!(said, "lost, unknown", "{status}");
        assert_eq!(stage.generation().await, 2);
        let journal = stage.close().await;
        assert_eq!(journal.executed("hi"), 1);
    }
}

async fn a_stream_without_a_cursor_is_not_taken_up<R: Runtime>() {
    let long = "x".repeat(5_000);
    for broken in [
        "data:\n\n".to_owned(),
        "id: c1\ndata:\n\nid:\ndata:\n\n".to_owned(),
        "id: c1\u{0}\ndata:\n\n".to_owned(),
        "id: c1".to_owned(),
        format!("id: {long}\ndata:\n\n"),
    ] {
        let (said, stage) = resumed::<R>(Reply::sse().executed().piece(&*broken).reset(), Vec::new()).await;
        assert_eq!((said.as_str(), cursors(&stage)), ("interrupted, unknown", Vec::new()), "{broken:?}");
        stage.close().await;
    }
}

async fn a_time_to_retry_beyond_the_calls_own_fails_at_once<R: Runtime>() {
    // A day; and longer than the call may take.
    for retry in [86_400_000, 25_000] {
        let begun = Instant::now();
        let broken = Reply::sse().executed().piece(format!("id: c1\nretry: {retry}\ndata:\n\n"));
        let (said, stage) = resumed::<R>(broken, Vec::new()).await;
        assert_eq!((said.as_str(), cursors(&stage)), ("interrupted, unknown", Vec::new()));
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        stage.close().await;
    }
}

async fn a_deadline_and_a_caller_that_leaves_end_the_tries<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let hurried = stage.lease().await.with_call_timeout(Some(SHORT));
    stage.server.always(resumes(), Reply::sse().hold());
    stage.server.next(rpc("tools/call"), cut());
    assert_eq!(stage.call(&hurried, "hi").await, "timed out, unknown");
    stage.server.dropped(resumes()).await;
    let notice = stage.server.seen(1, rpc("notifications/cancelled")).await;
    let first = stage.server.seen(1, rpc("tools/call")).await;
    assert_eq!(&notice.json["params"]["requestId"], first.id());
    let lease = stage.lease().await;
    stage.server.next(rpc("tools/call"), cut());
    futures_lite::future::or(async { drop(call(&lease, "ho").await) }, async {
        drop(stage.server.seen(2, resumes()).await);
    })
    .await;
    stage.server.seen(2, rpc("notifications/cancelled")).await;
    assert_eq!(stage.call(&lease, "hey").await, "ok hey");
    assert_eq!(cursors(&stage).len(), 2);
    stage.close().await;
}

async fn what_is_delivered_again_is_not_told_again<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let lease = stage.lease().await;
    let question = json!({ "jsonrpc": "2.0", "id": "q", "method": "ping" });
    let told = format!("id: c1\nretry: 10\ndata: {question}\n\n");
    let broken = Reply::sse().executed().piece(&*told);
    let said = resumed_on(&stage, &lease, broken, vec![Reply::sse().piece(&*told)]).await;
    assert_eq!(said, "ok hi");
    lease.ping().await.unwrap();
    let replies = stage.server.journal().requests.iter().filter(|it| it.is_reply()).count();
    assert_eq!(replies, 1);
    stage.close().await;
}

async fn in_the_modern_era_nothing_is_taken_up<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Modern);
    let lease = stage.lease().await;
    for end in [cut().reset(), cut()] {
        stage.server.next(rpc("tools/call"), end);
        let error = lease.call_tool("echo", json!({})).await.unwrap_err();
        assert_eq!(failure(&error), "interrupted, unknown");
    }
    // What is safe is asked again, as another request.
    stage.server.next(rpc("tools/list"), cut().reset());
    assert_eq!(lease.list_tools().await.unwrap().len(), 1);
    let journal = stage.server.journal();
    let lists = journal.rpc("tools/list");
    assert!(lists.len() == 2 && lists[0].id() != lists[1].id(), "{lists:?}");
    assert!(journal.http("GET").is_empty());
}

/// The statuses that say that there is no stream to listen to.
async fn a_listening_stream_that_isnt_offered_is_not_asked_for_again<R: Runtime>() {
    for reply in [405, 406, 415, 501, 400]
        .map(Reply::status)
        .into_iter()
        .chain([Reply::text(200, "hi"), Reply::json(200, &json!({}))])
    {
        let stage = Stage::new::<R>(Speaks::Legacy);
        stage.server.always(http("GET"), reply.clone());
        let lease = stage.lease().await;
        stage.server.seen(1, http("GET")).await;
        wait_a_while(&lease).await;
        assert_eq!(stage.server.journal().http("GET").len(), 1, "{reply:?}");
        assert_eq!(stage.generation().await, 1);
        stage.close().await;
    }
}

/// Some calls one after the other, which takes longer than a loop without a pause would need for a few rounds.
async fn wait_a_while(lease: &Lease) {
    for _ in 0..30 {
        lease.ping().await.unwrap();
    }
}

async fn a_404_to_the_listening_stream_is_disproved_by_a_ping<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    stage.server.always(http("GET"), Reply::status(404));
    let lease = stage.lease().await;
    stage.server.seen(1, http("GET")).await;
    stage.server.seen(1, rpc("ping")).await;
    wait_a_while(&lease).await;
    assert_eq!(stage.server.journal().http("GET").len(), 1);
    assert_eq!(stage.generation().await, 1);
    stage.close().await;
}

async fn a_listening_stream_that_ends_at_once_is_not_asked_for_without_a_pause<R: Runtime>() {
    for reply in [
        Reply::sse(),
        Reply::status(503),
        Reply::status(409),
        Reply::raw("").reset(),
        Reply::sse().piece(": x\n\n").reset(),
    ] {
        let stage = Stage::new::<R>(Speaks::Legacy);
        stage.server.always(http("GET"), reply.clone());
        let lease = stage.lease().await;
        stage.server.seen(1, http("GET")).await;
        wait_a_while(&lease).await;
        let times = stage.server.journal().http("GET").len();
        assert!(times <= 2, "{times} times: {reply:?}");
        stage.close().await;
    }
}

async fn a_listening_stream_is_taken_up_where_it_was<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let told = json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": "info", "data": 1 } });
    stage.server.next(http("GET"), Reply::sse().event_id("l1", &told).reset());
    let _lease = stage.lease().await;
    let again = stage.server.seen(2, http("GET")).await;
    assert_eq!(again.header("last-event-id"), Some("l1"));
    stage.close().await;
}

/// Some that stand in between send it with the first event alone.
async fn nobody_waits_for_the_head_of_the_listening_stream<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    stage.server.always(http("GET"), Reply::raw("").hold());
    assert_eq!(stage.call_once("hi").await, "ok hi");
    stage.close().await;
}

tests!(
    a_stream_that_was_cut_is_taken_up_where_it_was,
    the_cursor_is_kept_until_there_is_another,
    the_servers_time_to_retry_is_waited_for,
    failures_that_pass_are_tried_through,
    five_tries_for_nothing_are_enough,
    what_is_no_stream_cant_be_taken_up,
    a_session_that_is_gone_when_its_stream_is_taken_up_is_lost,
    a_stream_without_a_cursor_is_not_taken_up,
    a_time_to_retry_beyond_the_calls_own_fails_at_once,
    a_deadline_and_a_caller_that_leaves_end_the_tries,
    what_is_delivered_again_is_not_told_again,
    in_the_modern_era_nothing_is_taken_up,
    a_listening_stream_that_isnt_offered_is_not_asked_for_again,
    a_404_to_the_listening_stream_is_disproved_by_a_ping,
    a_listening_stream_that_ends_at_once_is_not_asked_for_without_a_pause,
    a_listening_stream_is_taken_up_where_it_was,
    nobody_waits_for_the_head_of_the_listening_stream,
);
