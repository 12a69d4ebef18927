//! Servers of the modern era that refuse a request for its version in a session that lives
//! (tests/http/ROWS.md, section 7).

use serde_json::{Value, json};
use tenure_mcp::{Delivery, Eras, Error, Lease};

use crate::stage::{Call, Stage, options, server};
use crate::web::Served;

const NEWER: &str = "2027-01-01";

fn refuse(served: &Served, supported: &Value) {
    let error = json!({ "code": -32022, "message": "no", "data": { "supported": supported } });
    let body = json!({ "jsonrpc": "2.0", "id": served.message()["id"], "error": error });
    served.respond(400, &[("content-type", "application/json")], &body.to_string());
}

/// A session of the newer version.
fn newer() -> (Stage, Lease) {
    let options = options()
        .eras(Eras::Modern)
        .protocol(|protocol| protocol.versions(NEWER, ["2026-07-28", "2025-11-25"]));
    let mut stage = Stage::with(options, server());
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    let versions = json!([NEWER, "2026-07-28"]);
    let result = json!({ "resultType": "complete", "supportedVersions": versions, "capabilities": {} });
    stage.web.asked_for("server/discover").answer(&result);
    stage.turn();
    (stage, acquire.poll().unwrap().unwrap())
}

#[track_caller]
fn asked(stage: &mut Stage, method: &str, version: &str) -> Served {
    stage.turn();
    let asked = stage.web.asked_for(method);
    assert_eq!(asked.header("mcp-protocol-version"), Some(version));
    let meta = &asked.message()["params"]["_meta"];
    assert_eq!(meta["io.modelcontextprotocol/protocolVersion"], version);
    asked
}

#[test]
fn a_refused_version_is_replaced_by_one_that_both_have_and_the_call_made_once_more() {
    let (mut stage, lease) = newer();
    let mut call = Call::begun(lease.call_tool("add", ()));
    refuse(&asked(&mut stage, "tools/call", NEWER), &json!(["2099-01-01", "2026-07-28"]));
    stage.turn();
    assert!(call.poll().is_none());
    let again = asked(&mut stage, "tools/call", "2026-07-28");
    again.answer(&json!({ "resultType": "complete", "content": [] }));
    stage.turn();
    assert!(call.poll().unwrap().is_ok());
    let mut listing = Call::begun(lease.list_tools());
    let next = asked(&mut stage, "tools/list", "2026-07-28");
    next.answer(&json!({ "resultType": "complete", "tools": [] }));
    stage.turn();
    assert!(listing.poll().unwrap().is_ok());
    Call::new(lease.notify("notifications/example", ())).poll().unwrap().unwrap();
    stage.turn();
    let note = stage.web.asked_one();
    assert_eq!(note.header("mcp-protocol-version"), Some("2026-07-28"), "{}", note.message());
}

#[test]
fn a_second_refusal_is_final_and_the_session_lives() {
    let (mut stage, lease) = Stage::modern();
    let mut call = Call::begun(lease.call_tool("add", ()));
    for _ in 0..2 {
        assert!(call.poll().is_none());
        refuse(&asked(&mut stage, "tools/call", "2026-07-28"), &json!(["2026-07-28"]));
        stage.turn();
    }
    let error = call.poll().unwrap().unwrap_err();
    assert!(matches!(&error, Error::Server(error) if error.code == Some(-32022)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown, "an answer is no promise");
    stage.turn();
    assert!(stage.web.asked().is_empty());
    assert!(stage.client.try_acquire().is_ok());
}

#[test]
fn without_a_version_in_common_the_caller_is_told_at_once() {
    for supported in [json!([]), json!(["2099-01-01"]), json!(["2025-11-25"]), Value::Null] {
        let (mut stage, lease) = newer();
        let mut call = Call::begun(lease.list_tools());
        refuse(&asked(&mut stage, "tools/list", NEWER), &supported);
        stage.turn();
        assert!(matches!(call.poll(), Some(Err(Error::Server(_)))), "{supported}");
        assert!(stage.web.asked().is_empty(), "{supported}");
    }
}
