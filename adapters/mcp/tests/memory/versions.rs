//! Servers of the modern era that refuse a request for its version, on a pipe as over HTTP (tests/http/ROWS.md,
//! section 7).

use serde_json::json;
use tenure_mcp::Error;

use crate::eras::modern;
use crate::stage::{Call, Server, Stage};

fn refuse(server: &Server) -> u64 {
    let request = server.heard_one();
    assert_eq!(request["method"], "tools/call");
    let error = json!({ "code": -32022, "message": "no", "data": { "supported": ["2026-07-28"] } });
    server.say(&json!({ "jsonrpc": "2.0", "id": request["id"], "error": error }));
    request["id"].as_u64().unwrap()
}

#[test]
fn a_call_that_is_refused_for_its_version_is_made_once_more_and_no_more() {
    let mut stage = Stage::new();
    let server = modern(&mut stage);
    let client = stage.client.clone();
    let mut call = Call::begun(client.call_tool("t", ()));
    let mut ids = Vec::new();
    for _ in 0..2 {
        stage.turn();
        assert!(call.poll().is_none());
        stage.turn();
        ids.push(refuse(&server));
    }
    assert_ne!(ids[0], ids[1]);
    stage.turn();
    let error = call.poll().unwrap().unwrap_err();
    assert!(matches!(&error, Error::Server(error) if error.code == Some(-32022)), "{error:?}");
    assert!(server.heard().is_empty());
}
