//! What servers offer beside tools: listed page by page, read, filled in, completed.

use serde_json::value::RawValue;
use serde_json::{Value, json};
use tenure::Mode;
use tenure_mcp::proto::pages::ListWarning;
use tenure_mcp::proto::types::{CompletionReference, Content, ResourceContents, Role};
use tenure_mcp::{Delivery, Error};

use crate::stage::{Call, Server, Stage};

/// Answers with a result as it is, and returns the request.
#[track_caller]
fn answer(server: &Server, result: &str) -> Value {
    let request = server.heard_one();
    server.say_bytes(
        format!("{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{result}}}\n", request["id"]).as_bytes(),
    );
    request
}

/// The result of `call`, which the server answers with `result`, and the request.
macro_rules! asked {
    ($stage:expr, $server:expr, $call:expr, $result:expr) => {{
        let mut call = Call::begun($call);
        $stage.turn();
        let request = answer(&$server, $result);
        $stage.turn();
        (request, call.poll().unwrap())
    }};
}

#[test]
fn each_listing_asks_for_its_list_and_keeps_the_raw_elements() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let client = stage.client.clone();
    let resource = r#"{ "uri":"file:///a","name":"a","size":1.0e2,"new":[1.50] }"#;
    let page = format!(r#"{{"resources":[{resource}]}}"#);
    for by_client in [false, true] {
        let listing = if by_client { client.list_resources() } else { lease.list_resources() };
        let (request, list) = asked!(stage, server, listing, &page);
        assert_eq!(request["method"], "resources/list");
        assert_eq!(list.unwrap()[0].raw.get(), resource);

        let template = r#"{"uriTemplate":"file:///{a}","name":"t","n":1e999}"#;
        let listing =
            if by_client { client.list_resource_templates() } else { lease.list_resource_templates() };
        let (request, list) =
            asked!(stage, server, listing, &format!(r#"{{"resourceTemplates":[{template}]}}"#));
        assert_eq!(request["method"], "resources/templates/list");
        assert_eq!(list.unwrap()[0].raw.get(), template);

        let prompt = r#"{"name":"p","arguments":[{"name":"x","required":true}], "\u0061":1}"#;
        let listing = if by_client { client.list_prompts() } else { lease.list_prompts() };
        let (request, list) = asked!(stage, server, listing, &format!(r#"{{"prompts":[{prompt}]}}"#));
        assert_eq!(request["method"], "prompts/list");
        assert_eq!(list.unwrap()[0].raw.get(), prompt);

        let listing = if by_client { client.list_tools() } else { lease.list_tools() };
        let (request, list) = asked!(stage, server, listing, r#"{"tools":[]}"#);
        assert_eq!(request["method"], "tools/list");
        assert!(list.unwrap().is_empty());
    }
}

#[test]
fn a_resource_is_read_and_its_raw_result_kept() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let client = stage.client.clone();
    let result = r#"{ "contents":[{"uri":"file:///a","text":"\u00e9","x":1.00}],"ttlMs":1e3 }"#;
    for call in [lease.read_resource("file:///a"), client.read_resource("file:///a")] {
        let (request, read) = asked!(stage, server, call, result);
        let read = read.unwrap();
        assert_eq!(
            (&request["method"], &request["params"]),
            (&json!("resources/read"), &json!({ "uri": "file:///a" }))
        );
        assert_eq!(read.raw.get(), result);
        assert!(matches!(&read.contents[..], [ResourceContents::Text { text, .. }] if text == "é"));
    }
}

#[test]
fn a_prompt_is_filled_in_with_arguments_byte_for_byte() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let client = stage.client.clone();
    let arguments = RawValue::from_string(r#"{ "z":"\u00e9","a":1.00 }"#.to_owned()).unwrap();
    let result = r#"{"messages":[{"role":"user","content":{"type":"text","text":"hi"}}],"n":1.0}"#;
    for call in [lease.get_prompt("greet", &arguments), client.get_prompt("greet", &arguments)] {
        let mut call = Call::begun(call);
        stage.turn();
        let text = server.heard_text();
        let params =
            format!(r#""method":"prompts/get","params":{{"name":"greet","arguments":{}}}"#, arguments.get());
        assert!(text.contains(&params), "{text}");
        let request: Value = serde_json::from_str(&text).unwrap();
        server.say_bytes(
            format!("{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{result}}}\n", request["id"]).as_bytes(),
        );
        stage.turn();
        let prompt = call.poll().unwrap().unwrap();
        assert_eq!(prompt.raw.get(), result);
        assert_eq!(prompt.messages[0].role, Role::User);
        assert!(matches!(&prompt.messages[0].content, Content::Text { text, .. } if text == "hi"));
    }
    let (request, _) = asked!(stage, server, lease.get_prompt("greet", ()), result);
    assert_eq!(request["params"], json!({ "name": "greet" }));
}

#[test]
fn an_argument_is_completed_with_the_others_that_are_filled_in() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let client = stage.client.clone();
    let result = r#"{"completion":{"values":["Paris"],"total":1e1,"hasMore":true},"n":1.0}"#;
    let of = CompletionReference::Prompt("weather");
    let call =
        lease.complete(of, "city", "Pa").context(json!({ "country": "France" })).meta(json!({ "m": 1 }));
    let (request, found) = asked!(stage, server, call, result);
    assert_eq!(request["method"], "completion/complete");
    assert_eq!(
        request["params"],
        json!({
            "ref": { "type": "ref/prompt", "name": "weather" },
            "argument": { "name": "city", "value": "Pa" },
            "context": { "arguments": { "country": "France" } },
            "_meta": { "m": 1 },
        })
    );
    let found = found.unwrap();
    assert_eq!((found.values, found.has_more, found.raw.get()), (vec!["Paris".to_owned()], true, result));

    let of = CompletionReference::Resource("file:///{path}");
    let (request, _) = asked!(stage, server, client.complete(of, "path", "").context(()), result);
    assert_eq!(
        request["params"],
        json!({
            "ref": { "type": "ref/resource", "uri": "file:///{path}" },
            "argument": { "name": "path", "value": "" },
        })
    );
}

#[test]
fn params_that_cannot_be_sent_send_nothing() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let of = CompletionReference::Prompt("p");
    let words = [
        Call::new(lease.get_prompt("p", [1])).poll().unwrap().unwrap_err(),
        Call::new(lease.complete(of, "a", "").context(7)).poll().unwrap().unwrap_err(),
        Call::new(lease.complete(of, "a", "").context(json!({})).context(json!({})))
            .poll()
            .unwrap()
            .unwrap_err(),
        Call::new(lease.read_resource("a:b").meta("x")).poll().unwrap().unwrap_err(),
        Call::new(lease.list_prompts().meta("x")).poll().unwrap().unwrap_err(),
    ]
    .map(|error| {
        assert!(matches!(error, Error::InvalidParams(_)), "{error:?}");
        error.to_string()
    });
    stage.turn();
    assert!(server.heard().is_empty());
    assert_eq!(
        words,
        [
            "not sent: the prompt's arguments must be a JSON object, not a list",
            "not sent: the context's arguments must be a JSON object, not a number",
            "not sent: the params have a context already",
            "not sent: _meta must be a JSON object, not a string",
            "not sent: _meta must be a JSON object, not a string",
        ]
    );
}

#[test]
fn results_that_no_view_fits_are_handed_back_raw() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let odd = r#"{"odd":[1.0]}"#;
    let of = CompletionReference::Prompt("p");
    let errors = [
        asked!(stage, server, lease.read_resource("a:b"), odd).1.unwrap_err(),
        asked!(stage, server, lease.get_prompt("p", ()), odd).1.unwrap_err(),
        asked!(stage, server, lease.complete(of, "a", ""), odd).1.unwrap_err(),
        asked!(stage, server, lease.list_resources(), odd).1.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(&error, Error::Unreadable { raw, .. } if raw.get() == odd), "{error:?}");
    }
}

#[test]
fn each_of_them_is_cancelled_when_it_is_dropped() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let of = CompletionReference::Prompt("p");
    let calls = (
        Call::begun(lease.list_resources()),
        Call::begun(lease.list_resource_templates()),
        Call::begun(lease.list_prompts()),
        Call::begun(lease.read_resource("a:b")),
        Call::begun(lease.get_prompt("p", ())),
        Call::begun(lease.complete(of, "a", "")),
    );
    stage.turn();
    let ids: Vec<_> = server.heard().iter().map(|request| request["id"].clone()).collect();
    assert_eq!(ids.len(), 6);
    drop(calls);
    stage.turn();
    let cancelled: Vec<_> = server
        .heard()
        .iter()
        .inspect(|notice| assert_eq!(notice["method"], "notifications/cancelled"))
        .map(|notice| notice["params"]["requestId"].clone())
        .collect();
    assert_eq!(cancelled, ids);
}

