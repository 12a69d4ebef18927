//! What a server asks for, and who answers (MCP 2025-11-25, client/sampling, client/elicitation, client/roots).

use std::time::Duration;

use serde_json::{Value, json};
use tenure_mcp::proto::ClientFeature;
use tenure_mcp::{Options, ServerEvent, Unhandled};

use crate::desk::{Desk, ask};
use crate::stage::{Call, Server, Stage, config};

/// What the server was told of its request `id`, byte for byte.
#[track_caller]
fn answer(server: &Server, id: &str) -> String {
    let text = server.heard_text();
    let (head, answer) = text.split_once(&format!("\"id\":{id},")).unwrap_or_default();
    assert_eq!((head, text.lines().count()), (r#"{"jsonrpc":"2.0","#, 1), "{text}");
    answer.trim_end().strip_suffix('}').unwrap().to_owned()
}

fn unhandled(stage: &Stage) -> Vec<(String, Unhandled)> {
    let told = stage.events().into_iter().filter_map(|event| match event {
        ServerEvent::Unhandled { method, why } => Some((method, why)),
        _ => None,
    });
    told.collect()
}

#[test]
fn what_is_offered_is_announced_and_answered() {
    let offers = vec![
        ClientFeature::Sampling,
        ClientFeature::FormElicitation,
        ClientFeature::UrlElicitation,
        ClientFeature::Roots,
        ClientFeature::Other("x/y".to_owned()),
    ];
    let desk = Desk { offers, ..Desk::default() };
    let mut stage = Stage::with(desk.options().eras(tenure_mcp::Eras::Legacy));
    let client = stage.client.clone();
    let _acquire = Call::begun(client.acquire());
    stage.turn();
    let announced = stage.server().heard_one()["params"]["capabilities"].clone();
    assert_eq!(
        announced,
        json!({ "sampling": {}, "elicitation": { "form": {}, "url": {} }, "roots": { "listChanged": true } })
    );

    let mut stage = Stage::with(desk.options());
    let (_lease, server) = stage.live();
    let form = r#"{"message":"Who?","requestedSchema":{"properties":{"n":{"type":"number","default":1.0}}}}"#;
    for (id, method, params, expected) in [
        (
            "1",
            "sampling/createMessage",
            r#"{"messages":[{"role":"user","content":{"type":"text","text":"hi"}}],"maxTokens":5}"#,
            r#"{"role":"assistant","content":{"type":"text","text":"hi"},"model":"a-model","stopReason":"endTurn"}"#,
        ),
        ("\"2\"", "elicitation/create", form, r#"{"action":"accept","content":{"n":1.0}}"#),
        (
            "3",
            "elicitation/create",
            r#"{"mode":"url","message":"Go","url":"https://a","_meta":{"m":1.0}}"#,
            r#"{"action":"accept"}"#,
        ),
        (
            "4",
            "roots/list",
            r#"{"_meta":{"n":1.00}}"#,
            r#"{"roots":[{"uri":"file:///project","name":"work"}]}"#,
        ),
        ("5", "x/y", r#"{ "p":1e999 }"#, r#"{ "n":1.00 }"#),
    ] {
        ask(&server, id, method, params);
        stage.turn();
        assert_eq!(answer(&server, id), format!("\"result\":{expected}"), "{method}");
    }
    let seen = std::mem::take(&mut *desk.seen.lock().unwrap());
    assert!(seen.iter().all(|seen| seen["generation"] == 1 && seen["server"] == "by hand"), "{seen:?}");
    let more: Vec<_> = seen.iter().map(|seen| (seen["more"].clone(), seen["meta"].clone())).collect();
    assert_eq!(
        more,
        [
            (json!("hi"), Value::Null),
            (json!("Who?"), Value::Null),
            (json!("https://a"), json!(r#"{"m":1.0}"#)),
            (Value::Null, json!(r#"{"n":1.00}"#)),
            (json!(r#"{ "p":1e999 }"#), Value::Null),
        ]
    );
    assert!(unhandled(&stage).is_empty());
}

#[test]
fn a_method_that_is_offered_by_its_name_is_raw_also_where_it_is_known() {
    let desk = Desk::of(&["roots/list"]);
    let mut stage = Stage::with(desk.options());
    let (_lease, server) = stage.live();
    ask(&server, "1", "roots/list", "{}");
    stage.turn();
    assert_eq!(answer(&server, "1"), r#""result":{ "n":1.00 }"#);
}

#[test]
fn what_is_not_offered_is_refused_and_reaches_no_handler() {
    let desk = Desk::of(&["x/y"]);
    let mut stage = Stage::with(desk.options());
    let (_lease, server) = stage.live();
    ask(&server, "1", "roots/list", "{}");
    stage.turn();
    assert!(answer(&server, "1").contains("-32601"));
    assert_eq!((desk.gate.seen(), unhandled(&stage)), ((0, 0), Vec::new()));
}

#[test]
fn an_offer_that_nobody_keeps_is_refused_and_told() {
    struct Nobody;
    impl tenure_mcp::Handlers for Nobody {
        fn offers(&self) -> Vec<ClientFeature> {
            vec![ClientFeature::Roots, ClientFeature::Sampling]
        }
    }
    // Offered by handlers without the method, and by the options of the protocol without any handlers.
    let options = || Options::new().session(|_| config());
    let alone = options().protocol(|protocol| protocol.offer(ClientFeature::Roots));
    for options in [options().handlers(Nobody), alone] {
        let mut stage = Stage::with(options);
        let (_lease, server) = stage.live();
        ask(&server, "1", "roots/list", "{}");
        stage.turn();
        assert!(answer(&server, "1").contains("-32601"));
        assert_eq!(unhandled(&stage), [("roots/list".to_owned(), Unhandled::NotOffered)]);
    }
}

#[test]
fn params_that_cannot_be_read_are_refused_and_told() {
    let offers = vec![ClientFeature::Sampling, ClientFeature::FormElicitation];
    let desk = Desk { offers, ..Desk::default() };
    let mut stage = Stage::with(desk.options());
    let (_lease, server) = stage.live();
    for (id, method) in [("1", "sampling/createMessage"), ("2", "elicitation/create")] {
        ask(&server, id, method, "{}");
        stage.turn();
        assert!(answer(&server, id).contains("-32602"));
        let [(told, why)] = &unhandled(&stage)[..] else { panic!() };
        assert!(
            told == method && matches!(why, Unhandled::InvalidParams(problem) if problem.contains("missing"))
        );
    }
    assert!(desk.seen.lock().unwrap().is_empty());
}

#[test]
fn tools_for_the_model_are_refused_unless_they_are_announced() {
    let desk = Desk { offers: vec![ClientFeature::Sampling], ..Desk::default() };
    let message =
        r#"{"messages":[{"role":"user","content":{"type":"text","text":"a"}}],"maxTokens":1,"tools":[]}"#;
    let choice = message.replace(r#""tools":[]"#, r#""toolChoice":{}"#);
    for params in [message, &choice] {
        let mut stage = Stage::with(desk.options());
        let (_lease, server) = stage.live();
        ask(&server, "1", "sampling/createMessage", params);
        stage.turn();
        assert_eq!(answer(&server, "1"), r#""error":{"code":-32602,"message":"tools are not offered"}"#);
        assert_eq!(unhandled(&stage).len(), 1);
        let capabilities = crate::desk::raw(r#"{"sampling":{"tools":{}}}"#);
        let mut stage = Stage::with(desk.options().protocol(|protocol| protocol.capabilities(capabilities)));
        let (_lease, server) = stage.live();
        ask(&server, "1", "sampling/createMessage", params);
        stage.turn();
        assert!(answer(&server, "1").contains("a-model"));
    }
}

#[test]
fn a_refusal_reaches_the_server_as_it_is() {
    let desk = Desk::of(&["x/refuse"]);
    let mut stage = Stage::with(desk.options());
    let (_lease, server) = stage.live();
    ask(&server, "1", "x/refuse", "{}");
    stage.turn();
    assert_eq!(answer(&server, "1"), r#""error":{"code":-1,"message":"not now","data":{"n":1.00}}"#);
    assert!(unhandled(&stage).is_empty());
}

#[test]
fn a_handler_that_panics_costs_itself_alone() {
    let desk = Desk::of(&["x/panic", "x/panic-later", "x/wait"]);
    let mut stage = Stage::with(desk.options());
    let (lease, server) = stage.live();
    ask(&server, "1", "x/wait", "{}");
    ask(&server, "2", "x/panic-later", "{}");
    ask(&server, "3", "x/panic", "{}");
    stage.turn();
    assert_eq!(answer(&server, "3"), r#""error":{"code":-32603,"message":"Internal error"}"#);
    assert_eq!(unhandled(&stage), [("x/panic".to_owned(), Unhandled::Panicked)]);
    desk.gate.open();
    stage.turn();
    let answers: Vec<_> = server.heard();
    assert_eq!((&answers[0]["id"], &answers[0]["result"]), (&json!(1), &json!({ "n": 1.0 })));
    assert_eq!((&answers[1]["id"], &answers[1]["error"]["code"]), (&json!(2), &json!(-32603)));
    assert_eq!(desk.gate.seen(), (3, 3));
    lease.check().unwrap();
}

#[test]
fn an_answer_that_is_too_large_gives_way_to_an_error_and_is_told() {
    let desk = Desk::of(&["x/large"]);
    let mut stage = Stage::with(desk.options().protocol(|protocol| protocol.max_message(4000)));
    let (_lease, server) = stage.live();
    ask(&server, "1", "x/large", "{}");
    stage.turn();
    assert_eq!(answer(&server, "1"), r#""error":{"code":-32603,"message":"The answer is too large"}"#);
    let [(_, Unhandled::TooLarge { size, limit: 4000 })] = unhandled(&stage)[..] else { panic!() };
    assert!(size > 5000);
}

#[test]
fn an_answer_that_has_no_room_for_an_error_either_is_told_once_and_given_up() {
    let desk = Desk::of(&["x/large"]);
    let mut stage = Stage::with(desk.options().protocol(|protocol| protocol.max_message(1070)));
    let (lease, server) = stage.live();
    // It may be asked with this id, and is repeated by every answer.
    ask(&server, &format!("\"{}\"", "i".repeat(1000)), "x/large", "{}");
    stage.turn();
    assert_eq!((unhandled(&stage).len(), server.heard_text().as_str()), (1, ""));
    ask(&server, "2", "x/large", "{}");
    stage.turn();
    assert_eq!(server.heard_one()["id"], 2);
    lease.check().unwrap();
}

#[test]
fn answers_that_find_no_room_wait_for_it() {
    let desk = Desk::of(&["x/y"]);
    let mut stage = Stage::with(desk.options().protocol(|protocol| protocol.max_replies(1)));
    let (_lease, server) = stage.live();
    server.take_only(0);
    for id in ["1", "2", "3", "4"] {
        ask(&server, id, "x/y", "{}");
    }
    stage.turn();
    assert_eq!((desk.gate.seen(), server.heard_text().as_str()), ((4, 4), ""));
    server.take_only(usize::MAX);
    stage.turn();
    assert_eq!(server.heard().iter().map(|answer| answer["id"].clone()).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[test]
fn no_more_handlers_run_at_once_than_are_allowed() {
    let desk = Desk::of(&["x/wait"]);
    let mut stage = Stage::with(desk.options().protocol(|protocol| protocol.max_server_requests(2)));
    let (_lease, server) = stage.live();
    for id in ["1", "2", "3"] {
        ask(&server, id, "x/wait", "{}");
    }
    stage.turn();
    assert!(answer(&server, "3").contains("-32000"));
    assert_eq!(desk.gate.seen(), (2, 0));
    desk.gate.open();
    stage.turn();
    assert_eq!(server.heard().len(), 2);
}

#[test]
fn a_handler_calls_its_own_server_while_a_call_waits() {
    let desk = Desk::of(&["x/call"]);
    let mut stage = Stage::with(desk.options());
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.call_tool("outer", ()));
    stage.turn();
    let outer = server.heard_one();
    ask(&server, "\"s\"", "x/call", "{}");
    stage.turn();
    let inner = server.heard_one();
    assert_eq!(inner["params"], json!({ "name": "add", "arguments": { "a": 1 } }));
    server.answer(&inner, &json!({ "content": [{ "type": "text", "text": "2" }] }));
    stage.turn();
    assert_eq!(answer(&server, "\"s\""), r#""result":{"said":"2"}"#);
    server.answer(&outer, &json!({ "content": [] }));
    stage.turn();
    call.poll().unwrap().unwrap();
    assert_eq!(desk.seen.lock().unwrap()[0]["call"], true);
}

#[test]
fn the_clock_of_a_call_stands_still_while_a_handler_answers_for_it() {
    let desk = Desk::of(&["x/wait"]);
    let mut stage = Stage::with(desk.options().call_timeout(Some(Duration::from_secs(10))));
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.call_tool("t", ()));
    stage.turn();
    server.heard_one();
    stage.advance(Duration::from_secs(4));
    ask(&server, "1", "x/wait", "{}");
    stage.turn();
    stage.advance(Duration::from_secs(100));
    assert!(call.poll().is_none());
    desk.gate.open();
    stage.turn();
    answer(&server, "1");
    stage.advance(Duration::from_secs(5));
    assert!(call.poll().is_none(), "six seconds are left");
    stage.advance(Duration::from_secs(1));
    assert!(matches!(call.poll().unwrap(), Err(tenure_mcp::Error::TimedOut { .. })));
}

#[test]
fn a_handler_that_is_ready_again_and_again_holds_nobody_up() {
    let desk = Desk::of(&["x/again", "x/wait"]);
    let mut stage = Stage::with(desk.options());
    let (lease, server) = stage.live();
    ask(&server, "1", "x/again", "{}");
    ask(&server, "2", "x/wait", "{}");
    let turns = |stage: &mut Stage| {
        for _ in 0..20 {
            stage.turn_once();
        }
    };
    turns(&mut stage);
    let mut call = Call::begun(lease.request("x", ()));
    turns(&mut stage);
    server.answer(&server.heard_one(), &json!({}));
    turns(&mut stage);
    call.poll().unwrap().unwrap();
    desk.gate.open();
    turns(&mut stage);
    answer(&server, "2");
    drop(call);
    drop(lease);
    let _close = stage.client.close(tenure::Mode::Force);
    turns(&mut stage);
    assert!(server.sees_end_of_input());
    assert_eq!(desk.gate.seen(), (2, 2));
}

#[test]
fn a_server_is_told_that_the_roots_have_changed() {
    let desk = Desk { offers: vec![ClientFeature::Roots], ..Desk::default() };
    let mut stage = Stage::with(desk.options());
    let (lease, server) = stage.live();
    Call::new(lease.notify("notifications/roots/list_changed", ())).poll().unwrap().unwrap();
    stage.turn();
    assert_eq!(server.heard_one(), json!({ "jsonrpc": "2.0", "method": "notifications/roots/list_changed" }));
    ask(&server, "1", "roots/list", "{}");
    stage.turn();
    assert!(answer(&server, "1").contains("file:///project"));
}

#[test]
fn a_handler_may_tell_the_server_something_and_shows_no_words_of_it() {
    let desk = Desk::of(&["x/notify", "x/shown"]);
    let mut stage = Stage::with(desk.options());
    let (_lease, server) = stage.live();
    ask(&server, "1", "x/notify", "{}");
    stage.turn();
    let heard = server.heard();
    let notice = json!({ "jsonrpc": "2.0", "method": "notifications/x", "params": { "a": 1 } });
    assert!(heard.contains(&notice), "{heard:?}");
    ask(&server, "2", "x/shown", r#"{"secret":1}"#);
    stage.turn();
    let shown = server.heard_text();
    assert!(shown.contains("HandlerContext {") && !shown.contains("secret"), "{shown}");
}
