//! Each message that a client sends is one that the specification's schema of the version allows, and has no field
//! that the version has no name for.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json, value::RawValue};
use tenure_mcp_proto::types::{
    CallToolParams, CompleteParams, CompletionReference, Cursor, GetPromptParams, ListParams, LogLevel,
    Params, ResourceParams, SetLevelParams,
};
use tenure_mcp_proto::{Eras, ErrorAnswer, Event, Options, RequestOptions, Subscriptions};
use tenure_schemas::client::{self, T0, raw};
use tenure_schemas::judge::judge;
use tenure_schemas::{Client, Spec};

/// What a version has and a client here doesn't send, and why.
const NOT_SENT: [(&str, &str); 6] = [
    ("notifications/progress", "nothing that a server asks for tells its progress"),
    ("tasks/get", "tasks pass through, but aren't asked for"),
    ("tasks/result", "the same"),
    ("tasks/list", "the same"),
    ("tasks/cancel", "the same"),
    ("notifications/tasks/status", "the same"),
];

/// Judges all that was sent. Returns the methods.
fn judged(spec: &Spec, client: &Client) -> BTreeSet<String> {
    for message in &client.sent {
        judge(spec, message, None).unwrap_or_else(|problem| panic!("{problem}"));
    }
    client.sent.iter().filter_map(|message| message["method"].as_str()).map(ToOwned::to_owned).collect()
}

/// What the client's typed params are made of, each with its method, with as little and as much as there can be.
fn requests(spec: &Spec) -> Vec<(&'static str, Option<Box<RawValue>>)> {
    let mut all = lists();
    all.extend(calls());
    all.extend(prompts());
    all.extend(completions(spec));
    all.extend(resources("resources/read"));
    if spec.is_legacy() {
        all.extend(resources("resources/subscribe"));
        all.extend(resources("resources/unsubscribe"));
        let levels = LogLevel::ALL.map(|level| ("logging/setLevel", Some(SetLevelParams { level }.to_raw())));
        all.extend(levels);
        all.push(("ping", None));
    }
    all
}

fn lists() -> Vec<(&'static str, Option<Box<RawValue>>)> {
    let cursor = Cursor::new(raw(&json!("c/1==")));
    ["tools/list", "resources/list", "resources/templates/list", "prompts/list"]
        .into_iter()
        .flat_map(|method| {
            let first = ListParams::default().to_raw();
            let next = ListParams { cursor: Some(&cursor) }.to_raw();
            [(method, None), (method, Some(first)), (method, Some(next))]
        })
        .collect()
}

fn calls() -> Vec<(&'static str, Option<Box<RawValue>>)> {
    let (arguments, meta) = (raw(&json!({ "a": [1.5, null] })), raw(&json!({ "example.org/n": 1 })));
    let little = CallToolParams { name: "t", arguments: None, meta: None };
    let much = CallToolParams { name: "t", arguments: Some(&arguments), meta: Some(&meta) };
    let made = Params::of_tool_call("t", json!({ "a": 1 })).expect("an object");
    let marked = made.clone().with_meta(json!({ "example.org/n": 1 })).expect("an object");
    [Some(little.to_raw()), Some(much.to_raw()), owned(&made), owned(&marked)]
        .map(|params| ("tools/call", params))
        .into()
}

fn owned(params: &Params) -> Option<Box<RawValue>> {
    params.raw().map(ToOwned::to_owned)
}

fn prompts() -> Vec<(&'static str, Option<Box<RawValue>>)> {
    let (arguments, meta) = (raw(&json!({ "a": "1" })), raw(&json!({ "example.org/n": 1 })));
    let little = GetPromptParams { name: "p", arguments: None, meta: None };
    let much = GetPromptParams { name: "p", arguments: Some(&arguments), meta: Some(&meta) };
    [little, much].map(|params| ("prompts/get", Some(params.to_raw()))).into()
}

fn resources(method: &'static str) -> Vec<(&'static str, Option<Box<RawValue>>)> {
    let meta = raw(&json!({ "example.org/n": 1 }));
    [None, Some(&*meta)].map(|meta| (method, Some(ResourceParams { uri: "file:///a", meta }.to_raw()))).into()
}

