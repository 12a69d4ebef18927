//! Section 7: the modern era over HTTP.

use futures_lite::future::zip;
use serde_json::{Value, json};
use tenure_http_server::{Matching, Reply, Request, Speaks, rpc};
use tenure_mcp::{Error, ServerEvent, Subscriptions};

use crate::desk::{Desk, form};
use crate::outcome::{failure, outcome};
use crate::stage::{Stage, call};
use crate::support::{Runtime, all};

/// A tool whose argument `a` is wanted in the header `Mcp-Param-A`, by a schema with this for it.
fn tool(name: &str, property: &Value) -> Value {
    json!({ "name": name, "inputSchema": { "type": "object", "properties": { "a": property } } })
}

fn wanted(kind: &str) -> Value {
    json!({ "type": kind, "x-mcp-header": "A" })
}

async fn arguments_that_are_wanted_go_into_headers<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Modern);
    stage.server.tools(json!([
        tool("s", &wanted("string")),
        tool("i", &wanted("integer")),
        tool("b", &wanted("boolean"))
    ]));
    let lease = stage.lease().await;
    lease.list_tools().await.unwrap();
    let rows = [
        ("s", json!("us-west1"), Some("us-west1")),
        ("s", json!("Hello, 世界"), Some("=?base64?SGVsbG8sIOS4lueVjA==?=")),
        ("s", json!(" padded "), Some("=?base64?IHBhZGRlZCA=?=")),
        ("s", json!("line1\nline2"), Some("=?base64?bGluZTEKbGluZTI=?=")),
        ("s", json!("=?base64?literal?="), Some("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=")),
        ("s", json!("a\tb"), Some("a\tb")),
        ("s", json!(null), None),
        ("i", json!(42), Some("42")),
        ("i", json!(-9_007_199_254_740_991_i64), Some("-9007199254740991")),
        ("b", json!(true), Some("true")),
        ("b", json!(false), Some("false")),
    ];
    let mut wrong = Vec::new();
    for (number, (name, value, header)) in rows.iter().enumerate() {
        lease.call_tool(name, json!({ "a": value })).await.unwrap();
        let sent = stage.server.seen(number + 1, rpc("tools/call")).await;
        if sent.header("mcp-param-a") != *header {
            wrong.push(format!("{value}: {:?}, and not {header:?}", sent.header("mcp-param-a")));
        }
    }
    lease.call_tool("s", json!({})).await.unwrap();
    assert_eq!(stage.server.seen(rows.len() + 1, rpc("tools/call")).await.header("mcp-param-a"), None);
    assert!(wrong.is_empty(), "{wrong:#?}");
    stage.close().await;
}

async fn a_name_that_is_no_header_is_encoded<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Modern);
    let lease = stage.lease().await;
    lease.call_tool("größe", json!({})).await.unwrap();
    let sent = stage.server.seen(1, rpc("tools/call")).await;
    assert_eq!(sent.header("mcp-name"), Some("=?base64?Z3LDtsOfZQ==?="));
    stage.close().await;
}

async fn a_tool_whose_headers_cant_be_is_left_out_and_not_called<R: Runtime>() {
    let spoilt = [
        ("number", wanted("number")),
        ("object", wanted("object")),
        ("space", json!({ "type": "string", "x-mcp-header": "A b" })),
        ("empty", json!({ "type": "string", "x-mcp-header": "" })),
        ("text", json!({ "type": "string", "x-mcp-header": 5 })),
        ("items", json!({ "type": "array", "items": wanted("string") })),
    ];
    let stage = Stage::new::<R>(Speaks::Modern);
    let mut tools = vec![
        tool("good", &wanted("string")),
        tool("data", &json!({ "type": "string", "default": wanted("number") })),
    ];
    tools.extend(spoilt.iter().map(|(name, property)| tool(name, property)));
    stage.server.tools(json!(tools));
    let lease = stage.lease().await;
    let names: Vec<_> = lease.list_tools().await.unwrap().into_iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["good", "data"]);
    for (name, _) in &spoilt {
        let error = lease.call_tool(name, json!({ "a": 1 })).await.unwrap_err();
        assert_eq!(failure(&error), "unsendable, unsent", "{name}");
    }
    lease.call_tool("good", json!({ "a": "b" })).await.unwrap();
    assert_eq!(stage.close().await.rpc("tools/call").len(), 1);
}

async fn headers_that_dont_match_are_looked_up_and_the_call_is_made_once_more<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Modern);
    stage.server.tools(json!([tool("echo", &wanted("string"))]));
    let lease = stage.lease().await;
    let mismatch = || Reply::error(400, -32020, "Header mismatch");
    // Of the tool nothing is known yet, so it goes without.
    let bare = rpc("tools/call").and(|request| request.header("mcp-param-a").is_none());
    stage.server.always(bare, mismatch());
    assert_eq!(outcome(&lease.call_tool("echo", json!({ "a": "b", "text": "hi" })).await), "ok hi");
    let story = stage.server.journal();
    assert_eq!(story.story(), ["server/discover", "tools/call", "tools/list", "tools/call"]);
    // Where listing changes nothing, it is not made again.
    stage.server.always(rpc("tools/call"), mismatch());
    assert_eq!(outcome(&lease.call_tool("echo", json!({ "a": "b" })).await), "error -32020");
    let journal = stage.close().await;
    assert_eq!(journal.rpc("tools/call").len(), 3);
    assert_eq!(journal.executions.len(), 1);
}

