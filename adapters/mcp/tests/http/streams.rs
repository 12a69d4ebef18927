//! What is under way: woken one by one, dropped when nobody waits, and never in the way of a deadline.

use std::time::Duration;

use serde_json::json;
use tenure::{Config, KeepAlive, Mode, Probe};
use tenure_mcp::{Deadline, Delivery, Eras, Error, Options, Reuse, ServerEvent, Stage as Reached};

use crate::stage::{Call, Stage, options, server};

#[test]
fn only_the_stream_on_which_something_comes_is_looked_at() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    let calls: Vec<_> = (0..20).map(|_| Call::begun(lease.call_tool("slow", ()))).collect();
    stage.turn();
    let asked = stage.web.asked();
    asked.iter().for_each(crate::web::Served::stream);
    stage.turn();
    let before: Vec<_> = asked.iter().map(crate::web::Served::polls).collect();
    asked[7].event(&json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": {} }));
    stage.turn();
    for (n, asked) in asked.iter().enumerate() {
        assert_eq!(asked.polls() > before[n], n == 7, "stream {n}");
    }
    drop(calls);
}

#[test]
fn the_stream_of_a_call_that_nobody_waits_for_is_dropped_after_a_cancel_notice() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    let call = Call::begun(lease.call_tool("slow", ()));
    stage.turn();
    let asked = stage.web.asked_for("tools/call");
    asked.stream();
    stage.turn();
    drop(call);
    stage.turn();
    let notice = stage.web.asked_for("notifications/cancelled");
    assert_eq!(notice.message()["params"]["requestId"], asked.message()["id"]);
    assert!(asked.is_dropped());
}

#[test]
fn when_the_driver_is_dropped_so_are_all_streams() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    let mut call = Call::begun(lease.call_tool("slow", ()));
    let mut other = Call::begun(lease.call_tool("slow", ()));
    stage.turn();
    let [stream, headless] = <[_; 2]>::try_from(stage.web.asked()).ok().unwrap();
    stream.stream();
    stage.turn();
    stage.drop_driver();
    assert!(stream.is_dropped());
    assert!(headless.is_dropped());
    assert!(call.poll().unwrap().is_err());
    assert!(other.poll().unwrap().is_err());
}

#[test]
fn a_session_that_is_closed_by_force_drops_its_streams_and_says_goodbye() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    let mut call = Call::begun(lease.call_tool("slow", ()));
    stage.turn();
    let stream = stage.web.asked_for("tools/call");
    stream.stream();
    stage.turn();
    let _closing = stage.client.close(Mode::Force);
    stage.turn();
    assert!(matches!(call.poll().unwrap(), Err(Error::Closed { delivery: Delivery::Unknown, .. })));
    assert!(stream.is_dropped());
    let notice = stage.web.asked_for("notifications/cancelled");
    notice.status(202);
    stage.turn();
    stage.web.asked_for("DELETE").status(204);
    stage.turn();
}

#[test]
fn a_server_that_never_pauses_does_not_hold_up_the_deadline_of_a_call() {
    let mut stage =
        Stage::with(options().eras(Eras::Legacy).call_timeout(Some(Duration::from_secs(10))), server());
    let lease = stage.live("session-1");
    let mut flooded = Call::begun(lease.call_tool("flood", ()));
    stage.turn();
    let asked = stage.web.asked_for("tools/call");
    asked.stream();
    stage.turn();
    asked.flood(": nothing\n\n".to_owned());
    stage.pass(Duration::from_secs(10));
    for _ in 0..200 {
        stage.turn_once();
    }
    assert!(matches!(
        flooded.poll(),
        Some(Err(Error::TimedOut { deadline: Deadline::Call, delivery: Delivery::Unknown, .. }))
    ));
}

#[test]
fn a_flood_does_not_hold_up_the_machines_own_deadlines() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    let flooded = Call::begun(lease.call_tool("flood", ()));
    let refused = Call::begun(lease.call_tool("refused", ()));
    stage.turn();
    let [asked, other] = <[_; 2]>::try_from(stage.web.asked()).ok().unwrap();
    asked.stream();
    stage.turn();
    other.status(404);
    stage.turn();
    asked.flood(": nothing\n\n".to_owned());
    // The moment for late answers is over.
    stage.pass(Duration::from_secs(1));
    for _ in 0..200 {
        stage.turn_once();
    }
    assert!(asked.is_dropped());
    drop((flooded, refused));
}