fn completions(spec: &Spec) -> Vec<(&'static str, Option<Box<RawValue>>)> {
    let (filled, meta) = (raw(&json!({ "b": "2" })), raw(&json!({ "example.org/n": 1 })));
    // The other arguments are told since 2025-06-18.
    let filled = (spec.version >= "2025-06-18").then_some(&*filled);
    [CompletionReference::Prompt("p"), CompletionReference::Resource("file:///{a}")]
        .into_iter()
        .flat_map(|reference| {
            let little = CompleteParams { reference, name: "a", value: "", arguments: None, meta: None };
            let much = CompleteParams { value: "1", arguments: filled, meta: Some(&meta), ..little.clone() };
            [little.to_raw(), much.to_raw()].map(|params| ("completion/complete", Some(params)))
        })
        .collect()
}

/// Wishes as little and as much as there can be; the first is given up for the second.
fn subscribe(client: &mut Client) {
    let little = Subscriptions::default().tools(true);
    let much = little.clone().prompts(true).resources(true).resource("file:///a").resource("file:///b");
    client.connection.subscribe(T0, little).expect("it is taken");
    client.send();
    client.connection.subscribe(T0, much).expect("it is taken");
    let id = client.send();
    client.hear(&json!({
        "jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged",
        "params": {
            "_meta": { "io.modelcontextprotocol/subscriptionId": id },
            "notifications": { "toolsListChanged": true },
        },
    }));
    client.send();
}

#[test]
fn every_request_and_notification_of_each_version_is_as_its_schema_says() {
    for spec in Spec::all() {
        let mut client = Client::open(&spec);
        for (method, params) in requests(&spec) {
            for options in [RequestOptions::default(), RequestOptions::default().progress(true)] {
                client.ask(method, params.as_deref(), options);
            }
        }
        client.connection.ask_for_life(T0, None).expect("it is taken");
        let id = client.connection.request(T0, "tools/list", None, None).expect("it is taken");
        client.send();
        client.connection.cancel(id, None);
        let id = client.connection.request(T0, "tools/list", None, None).expect("it is taken");
        client.send();
        client.connection.cancel(id, Some("nobody waits"));
        client.connection.request(T0, "tools/list", None, Some(Duration::from_secs(1))).expect("it is taken");
        client.send();
        client.connection.handle_timeout(Duration::from_secs(2));
        if spec.is_legacy() {
            client.connection.notify("notifications/roots/list_changed", None).expect("it is taken");
        }
        client.send();
        if !spec.is_legacy() {
            subscribe(&mut client);
        }

        let sent = judged(&spec, &client);
        let notices = client.sent.iter().filter(|sent| sent["method"] == "notifications/cancelled").count();
        assert_eq!(notices, if spec.is_legacy() { 3 } else { 4 });
        for method in ["ClientRequest", "ClientNotification"].iter().flat_map(|union| spec.methods(union)) {
            let is_known = NOT_SENT.iter().any(|(known, _)| *known == method.0);
            assert!(sent.contains(&method.0) != is_known, "{}: {}", spec.version, method.0);
        }
    }
}

