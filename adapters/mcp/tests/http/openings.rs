//! How sessions begin, and how that goes wrong.

use std::time::Duration;

use serde_json::json;
use tenure::Mode;
use tenure_mcp::{Delivery, Eras, Error, HttpErrorKind, Stage as Reached};

use crate::stage::{Call, Stage, initialized, options, server};

#[test]
fn a_session_that_is_made_while_nobody_wants_it_any_more_is_ended() {
    let mut stage = Stage::legacy();
    let (acquire, initialize) = stage.opening();
    drop(acquire);
    stage.turn();
    assert!(!initialize.is_dropped(), "its answer says what there is to end");
    assert!(stage.web.asked().is_empty(), "an opening is never cancelled");
    initialize.answer_with(&[("mcp-session-id", "made-in-vain")], &initialized());
    stage.turn();
    let end = stage.web.asked_for("DELETE");
    assert_eq!(end.header("mcp-session-id"), Some("made-in-vain"));
    end.status(200);
    stage.turn();
    assert!(stage.web.asked().is_empty());
}

#[test]
fn an_opening_that_is_never_answered_is_dropped_when_it_is_told_to_hurry() {
    let mut stage = Stage::legacy();
    let (acquire, initialize) = stage.opening();
    drop(acquire);
    stage.turn();
    stage.advance(Duration::from_secs(3) - Duration::from_nanos(1));
    assert!(!initialize.is_dropped());
    stage.advance(Duration::from_nanos(1));
    assert!(initialize.is_dropped());
    assert!(stage.web.asked().is_empty());
}

#[test]
fn a_session_whose_handshake_fails_is_ended_and_then_the_failure_is_told() {
    let mut stage = Stage::legacy();
    let (mut acquire, initialize) = stage.opening();
    let result = json!({ "protocolVersion": "1999-01-01", "capabilities": {}, "serverInfo": {} });
    initialize.answer_with(&[("mcp-session-id", "of-no-use")], &result);
    stage.turn();
    assert!(acquire.poll().is_none());
    let end = stage.web.asked_for("DELETE");
    assert_eq!(end.header("mcp-session-id"), Some("of-no-use"));
    end.status(405);
    stage.turn();
    let error = acquire.poll().unwrap().unwrap_err();
    assert!(error.to_string().contains("1999-01-01"), "{error}");
    assert!(!error.is_retryable());
}

#[test]
fn a_server_that_hangs_at_the_goodbye_holds_a_failed_handshake_up_for_a_second() {
    let mut stage = Stage::legacy();
    let (mut acquire, initialize) = stage.opening();
    let result = json!({ "protocolVersion": "1999-01-01", "capabilities": {}, "serverInfo": {} });
    initialize.answer_with(&[("mcp-session-id", "of-no-use")], &result);
    stage.turn();
    let end = stage.web.asked_for("DELETE");
    stage.advance(Duration::from_secs(1));
    assert!(end.is_dropped());
    assert!(matches!(acquire.poll().unwrap(), Err(Error::ConnectFailed { .. })));
}

#[test]
fn a_server_that_is_down_fails_what_needs_it_at_once_and_is_not_asked_again() {
    let mut stage = Stage::legacy();
    stage.web.set_down(true);
    let client = stage.client.clone();
    let mut call = Call::begun(client.call_tool("add", ()));
    stage.turn();
    let error = call.poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::ConnectFailed { .. }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.is_retryable());
    let http = error.http().unwrap();
    assert!(matches!(&http.kind, HttpErrorKind::Broken(failure) if failure.stage == Reached::Connect));
    let (asked, polls) = (stage.web.count(), stage.polls());
    stage.advance(Duration::from_secs(3600));
    assert_eq!(stage.web.count(), asked);
    assert!(stage.polls() <= polls + 2);
}

