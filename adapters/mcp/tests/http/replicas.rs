//! Sessions that expire as soon as they are there, as those of replicas do that don't know of each other's
//! (tests/http/ROWS.md, section 6).

use std::time::Duration;

use serde_json::json;
use tenure::Retry;
use tenure_mcp::{Eras, Error, HttpErrorKind};

use crate::stage::{Call, Stage, options, server};
use crate::web::Served;

const MILLISECOND: Duration = Duration::from_millis(1);

/// A client that pauses for so long behind its first failed attempt, and for twice as long behind the next one.
fn patient(base: Duration) -> Stage {
    let retry = Retry::default().base(base).jitter(0);
    Stage::with(options().eras(Eras::Legacy).retry(Some(retry)), server())
}

/// How a session that is there ends at once.
type Expires = fn(&mut Stage, &Served);

/// The first call is refused.
fn at_its_first_call(stage: &mut Stage, initialize: &Served) {
    stage.accept(initialize, "replica");
    let client = stage.client.clone();
    let lease = client.try_acquire().unwrap();
    let mut call = Call::begun(lease.call_tool("add", ()));
    stage.turn();
    stage.web.asked_for("tools/call").status(404);
    stage.turn();
    let error = call.poll().unwrap().unwrap_err();
    assert!(matches!(&error, Error::Http { error, .. } if error.kind == HttpErrorKind::Expired), "{error:?}");
    drop(call);
    drop(lease);
    stage.turn();
}

/// What listens is refused, and so is the ping that is to settle it.
fn before_any_call(stage: &mut Stage, initialize: &Served) {
    stage.confirm(initialize, "replica");
    stage.web.asked_for("GET").status(404);
    stage.turn();
    stage.web.asked_for("ping").status(404);
    stage.turn();
}

#[test]
fn a_session_that_expires_at_once_after_initialize_is_a_failed_attempt_and_the_next_one_waits() {
    for expires in [at_its_first_call as Expires, before_any_call] {
        let mut stage = patient(Duration::from_millis(200));
        let (mut acquire, mut initialize) = stage.opening();
        for pause in [200, 400, 800] {
            expires(&mut stage, &initialize);
            drop(acquire);
            stage.turn();
            let client = stage.client.clone();
            acquire = Call::begun(async move { client.acquire().await });
            stage.advance(Duration::from_millis(pause - 1));
            assert!(stage.web.asked().is_empty(), "{pause}");
            stage.advance(MILLISECOND);
            initialize = stage.web.asked_for("initialize");
        }
        stage.accept(&initialize, "stays");
        assert!(acquire.poll().unwrap().is_ok());
    }
}

#[test]
fn a_call_of_a_client_that_waited_for_its_turn_when_the_session_expired_is_made_on_the_next_one() {
    let mut stage = Stage::with(options().eras(Eras::Legacy), server().max_exchanges(1));
    drop(stage.live("old"));
    let client = stage.client.clone();
    let mut calls: Vec<_> = ["refused", "unsent"].map(|name| Call::begun(client.call_tool(name, ()))).into();
    stage.turn();
    let refused = stage.web.asked_for("tools/call");
    assert_eq!(refused.message()["params"]["name"], "refused");
    refused.status(404);
    stage.turn();
    for call in &mut calls {
        assert!(call.poll().is_none(), "it is made again");
    }
    stage.turn();
    let initialize = stage.web.asked_for("initialize");
    stage.accept(&initialize, "new");
    for call in &mut calls {
        assert!(call.poll().is_none());
    }
    for call in &mut calls {
        stage.turn();
        let asked = stage.web.asked_for("tools/call");
        assert_eq!(asked.header("mcp-session-id"), Some("new"));
        asked.answer(&json!({ "content": [] }));
        stage.turn();
        assert!(call.poll().unwrap().is_ok());
    }
    assert!(stage.web.asked().is_empty());
}