async fn what_a_result_is_it_says_itself<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Modern);
    let lease = stage.lease().await;
    let content = json!([{ "type": "text", "text": "hi" }]);
    stage.server.next(rpc("tools/call"), Reply::result(&json!({ "content": content })));
    assert_eq!(outcome(&call(&lease, "hi").await), "ok hi");
    stage
        .server
        .next(rpc("tools/call"), Reply::result(&json!({ "content": content, "resultType": "riddle" })));
    assert!(matches!(call(&lease, "hi").await, Err(Error::Unreadable { .. })));
    for code in [-32021, -32022] {
        stage.server.next(rpc("tools/call"), Reply::error(400, code, "no"));
        assert_eq!(stage.call(&lease, "ho").await, format!("error {code}"));
    }
    assert_eq!(stage.close().await.rpc("tools/call").len(), 4);
}

async fn a_version_that_is_refused_is_replaced_by_one_in_common_and_the_call_made_once_more<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Modern);
    let lease = stage.lease().await;
    let data = json!({ "supported": ["2099-01-01", "2026-07-28"], "requested": "2026-07-28" });
    let error = json!({ "code": -32022, "message": "Unsupported protocol version", "data": data });
    let refusal = || Reply::json(400, &json!({ "jsonrpc": "2.0", "id": "$ID", "error": error }));
    stage.server.next(rpc("tools/call"), refusal());
    assert_eq!(stage.call(&lease, "hi").await, "ok hi");
    // A second one is final, and the session lives.
    stage.server.times(2, rpc("tools/call"), refusal());
    assert_eq!(stage.call(&lease, "ho").await, "error -32022");
    assert_eq!(stage.call(&lease, "hey").await, "ok hey");
    drop(lease);
    let calls = ["server/discover", "tools/call", "tools/call", "tools/call", "tools/call", "tools/call"];
    assert_eq!(stage.close().await.story(), calls);
}

/// Wants a form filled in, and its state back.
fn wants_input() -> Reply {
    let input = json!({ "q": { "method": "elicitation/create", "params": form() } });
    Reply::result(
        &json!({ "resultType": "input_required", "inputRequests": input, "requestState": "a\u{e9}/=+\"" }),
    )
}

async fn input_is_given_with_another_request<R: Runtime>() {
    let stage =
        Stage::with::<R>(Speaks::Modern, |setup| setup.options(|options| options.handlers(Desk::default())));
    let lease = stage.lease().await;
    stage.server.next(rpc("tools/call"), wants_input());
    assert_eq!(stage.call(&lease, "hi").await, "ok hi");
    // Without end it is too much.
    stage.server.always(rpc("tools/call").key("ho"), wants_input());
    assert_eq!(stage.call(&lease, "ho").await, "input required");
    let journal = stage.close().await;
    let calls = journal.rpc("tools/call");
    assert_ne!(calls[0].id(), calls[1].id());
    assert_eq!(calls[0].json["params"]["requestState"], json!(null));
    assert_eq!(calls[1].json["params"]["requestState"], "a\u{e9}/=+\"");
    assert_eq!(calls[1].json["params"]["inputResponses"]["q"]["content"], json!({ "name": "octocat" }));
    assert_eq!(calls[1].json["params"]["arguments"], calls[0].json["params"]["arguments"]);
    assert_eq!(calls.len(), 2 + 9);
}

async fn input_that_nobody_offers_is_not_given<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Modern);
    let lease = stage.lease().await;
    stage.server.always(rpc("tools/call"), wants_input());
    assert_eq!(stage.call(&lease, "hi").await, "input required");
    drop(lease);
    assert_eq!(stage.close().await.rpc("tools/call").len(), 1);
}

async fn an_answer_to_input_that_is_lost_is_not_given_again<R: Runtime>() {
    let stage =
        Stage::with::<R>(Speaks::Modern, |setup| setup.options(|options| options.handlers(Desk::default())));
    let lease = stage.lease().await;
    stage.server.next(rpc("tools/call"), wants_input());
    stage.server.next(rpc("tools/call"), Reply::raw("").executed().reset());
    assert_eq!(stage.call(&lease, "hi").await, "broken Sent, unknown");
    stage.server.next(rpc("resources/read"), wants_input());
    stage.server.next(rpc("resources/read"), Reply::raw("").reset());
    assert_eq!(failure(&lease.read_resource("file:///a").await.unwrap_err()), "broken Sent, unknown");
    let journal = stage.close().await;
    assert_eq!((journal.rpc("tools/call").len(), journal.rpc("resources/read").len()), (2, 2));
}