#[test]
fn a_server_is_asked_for_its_era_and_then_opened_as_the_schema_of_each_says() {
    let specs: Vec<_> = Spec::all().collect();
    let (modern, legacy) = specs.split_last().expect("there are some");
    for spec in legacy {
        let options = Options::default().client("c", "1").versions(modern.version, [spec.version]);
        let mut client = Client::new(options);
        client.connection.start(T0).expect("it starts");
        let id = client.send();
        let probe = client.sent.remove(0);
        judge(modern, &probe, None).unwrap_or_else(|problem| panic!("{problem}"));
        client.hear(&json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": "?" } }));
        let id = client.send();
        client.answer(&id, &client::opening_answer(spec));
        client.send();
        assert_eq!(judged(spec, &client).len(), 2, "initialize and initialized");
    }
}

#[test]
fn capabilities_are_announced_as_the_schema_says_whatever_is_offered() {
    use tenure_mcp_proto::ClientFeature as Is;
    let features = [Is::Sampling, Is::FormElicitation, Is::UrlElicitation, Is::Roots];
    for spec in Spec::all() {
        for chosen in 0..1_u32 << features.len() {
            let options = Options::default().capabilities(raw(&json!({ "experimental": { "a": {} } })));
            let offered = (0..).zip(&features).filter(|(bit, _)| chosen >> bit & 1 == 1);
            let options = offered.fold(options, |options, (_, feature)| options.offer(feature.clone()));
            let options = if spec.is_legacy() {
                options.versions(spec.version, [] as [&str; 0])
            } else {
                options.eras(Eras::Modern)
            };
            let mut client = Client::new(options);
            client.open_with(&client::opening_answer(&spec));
            judged(&spec, &client);
        }
    }
}

/// What a server asks for, with the answer of the host.
fn asked() -> [(&'static str, Value, Value); 4] {
    let form =
        json!({ "mode": "form", "message": "?", "requestedSchema": { "type": "object", "properties": {} } });
    let url = json!({ "mode": "url", "message": "?", "elicitationId": "e", "url": "https://example.org/" });
    let sampling = json!({ "messages": [], "maxTokens": 1 });
    let text = json!({ "type": "text", "text": "hi" });
    [
        ("roots/list", json!({}), json!({ "roots": [{ "uri": "file:///project", "name": "work" }] })),
        ("sampling/createMessage", sampling, json!({ "role": "assistant", "model": "m", "content": text })),
        ("elicitation/create", form, json!({ "action": "accept", "content": { "a": "b" } })),
        ("elicitation/create", url, json!({ "action": "decline" })),
    ]
}

#[test]
fn answers_to_what_a_server_asks_are_as_the_schema_says() {
    for spec in Spec::all().filter(Spec::is_legacy) {
        for id in [json!(7), json!("seven")] {
            let mut client = Client::open(&spec);
            client.hear(&json!({ "jsonrpc": "2.0", "id": id, "method": "ping" }));
            assert_eq!(client.send(), id);
            judge(&spec, client.sent.last().expect("an answer"), Some("ping")).expect("a pong");
            let known = spec.methods("ServerRequest");
            for (method, params, answer) in asked().iter().filter(|(method, ..)| known.contains_key(*method))
            {
                client.hear(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
                let [Event::Request { id: asked, .. }] = &client.events()[..] else {
                    panic!("{method} is handed out");
                };
                client.connection.answer(T0, *asked, Ok(&raw(answer))).expect("it is taken");
                assert_eq!(client.send(), id);
                judge(&spec, client.sent.last().expect("an answer"), Some(method))
                    .unwrap_or_else(|problem| panic!("{problem}"));
            }
        }
    }
}

#[test]
fn refusals_are_as_the_schema_says() {
    for spec in Spec::all().filter(Spec::is_legacy) {
        let mut client = Client::open(&spec);
        let mut refused = 0;
        let mut expect = |client: &mut Client, code: i64| {
            client.send();
            let answer = client.sent.last().expect("an answer");
            judge(&spec, answer, None).unwrap_or_else(|problem| panic!("{problem}"));
            assert_eq!(answer["error"]["code"], code);
            refused += 1;
        };
        client.hear(&json!({ "jsonrpc": "2.0", "id": 1, "method": "nonesuch" }));
        expect(&mut client, -32601);
        client.hear(&json!({ "jsonrpc": "2.0", "id": "2", "method": "elicitation/create", "params": { "mode": "?" } }));
        expect(&mut client, -32602);
        for data in [None, Some(raw(&json!({ "why": [1] })))] {
            client.hear(&json!({ "jsonrpc": "2.0", "id": 3, "method": "roots/list" }));
            let [Event::Request { id, .. }] = &client.events()[..] else { panic!("it is handed out") };
            let error = ErrorAnswer { code: -1, message: "no", data: data.as_deref() };
            client.connection.answer(T0, *id, Err(error)).expect("it is taken");
            expect(&mut client, -1);
        }

        let mut client = Client::new(client::options(&spec));
        client.connection.start(T0).expect("it starts");
        client.send();
        client.hear(&json!({ "jsonrpc": "2.0", "id": 4, "method": "roots/list" }));
        expect(&mut client, -32600);
        assert_eq!(refused, 5);
    }
}

#[test]
fn what_came_in_a_batch_is_answered_as_the_schema_says() {
    let spec = Spec::all().find(|spec| spec.has("JSONRPCBatchRequest")).expect("2025-03-26");
    let mut client = Client::open(&spec);
    let ping = |id| json!({ "jsonrpc": "2.0", "id": id, "method": "ping" });
    client.hear(&json!([ping("a"), ping("b")]));
    let before = client.sent.len();
    client.send();
    let answers = &client.sent[before..];
    assert!(!answers.is_empty());
    for answer in answers {
        spec.check("JSONRPCMessage", answer).unwrap_or_else(|problem| panic!("{problem}"));
    }
}

#[test]
fn a_server_of_the_modern_era_that_asks_gets_no_answer() {
    let spec = Spec::all().last().expect("2026-07-28");
    assert!(!spec.has("ServerRequest"));
    let mut client = Client::open(&spec);
    let before = client.sent.len();
    for method in ["ping", "roots/list", "nonesuch"] {
        client.hear(&json!({ "jsonrpc": "2.0", "id": 1, "method": method }));
    }
    client.send();
    assert_eq!(client.sent.len(), before);
}
