//! How connections begin and end.

use std::time::Duration;

use serde_json::json;
use tenure::state::StateName;
use tenure::{DeadlineKind, Mode, Probe};
use tenure_mcp::proto::{HandshakeError, ProtocolError};
use tenure_mcp::{Deadline, Eras, Error, Options, ServerEvent};

use crate::stage::{Call, Stage, config};

#[test]
fn an_unsupported_version_fails_the_connect_for_good() {
    let mut stage = Stage::new();
    let client = stage.client.clone();
    let mut call = Call::begun(client.list_tools());
    stage.turn();
    let server = stage.server();
    let initialize = stage.asked_for_handshake(&server);
    server.answer(
        &initialize,
        &json!({
            "protocolVersion": "1999-01-01",
            "capabilities": {},
            "serverInfo": { "name": "old", "version": "1" },
        }),
    );
    stage.turn();
    match call.poll().unwrap() {
        Err(Error::ConnectFailed { generation, failure }) => {
            assert_eq!(generation.number(), 1);
            assert!(!failure.is_retryable());
            assert!(
                matches!(failure.downcast_ref(), Some(HandshakeError::UnsupportedVersion { answered, .. }) if answered == "1999-01-01")
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(server.sees_end_of_input());
    assert!(server.heard().is_empty());
}

#[test]
fn a_handshake_that_fails_is_told_at_once_though_the_process_lives_on() {
    let mut stage = Stage::of_processes();
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    let server = stage.server();
    let initialize = stage.asked_for_handshake(&server);
    server.refuse(&initialize);
    stage.turn();
    assert!(matches!(acquire.poll(), Some(Err(Error::ConnectFailed { .. }))));
}

#[test]
fn a_server_that_ends_during_the_handshake_fails_the_connect() {
    let mut stage = Stage::with(Options::new().session(|_| config()).eras(Eras::Legacy));
    let client = stage.client.clone();
    let mut call = Call::begun(client.list_tools());
    stage.turn();
    stage.server().close_output();
    stage.turn();
    match call.poll().unwrap() {
        Err(Error::ConnectFailed { failure, .. }) => {
            assert!(failure.is_retryable());
            assert_eq!(failure.to_string(), "the server closed its output");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_slow_handshake_may_go_better_next_time() {
    let protocol = tenure_mcp::proto::Options::default().handshake_timeout(Some(Duration::from_secs(1)));
    let mut stage = Stage::with(Options::new().session(|_| config()).protocol(|_| protocol));
    let client = stage.client.clone();
    let mut call = Call::begun(client.list_tools());
    stage.turn();
    stage.advance(Duration::from_secs(1));
    match call.poll().unwrap() {
        Err(Error::ConnectFailed { failure, .. }) => assert!(failure.is_retryable(), "{failure}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_is_told_of_a_loss_is_not_given_the_dead_session_again() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    server.close_output();
    // No turn of the driver, or part of one, may show the loss while the session seems live.
    while stage.turn_once() {
        let live = stage.client.state().name() == StateName::Live;
        let result = call.poll();
        assert!(!(live && result.is_some()), "the loss is told while the session is live");
        if let Some(result) = result {
            let error = result.unwrap_err();
            assert!(
                matches!(&error, Error::Lost { generation: Some(it), .. } if it.number() == 1),
                "{error}"
            );
            assert_eq!(error.to_string(), "the session was lost: the server closed its output");
            break;
        }
    }
    assert_ne!(stage.client.state().name(), StateName::Live);
    let (next, _server) = stage.live();
    assert_eq!(next.generation().number(), 2);
}

#[test]
fn what_a_server_says_before_its_end_counts() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut answered = Call::begun(lease.request("tools/call", ()));
    let mut open = Call::begun(lease.request("tools/list", ()));
    stage.turn();
    let requests = server.heard();
    server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/last" }));
    server.answer(&requests[0], &json!({}));
    server.say_bytes(b"{\"jsonrpc\":");
    server.close_output();
    stage.turn();
    let events = stage.events();
    assert!(
        matches!(
            &events[..],
            [
                ServerEvent::Notification { .. },
                ServerEvent::ProtocolError(ProtocolError::Unfinished { size: 11, .. }),
                ServerEvent::Disconnected { .. },
            ]
        ),
        "{events:?}"
    );
    assert_eq!(answered.poll().unwrap().unwrap().get(), "{}");
    assert!(matches!(open.poll(), Some(Err(Error::Lost { .. }))));
}

#[test]
fn what_a_server_says_before_it_stops_reading_counts() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut answered = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    server.answer(&server.heard_one(), &json!({}));
    server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/last" }));
    server.close_input();
    let mut refused = Call::begun(lease.request("tools/list", ()));
    stage.turn();
    let events = stage.events();
    assert!(matches!(&events[..], [ServerEvent::Notification { .. }]), "{events:?}");
    assert_eq!(answered.poll().unwrap().unwrap().get(), "{}");
    stage.advance(Duration::from_millis(100));
    let error = refused.poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::Lost { .. }), "{error}");
}

#[test]
fn a_server_that_never_pauses_can_be_closed() {
    let mut stage = Stage::new();
    let (_lease, server) = stage.live();
    server.say_without_end(&json!({ "jsonrpc": "2.0", "method": "notifications/x" }));
    for _ in 0..10 {
        assert!(stage.turn_once(), "there is more to read");
    }
    assert!(!stage.events().is_empty());
    let mut close = Call::begun(stage.client.close(Mode::Force));
    for _ in 0..3 {
        stage.turn_once();
    }
    assert!(close.poll().is_some());
    assert!(server.sees_end_of_input());
}

#[test]
fn probes_ping_the_server() {
    let probe = Probe { interval: Duration::from_secs(10), timeout: Duration::from_secs(2) };
    let mut stage = Stage::with(Options::new().session(|_| config().probe(Some(probe))));
    let (lease, server) = stage.live();
    for _ in 0..3 {
        stage.advance(Duration::from_secs(10));
        let ping = server.heard_one();
        assert_eq!(ping["method"], "ping");
        server.answer(&ping, &json!({}));
        stage.turn();
    }
    lease.check().unwrap();
    stage.advance(Duration::from_secs(10));
    assert_eq!(server.heard_one()["method"], "ping");
    stage.advance(Duration::from_secs(2));
    let error = lease.check().unwrap_err();
    assert!(
        matches!(error, Error::TimedOut { deadline: Deadline::Session(DeadlineKind::ProbeTimeout), .. }),
        "{error}"
    );
    assert!(server.sees_end_of_input());
}

/// With as many calls in flight as there may be, no ping can be sent; what the server says is a sign of
/// life too, and silence is none.
#[test]
fn a_server_that_is_too_busy_for_a_ping_is_not_taken_for_dead() {
    let probe = Probe { interval: Duration::from_secs(10), timeout: Duration::from_secs(2) };
    let protocol = tenure_mcp::proto::Options::default().max_in_flight(1);
    let options =
        Options::new().session(|_| config().probe(Some(probe))).protocol(|_| protocol).call_timeout(None);
    let mut stage = Stage::with(options);
    let (lease, server) = stage.live();
    let mut call = Call::begun(async { lease.request("tools/call", ()).await });
    stage.turn();
    assert_eq!(server.heard_one()["method"], "tools/call");
    for _ in 0..3 {
        stage.advance(Duration::from_secs(10));
        assert!(server.heard().is_empty(), "no ping could be sent");
        server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/progress" }));
        stage.turn();
    }
    lease.check().unwrap();
    assert!(call.poll().is_none());
    stage.advance(Duration::from_secs(10));
    stage.advance(Duration::from_secs(2));
    assert!(lease.check().is_err(), "nothing came");
}

/// Neither what waits for a call nor what waits for a sign of life.
#[test]
fn a_lease_that_is_kept_too_long_keeps_no_waker() {
    let probe = Probe { interval: Duration::from_secs(10), timeout: Duration::from_secs(2) };
    let protocol = tenure_mcp::proto::Options::default().max_in_flight(1);
    let options = Options::new().session(|_| config().probe(Some(probe))).protocol(|_| protocol);
    let mut stage = Stage::with(options);
    let (lease, _server) = stage.live();
    let call = Call::begun(lease.request("tools/call", ()));
    stage.advance(Duration::from_secs(10));
    drop(stage.client.shutdown(Mode::Force));
    stage.turn();
    assert_eq!(stage.wakers(), 0);
    drop(call);
    lease.check().unwrap_err();
}

/// What the events tell of connections.
fn told(stage: &Stage) -> Vec<String> {
    let word = |event: &ServerEvent| match event {
        ServerEvent::Connected { .. } => Some("connected".to_owned()),
        ServerEvent::Disconnected { cause, failure } => {
            let failure = failure.as_ref().map_or_else(|| "in order".to_owned(), ToString::to_string);
            Some(format!("disconnected, {cause:#}: {failure}"))
        }
        _ => None,
    };
    stage.events().iter().filter_map(word).collect()
}

#[test]
fn what_happened_to_a_connection_is_told_though_nobody_holds_a_lease() {
    let mut stage = Stage::of_processes();
    drop(stage.live());
    stage.server().exit("signal: 9");
    stage.turn();
    assert_eq!(told(&stage), ["disconnected, by itself: signal: 9"]);
    let (lease, server) = stage.live();
    drop(lease);
    drop(stage.client.close(Mode::Force));
    stage.turn();
    server.exit("status 0");
    stage.turn();
    assert_eq!(told(&stage), ["disconnected, closed: in order"]);
}
