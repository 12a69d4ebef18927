//! What servers, carriers and callers do that nobody expects: nothing of it costs more than it must.

use std::time::Duration;

use http::Method;
use tenure_mcp_proto::http::{Failure, HttpError, HttpErrorKind, Settings, Stage};
use tenure_mcp_proto::{CallError, Delivery, Eras, Event, Incoming, Options, ProtocolError, Subscriptions};

use crate::world::*;

const SECOND: Duration = Duration::from_secs(1);

fn is_fault(event: &Event) -> bool {
    matches!(event, Event::ProtocolError(ProtocolError::Carrier { .. }))
}

#[test]
fn a_body_without_a_head_is_no_answer() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.body(&sent, &result(&sent.id(), "{}"));
    assert!(world.is_open(id));
    world.end(&sent);
    assert!(matches!(world.failed(id).kind, HttpErrorKind::NoAnswer { .. }));
}

#[test]
fn a_body_in_which_nothing_matters_is_not_read_without_end() {
    let mut world = World::legacy();
    world.connection.notify("notifications/x", None).unwrap();
    let sent = world.next();
    world.head(&sent, 200, &[]);
    world.body(&sent, &"z".repeat(70_000));
    assert!(world.dropped.contains(&sent.exchange));
    world.connection.notify("notifications/x", None).unwrap();
    let sent = world.next();
    world.status(&sent, 500);
    assert!(is_fault(&world.event()), "it was not taken");
    // One that breaks is as good as one that ends.
    world.connection.notify("notifications/x", None).unwrap();
    let sent = world.next();
    world.head(&sent, 202, &[]);
    world.break_at(&sent, Stage::Body, false);
    world.quiet();
}

#[test]
fn few_bodies_in_which_nothing_matters_are_waited_for_at_once() {
    let mut world = World::legacy();
    let notices: Vec<_> = (0..9)
        .map(|_| {
            world.connection.notify("notifications/x", None).unwrap();
            let sent = world.next();
            world.head(&sent, 202, &[]);
            sent
        })
        .collect();
    assert_eq!(world.dropped, [notices[0].exchange], "the oldest one");
}

#[test]
fn a_ping_whose_answer_is_odd_proves_nothing() {
    for odd in 0..4 {
        let settings = settings().max_message(4000);
        let mut world = World::legacy_with(Options::default().eras(Eras::Legacy), settings);
        let (id, sent) = world.tool();
        world.json(&sent, 400, "");
        let ping = world.next();
        match odd {
            0 => {
                world.head(&ping, 200, &[("content-type", JSON)]);
                world.body(&ping, &"x".repeat(5000));
            }
            1 => world.break_at(&ping, Stage::Connect, false),
            2 => world.reply(&ping, 307, &[("location", "https://else.test/")], ""),
            _ => {
                world.stream(&ping);
                world.end(&ping);
            }
        }
        assert_eq!(world.delivery(id), Delivery::Refused, "{odd}");
        assert!(world.retiring.is_none(), "{odd}");
    }
}

#[test]
fn an_error_for_nobody_on_a_calls_stream_is_the_calls() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.stream(&sent);
    world.body(&sent, &event(&error("null", -32603)));
    assert!(matches!(world.ended(id), Err(CallError::Server(_))));
}

#[test]
fn an_answer_for_nobody_on_a_stream_is_told_and_changes_nothing() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.stream(&sent);
    world.body(&sent, &event(&result("99", "{}")));
    assert!(matches!(world.event(), Event::ProtocolError(ProtocolError::UnknownResponse { .. })));
    for odd in ["[]", "[1,", "[[]]"] {
        world.body(&sent, &event(odd));
        let told = world.event();
        assert!(is_fault(&told), "{odd}: {told:?}");
    }
    assert!(world.is_open(id));
}