#[test]
fn messages_of_a_calls_stream_and_of_the_listening_stream_are_heard() {
    let mut stage = Stage::legacy();
    let (mut acquire, initialize) = stage.opening();
    stage.confirm(&initialize, "session-1");
    let listening = stage.web.asked_for("GET");
    listening.stream();
    listening.event(&json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" }));
    stage.turn();
    drop(acquire.poll().unwrap().unwrap());
    let heard = stage.events();
    assert!(heard.iter().any(|event| matches!(event, ServerEvent::Notification { method, .. }
        if method == "notifications/tools/list_changed")));
}

#[test]
fn answers_to_the_server_do_not_wait_for_calls_and_calls_that_wait_are_not_sent() {
    let mut stage = Stage::with(options().eras(Eras::Legacy), server().max_exchanges(1));
    let lease = stage.live("session-1");
    let first = Call::begun(lease.call_tool("slow", ()));
    let mut second = Call::begun(lease.call_tool("slow", ()));
    stage.turn();
    let asked = stage.web.asked_for("tools/call");
    asked.stream();
    asked.event(&json!({ "jsonrpc": "2.0", "id": "p", "method": "ping" }));
    stage.turn();
    let pong = stage.web.asked_for("an answer");
    assert_eq!(pong.message()["id"], "p");
    pong.status(202);
    stage.turn();
    let _closing = stage.client.close(Mode::Force);
    stage.turn();
    let error = second.poll().unwrap().unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
    drop(first);
}

#[test]
fn a_stream_that_breaks_off_says_that_its_call_may_have_been_done() {
    let mut stage = Stage::legacy();
    let client = stage.client.clone();
    drop(stage.live("session-1"));
    let mut call = Call::begun(client.call_tool("add", ()));
    let mut listing = Call::begun(client.list_tools());
    stage.turn();
    for asked in stage.web.asked() {
        asked.stream();
        asked.break_off(Reached::Body);
    }
    stage.turn();
    let error = call.poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::Http { .. }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
    // To list twice does no harm.
    assert!(listing.poll().is_none());
    stage.turn();
    stage.web.asked_for("tools/list").answer(&json!({ "tools": [] }));
    stage.turn();
    assert_eq!(listing.poll().unwrap().unwrap().len(), 0);
}

#[test]
fn a_report_on_the_stream_of_a_call_gives_it_another_minute_up_to_ten_and_a_comment_does_not() {
    let (mut legacy, modern) = (Stage::legacy(), Stage::modern());
    let lease = legacy.live("session-1");
    for (mut stage, lease) in [(legacy, lease), modern] {
        let [mut call, mut idle] =
            ["slow", "idle"].map(|tool| Call::begun(lease.call_tool(tool, ()).progress(drop)));
        stage.turn();
        let [asked, other] = <[_; 2]>::try_from(stage.web.asked()).ok().unwrap();
        for asked in [&asked, &other] {
            asked.stream();
        }
        for progress in 1..12 {
            stage.advance(Duration::from_secs(50));
            let token = &asked.message()["params"]["_meta"]["progressToken"];
            let params = json!({ "progressToken": token, "progress": progress });
            asked.event(&json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params }));
            other.piece(": still here\n\n");
            stage.turn();
            assert!(call.poll().is_none(), "after {} s", progress * 50);
            if progress == 2 {
                assert!(matches!(idle.poll(), Some(Err(Error::TimedOut { deadline: Deadline::Call, .. }))));
            }
        }
        stage.advance(Duration::from_secs(50));
        assert!(matches!(call.poll(), Some(Err(Error::TimedOut { deadline: Deadline::Call, .. }))));
        drop((call, idle));
    }
}

#[test]
fn a_client_that_panics_costs_its_call_and_not_the_session() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    let mut call = Call::begun(lease.call_tool("add", ()));
    stage.web.set_broken(true);
    stage.turn();
    stage.web.set_broken(false);
    let error = call.poll().unwrap().unwrap_err();
    assert!(error.to_string().contains("panicked"), "{error}");
    assert_eq!(error.delivery(), Delivery::Unknown);
    let mut call = Call::begun(lease.call_tool("add", ()));
    stage.turn();
    stage.web.asked_for("tools/call").answer(&json!({ "content": [] }));
    stage.turn();
    call.poll().unwrap().unwrap();
}

#[test]
fn calls_of_tools_take_the_youngest_connection() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    let calls = (Call::begun(lease.call_tool("add", ())), Call::begun(lease.list_tools()));
    stage.turn();
    let [call, list] = <[_; 2]>::try_from(stage.web.asked()).ok().unwrap();
    assert_eq!((call.reuse, list.reuse), (Reuse::Youngest, Reuse::Any));
    drop(calls);
}

fn probed(eras: Eras) -> Options {
    let probe = Probe { interval: Duration::from_secs(30), timeout: Duration::from_secs(10) };
    options().session(|_| Config::default().keep_alive(KeepAlive::Always).probe(Some(probe))).eras(eras)
}

