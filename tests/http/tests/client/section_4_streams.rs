//! Section 4: what comes in streams of events, and on which of them.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tenure_http_server::{Reply, Speaks, http, rpc};

use crate::outcome::text;
use crate::stage::Stage;
use crate::support::{Runtime, SHORT};

/// The answer to the call of `hi`, as one line of JSON.
fn answer() -> String {
    let answer = json!({ "jsonrpc": "2.0", "id": "$ID", "result": text("hi") });
    answer.to_string().replace("\"$ID\"", "$ID")
}

fn stream(body: impl Into<Vec<u8>>) -> Reply {
    Reply::sse().executed().piece(body)
}

async fn an_answer_is_read_however_its_stream_is_written<R: Runtime>() {
    let answer = answer();
    let (first, rest) = answer.split_at(answer.find(',').unwrap() + 1);
    let bodies = [
        format!("data: {answer}\n\n"),
        format!("data:{answer}\r\n\r\n"),
        format!("data: {answer}\r\r"),
        format!("data: {answer}\r\n\n"),
        format!("\u{feff}data: {answer}\n\n"),
        format!("\u{feff}\n: comment\n\ndata: {answer}\n\n"),
        format!("data: {first}\ndata: {rest}\n\n"),
        format!("event: message\nid: 7\nretry: 5\ndata: {answer}\n\n"),
        format!("event:\nunknown: field\nnothing\ndata: {answer}\n\n"),
        format!("id: 1\ndata:\n\nid: 2\ndata\n\ndata: {answer}\n\n"),
        format!("event: ping\ndata: {answer}\n\ndata: {answer}\n\n"),
        format!("data: no JSON\n\ndata: {{}}\n\ndata: 5\n\ndata: {answer}\n\n"),
        format!("id: a\u{0}b\nretry: soon\ndata: {answer}\n\n"),
    ];
    let mut wrong = Vec::new();
    for speaks in [Speaks::Legacy, Speaks::Modern] {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await.with_call_timeout(Some(20 * SHORT));
        for body in &bodies {
            for reply in [stream(&**body), stream(&**body).bytewise(), stream(&**body).hold()] {
                stage.server.next(rpc("tools/call"), reply);
                let said = lease.call_tool("echo", json!({})).await;
                let said = crate::outcome::outcome(&said);
                if said != "ok hi" {
                    wrong.push(format!("{said}: {body:?}"));
                }
            }
        }
        assert_eq!(stage.generation().await, 1);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

async fn an_array_in_an_event_is_looked_into<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    stage.server.next(rpc("tools/call"), stream(format!("data: [{}]\n\n", answer())));
    assert_eq!(stage.call_once("hi").await, "ok hi");
    stage.close().await;
}

async fn lines_that_are_no_utf_8_are_read_as_well_as_can_be<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let mut body =
        b": \xff\xfe\n\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/\xff\"}\n\n".to_vec();
    body.extend(format!("data: {}\n\n", answer()).bytes());
    stage.server.next(rpc("tools/call"), stream(body));
    assert_eq!(stage.call_once("hi").await, "ok hi");
    stage.close().await;
}

async fn an_event_without_its_end_is_none<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    stage.server.next(rpc("tools/call"), stream(format!("data: {}\n", answer())));
    assert_eq!(stage.call_once("hi").await, "interrupted, unknown");
    stage.close().await;
}

async fn what_is_told_on_a_calls_stream_belongs_to_that_call<R: Runtime>() {
    for speaks in [Speaks::Legacy, Speaks::Modern] {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        let told = Arc::<Mutex<Vec<f64>>>::default();
        let gate = stage.server.gate();
        let mut reply = Reply::sse();
        for progress in [1, 2, 2, 3] {
            let params = json!({ "progressToken": "$TOKEN", "progress": progress });
            reply = reply
                .event(&json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params }));
        }
        stage.server.next(rpc("tools/call"), reply.gate(&gate).event_result(&text("hi")));
        let heard = told.clone();
        let call = lease
            .call_tool("echo", json!({}))
            .progress(move |progress| heard.lock().unwrap().push(progress.progress));
        let opening = async {
            stage.server.seen(1, rpc("tools/call")).await;
            gate.open();
        };
        let (result, ()) = futures_lite::future::zip(async { call.await }, opening).await;
        assert_eq!(result.unwrap().text(), "hi");
        // What doesn't grow is not told.
        assert_eq!(*told.lock().unwrap(), [1.0, 2.0, 3.0]);
        drop(lease);
        stage.close().await;
    }
}