fn listens() -> Matching {
    rpc("subscriptions/listen")
}

fn granted(stage: &Stage) -> usize {
    stage.heard.all().iter().filter(|event| matches!(event, ServerEvent::Subscribed { .. })).count()
}

async fn subscribed<R: Runtime>() -> Stage {
    let stage = Stage::with::<R>(Speaks::Modern, |setup| {
        setup.options(|options| options.subscribe(Subscriptions::default().tools(true)))
    });
    drop(stage.lease().await);
    stage.server.seen(1, listens()).await;
    stage
}

async fn another_wish_is_another_stream_and_the_old_one_is_closed_later<R: Runtime>() {
    let stage = subscribed::<R>().await;
    until(|| granted(&stage) == 1).await;
    let gate = stage.server.gate();
    stage.server.next(listens(), Reply::correct().held(&gate));
    stage.client.subscribe(|wished| wished.prompts(true));
    let second = stage.server.seen(2, listens()).await;
    let wished = json!({ "toolsListChanged": true, "promptsListChanged": true });
    assert_eq!(second.json["params"]["notifications"], wished);
    assert!(!stage.server.seen(1, listens()).await.is_dropped, "closed before there is another one");
    gate.open();
    stage.server.dropped(listens()).await;
    until(|| granted(&stage) == 2).await;
    stage.close().await;
}

/// Waits for what the driver's task is about to do.
async fn until(mut is_it: impl FnMut() -> bool) {
    while !is_it() {
        futures_lite::future::yield_now().await;
    }
}

async fn a_stream_that_ends_is_asked_for_again_as_another_request<R: Runtime>() {
    let graceful = Reply::sse().event_result(&json!({ "resultType": "complete" }));
    let ends = [Reply::sse(), Reply::raw("").reset(), Reply::status(503), graceful];
    all(ends.into_iter().map(async |end: Reply| {
        let stage = Stage::with::<R>(Speaks::Modern, |setup| {
            setup.options(|options| options.subscribe(Subscriptions::default().tools(true)))
        });
        stage.server.next(listens(), end.clone());
        drop(stage.lease().await);
        let second = stage.server.seen(2, listens()).await;
        let first: Request = stage.server.seen(1, listens()).await;
        // One that got no answer at all is the same request, made once more.
        assert!(!first.is_answered || first.id() != second.id(), "{end:?}");
        until(|| granted(&stage) == 1).await;
        stage.close().await;
    }))
    .await;
}

async fn a_stream_that_isnt_offered_is_not_asked_for_again<R: Runtime>() {
    for refusal in [
        Reply::status(404),
        Reply::status(405),
        Reply::error(404, -32601, "no"),
        Reply::error(200, -32601, "no"),
    ] {
        let stage = Stage::with::<R>(Speaks::Modern, |setup| {
            setup.options(|options| options.subscribe(Subscriptions::default().tools(true)))
        });
        stage.server.always(listens(), refusal.clone());
        let lease = stage.lease().await;
        let ended = || {
            stage
                .heard
                .all()
                .iter()
                .any(|event| matches!(event, ServerEvent::SubscriptionEnded { again: false, .. }))
        };
        until(ended).await;
        assert_eq!(stage.call(&lease, "hi").await, "ok hi");
        drop(lease);
        let journal = stage.close().await;
        assert_eq!(journal.rpc("subscriptions/listen").len(), 1, "{refusal:?}");
        assert_eq!(journal.rpc("server/discover").len(), 1, "{refusal:?}: it is the stream that isn't there");
    }
}

async fn calls_go_on_beside_a_stream_that_listens<R: Runtime>() {
    let stage = subscribed::<R>().await;
    let lease = stage.lease().await;
    let (a, b) = zip(stage.call(&lease, "a"), stage.call(&lease, "b")).await;
    assert_eq!([a, b], ["ok a", "ok b"]);
    drop(lease);
    stage.close().await;
}

tests!(
    arguments_that_are_wanted_go_into_headers,
    a_name_that_is_no_header_is_encoded,
    a_tool_whose_headers_cant_be_is_left_out_and_not_called,
    headers_that_dont_match_are_looked_up_and_the_call_is_made_once_more,
    what_a_result_is_it_says_itself,
    a_version_that_is_refused_is_replaced_by_one_in_common_and_the_call_made_once_more,
    input_is_given_with_another_request,
    input_that_nobody_offers_is_not_given,
    an_answer_to_input_that_is_lost_is_not_given_again,
    another_wish_is_another_stream_and_the_old_one_is_closed_later,
    a_stream_that_ends_is_asked_for_again_as_another_request,
    a_stream_that_isnt_offered_is_not_asked_for_again,
    calls_go_on_beside_a_stream_that_listens,
);
