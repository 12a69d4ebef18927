//! Sessions that the server knows no more (tests/http/ROWS.md, section 6).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};
use std::time::Duration;

use serde_json::{Value, json};
use tenure_mcp::{Client, Delivery, Eras, Error, HttpErrorKind};

use crate::stage::{Call, Stage, discovered, options, server};

fn said(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

#[track_caller]
fn expired(result: Result<impl std::fmt::Debug, Error>) -> Delivery {
    let error = result.unwrap_err();
    assert!(error.is_retryable());
    let http = error.http().unwrap_or_else(|| panic!("{error:?}"));
    assert_eq!(http.kind, HttpErrorKind::Expired);
    error.delivery()
}

#[test]
fn calls_of_a_client_that_a_forgotten_session_refused_are_made_on_one_new_one() {
    let mut stage = Stage::legacy();
    drop(stage.live("old"));
    let client = stage.client.clone();
    let mut calls: Vec<_> = (0..3).map(|_| Call::begun(client.call_tool("add", ()))).collect();
    stage.turn();
    let asked = stage.web.asked();
    assert_eq!(asked.len(), 3);
    for asked in asked {
        asked.status(404);
    }
    stage.turn();
    for call in &mut calls {
        assert!(call.poll().is_none(), "it is made again");
    }
    stage.turn();
    let initialize = stage.web.asked_for("initialize");
    assert_eq!(initialize.header("mcp-session-id"), None);
    stage.accept(&initialize, "new");
    for call in &mut calls {
        assert!(call.poll().is_none());
    }
    stage.turn();
    let asked = stage.web.asked();
    assert_eq!(asked.len(), 3);
    for asked in asked {
        assert_eq!((asked.name().as_str(), asked.header("mcp-session-id")), ("tools/call", Some("new")));
        asked.answer(&said("done"));
    }
    stage.turn();
    for call in &mut calls {
        assert_eq!(call.poll().unwrap().unwrap().text(), "done");
    }
}

#[test]
fn whoever_hears_that_the_session_is_gone_is_never_given_it_again() {
    let mut stage = Stage::legacy();
    let lease = stage.live("old");
    let mut call = Call::begun(lease.call_tool("add", ()));
    let mut slow = Call::begun(lease.call_tool("slow", ()));
    stage.turn();
    let [asked, kept] = <[_; 2]>::try_from(stage.web.asked()).ok().unwrap();
    asked.status(404);
    stage.turn();
    // The other call is still waited for, so the session isn't over.
    assert!(slow.poll().is_none());
    assert!(!kept.is_dropped());
    assert_eq!(expired(call.poll().unwrap()), Delivery::Refused);
    assert!(stage.client.try_acquire().is_err());
}

#[test]
fn what_was_sent_before_is_answered_for_a_second() {
    let mut stage = Stage::legacy();
    let lease = stage.live("old");
    let mut calls: Vec<_> = (0..4).map(|_| Call::begun(lease.call_tool("add", ()))).collect();
    stage.turn();
    let asked = stage.web.asked();
    asked[0].status(404);
    stage.turn();
    asked[1].answer(&said("in time"));
    asked[2].status(404);
    stage.advance(Duration::from_millis(999));
    let mut calls = calls.iter_mut().map(Call::poll);
    assert_eq!(expired(calls.next().unwrap().unwrap()), Delivery::Refused);
    assert_eq!(calls.next().unwrap().unwrap().unwrap().text(), "in time");
    assert_eq!(expired(calls.next().unwrap().unwrap()), Delivery::Refused);
    assert!(calls.next().unwrap().is_none());
    drop(calls);
    stage.advance(Duration::from_millis(1));
    assert!(asked[3].is_dropped());
    assert!(stage.web.asked().is_empty(), "no goodbye and no cancel notices to a session that isn't there");
}

#[test]
fn a_call_that_is_unanswered_when_the_second_is_over_may_have_been_done() {
    let mut stage = Stage::legacy();
    let lease = stage.live("old");
    let mut refused = Call::begun(lease.call_tool("add", ()));
    let mut open = Call::begun(lease.call_tool("add", ()));
    stage.turn();
    stage.web.asked()[0].status(404);
    stage.turn();
    assert_eq!(expired(refused.poll().unwrap()), Delivery::Refused);
    stage.advance(Duration::from_secs(1));
    assert_eq!(expired(open.poll().unwrap()), Delivery::Unknown);
}

#[test]
fn a_session_that_is_gone_waits_for_its_leases_for_a_moment() {
    let mut stage = Stage::legacy();
    let lease = stage.live("old");
    let mut refused = Call::begun(lease.call_tool("add", ()));
    stage.turn();
    stage.web.asked_for("tools/call").status(410);
    stage.turn();
    expired(refused.poll().unwrap());
    stage.turn();
    let client = stage.client.clone();
    let _acquire = Call::begun(client.acquire());
    stage.advance(Duration::from_millis(99));
    assert!(lease.check().is_ok());
    assert!(stage.web.asked().is_empty());
    stage.advance(Duration::from_millis(1));
    stage.web.asked_for("initialize");
    assert!(matches!(lease.check(), Err(Error::Lost { .. })));
}

#[test]
fn a_call_that_is_made_while_the_session_retires_is_not_sent() {
    let mut stage = Stage::legacy();
    let lease = stage.live("old");
    let refused = Call::begun(lease.call_tool("add", ()));
    let open = Call::begun(lease.call_tool("add", ()));
    stage.turn();
    stage.web.asked()[0].status(404);
    stage.turn();
    let error = Call::new(lease.call_tool("add", ())).poll().unwrap().unwrap_err();
    stage.turn();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
    assert!(stage.web.asked().is_empty());
    drop((refused, open));
}

#[test]
fn late_bytes_of_the_old_session_touch_nothing_of_the_new_one() {
    // Before the answer of the new one has begun, and after.
    for has_begun in [false, true] {
        let mut stage = Stage::legacy();
        let lease = stage.live("old");
        // It has the number among all that is sent that the call of the next session will have, too.
        let mut open = Call::begun(lease.call_tool("add", ()));
        let mut refused = Call::begun(lease.call_tool("add", ()));
        stage.turn();
        let [old, gone] = <[_; 2]>::try_from(stage.web.asked()).ok().unwrap();
        old.stream();
        gone.status(404);
        stage.turn();
        stage.advance(Duration::from_secs(1));
        open.poll().unwrap().unwrap_err();
        refused.poll().unwrap().unwrap_err();
        drop((open, refused));
        drop(lease);
        stage.turn();

        let lease = stage.live("new");
        let mut call = Call::begun(lease.call_tool("add", ()));
        stage.turn();
        let asked = stage.web.asked_for("tools/call");
        // The same id of JSON-RPC is in use there.
        assert_eq!(asked.message()["id"], old.message()["id"]);
        if has_begun {
            asked.stream();
            stage.turn();
        }
        old.event(&json!({ "jsonrpc": "2.0", "id": asked.message()["id"], "result": said("old") }));
        stage.turn();
        assert!(call.poll().is_none());
        if has_begun {
            asked.event(&json!({ "jsonrpc": "2.0", "id": asked.message()["id"], "result": said("new") }));
        } else {
            asked.answer(&said("new"));
        }
        stage.turn();
        assert_eq!(call.poll().unwrap().unwrap().text(), "new");
        assert_eq!(asked.header("mcp-session-id"), Some("new"));
    }
}

#[test]
fn an_unknown_outcome_is_asked_again_only_where_that_does_no_harm() {
    let mut stage = Stage::legacy();
    drop(stage.live("old"));
    let client = stage.client.clone();
    let mut listing = Call::begun(client.list_tools());
    let mut call = Call::begun(client.call_tool("add", ()));
    let mut refused = Call::begun(client.call_tool("refused", ()));
    stage.turn();
    let asked = stage.web.asked();
    assert_eq!(asked.len(), 3);
    asked[2].status(404);
    stage.turn();
    assert!(refused.poll().is_none());
    stage.advance(Duration::from_secs(1));
    assert!(listing.poll().is_none(), "it is asked again");
    assert_eq!(expired(call.poll().unwrap()), Delivery::Unknown);
    stage.turn();
    let initialize = stage.web.asked_for("initialize");
    stage.accept(&initialize, "new");
    assert!(listing.poll().is_none());
    assert!(refused.poll().is_none());
    stage.turn();
    let mut names: Vec<_> = stage.web.asked().iter().map(crate::web::Served::name).collect();
    names.sort();
    assert_eq!(names, ["tools/call", "tools/list"]);
}

#[test]
fn a_session_that_expires_at_once_again_is_not_opened_without_end() {
    let mut stage = Stage::legacy();
    drop(stage.live("old"));
    let client = stage.client.clone();
    let mut call = Call::begun(client.call_tool("add", ()));
    for next in ["new", "newer"] {
        stage.turn();
        stage.web.asked_for("tools/call").status(404);
        stage.turn();
        if next == "newer" {
            break;
        }
        assert!(call.poll().is_none());
        stage.turn();
        let initialize = stage.web.asked_for("initialize");
        stage.accept(&initialize, next);
        assert!(call.poll().is_none());
    }
    assert_eq!(expired(call.poll().unwrap()), Delivery::Refused);
    stage.turn();
    assert!(stage.web.asked().is_empty());
}

#[test]
fn a_server_that_speaks_another_era_than_it_did_is_asked_anew() {
    let mut stage = Stage::with(options().eras(Eras::Auto), server());
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    stage.web.asked_for("server/discover").refuse(404, -32601);
    stage.turn();
    let initialize = stage.web.asked_for("initialize");
    stage.accept(&initialize, "old");
    let lease = acquire.poll().unwrap().unwrap();
    let mut call = Call::begun(lease.call_tool("add", ()));
    stage.turn();
    // UnsupportedProtocolVersion: it was replaced by one of the modern era.
    stage.web.asked_for("tools/call").refuse(400, -32022);
    stage.turn();
    assert!(matches!(call.poll(), Some(Err(Error::Server(_)))));
    assert!(client.try_acquire().is_err(), "it is never given again");
    drop(call);
    drop(lease);
    stage.turn();
    let _acquire = Call::begun(client.acquire());
    stage.turn();
    stage.web.asked_for("server/discover");
}

/// At the moment when it is woken it looks whether it would be given the session.
struct Looks {
    client: Client,
    was_given: AtomicBool,
    was_woken: AtomicBool,
}

impl Wake for Looks {
    fn wake(self: Arc<Self>) {
        self.was_woken.store(true, Ordering::SeqCst);
        self.was_given.fetch_or(self.client.try_acquire().is_ok(), Ordering::SeqCst);
    }
}

#[test]
fn the_answer_that_ends_a_session_comes_when_nobody_is_given_that_any_more() {
    let mut stage = Stage::legacy();
    let lease = stage.live("old");
    let (was_given, was_woken) = (AtomicBool::new(false), AtomicBool::new(false));
    let looks = Arc::new(Looks { client: stage.client.clone(), was_given, was_woken });
    let mut call = Call::begun(lease.call_tool("add", ()));
    assert!(call.poll_with(&Waker::from(looks.clone())).is_none());
    stage.turn();
    stage.web.asked_for("tools/call").refuse(400, -32022);
    stage.turn();
    assert!(looks.was_woken.load(Ordering::SeqCst));
    assert!(!looks.was_given.load(Ordering::SeqCst));
    assert!(matches!(call.poll(), Some(Err(Error::Server(_)))));
}

#[test]
fn what_a_server_that_turned_legacy_left_open_is_asked_again_where_that_does_no_harm() {
    let (mut stage, lease) = Stage::modern();
    drop(lease);
    let client = stage.client.clone();
    let mut listing = Call::begun(client.list_tools());
    let refused = Call::begun(client.call_tool("add", ()));
    stage.turn();
    stage.web.asked()[1].status(404);
    stage.turn();
    stage.web.asked_for("server/discover").status(404);
    stage.turn();
    stage.advance(Duration::from_secs(1));
    assert!(listing.poll().is_none(), "it is asked again");
    drop(refused);
}

#[test]
fn a_modern_server_that_turns_legacy_is_asked_anew_and_its_call_made_again() {
    let mut stage = Stage::with(options().eras(Eras::Auto), server());
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    stage.web.asked_for("server/discover").answer(&discovered());
    stage.turn();
    drop(acquire.poll().unwrap().unwrap());
    let mut call = Call::begun(client.call_tool("add", ()));
    stage.turn();
    stage.web.asked_for("tools/call").status(404);
    stage.turn();
    // One question settles it.
    stage.web.asked_for("server/discover").status(404);
    stage.turn();
    assert!(call.poll().is_none(), "it is made again");
    stage.turn();
    stage.web.asked_for("server/discover").refuse(404, -32601);
    stage.turn();
    let initialize = stage.web.asked_for("initialize");
    stage.accept(&initialize, "new");
    assert!(call.poll().is_none());
    stage.turn();
    stage.web.asked_for("tools/call").answer(&said("done"));
    stage.turn();
    assert_eq!(call.poll().unwrap().unwrap().text(), "done");
}

#[test]
fn a_refusal_of_the_session_that_looks_like_one_of_credentials_is_settled_by_a_ping() {
    let mut stage = Stage::legacy();
    drop(stage.live("old"));
    let client = stage.client.clone();
    let mut call = Call::begun(client.call_tool("add", ()));
    stage.turn();
    stage.web.asked_for("tools/call").status(401);
    stage.turn();
    stage.web.asked_for("ping").status(401);
    stage.turn();
    assert!(call.poll().is_none(), "it is made again");
    stage.turn();
    let initialize = stage.web.asked_for("initialize");
    stage.accept(&initialize, "new");
    assert!(call.poll().is_none());
    stage.turn();
    stage.web.asked_for("tools/call").answer(&said("done"));
    stage.turn();
    assert_eq!(call.poll().unwrap().unwrap().text(), "done");
}