async fn answers_for_others_are_dropped<R: Runtime>() {
    let foreign = |id: Value| json!({ "jsonrpc": "2.0", "id": id, "result": text("foreign") });
    for speaks in [Speaks::Legacy, Speaks::Modern] {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        // Of nobody, and of a call that is over.
        let reply = Reply::sse()
            .event(&foreign(json!(987_654)))
            .event(&foreign(json!("x")))
            .event(&foreign(json!(1)));
        stage.server.next(rpc("tools/call"), reply.event_result(&text("hi")).executed());
        assert_eq!(stage.call(&lease, "hi").await, "ok hi");
        assert!(!stage.heard.protocol_errors().is_empty());
        drop(lease);
        stage.close().await;
    }
}

async fn of_two_answers_the_first_counts<R: Runtime>() {
    for speaks in [Speaks::Legacy, Speaks::Modern] {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        let reply = Reply::sse().event_result(&text("hi")).event_result(&text("ho"));
        stage.server.next(rpc("tools/call"), reply.executed());
        assert_eq!(stage.call(&lease, "hi").await, "ok hi");
        assert_eq!(stage.call(&lease, "ho").await, "ok ho");
        drop(lease);
        stage.close().await;
    }
}

/// An answer on a wrong stream is taken, if its call waits (T25 forbids it to servers).
async fn an_answer_on_the_listening_stream_is_taken_with_a_warning<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let listening = stage.server.stream();
    stage.server.next(http("GET"), stage.server.following(listening, 0));
    let lease = stage.lease().await;
    stage.server.seen(1, http("GET")).await;
    stage.server.next(rpc("tools/call"), Reply::sse().execute().hold());
    let serving = async {
        let call = stage.server.seen(1, rpc("tools/call")).await;
        stage.server.until(|journal| (journal.executed("hi") == 1).then_some(())).await;
        let answer = json!({ "jsonrpc": "2.0", "id": call.id(), "result": text("hi") });
        stage.server.say(listening, &format!("data: {answer}\n\n"));
    };
    assert_eq!(futures_lite::future::zip(stage.call(&lease, "hi"), serving).await.0, "ok hi");
    assert_eq!(stage.heard.protocol_errors().len(), 1, "{:?}", stage.heard.all());
    // Its own stream is of no use any more.
    stage.server.dropped(rpc("tools/call")).await;
    drop(lease);
    stage.close().await;
}

async fn a_server_asks_on_the_stream_of_a_call_in_the_legacy_era_alone<R: Runtime>() {
    let question = json!({ "jsonrpc": "2.0", "id": "q", "method": "ping" });
    for (speaks, replies) in [(Speaks::Legacy, 1), (Speaks::Modern, 0)] {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        let gate = stage.server.gate();
        stage.server.next(
            rpc("tools/call"),
            Reply::sse().executed().event(&question).gate(&gate).event_result(&text("hi")),
        );
        let serving = async {
            stage.server.seen(1, rpc("tools/call")).await;
            if replies > 0 {
                stage.server.seen(replies, tenure_http_server::reply()).await;
            }
            gate.open();
        };
        assert_eq!(futures_lite::future::zip(stage.call(&lease, "hi"), serving).await.0, "ok hi");
        assert_eq!(stage.call(&lease, "ho").await, "ok ho");
        drop(lease);
        let story = stage.close().await;
        let count = story.story().iter().filter(|it| **it == "reply").count();
        assert_eq!(count, replies, "{speaks:?}");
    }
}

async fn what_the_listening_stream_tells_is_heard<R: Runtime>() {
    let changed = "notifications/tools/list_changed";
    for (speaks, method) in [(Speaks::Legacy, "GET"), (Speaks::Modern, "subscriptions/listen")] {
        let stage = Stage::with::<R>(speaks, |setup| {
            setup.options(|options| options.subscribe(tenure_mcp::Subscriptions::default().tools(true)))
        });
        let lease = stage.lease().await;
        let listens = stage.server.seen(
            1,
            tenure_http_server::any().and(move |it| it.method == method || it.rpc() == Some(method)),
        );
        listens.await;
        // It is told until it was heard: who listens is not there yet when the request is.
        while stage.heard.notifications().is_empty() {
            stage.server.tell(changed, &json!({}));
            lease.list_tools().await.unwrap();
        }
        assert!(stage.heard.notifications().iter().all(|it| it == changed));
        drop(lease);
        stage.close().await;
    }
}

tests!(
    an_answer_is_read_however_its_stream_is_written,
    an_array_in_an_event_is_looked_into,
    lines_that_are_no_utf_8_are_read_as_well_as_can_be,
    an_event_without_its_end_is_none,
    what_is_told_on_a_calls_stream_belongs_to_that_call,
    answers_for_others_are_dropped,
    of_two_answers_the_first_counts,
    an_answer_on_the_listening_stream_is_taken_with_a_warning,
    a_server_asks_on_the_stream_of_a_call_in_the_legacy_era_alone,
    what_the_listening_stream_tells_is_heard,
);