#[test]
fn an_event_that_is_too_large_and_concerns_nobody_is_told() {
    let mut world = World::legacy_with(Options::default().eras(Eras::Legacy), settings().max_message(400));
    let (id, sent) = world.tool();
    world.stream(&sent);
    world.body(
        &sent,
        &event(&format!(r#"{{"jsonrpc":"2.0","method":"n","params":{{"a":"{}"}}}}"#, "x".repeat(500))),
    );
    assert!(matches!(world.event(), Event::ProtocolError(ProtocolError::Oversized { .. })));
    assert!(world.is_open(id));
}

#[test]
fn the_stream_of_what_the_server_tells_may_say_that_the_session_is_gone() {
    let mut world = World::of(Eras::Legacy);
    world.initialize(Some("s-1"));
    let listen = world.next();
    world.status(&listen, 410);
    assert!(world.retiring.is_some());
    let mut world = World::of(Eras::Legacy);
    world.initialize(Some("s-1"));
    let listen = world.next();
    world.head(&listen, 403, &[]);
    world.pass(600 * SECOND);
    world.nothing_sent();
    assert!(world.retiring.is_none(), "it is not for this client");
}

#[test]
fn whatever_becomes_of_initialized_requests_are_made_then() {
    for odd in 0..3 {
        let mut world = World::of(Eras::Legacy);
        let sent = world.next();
        world.answer(&sent, r#"{"protocolVersion":"2025-11-25","capabilities":{}}"#);
        let confirm = world.next();
        match odd {
            0 => world.status(&confirm, 500),
            1 => world.break_at(&confirm, Stage::Head, false),
            _ => world.head(&confirm, 403, &[]),
        }
        assert!(is_fault(&world.event()), "{odd}");
        assert!(matches!(world.event(), Event::Ready(_)), "{odd}");
    }
}

#[test]
fn a_redirect_to_what_is_no_address_is_refused() {
    for location in ["ftp://example.test/", "http://[", "https://user:s3cret@example.test/"] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        world.head(&sent, 307, &[("location", location)]);
        let error = world.failed(id);
        assert!(matches!(error.kind, HttpErrorKind::Redirected { .. }), "{location}");
        assert!(!error.to_string().contains("s3cret"));
    }
}

#[test]
fn a_stream_that_can_not_be_asked_for_is_asked_for_later() {
    let mut world = World::legacy();
    let (id, again) = world.resumed();
    world.break_at(&again, Stage::Connect, false);
    world.pass(SECOND);
    assert_eq!(world.next().request.method(), Method::GET);
    assert!(world.is_open(id));
}

#[test]
fn tools_that_want_headers_get_them_and_invalid_ones_are_not_called() {
    let mut world = World::modern();
    let before = world.exchanges.tools_version();
    let (list, sent) = world.list();
    let tools = r#"{"tools":[
        {"name":"t","inputSchema":{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"A"}}}},
        {"name":"bad","inputSchema":{"type":"object","properties":{"a":{"type":"object","x-mcp-header":"A"}}}}]}"#;
    world.answer(&sent, tools);
    world.ended(list).unwrap();
    assert_ne!(world.exchanges.tools_version(), before);
    world.call("tools/call", r#"{"name":"t","arguments":{"a":"é"}}"#);
    assert_eq!(world.next().header("mcp-param-a"), Some("=?base64?w6k=?="));
    let id = world.call("tools/call", r#"{"name":"bad"}"#);
    let error = world.failed(id);
    assert_eq!(error.delivery, Delivery::NotSent);
    assert!(matches!(error.kind, HttpErrorKind::Unsendable { .. }) && !error.to_string().is_empty());
    world.nothing_sent();
}

#[test]
fn a_notification_of_the_modern_era_says_its_method() {
    let mut world = World::modern();
    world.connection.notify("notifications/x", None).unwrap();
    let sent = world.next();
    assert_eq!(sent.header("mcp-method"), Some("notifications/x"));
    assert_eq!(sent.header("mcp-protocol-version"), Some("2026-07-28"));
}

#[test]
fn the_beginning_of_a_body_is_shown_if_it_is_text() {
    for (body, shown) in [
        (b"\xff\xfe\x00binary".to_vec(), ""),
        (format!("{}é{}", "x".repeat(99), "y".repeat(300)).into_bytes(), "xxx"),
        (format!("{}é{}", "x".repeat(255), "y".repeat(300)).into_bytes(), "xxx"),
    ] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        world.head(&sent, 500, &[]);
        world.exchanges.body(world.now, sent.exchange, &body);
        world.end(&sent);
        let excerpt = world.failed(id).excerpt;
        assert!(excerpt.starts_with(shown) && excerpt.is_empty() == shown.is_empty(), "{excerpt}");
    }
}

#[test]
fn what_is_in_doubt_while_the_session_retires_is_refused_with_it() {
    let mut world = World::legacy();
    let (first, one) = world.tool();
    let (second, two) = world.tool();
    let (third, three) = world.tool();
    world.head(&three, 401, &[]);
    assert_eq!(world.asked.len(), 1);
    world.status(&one, 404);
    world.status(&two, 400);
    assert!(world.over.is_some());
    for id in [first, second, third] {
        assert_eq!(world.delivery(id), Delivery::Refused);
    }
}

#[test]
fn a_subscription_in_which_nothing_comes_is_made_anew() {
    let mut world = World::modern();
    world.connection.subscribe(world.now, Subscriptions::default().tools(true)).unwrap();
    let sent = world.next();
    world.stream(&sent);
    let meta = format!(r#""_meta":{{"io.modelcontextprotocol/subscriptionId":{}}}"#, sent.id());
    world.body(&sent, &event(&format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{{"notifications":{{"toolsListChanged":true}},{meta}}}}}"#
    )));
    assert!(matches!(world.event(), Event::Subscribed { .. }));
    world.pass(300 * SECOND);
    assert!(matches!(world.event(), Event::SubscriptionEnded { again: true, .. }));
    assert!(world.dropped.contains(&sent.exchange));
}

