//! What a server of the modern era wants before it answers (MCP 2026-07-28, basic/patterns/mrtr): the same handlers.

use std::time::Duration;

use serde_json::{Value, json};
use tenure::Mode;
use tenure_mcp::proto::ClientFeature;
use tenure_mcp::{Client, Error, Lease};

use crate::desk::Desk;
use crate::stage::{Call, Server, Stage};

fn live(stage: &mut Stage) -> (Lease, Server) {
    let client: Client = stage.client.clone();
    let mut acquire = Call::begun(async move { client.acquire().await });
    stage.turn();
    let server = stage.server();
    let discover = server.heard_one();
    assert_eq!(discover["method"], "server/discover");
    let info = json!({ "io.modelcontextprotocol/serverInfo": { "name": "modern", "version": "1" } });
    server.answer(
        &discover,
        &json!({
            "resultType": "complete",
            "supportedVersions": ["2026-07-28"],
            "capabilities": {},
            "_meta": info,
        }),
    );
    stage.turn();
    (acquire.poll().unwrap().unwrap(), server)
}

fn wanted(requests: &Value) -> Value {
    json!({ "resultType": "input_required", "inputRequests": requests, "requestState": "s-1" })
}

#[test]
fn what_a_modern_server_wants_reaches_the_same_handlers_and_the_call_is_made_again() {
    let offers = vec![ClientFeature::Roots, ClientFeature::FormElicitation];
    let desk = Desk { offers, ..Desk::default() };
    let mut stage = Stage::with(desk.options());
    let (lease, server) = live(&mut stage);
    let mut call = Call::begun(lease.call_tool("t", json!({ "n": 1 })));
    stage.turn();
    let first = server.heard_one();
    let capabilities = &first["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"];
    assert_eq!(*capabilities, json!({ "elicitation": {}, "roots": {} }));
    server.answer(
        &first,
        &wanted(&json!({
            "where": { "method": "roots/list" },
            "who": {
                "method": "elicitation/create",
                "params": {
                    "message": "Who?",
                    "requestedSchema": {
                        "type": "object",
                        "properties": { "name": { "type": "string", "default": "Ann" } },
                    },
                },
            },
        })),
    );
    stage.turn();
    let again = server.heard_one();
    assert_ne!(again["id"], first["id"]);
    assert_eq!(again["params"]["requestState"], "s-1");
    assert_eq!(
        again["params"]["inputResponses"],
        json!({
            "where": { "roots": [{ "uri": "file:///project", "name": "work" }] },
            "who": { "action": "accept", "content": { "name": "Ann" } },
        })
    );
    server
        .answer(&again, &json!({ "resultType": "complete", "content": [{ "type": "text", "text": "hi" }] }));
    stage.turn();
    assert_eq!(call.poll().unwrap().unwrap().text(), "hi");
    assert!(desk.seen.lock().unwrap().iter().all(|seen| seen["call"] == true));
}

/// A call for which the server wants input, and a handler that waits.
fn waiting<'a>(
    stage: &mut Stage,
    lease: &'a Lease,
    server: &Server,
) -> Call<'a, Result<tenure_mcp::proto::types::CallToolResult, Error>> {
    let call = Call::begun(lease.call_tool("t", ()));
    stage.turn();
    server.answer(&server.heard_one(), &wanted(&json!({ "w": { "method": "roots/list" } })));
    stage.turn();
    assert_eq!(server.heard_text(), "");
    call
}

fn desk() -> Desk {
    let desk = Desk { offers: vec![ClientFeature::Roots], ..Desk::default() };
    desk.gate.shut();
    desk
}

#[test]
fn the_clock_of_a_modern_call_stands_still_while_a_handler_works_for_it() {
    let desk = desk();
    let mut stage = Stage::with(desk.options().call_timeout(Some(Duration::from_secs(10))));
    let (lease, server) = live(&mut stage);
    let mut call = waiting(&mut stage, &lease, &server);
    stage.advance(Duration::from_secs(100));
    assert!(call.poll().is_none());
    desk.gate.open();
    stage.turn();
    assert_eq!(server.heard_one()["method"], "tools/call");
    stage.advance(Duration::from_secs(10));
    assert!(matches!(call.poll().unwrap(), Err(Error::TimedOut { .. })));
}

#[test]
fn a_handler_of_a_modern_call_is_dropped_with_its_call() {
    let desk = desk();
    let mut stage = Stage::with(desk.options());
    let (lease, server) = live(&mut stage);
    let call = waiting(&mut stage, &lease, &server);
    assert_eq!(desk.gate.seen(), (1, 0));
    drop(call);
    stage.turn();
    assert_eq!(desk.gate.seen(), (1, 1));
    lease.check().unwrap();
}

#[test]
fn a_modern_call_whose_handler_waits_ends_with_its_session_and_says_why() {
    let desk = desk();
    let mut stage = Stage::with(desk.options());
    let (lease, server) = live(&mut stage);
    let mut call = waiting(&mut stage, &lease, &server);
    let _close = stage.client.close(Mode::Force);
    stage.turn();
    assert_eq!(desk.gate.seen(), (1, 1));
    assert!(matches!(call.poll().unwrap(), Err(Error::Closed { .. })));
}

#[test]
fn a_modern_call_ends_when_its_handler_refuses() {
    let offers = vec![ClientFeature::Other("x/refuse".to_owned())];
    let desk = Desk { offers, ..Desk::default() };
    let mut stage = Stage::with(desk.options());
    let (lease, server) = live(&mut stage);
    let mut call = Call::begun(lease.call_tool("t", ()));
    stage.turn();
    server.answer(&server.heard_one(), &wanted(&json!({ "w": { "method": "x/refuse" } })));
    stage.turn();
    assert_eq!(server.heard_text(), "");
    assert!(call.poll().unwrap().is_err());
}