fn prompts(name: &str, next: Option<&str>) -> Value {
    match next {
        Some(next) => json!({ "prompts": [{ "name": name }], "nextCursor": next }),
        None => json!({ "prompts": [{ "name": name }] }),
    }
}

#[test]
fn a_listing_has_as_many_pages_as_are_wanted_and_says_so() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.list_prompts().max_pages(2).meta(json!({ "m": 1 })));
    for name in ["a", "b"] {
        stage.turn();
        let request = server.heard_one();
        assert_eq!(request["params"]["_meta"], json!({ "m": 1 }));
        server.answer(&request, &prompts(name, Some(name)));
        stage.turn();
        if name == "a" {
            assert!(call.poll().is_none());
        }
    }
    let list = call.poll().unwrap().unwrap();
    assert_eq!(list.iter().map(|prompt| &*prompt.name).collect::<Vec<_>>(), ["a", "b"]);
    assert!(matches!(list.warnings[..], [ListWarning::TooManyPages { limit: 2, .. }]), "{:?}", list.warnings);

    let mut call = Call::begun(lease.list_prompts().max_bytes(10));
    stage.turn();
    server.answer(&server.heard_one(), &prompts("a", Some("2")));
    stage.turn();
    let list = call.poll().unwrap().unwrap();
    assert!(matches!(list.warnings[..], [ListWarning::TooLarge { limit: 10, .. }]), "{:?}", list.warnings);

    assert!(Call::new(lease.list_prompts().max_pages(0)).poll().unwrap().unwrap().is_empty());
}

