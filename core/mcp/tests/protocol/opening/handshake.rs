//! The opening (MCP 2025-11-25, basic/lifecycle).

use crate::common::*;
use tenure_mcp_proto::{
    CallError, Cancel, Connection, Era, Event, HandshakeError, Options, ProtocolError, RequestError,
};

fn failure(connection: &mut OnLines) -> HandshakeError {
    let event = only(connection);
    assert!(connection.is_closed());
    assert_eq!(connection.in_flight(), 0);
    match event {
        Event::HandshakeFailed(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn initialize_then_initialized_then_ready() {
    let mut connection = OnLines::new(Options::default().client("c", "1"));
    assert!(connection.poll_line().is_none());
    connection.start(T0).unwrap();
    assert_eq!(
        outputs(&mut connection),
        [
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"c\",\"version\":\"1\"}}}\n"
        ]
    );
    assert!(!connection.is_ready());
    feed(&mut connection, &initialize_answer("2025-06-18"));
    match only(&mut connection) {
        Event::Ready(server) => {
            assert_eq!(server.protocol_version, "2025-06-18");
            assert_eq!(server.era, Era::Legacy);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        outputs(&mut connection),
        ["{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n"]
    );
}

#[test]
fn initialized_goes_out_before_the_first_request() {
    let mut connection = opening(Options::default());
    feed(&mut connection, &initialize_answer("2025-11-25"));
    connection.request(T0, "tools/list", None, None).unwrap();
    let lines = outputs(&mut connection);
    assert!(lines[0].contains("notifications/initialized"));
    assert!(lines[1].contains("tools/list"));
}

#[test]
fn every_supported_version_is_accepted() {
    for version in tenure_mcp_proto::SUPPORTED_VERSIONS.into_iter().filter(|version| *version < "2026") {
        let mut connection = opening(Options::default());
        feed(&mut connection, &initialize_answer(version));
        match only(&mut connection) {
            Event::Ready(server) => assert_eq!(server.protocol_version, version),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn only_ping_may_be_sent_before_it_is_complete() {
    let mut connection = OnLines::new(Options::default());
    let early = connection.request(T0, "ping", None, None);
    assert_eq!(early, Err(RequestError::NotReady));
    connection.start(T0).unwrap();
    assert_eq!(connection.start(T0), Err(RequestError::AlreadyStarted));
    let early = connection.request(T0, "tools/list", None, None);
    assert_eq!(early, Err(RequestError::NotReady));
    assert_eq!(connection.notify("x", None), Err(RequestError::NotReady));
    let ping = connection.request(T0, "ping", None, None).unwrap();
    outputs(&mut connection);
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":2,"result":{}}"#);
    assert_eq!(response(&mut connection).0, ping);
}

#[test]
fn pings_and_notifications_of_the_server_are_served_meanwhile() {
    let mut connection = opening(Options::default());
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":0,"method":"ping"}"#);
    feed(&mut connection, r#"{"jsonrpc":"2.0","method":"n"}"#);
    assert!(outputs(&mut connection)[0].contains("\"id\":0,\"result\":{}"));
    assert!(matches!(only(&mut connection), Event::Notification { .. }));
}

#[test]
fn an_unsupported_version_is_named_with_what_we_support() {
    let mut connection = opening(Options::default().versions("2025-11-25", ["2025-06-18"]));
    feed(&mut connection, &initialize_answer("2024-11-05"));
    match failure(&mut connection) {
        HandshakeError::UnsupportedVersion { answered, supported } => {
            assert_eq!(answered, "2024-11-05");
            assert_eq!(supported, ["2025-11-25", "2025-06-18"]);
        }
        other => panic!("{other:?}"),
    }
    assert!(outputs(&mut connection).is_empty());
    let late = connection.request(T0, "ping", None, None);
    assert_eq!(late, Err(RequestError::Closed));
}

#[test]
fn a_refusal_is_handed_on_with_the_versions_of_the_server() {
    for code in [-32602, -32022] {
        let mut connection = opening(Options::default());
        let answer = format!(
            r#"{{"jsonrpc":"2.0","id":1,"error":{{"code":{code},"message":"no","data":{{"supported":["2026-07-28"],"n":1.0}}}}}}"#
        );
        feed(&mut connection, &answer);
        match failure(&mut connection) {
            HandshakeError::Rejected { error, server_supports } => {
                assert_eq!((error.code, error.message.as_str()), (Some(code), "no"));
                assert_eq!(error.data.unwrap().get(), r#"{"supported":["2026-07-28"],"n":1.0}"#);
                assert_eq!(server_supports, ["2026-07-28"]);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_error_without_id_is_about_initialize_while_nothing_else_is_out() {
    let error = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}"#;
    let mut connection = opening(Options::default());
    feed(&mut connection, error);
    assert!(matches!(failure(&mut connection), HandshakeError::Rejected { .. }));

    let mut connection = opening(Options::default());
    connection.request(T0, "ping", None, None).unwrap();
    feed(&mut connection, error);
    assert!(matches!(
        only(&mut connection),
        Event::ProtocolError(ProtocolError::UnaddressedError { code: Some(-32700), .. })
    ));
    assert!(!connection.is_closed());
}

#[test]
fn nonsense_fails_it() {
    let mut connection = opening(Options::default());
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    assert!(matches!(failure(&mut connection), HandshakeError::Malformed { .. }));
}

#[test]
fn garbage_before_the_answer_does_not_fail_it() {
    let mut connection = opening(Options::default());
    feed(&mut connection, "Server listening on stdio");
    feed(&mut connection, &initialize_answer("2025-11-25"));
    let all = events(&mut connection);
    assert!(matches!(all[..], [Event::ProtocolError(_), Event::Ready(_)]));
}

#[test]
fn an_oversized_answer_fails_it_at_once() {
    let mut connection = opening(Options::default().max_message(300));
    let answer = initialize_answer(&"x".repeat(400));
    feed(&mut connection, &answer);
    assert!(matches!(failure(&mut connection), HandshakeError::Failed(CallError::TooLarge { limit: 300 })));
}

#[test]
fn its_own_deadline_ends_it_without_a_cancel_notice() {
    let mut connection = opening(Options::default().handshake_timeout(Some(5 * SECOND)));
    let ping = connection.request(T0, "ping", None, None).unwrap();
    assert_eq!(connection.poll_timeout(), Some(T0 + 5 * SECOND));
    connection.handle_timeout(T0 + 4 * SECOND);
    assert!(events(&mut connection).is_empty());
    connection.handle_timeout(T0 + 5 * SECOND);
    let all = events(&mut connection);
    assert!(matches!(
        all[..],
        [
            Event::HandshakeFailed(HandshakeError::Failed(CallError::TimedOut)),
            Event::Response { id, result: Err(CallError::ConnectionLost { sent: false }) },
        ] if id == ping
    ));
    assert!(outputs(&mut connection).is_empty());
    assert_eq!(connection.poll_timeout(), None);
}

#[test]
fn without_a_deadline_of_its_own_it_arms_no_timer() {
    assert_eq!(opening(Options::default()).poll_timeout(), None);
}

#[test]
fn initialize_cannot_be_cancelled() {
    // MCP 2025-11-25, basic/utilities/cancellation. Its id is heard of only when it is answered twice.
    let mut other = ready();
    feed(&mut other, &initialize_answer("2025-11-25"));
    let Event::ProtocolError(ProtocolError::RepeatedResponse { id }) = only(&mut other) else {
        panic!("a repeated answer")
    };
    let mut connection = opening(Options::default());
    assert_eq!(connection.cancel(id, None), Cancel::NotInFlight);
    assert!(outputs(&mut connection).is_empty());
    feed(&mut connection, &initialize_answer("2025-11-25"));
    assert!(connection.is_ready());
}

#[test]
fn the_end_of_input_fails_it_once() {
    let mut connection = opening(Options::default());
    connection.handle_eof();
    connection.handle_eof();
    connection.fail_all(&CallError::Cancelled);
    assert!(matches!(
        failure(&mut connection),
        HandshakeError::Failed(CallError::ConnectionLost { sent: true })
    ));
    assert_eq!(connection.start(T0), Err(RequestError::Closed));
}

#[test]
fn a_second_answer_to_initialize_changes_nothing() {
    let mut connection = ready();
    feed(&mut connection, &initialize_answer("1999-01-01"));
    assert!(matches!(only(&mut connection), Event::ProtocolError(ProtocolError::RepeatedResponse { .. })));
    assert!(connection.is_ready());
}

#[test]
fn capabilities_that_are_no_object_are_refused_at_the_start() {
    let mut connection = OnLines::new(Options::default().capabilities(raw("[]")));
    assert_eq!(connection.start(T0), Err(RequestError::InvalidParams));
}

#[test]
fn connections_and_errors_can_go_anywhere() {
    fn anywhere<T: Send + Sync + 'static>() {}
    fn shared<T: Clone + std::error::Error + Send + Sync + 'static>() {}
    anywhere::<Connection>();
    anywhere::<Event>();
    shared::<CallError>();
    shared::<HandshakeError>();
    shared::<ProtocolError>();
    shared::<RequestError>();
}

/// MCP 2025-11-25, schema, `Implementation`.
#[test]
fn who_the_client_is_goes_out_whole() {
    let options = Options::default()
        .client("c", "1")
        .client_title("T")
        .client_description("a \"d\"")
        .client_website_url("https://example.org/")
        .client_icons(raw(r#"[ {"src":"data:,","n":1.0} ]"#));
    let mut connection = OnLines::new(options);
    connection.start(T0).unwrap();
    let line = outputs(&mut connection).concat();
    let info = concat!(
        r#""clientInfo":{"name":"c","version":"1","title":"T","description":"a \"d\"","#,
        r#""websiteUrl":"https://example.org/","icons":[ {"src":"data:,","n":1.0} ]}"#
    );
    assert!(line.contains(info), "{line}");
}