#[test]
fn a_server_that_goes_down_costs_its_calls_and_not_the_session() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    stage.web.set_down(true);
    let mut call = Call::begun(lease.call_tool("add", ()));
    stage.turn();
    let error = call.poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::Http { .. }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    let (asked, polls) = (stage.web.count(), stage.polls());
    stage.advance(Duration::from_secs(100));
    assert_eq!(stage.web.count(), asked);
    assert!(stage.polls() <= polls + 2);
    stage.web.set_down(false);
    let mut call = Call::begun(lease.call_tool("add", ()));
    stage.turn();
    let asked = stage.web.asked_for("tools/call");
    assert_eq!(asked.header("mcp-session-id"), Some("session-1"));
    asked.answer(&json!({ "content": [] }));
    stage.turn();
    call.poll().unwrap().unwrap();
}

#[test]
fn a_refused_opening_is_told_with_its_status_and_when_to_come_again() {
    let mut stage = Stage::legacy();
    let (mut acquire, initialize) = stage.opening();
    initialize.respond(503, &[("retry-after", "7"), ("content-type", "text/plain")], "come later");
    stage.turn();
    let error = acquire.poll().unwrap().unwrap_err();
    assert!(error.is_retryable());
    let http = error.http().unwrap();
    assert_eq!(http.status, Some(503));
    assert_eq!(http.retry_after, Some(Duration::from_secs(7)));
    assert!(error.to_string().contains("come later"), "{error}");
    assert!(!format!("{error} {error:?}").contains("query-secret"));
}

#[test]
fn what_repeats_the_words_of_a_server_is_not_for_logs() {
    for (words, is_confidential) in [("", false), ("come later", true)] {
        let mut stage = Stage::legacy();
        let (mut acquire, initialize) = stage.opening();
        initialize.respond(503, &[("content-type", "text/plain")], words);
        stage.turn();
        let Error::ConnectFailed { failure, .. } = acquire.poll().unwrap().unwrap_err() else { panic!() };
        // Whoever logs is told by this alone.
        let mark = format!("is_confidential: {is_confidential}");
        assert!(format!("{failure:?}").contains(&mark), "{failure:?}");
    }
}

#[test]
fn the_modern_era_is_found_and_needs_no_session() {
    let mut stage = Stage::with(options().eras(Eras::Auto), server());
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    let discover = stage.web.asked_for("server/discover");
    discover.answer(&json!({
        "resultType": "complete",
        "supportedVersions": ["2026-07-28"],
        "capabilities": { "tools": {} },
    }));
    stage.turn();
    let lease = acquire.poll().unwrap().unwrap();
    let mut call = Call::begun(lease.call_tool("add", ()));
    stage.turn();
    let asked = stage.web.asked_for("tools/call");
    assert_eq!(asked.header("mcp-method"), Some("tools/call"));
    assert_eq!(asked.header("mcp-name"), Some("add"));
    asked.answer(&json!({ "resultType": "complete", "content": [] }));
    stage.turn();
    call.poll().unwrap().unwrap();
    drop(call);
    drop(lease);
    let _closing = stage.client.shutdown(Mode::Graceful);
    stage.turn();
    assert!(stage.web.asked().is_empty());
    assert!(stage.is_over());
}

#[test]
fn a_server_that_asks_for_patience_is_waited_for_within_half_of_the_connect_deadline() {
    let asked_to_wait = |seconds: &str| {
        let mut stage = Stage::with(options().eras(Eras::Auto), server());
        let client = stage.client.clone();
        let acquire = Call::begun(async move { client.acquire().await });
        stage.turn();
        stage.web.asked_for("server/discover").respond(503, &[("retry-after", seconds)], "");
        stage.turn();
        assert!(stage.web.asked().is_empty());
        (stage, acquire)
    };
    // Half of 60 s, so 29 s fit, which the default of the exchanges would not have waited for.
    let (mut stage, mut acquire) = asked_to_wait("29");
    stage.advance(Duration::from_secs(29));
    stage.web.asked_for("server/discover");
    assert!(acquire.poll().is_none());
    let (_, mut acquire) = asked_to_wait("31");
    assert!(acquire.poll().unwrap().unwrap_err().is_retryable());
}
