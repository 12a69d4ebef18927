//! A call that the server wants again, with input: whatever becomes of a later round, the server had the first one.

use std::time::Duration;

use serde_json::json;
use tenure_mcp::{Client, Delivery, Eras, Options};

use crate::stage::{Call, Server, Stage, config, discovered};

/// A call that the server had, and wants again when it takes nothing any more.
fn wanted_again<'a>(
    stage: &mut Stage,
    client: &'a Client,
) -> (Call<'a, Result<(), tenure_mcp::Error>>, Server) {
    let mut call = Call::begun(async move { client.call_tool("t", ()).await.map(drop) });
    stage.turn();
    let server = stage.server();
    server.answer(&server.heard_one(), &discovered(&json!({})));
    stage.turn();
    assert!(call.poll().is_none());
    stage.turn();
    let first = server.heard_one();
    assert_eq!(first["method"], "tools/call");
    server.close_input();
    server.answer(&first, &json!({ "resultType": "input_required", "requestState": "s" }));
    stage.turn();
    (call, server)
}

#[test]
fn a_call_whose_later_round_was_not_written_may_have_been_done_and_is_not_made_again() {
    for is_lost in [true, false] {
        let mut stage = Stage::of_processes_with(Options::new().session(|_| config()).eras(Eras::Modern));
        let client = stage.client.clone();
        let (mut call, server) = wanted_again(&mut stage, &client);
        if is_lost {
            server.exit("status 3");
            stage.turn();
        } else {
            stage.advance(Duration::from_millis(100));
        }
        let error = call.poll().unwrap().unwrap_err();
        assert_eq!(error.delivery(), Delivery::Unknown, "lost: {is_lost}: {error}");
        stage.turn();
        assert_eq!(stage.starts(), 1, "lost: {is_lost}");
    }
}