#[test]
fn what_nobody_asked_for_does_nothing() {
    let mut world = World::legacy();
    world.exchanges.credentials(world.now, Ok(7));
    world.exchanges.retired(world.now);
    world.nothing_sent();
    assert!(world.over.is_none());
    assert_eq!(world.exchanges.session_id().unwrap().to_str().unwrap(), "s-1");
    world.exchanges.abort();
    world.exchanges.abort();
    world.settle();
    assert!(world.over.is_some());
    world.exchanges.handle_timeout(world.now);
}

#[test]
fn bounds_may_be_set_when_the_session_is_known() {
    let mut world = World::legacy();
    world.exchanges.set_max_message(64);
    let (id, sent) = world.tool();
    world.json(&sent, 200, &result(&sent.id(), &format!("\"{}\"", "x".repeat(100))));
    assert!(matches!(world.ended(id), Err(CallError::TooLarge { limit: 64 })));
    let patient: Settings = settings().patience(600 * SECOND);
    let mut world = World::new(Options::default().eras(Eras::Auto), patient);
    let probe = world.next();
    world.reply(&probe, 503, &[("retry-after", "500")], "");
    world.quiet();
    let mut world = World::of(Eras::Auto);
    world.exchanges.set_patience(SECOND);
    let probe = world.next();
    world.reply(&probe, 503, &[("retry-after", "2")], "");
    assert!(matches!(world.event(), Event::HandshakeFailed(_)));
}

#[test]
fn a_response_that_says_nothing_is_no_answer() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.json(&sent, 200, r#"{"jsonrpc":"2.0","id":null,"result":{}}"#);
    assert_eq!(world.delivery(id), Delivery::Unknown);
}

#[test]
fn a_probe_that_breaks_when_nobody_waits_for_it_changes_nothing() {
    let options = Options::default().eras(Eras::Auto).discover_window(Some(SECOND));
    let mut world = World::new(options, settings());
    let probe = world.next();
    world.pass(SECOND);
    world.break_at(&probe, Stage::Sent, false);
    world.quiet();
    world.initialize(Some("s-1"));
}

#[test]
fn a_carrier_that_is_wrong_about_a_request_disturbs_nobody() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.answer(&sent, "{}");
    world.ended(id).unwrap();
    let gone = CallError::ConnectionLost { sent: true };
    world.connection.handle_message(Incoming::Failed { id, error: gone });
    world.quiet();
    let (id, _) = world.tool();
    world.connection.handle_message(Incoming::Answer { id, message: b"hello" });
    assert!(matches!(world.event(), Event::ProtocolError(_)));
    assert!(world.is_open(id));
    world.connection.handle_message(Incoming::Gap);
    world.connection.handle_message(Incoming::Gap);
    world.connection.handle_message(Incoming::Confirmed);
    assert!(matches!(world.event(), Event::Gap));
    world.quiet();
}

#[test]
fn each_error_says_what_happened() {
    let failure = |stage| Failure { stage, was_reused: false, is_permanent: true, reason: "why".to_owned() };
    let stages = [Stage::Connect, Stage::Tls, Stage::Unwritten, Stage::Sent, Stage::Head, Stage::Body];
    let mut words: Vec<String> = stages.iter().map(|stage| failure(*stage).to_string()).collect();
    let what = || "what".to_owned();
    for kind in [
        HttpErrorKind::Status,
        HttpErrorKind::Unauthorized { challenge: None },
        HttpErrorKind::Unauthorized { challenge: Some("said".to_owned()) },
        HttpErrorKind::Expired,
        HttpErrorKind::OtherEra,
        HttpErrorKind::Redirected { to: what() },
        HttpErrorKind::NoAnswer { what: what() },
        HttpErrorKind::Interrupted { what: what() },
        HttpErrorKind::Retired,
        HttpErrorKind::Unsendable { what: what() },
        HttpErrorKind::Broken(failure(Stage::Sent)),
    ] {
        let mut error = HttpError {
            kind,
            status: None,
            excerpt: String::new(),
            delivery: Delivery::Unknown,
            retry_after: None,
            note: None,
        };
        words.push(error.to_string());
        if let HttpErrorKind::Broken(_) = error.kind {
            assert!(!error.is_retryable(), "the failure is permanent");
        }
        error.status = Some(404);
        error.excerpt = "a body".to_owned();
        error.retry_after = Some(SECOND);
        error.note = Some("a note".to_owned());
        let all = error.to_string();
        assert!(all.ends_with(": a body (try again in 1 s); a note"), "{all}");
    }
    assert!(words.iter().all(|words| !words.is_empty()));
    let distinct: std::collections::BTreeSet<_> = words[stages.len()..].iter().collect();
    assert_eq!(distinct.len(), 11, "{distinct:?}");
    let mut world = World::legacy();
    assert_eq!(world.tool().1.exchange.to_string(), "4");
}