#[test]
fn a_listing_is_bounded_by_default_as_is_documented() {
    let mut stage = Stage::new();
    let (lease, _server) = stage.live();
    let shown = format!("{:?}", lease.list_prompts());
    assert!(shown.contains("max_pages: 10000, max_bytes: 67108864"), "{shown}");
}

#[test]
fn pages_come_one_by_one_and_none_is_asked_for_before_it_is_wanted() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut pages = lease.list_prompts().pages();
    for (cursor, name, next) in [(None, "a", Some("2")), (Some("2"), "b", None)] {
        stage.turn();
        assert!(server.heard().is_empty());
        assert!(Call::new(pages.next()).poll().is_none());
        stage.turn();
        let request = server.heard_one();
        assert_eq!(request["params"].get("cursor").and_then(Value::as_str), cursor);
        server.answer(&request, &prompts(name, next));
        stage.turn();
        let page = Call::new(pages.next()).poll().unwrap().unwrap().unwrap();
        assert_eq!(page.items[0].name, name);
        assert_eq!(page.raw.get(), prompts(name, next).to_string());
    }
    assert!(Call::new(pages.next()).poll().unwrap().is_none());
    assert!(Call::new(pages.next()).poll().unwrap().is_none());
}

#[test]
fn pages_end_behind_an_error_and_at_their_number() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut pages = lease.list_prompts().pages();
    assert!(Call::new(pages.next()).poll().is_none());
    stage.turn();
    server.answer(&server.heard_one(), &json!({ "odd": 1 }));
    stage.turn();
    let page = Call::new(pages.next()).poll().unwrap().unwrap();
    assert!(matches!(page, Err(Error::Unreadable { .. })), "{page:?}");
    assert!(Call::new(pages.next()).poll().unwrap().is_none());

    let mut pages = lease.list_prompts().max_pages(1).pages();
    assert!(Call::new(pages.next()).poll().is_none());
    stage.turn();
    server.answer(&server.heard_one(), &prompts("a", Some("2")));
    stage.turn();
    let page = Call::new(pages.next()).poll().unwrap().unwrap().unwrap();
    assert!(page.next_cursor.is_some(), "there is more");
    assert!(Call::new(pages.next()).poll().unwrap().is_none());
    stage.turn();
    assert!(server.heard().is_empty());
}

