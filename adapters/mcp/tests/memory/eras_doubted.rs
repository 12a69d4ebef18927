//! What is known of a server's era, once it answers late, or as none of that era does.

use serde_json::json;
use tenure::DeadlineKind;
use tenure_mcp::{Client, Deadline, Era, Error, Options};

use crate::eras::{HALF, asked, begin, era, generation, open_modern, opened};
use crate::stage::{Call, Stage, config, discovered};

/// Behind a bridge, say, whose server was replaced.
#[test]
fn a_live_legacy_server_that_answers_as_a_modern_one_is_given_to_nobody_new_and_asked_anew() {
    for code in [-32020, -32021, -32022] {
        let mut stage = Stage::new();
        let (acquire, server) = begin(&mut stage);
        server.refuse(&asked(&server, "server/discover"));
        stage.turn();
        let lease = opened(&mut stage, acquire, &server);
        let mut call = Call::begun(lease.call_tool("t", json!({})));
        stage.turn();
        let error = json!({ "code": code, "message": "no" });
        server.say(&json!({ "jsonrpc": "2.0", "id": server.heard_one()["id"], "error": error }));
        stage.turn();
        let error = call.poll().unwrap().unwrap_err();
        assert!(matches!(&error, Error::Server(error) if error.code == Some(code)), "{error:?}");
        // Who has it may go on with it; who comes waits for the next one.
        lease.check().unwrap();
        let client: Client = stage.client.clone();
        let next = Call::begun(async move { client.acquire().await });
        stage.turn();
        drop(call);
        drop(lease);
        stage.turn();
        server.close_output();
        server.exit("status 0");
        stage.turn();
        let second = stage.server();
        open_modern(&mut stage, next, &second);
        assert_eq!(generation(&stage), 2);
    }
}

#[test]
fn errors_of_its_own_say_nothing_of_a_servers_era() {
    let mut stage = Stage::new();
    let (acquire, server) = begin(&mut stage);
    server.refuse(&asked(&server, "server/discover"));
    stage.turn();
    let lease = opened(&mut stage, acquire, &server);
    for code in [-32023, -32019, -32602, -32000] {
        let mut call = Call::begun(lease.call_tool("t", json!({})));
        stage.turn();
        let error = json!({ "code": code, "message": "no" });
        server.say(&json!({ "jsonrpc": "2.0", "id": server.heard_one()["id"], "error": error }));
        stage.turn();
        assert!(call.poll().unwrap().is_err());
    }
    assert_eq!(generation(&stage), 1);
}

/// The rule (`tenure_mcp_proto::Options::discover_window`): a late answer counts once `initialize` has failed.
#[test]
fn a_late_answer_wins_at_the_handshakes_deadline_and_a_connect_that_ends_first_names_its_own() {
    let late = |stage: &mut Stage| {
        let (acquire, server) = begin(stage);
        let discover = asked(&server, "server/discover");
        stage.advance(HALF);
        asked(&server, "initialize");
        server.answer(&discover, &discovered(&json!({})));
        stage.turn();
        (acquire, server)
    };
    let handshake = Some(HALF + HALF / 2);
    let options =
        Options::new().session(|_| config()).protocol(|protocol| protocol.handshake_timeout(handshake));
    let mut stage = Stage::with(options);
    let (acquire, _server) = late(&mut stage);
    stage.advance(HALF / 2);
    assert_eq!(era(acquire), Era::Modern);

    let mut stage = Stage::new();
    let (mut acquire, _server) = late(&mut stage);
    stage.advance(HALF);
    let error = acquire.poll().unwrap().unwrap_err();
    let connect = Deadline::Session(DeadlineKind::Connect);
    assert!(matches!(error, Error::TimedOut { deadline, .. } if deadline == connect), "{error:?}");
}
