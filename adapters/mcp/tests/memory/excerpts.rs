//! An answer that the protocol doesn't allow is shown, so that somebody can find out whose it was.

use serde_json::json;
use tenure_mcp::Error;

use crate::stage::{Call, Stage};

#[test]
fn an_answer_that_is_none_is_shown_with_what_is_wrong_with_it() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    let id = server.heard_one()["id"].clone();
    server
        .say(&json!({ "jsonrpc": "2.0", "id": id, "result": {}, "error": { "code": 1, "message": "both" } }));
    stage.turn();
    let error = call.poll().unwrap().unwrap_err();
    assert!(matches!(&error, Error::Protocol { excerpt, .. } if excerpt.contains("both")), "{error:?}");
    let words = error.to_string();
    assert!(words.starts_with("the server broke the protocol: ") && words.contains(r#" in "{"#), "{words}");
}

#[test]
fn a_fault_that_is_in_no_message_shows_none() {
    let error = Error::Protocol { what: "too many pages".to_owned(), excerpt: String::new() };
    assert_eq!(error.to_string(), "the server broke the protocol: too many pages");
}