#[test]
fn a_modern_server_is_asked_for_no_signs_of_life() {
    let mut stage = Stage::with(probed(Eras::Modern), server());
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    stage.web.asked_for("server/discover").answer(&json!({
        "resultType": "complete",
        "supportedVersions": ["2026-07-28"],
        "capabilities": {},
    }));
    stage.turn();
    let _lease = acquire.poll().unwrap().unwrap();
    for _ in 0..5 {
        stage.advance(Duration::from_secs(30));
    }
    assert!(stage.web.asked().is_empty());
    assert!(client.try_acquire().is_ok());
}

#[test]
fn any_status_is_a_sign_of_life_of_a_legacy_server_and_none_is_not() {
    let mut stage = Stage::with(probed(Eras::Legacy), server());
    let lease = stage.live("session-1");
    let client = stage.client.clone();
    stage.advance(Duration::from_secs(30));
    stage.web.asked_for("ping").status(503);
    stage.turn();
    stage.advance(Duration::from_secs(10));
    assert!(client.try_acquire().is_ok(), "it lives");
    stage.web.set_down(true);
    stage.advance(Duration::from_secs(20));
    stage.advance(Duration::from_secs(10));
    assert!(client.try_acquire().is_err(), "nothing came");
    drop(lease);
}

#[test]
fn a_read_whose_answer_broke_off_in_its_body_is_made_again_and_one_that_broke_before_is_not() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    let mut list = Call::begun(lease.list_tools());
    stage.turn();
    let asked = stage.web.asked_for("tools/list");
    asked.head(200, &[("content-type", "application/json")]);
    asked.break_off(Reached::Body);
    stage.turn();
    assert!(list.poll().is_none());
    stage.turn();
    stage.web.asked_for("tools/list").answer(&json!({ "tools": [] }));
    stage.turn();
    list.poll().unwrap().unwrap();
    let mut list = Call::begun(lease.list_tools());
    stage.turn();
    stage.web.asked_for("tools/list").break_off(Reached::Head);
    stage.turn();
    assert_eq!(list.poll().unwrap().unwrap_err().delivery(), Delivery::Unknown);
    stage.turn();
    assert!(stage.web.asked().is_empty());
}

#[test]
fn no_more_than_half_of_a_sessions_id_is_shown() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    let hint = Call::new(lease.session_hint()).poll().unwrap().unwrap().unwrap();
    assert_eq!(hint, "sess");
    let mut stage = Stage::legacy();
    let lease = stage.live("a-very-long-id-of-a-session");
    let hint = Call::new(lease.session_hint()).poll().unwrap().unwrap().unwrap();
    assert_eq!(hint, "a-very-l");
}

#[test]
fn an_answer_may_have_as_many_bytes_as_a_message_may() {
    let mut stage =
        Stage::with(options().eras(Eras::Legacy).protocol(|protocol| protocol.max_message(1000)), server());
    let lease = stage.live("session-1");
    let mut call = Call::begun(lease.call_tool("large", ()));
    stage.turn();
    stage.web.asked_for("tools/call").answer(&json!({ "content": [], "x": "x".repeat(1000) }));
    stage.turn();
    let error = call.poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 1000 }), "{error:?}");
}

#[test]
fn a_client_that_keeps_what_it_was_woken_with_keeps_no_waker_of_a_driver_that_is_gone() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    let _call = Call::begun(lease.call_tool("slow", ()));
    stage.turn();
    let _asked = stage.web.asked_for("tools/call");
    assert!(stage.wakers() > 0);
    stage.drop_driver();
    assert_eq!(stage.wakers(), 0);
}

#[test]
fn each_piece_is_a_sign_of_life_of_a_server_that_is_too_busy_for_a_ping() {
    let probe = Probe { interval: Duration::from_secs(10), timeout: Duration::from_secs(2) };
    let options = options()
        .session(|_| Config::default().keep_alive(KeepAlive::Always).probe(Some(probe)))
        .eras(Eras::Legacy)
        .call_timeout(None)
        .protocol(|protocol| protocol.max_in_flight(1));
    let mut stage = Stage::with(options, server());
    let lease = stage.live("session-1");
    let _call = Call::begun(lease.call_tool("slow", ()));
    stage.turn();
    let asked = stage.web.asked_for("tools/call");
    stage.advance(Duration::from_secs(10));
    asked.stream();
    stage.turn();
    for _ in 0..3 {
        stage.advance(Duration::from_secs(10));
        asked.piece(": busy\n\n");
        stage.turn();
    }
    lease.check().unwrap();
    stage.advance(Duration::from_secs(10));
    stage.advance(Duration::from_secs(2));
    assert!(lease.check().is_err(), "nothing came");
}