#[test]
fn a_stream_of_pages_that_is_dropped_cancels_its_request() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut pages = lease.list_tools().pages();
    assert!(Call::new(pages.next()).poll().is_none());
    stage.turn();
    let request = server.heard_one();
    drop(pages);
    stage.turn();
    assert_eq!(server.heard_one()["params"]["requestId"], request["id"]);
}

#[test]
fn all_pages_of_a_client_are_those_of_one_connection() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let client = stage.client.clone();
    let mut pages = client.list_prompts().pages();
    assert!(Call::new(pages.next()).poll().is_none());
    stage.turn();
    server.answer(&server.heard_one(), &prompts("a", Some("2")));
    stage.turn();
    Call::new(pages.next()).poll().unwrap().unwrap().unwrap();
    drop(stage.client.close(Mode::Force));
    drop(lease);
    stage.turn();
    // A cursor of the server that is gone is never shown to the next one.
    let page = Call::new(pages.next()).poll().unwrap().unwrap();
    assert!(matches!(page, Err(Error::Closed { delivery: Delivery::NotSent, .. })), "{page:?}");
    assert!(Call::new(pages.next()).poll().unwrap().is_none());
}

#[test]
fn a_stream_of_pages_gives_its_lease_back_with_the_last_page() {
    let mut stage = Stage::new();
    drop(stage.live());
    let (client, server) = (stage.client.clone(), stage.server());
    let mut pages = client.list_prompts().pages();
    assert!(Call::new(pages.next()).poll().is_none());
    stage.turn();
    server.answer(&server.heard_one(), &prompts("a", None));
    stage.turn();
    Call::new(pages.next()).poll().unwrap().unwrap().unwrap();
    drop(stage.client.close(Mode::Graceful));
    stage.turn();
    assert!(server.sees_end_of_input(), "nobody holds a lease");
    drop(pages);
}

#[test]
fn the_first_page_of_a_client_is_asked_for_again_when_it_was_not_sent() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    server.take_only(0);
    let _stuck = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    let client = stage.client.clone();
    let mut list = Call::begun(client.list_prompts());
    let mut read = Call::begun(client.read_resource("a:b"));
    stage.turn();
    server.close_output();
    stage.turn();
    assert!(list.poll().is_none() && read.poll().is_none(), "they wait for the next connection");
    let (_lease, next) = stage.live();
    assert!(list.poll().is_none() && read.poll().is_none());
    stage.turn();
    let [of_list, of_read] = <[Value; 2]>::try_from(next.heard()).unwrap();
    next.answer(&of_list, &prompts("a", None));
    next.answer(&of_read, &json!({ "contents": [] }));
    stage.turn();
    assert_eq!(list.poll().unwrap().unwrap().len(), 1);
    read.poll().unwrap().unwrap();
}
