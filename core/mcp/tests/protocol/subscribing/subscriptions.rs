//! What a server is to tell of, and how each era asks for it (MCP 2025-11-25, server/resources; MCP 2026-07-28,
//! basic/patterns/subscriptions).

use crate::common::eras::*;
use crate::common::subscriptions::*;
use crate::common::*;
use tenure_mcp_proto::types::LogLevel;
use tenure_mcp_proto::{
    CallError, Cancel, Event, Options, ProtocolError, RequestError, SubscriptionEnd, Subscriptions,
};

#[test]
fn in_the_legacy_era_each_resource_is_asked_for_and_only_the_difference() {
    let mut connection = legacy(ALL);
    connection.subscribe(T0, uris(&["a", "b"]).tools(true).prompts(true)).unwrap();
    let sent = outputs(&mut connection);
    assert_eq!(
        sent,
        [
            "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"resources/subscribe\",\"params\":{\"uri\":\"a\"}}\n",
            "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"resources/subscribe\",\"params\":{\"uri\":\"b\"}}\n",
        ]
    );
    assert_eq!(connection.in_flight(), 0, "no caller waits");
    answer(&mut connection, 2, r#""result":{}"#);
    assert!(events(&mut connection).is_empty(), "it is no answer to a caller, and another is missing");
    answer(&mut connection, 3, r#""error":{"code":-32002,"message":"unknown"}"#);
    let (granted, refused) = subscribed(&mut connection);
    assert_eq!(granted, uris(&["a"]).tools(true));
    assert_eq!(refused, uris(&["b"]).prompts(true));

    connection.subscribe(T0, uris(&["c"])).unwrap();
    let sent = outputs(&mut connection).concat();
    assert!(sent.contains(r#"resources/subscribe","params":{"uri":"c"}"#), "{sent}");
    assert!(sent.contains(r#"resources/unsubscribe","params":{"uri":"a"}"#), "{sent}");
    assert_eq!(sent.lines().count(), 2, "{sent}");
    answer(&mut connection, 4, r#""result":{}"#);
    answer(&mut connection, 5, r#""error":{"code":-1}"#);
    assert_eq!(subscribed(&mut connection), (uris(&["c"]), Subscriptions::default()));
    connection.subscribe(T0, uris(&["c"])).unwrap();
    assert!(outputs(&mut connection).is_empty() && events(&mut connection).is_empty());
    feed(
        &mut connection,
        r#"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"c"}}"#,
    );
    assert!(matches!(only(&mut connection), Event::Notification { .. }));
}

#[test]
fn a_legacy_server_that_offers_no_subscriptions_is_not_asked() {
    let mut connection = legacy("{}");
    connection.subscribe(T0, uris(&["a"]).tools(true)).unwrap();
    assert_eq!(subscribed(&mut connection), (Subscriptions::default(), uris(&["a"]).tools(true)));
    assert!(outputs(&mut connection).is_empty());
}

#[test]
fn a_legacy_subscription_is_not_waited_for_without_end_and_few_are_asked_for_at_once() {
    let mut connection = legacy(ALL);
    let many: Vec<String> = (10..30).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    connection.subscribe(T0, uris(&many)).unwrap();
    assert_eq!(outputs(&mut connection).len(), 16);
    for id in 2..18 {
        answer(&mut connection, id, r#""result":{}"#);
    }
    assert_eq!(outputs(&mut connection).len(), 4);
    let deadline = connection.poll_timeout().unwrap();
    assert_eq!(deadline, T0 + 60 * SECOND);
    connection.handle_timeout(deadline);
    let (granted, refused) = subscribed(&mut connection);
    assert_eq!((granted.uris.len(), refused.uris.len()), (16, 4));
    assert_eq!(outputs(&mut connection).len(), 4, "nobody waits any more");
    assert_eq!(connection.poll_timeout(), None);
}

#[test]
fn the_modern_era_has_one_request_for_all_and_it_stays_open() {
    let mut connection = modern_with("{}");
    connection.subscribe(T0, uris(&["a\"b"]).tools(true).prompts(true)).unwrap();
    assert_eq!(
        line(&mut connection),
        format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"subscriptions/listen\",\"params\":{{\"notifications\":{{\"toolsListChanged\":true,\"promptsListChanged\":true,\"resourceSubscriptions\":[\"a\\\"b\"]}},\"_meta\":{{{MARKS}}}}}}}\n"
        )
    );
    assert_eq!((connection.in_flight(), connection.poll_timeout()), (0, Some(T0 + 10 * SECOND)));
    acknowledged(&mut connection, 2, r#"{"toolsListChanged":true,"resourceSubscriptions":["a\u0022b","x"]}"#);
    let (granted, refused) = subscribed(&mut connection);
    assert_eq!(granted, uris(&["a\"b"]).tools(true));
    assert_eq!(refused, Subscriptions::default().prompts(true));
    assert_eq!(connection.poll_timeout(), None, "it stays open");
    told(&mut connection, "2", "tools/list_changed", "");
    assert!(matches!(only(&mut connection), Event::Notification { method, .. } if method.contains("tools")));
    // The same again changes nothing.
    connection.subscribe(T0, uris(&["a\"b"]).tools(true).prompts(true)).unwrap();
    assert!(outputs(&mut connection).is_empty() && events(&mut connection).is_empty());
}

#[test]
fn another_wish_is_asked_for_before_the_old_one_is_given_up() {
    let mut connection = listening();
    connection.subscribe(T0, uris(&["a"])).unwrap();
    assert!(line(&mut connection).contains(r#""id":3,"method":"subscriptions/listen""#));
    told(&mut connection, "2", "tools/list_changed", "");
    assert!(matches!(only(&mut connection), Event::Notification { .. }), "the old one is told still");
    acknowledged(&mut connection, 3, r#"{"resourceSubscriptions":["a"]}"#);
    assert_eq!(subscribed(&mut connection).0, uris(&["a"]));
    assert_eq!(
        line(&mut connection),
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":2}}\n"
    );
    told(&mut connection, "2", "tools/list_changed", "");
    answer(&mut connection, 2, r#""result":{}"#);
    assert!(events(&mut connection).is_empty(), "that one has ended; what comes of it is late");
    told(&mut connection, "3.0", "resources/updated", r#","uri":"a""#);
    assert!(matches!(only(&mut connection), Event::Notification { .. }));

    connection.subscribe(T0, Subscriptions::default()).unwrap();
    assert!(subscribed(&mut connection).0.is_empty());
    assert!(line(&mut connection).contains(r#"{"requestId":3}"#));
    told(&mut connection, "\"3\"", "resources/updated", r#","uri":"a""#);
    assert!(events(&mut connection).is_empty());
}

#[test]
fn what_is_of_no_subscription_is_told_of_and_goes_nowhere() {
    let mut connection = listening();
    for id in ["99", "\"x\"", "null", "0"] {
        told(&mut connection, id, "tools/list_changed", "");
        match only(&mut connection) {
            Event::ProtocolError(ProtocolError::UnknownSubscription { id: told }) => assert_eq!(told, id),
            other => panic!("{other:?}"),
        }
    }
    // One that is not sent yet can't be known.
    connection.subscribe(T0, uris(&["a"])).unwrap();
    acknowledged(&mut connection, 3, r#"{"resourceSubscriptions":["a"]}"#);
    assert!(events(&mut connection).is_empty());
    // What names no subscription is of none.
    feed(&mut connection, r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"_meta":{}}}"#);
    assert!(matches!(only(&mut connection), Event::Notification { .. }));
}

#[test]
fn a_subscription_that_ends_is_made_again_later_and_later_and_not_without_end() {
    let mut connection = listening();
    let mut now = T0;
    let mut delays = Vec::new();
    for id in 2..10 {
        answer(&mut connection, id, r#""result":{"resultType":"complete"}"#);
        let (why, again) = ended(&mut connection);
        assert!(matches!(why, SubscriptionEnd::Closed) && again, "{id}: {why:?}");
        assert!(outputs(&mut connection).is_empty(), "not at once");
        let next = connection.poll_timeout().unwrap();
        delays.push(next.saturating_sub(now).as_secs());
        now = next;
        connection.handle_timeout(now);
        assert!(line(&mut connection).contains("subscriptions/listen"));
        acknowledged(&mut connection, id + 1, r#"{"toolsListChanged":true}"#);
        subscribed(&mut connection);
    }
    assert_eq!(delays, [1, 2, 4, 8, 16, 32, 60, 60]);
    answer(&mut connection, 10, r#""result":{}"#);
    assert!(matches!(ended(&mut connection), (SubscriptionEnd::Closed, false)));
    assert_eq!(connection.poll_timeout(), None);
    // Whoever wishes it again begins anew.
    connection.subscribe(now, Subscriptions::default().tools(true)).unwrap();
    assert!(line(&mut connection).contains("subscriptions/listen"));
}

#[test]
fn one_that_told_something_was_no_failure() {
    let mut connection = listening();
    let mut now = T0;
    for id in 2..20 {
        told(&mut connection, &id.to_string(), "tools/list_changed", "");
        answer(&mut connection, id, r#""result":{}"#);
        events(&mut connection);
        assert_eq!(connection.poll_timeout(), Some(now + SECOND));
        now += SECOND;
        connection.handle_timeout(now);
        line(&mut connection);
        acknowledged(&mut connection, id + 1, "{}");
        events(&mut connection);
    }
}

#[test]
fn a_server_that_does_not_know_it_is_not_asked_again() {
    for code in [-32601, -32602] {
        let mut connection = listening();
        connection.subscribe(T0, uris(&["a"])).unwrap();
        line(&mut connection);
        answer(&mut connection, 3, &format!(r#""error":{{"code":{code},"message":"no"}}"#));
        match ended(&mut connection) {
            (SubscriptionEnd::Refused(CallError::Server(error)), false) => assert_eq!(error.code, Some(code)),
            other => panic!("{other:?}"),
        }
        assert_eq!(connection.poll_timeout(), None);
        assert!(
            line(&mut connection).contains(r#"{"requestId":2}"#),
            "what was granted is not what is wished"
        );
    }
    let mut connection = listening();
    answer(&mut connection, 2, r#""error":{"code":-32603,"message":"busy"}"#);
    assert!(matches!(ended(&mut connection), (SubscriptionEnd::Refused(_), true)));
}

#[test]
fn a_server_that_does_not_acknowledge_is_asked_again() {
    let mut connection = modern_with("{}");
    connection.subscribe(T0, Subscriptions::default().tools(true)).unwrap();
    line(&mut connection);
    connection.handle_timeout(T0 + 10 * SECOND);
    assert!(matches!(ended(&mut connection), (SubscriptionEnd::Unacknowledged, true)));
    assert!(line(&mut connection).contains(r#""requestId":2,"#));
    acknowledged(&mut connection, 2, "{}");
    assert!(events(&mut connection).is_empty(), "it is late");
    assert_eq!(connection.poll_timeout(), Some(T0 + 11 * SECOND));
    connection.handle_timeout(T0 + 11 * SECOND);
    assert!(line(&mut connection).contains("subscriptions/listen"));
}

#[test]
fn a_server_may_cancel_a_subscription_and_nothing_else() {
    let mut connection = listening();
    let call = sent(&mut connection);
    let cancels = |connection: &mut OnLines, id: u64| {
        feed(
            connection,
            &format!(
                r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#
            ),
        );
    };
    cancels(&mut connection, call.as_u64());
    assert!(matches!(only(&mut connection), Event::Notification { .. }));
    cancels(&mut connection, 2);
    assert!(matches!(ended(&mut connection), (SubscriptionEnd::Cancelled, true)));
    assert!(outputs(&mut connection).is_empty(), "the server knows");
    assert_eq!(connection.in_flight(), 1);
}

#[test]
fn nobodys_requests_end_with_the_connection_without_a_word() {
    for how in 0..2 {
        for mut connection in [listening(), legacy(ALL)] {
            connection.subscribe(T0, uris(&["a"])).unwrap();
            if how == 0 {
                connection.handle_eof();
            } else {
                connection.handle_write_failure(None);
            }
            assert!(events(&mut connection).is_empty());
            assert_eq!((connection.in_flight(), connection.poll_timeout()), (0, None));
            assert_eq!(connection.subscribe(T0, uris(&["b"])), Err(RequestError::Closed));
        }
    }
    // What can still come is told.
    let mut connection = listening();
    connection.handle_write_failure(None);
    told(&mut connection, "2", "tools/list_changed", "");
    assert!(matches!(only(&mut connection), Event::Notification { .. }));
    answer(&mut connection, 2, r#""result":{}"#);
    assert!(matches!(ended(&mut connection), (SubscriptionEnd::Closed, false)));
}

#[test]
fn a_wish_that_is_too_large_changes_nothing() {
    for mut connection in [
        ready_modern(modern().max_message(500)),
        ready_with(Options::default().max_message(500), "2025-11-25"),
    ] {
        let refused = connection.subscribe(T0, uris(&[&"x".repeat(500)]));
        assert!(matches!(refused, Err(RequestError::TooLarge { limit: 500, .. })), "{refused:?}");
        assert!(outputs(&mut connection).is_empty() && events(&mut connection).is_empty());
    }
    let mut connection = OnLines::new(Options::default());
    assert_eq!(connection.subscribe(T0, uris(&["a"])), Err(RequestError::NotReady));
}

#[test]
fn a_level_of_log_messages_is_said_as_the_era_says_it() {
    let mut connection = legacy(ALL);
    connection.set_log_level(T0, LogLevel::Warning).unwrap();
    assert_eq!(
        line(&mut connection),
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"warning\"}}\n"
    );
    answer(&mut connection, 2, r#""result":{}"#);
    assert!(events(&mut connection).is_empty());
    connection.set_log_level(T0, LogLevel::Debug).unwrap();
    line(&mut connection);
    answer(&mut connection, 3, r#""error":{"code":-32602,"message":"no"}"#);
    assert!(matches!(only(&mut connection), Event::LogLevelRefused(CallError::Server(_))));

    let mut connection = modern_with(ALL);
    connection.set_log_level(T0, LogLevel::Warning).unwrap();
    assert!(outputs(&mut connection).is_empty());
    connection.request(T0, "x", None, None).unwrap();
    let marked = format!(r#"{{"_meta":{{{MARKS},"io.modelcontextprotocol/logLevel":"warning"}}}}"#);
    let sent = line(&mut connection);
    assert!(sent.contains(&marked), "{sent}");
    let own = r#"{"_meta":{"io.modelcontextprotocol/logLevel":"debug"}}"#;
    connection.request(T0, "x", Some(&raw(own)), None).unwrap();
    let sent = line(&mut connection);
    assert!(sent.contains("\"debug\"") && !sent.contains("\"warning\""), "{sent}");
    connection.request(T0, "x", Some(&raw(r#"{"_meta":{"other":1}}"#)), None).unwrap();
    let sent = line(&mut connection);
    assert!(sent.contains("\"warning\""), "{sent}");

    for mut connection in [legacy("{}"), modern_with("{}")] {
        let refused = connection.set_log_level(T0, LogLevel::Error);
        assert_eq!(refused, Err(RequestError::NotOffered { what: "logging" }));
    }
}

#[test]
fn a_callers_calls_and_the_connections_own_requests_are_apart() {
    let mut connection = ready_with(Options::default().max_in_flight(1), "2025-11-25");
    connection.subscribe(T0, uris(&["a"])).unwrap();
    let mut connection = listening();
    let call = sent(&mut connection);
    assert_eq!(connection.in_flight(), 1);
    // The name of a request of the connection's own can be learned from a fault.
    answer(&mut connection, 1, r#""result":{}"#);
    let Event::ProtocolError(ProtocolError::RepeatedResponse { id }) = only(&mut connection) else {
        panic!("a repeated answer is told")
    };
    assert_eq!(connection.cancel(id, None), Cancel::NotInFlight);
    assert_eq!(connection.cancel(call, None), Cancel::Notified);
}
