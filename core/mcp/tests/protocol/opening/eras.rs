//! Which era a server speaks: what is asked first, what is asked then, and what the requests of each era carry
//! (MCP 2026-07-28, basic/versioning and basic/transports/stdio, "Backward Compatibility").

use crate::common::eras::*;
use crate::common::*;
use tenure_mcp_proto::{CallError, Era, Eras, Event, HandshakeError, Options, ProtocolError, RequestError};

fn unsupported(versions: &str) -> String {
    format!(r#""error":{{"code":-32022,"message":"m","data":{{"supported":{versions}}}}}"#)
}

fn initialized(version: &str) -> String {
    format!(
        r#""result":{{"protocolVersion":"{version}","capabilities":{{}},"serverInfo":{{"name":"s","version":"1"}}}}"#
    )
}

fn failure(connection: &mut OnLines) -> HandshakeError {
    assert!(connection.is_closed());
    assert_eq!(outputs(connection), Vec::<String>::new());
    match only(connection) {
        Event::HandshakeFailed(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_is_asked_whether_it_is_modern_before_anything_else() {
    let mut connection = begun(both());
    assert_eq!(
        line(&mut connection),
        format!("{{\"jsonrpc\":\"2.0\",\"id\":1,{DISCOVER},\"params\":{{\"_meta\":{{{MARKS}}}}}}}\n")
    );
    let early = connection.request(T0, "ping", None, None);
    assert_eq!(early, Err(RequestError::NotReady));
}

#[test]
fn a_modern_server_is_open_at_once_at_the_best_version_of_both() {
    let mut connection = probed(both());
    answer(&mut connection, 1, &discovered(r#"["2099-01-01","2026-07-28","2025-11-25"]"#));
    let server = server(&mut connection);
    assert_eq!((server.era, server.protocol_version.as_str()), (Era::Modern, "2026-07-28"));
    assert_eq!((server.name.as_str(), server.version.as_str()), ("s", "1"));
    assert!(connection.is_ready());
    assert_eq!(outputs(&mut connection), Vec::<String>::new(), "no handshake follows");
    assert_eq!(connection.learned_era(), Some(Era::Modern));
    assert!(!connection.is_stateless(), "what carries it holds it together");
}

#[test]
fn requests_are_marked_with_the_version_agreed_on_not_with_the_one_that_was_asked_for() {
    let mut connection = probed(both().versions("2027-01-01", ["2026-07-28"]));
    answer(&mut connection, 1, &discovered(r#"["2026-07-28"]"#));
    assert_eq!(server(&mut connection).protocol_version, "2026-07-28");
    connection.request(T0, "tools/list", None, None).unwrap();
    assert!(line(&mut connection).contains(MARKS));
}

#[test]
fn a_server_with_legacy_versions_alone_is_initialized_at_the_best_of_them() {
    for named in [discovered(r#"["2024-11-05","2025-06-18"]"#), unsupported(r#"["2024-11-05","2025-06-18"]"#)]
    {
        let mut connection = probed(both());
        answer(&mut connection, 1, &named);
        let asked = line(&mut connection);
        assert!(asked.contains(INITIALIZE) && asked.contains(r#""id":2"#), "{asked}");
        assert!(asked.contains(r#""protocolVersion":"2025-06-18""#), "{asked}");
        assert!(!asked.contains("_meta"), "{asked}");
        answer(&mut connection, 2, &initialized("2025-06-18"));
        let server = server(&mut connection);
        assert_eq!((server.era, server.protocol_version.as_str()), (Era::Legacy, "2025-06-18"));
        assert!(line(&mut connection).contains("notifications/initialized"));
        assert_eq!(connection.learned_era(), Some(Era::Legacy));
    }
}

#[test]
fn without_a_common_version_the_error_names_those_of_both_sides() {
    for named in [discovered(r#"["2099-01-01"]"#), unsupported(r#"["2099-01-01"]"#)] {
        let mut connection = probed(both());
        answer(&mut connection, 1, &named);
        let error = failure(&mut connection);
        assert!(error.to_string().contains("2099-01-01"), "{error}");
    }
    let mut connection = probed(both());
    answer(&mut connection, 1, &discovered(r#"["2099-01-01"]"#));
    match failure(&mut connection) {
        HandshakeError::NoCommonVersion { server_supports, supported } => {
            assert_eq!(server_supports, ["2099-01-01"]);
            assert_eq!(supported, tenure_mcp_proto::SUPPORTED_VERSIONS);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_version_that_a_modern_server_names_is_asked_for_once_more_and_no_more() {
    let options = || both().versions("2027-01-01", ["2026-07-28", "2025-11-25"]);
    let mut connection = probed(options());
    answer(&mut connection, 1, &unsupported(r#"["2026-07-28","2025-11-25"]"#));
    let again = line(&mut connection);
    assert!(again.contains(DISCOVER) && again.contains(r#"protocolVersion":"2026-07-28""#), "{again}");
    answer(&mut connection, 2, &discovered(r#"["2026-07-28"]"#));
    assert_eq!(server(&mut connection).protocol_version, "2026-07-28");

    // Even the one that it refused; but there is an end to it.
    let mut connection = probed(both());
    answer(&mut connection, 1, &unsupported(r#"["2026-07-28"]"#));
    assert!(line(&mut connection).contains(DISCOVER));
    answer(&mut connection, 2, &unsupported(r#"["2026-07-28"]"#));
    assert!(matches!(failure(&mut connection), HandshakeError::Rejected { .. }));
}

#[test]
fn errors_of_the_modern_era_never_lead_to_initialize() {
    for code in [-32020, -32021, -32022] {
        let mut connection = probed(both());
        answer(&mut connection, 1, &format!(r#""error":{{"code":{code},"message":"m"}}"#));
        match failure(&mut connection) {
            HandshakeError::Rejected { error, .. } => assert_eq!(error.code, Some(code)),
            other => panic!("{code}: {other:?}"),
        }
    }
}

#[test]
fn any_other_answer_leads_to_initialize_whatever_its_code() {
    let long = format!(r#""result":"{}""#, "x".repeat(2000));
    for outcome in [
        r#""error":{"code":-32601,"message":"m"}"#,
        r#""error":{"code":-32602,"message":"m","data":{"supported":["2025-11-25"]}}"#,
        r#""error":{"code":-32000,"message":"Server not initialized"}"#,
        r#""error":{"code":0,"message":"m"}"#,
        r#""error":"not an object""#,
        r#""result":{}"#,
        r#""result":{"tools":[]}"#,
        r#""result":null"#,
        r#""result":{"supportedVersions":"2026-07-28"}"#,
        r#""result":{"a":}"#,
        r#""neither":1"#,
        &long,
    ] {
        let mut connection = probed(both().max_message(1000));
        answer(&mut connection, 1, outcome);
        let asked = line(&mut connection);
        assert!(asked.contains(INITIALIZE) && asked.contains(r#""protocolVersion":"2025-11-25""#), "{asked}");
        answer(&mut connection, 2, &initialized("2025-11-25"));
        assert_eq!(server(&mut connection).era, Era::Legacy, "{outcome}");
    }
}

#[test]
fn an_error_that_names_no_request_is_about_the_question() {
    let mut connection = probed(both());
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"m"}}"#);
    assert!(line(&mut connection).contains(INITIALIZE));
}

#[test]
fn silence_leads_to_initialize_on_the_same_connection_without_a_notice() {
    let mut connection = probed(both().discover_window(Some(5 * SECOND)));
    assert_eq!(connection.poll_timeout(), Some(T0 + 5 * SECOND));
    connection.handle_timeout(T0 + 4 * SECOND);
    assert_eq!(outputs(&mut connection), Vec::<String>::new());
    connection.handle_timeout(T0 + 5 * SECOND);
    assert!(line(&mut connection).contains(INITIALIZE), "and nothing else");
    assert_eq!((connection.in_flight(), connection.poll_timeout()), (1, None));
    answer(&mut connection, 2, &initialized("2025-11-25"));
    assert_eq!(server(&mut connection).era, Era::Legacy);
    assert_eq!(connection.learned_era(), Some(Era::Legacy));
}

#[test]
fn a_question_that_was_never_written_is_taken_back_when_its_time_is_up() {
    let mut connection = begun(both().discover_window(Some(SECOND)));
    connection.handle_timeout(T0 + SECOND);
    assert!(line(&mut connection).contains(INITIALIZE));
}

#[test]
fn silence_is_no_sign_where_one_era_alone_is_offered() {
    let window = Some(SECOND);
    let mut connection = probed(modern().discover_window(window));
    assert_eq!(connection.poll_timeout(), None);
    connection.handle_timeout(T0 + 9 * SECOND);
    assert!(!connection.is_closed());
    let connection = begun(both().eras(Eras::Legacy).discover_window(window));
    assert_eq!(connection.poll_timeout(), None);
}

#[test]
fn the_handshakes_time_is_for_all_of_its_steps() {
    let options = both().discover_window(Some(2 * SECOND)).handshake_timeout(Some(3 * SECOND));
    let mut connection = probed(options);
    connection.handle_timeout(T0 + 2 * SECOND);
    assert!(line(&mut connection).contains(INITIALIZE));
    assert_eq!(connection.poll_timeout(), Some(T0 + 3 * SECOND));
    connection.handle_timeout(T0 + 3 * SECOND);
    assert!(matches!(failure(&mut connection), HandshakeError::Failed(CallError::TimedOut)));

    // Both are up at the same time, after a stall.
    let options = both().discover_window(Some(2 * SECOND)).handshake_timeout(Some(3 * SECOND));
    let mut connection = probed(options);
    connection.handle_timeout(T0 + 60 * SECOND);
    assert!(matches!(failure(&mut connection), HandshakeError::Failed(CallError::TimedOut)));
    assert_eq!(connection.poll_timeout(), None);
}

/// A connection that asks the second question, since nothing answered the first one.
fn given_up() -> OnLines {
    let mut connection = probed(both().discover_window(Some(SECOND)));
    connection.handle_timeout(T0 + SECOND);
    assert!(line(&mut connection).contains(INITIALIZE));
    connection
}

#[test]
fn a_late_answer_is_dropped_once_initialize_succeeds_and_the_verdict_is_not_remembered() {
    for early in [true, false] {
        let mut connection = given_up();
        if early {
            answer(&mut connection, 1, &discovered(r#"["2026-07-28"]"#));
            assert!(events(&mut connection).is_empty());
        }
        answer(&mut connection, 2, &initialized("2025-11-25"));
        assert_eq!(server(&mut connection).era, Era::Legacy);
        if !early {
            assert_eq!(connection.learned_era(), Some(Era::Legacy));
            answer(&mut connection, 1, &discovered(r#"["2026-07-28"]"#));
            assert!(events(&mut connection).is_empty());
        }
        assert!(connection.is_ready());
        assert_eq!(connection.learned_era(), None, "it may well be modern");
    }
}

#[test]
fn a_late_answer_wins_when_initialize_fails() {
    let mut connection = given_up();
    answer(&mut connection, 1, &discovered(r#"["2026-07-28"]"#));
    answer(&mut connection, 2, r#""error":{"code":-32601,"message":"m"}"#);
    let server = server(&mut connection);
    assert_eq!((server.era, server.protocol_version.as_str()), (Era::Modern, "2026-07-28"));
    assert_eq!(outputs(&mut connection), Vec::<String>::new());
    assert_eq!(connection.learned_era(), Some(Era::Modern));
    connection.request(T0, "tools/list", None, None).unwrap();
    assert!(line(&mut connection).contains(MARKS));
}

#[test]
fn a_late_refusal_says_nothing() {
    let mut connection = given_up();
    answer(&mut connection, 1, r#""error":{"code":-32601,"message":"m"}"#);
    answer(&mut connection, 2, &initialized("2025-11-25"));
    assert_eq!(server(&mut connection).era, Era::Legacy);
    assert_eq!(connection.learned_era(), Some(Era::Legacy));

    let mut connection = given_up();
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"m"}}"#);
    assert!(!connection.is_closed(), "that was about the question nobody waits for");
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"m"}}"#);
    assert!(connection.is_closed());
}

#[test]
fn a_server_that_turns_out_modern_at_initialize_is_asked_once_more() {
    let mut connection = given_up();
    answer(&mut connection, 2, &unsupported(r#"["2026-07-28"]"#));
    let asked = line(&mut connection);
    assert!(asked.contains(DISCOVER) && asked.contains(r#""id":3"#), "{asked}");
    assert_eq!(connection.poll_timeout(), None, "it speaks; there is no window any more");
    answer(&mut connection, 3, &discovered(r#"["2026-07-28"]"#));
    assert_eq!(server(&mut connection).era, Era::Modern);

    // Only that code says so, whatever the error lists.
    let mut connection = given_up();
    answer(&mut connection, 2, &unsupported(r#"["2026-07-28"]"#).replace("-32022", "-32602"));
    assert!(matches!(failure(&mut connection), HandshakeError::Rejected { .. }));

    // A client without that era is told.
    let mut connection = opening(both().eras(Eras::Legacy));
    answer(&mut connection, 1, &unsupported(r#"["2026-07-28"]"#));
    match failure(&mut connection) {
        HandshakeError::Rejected { server_supports, .. } => assert_eq!(server_supports, ["2026-07-28"]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_that_refuses_initialize_and_names_legacy_versions_is_not_asked_again() {
    for (mut connection, id) in [(given_up(), 2), (opening(both().eras(Eras::Legacy)), 1)] {
        answer(&mut connection, id, &unsupported(r#"["2025-06-18"]"#));
        assert!(matches!(failure(&mut connection), HandshakeError::Rejected { .. }));
    }
}

#[test]
fn a_modern_client_refuses_a_legacy_server_with_its_words() {
    let mut connection = probed(modern());
    answer(&mut connection, 1, r#""error":{"code":-32601,"message":"unheard of"}"#);
    let error = failure(&mut connection);
    assert!(error.to_string().contains("unheard of"), "{error}");
}

#[test]
fn the_end_of_the_connection_ends_the_opening() {
    let mut connection = probed(both());
    connection.handle_eof();
    assert!(matches!(
        failure(&mut connection),
        HandshakeError::Failed(CallError::ConnectionLost { sent: true })
    ));
}

#[test]
fn a_question_that_is_too_large_fails_the_opening() {
    let options = || both().versions("2026-07-28", ["2026-07-28-and-more"]);
    let size = line(&mut begun(options())).len() - 1;
    let too_large = RequestError::TooLarge { size, limit: size - 1 };
    assert_eq!(begun_error(options().max_message(size - 1)), too_large);
    let mut connection = probed(options().max_message(size));
    answer(&mut connection, 1, &unsupported(r#"["2026-07-28-and-more"]"#));
    match failure(&mut connection) {
        HandshakeError::Unsendable(RequestError::TooLarge { .. }) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn options_that_make_no_opening_are_refused_at_the_start() {
    for eras in [Eras::Auto, Eras::Legacy, Eras::Modern] {
        assert_eq!(begun_error(both().eras(eras).capabilities(raw("[]"))), RequestError::InvalidParams);
    }
}

fn begun_error(options: Options) -> RequestError {
    OnLines::new(options).start(T0).unwrap_err()
}

#[test]
fn a_legacy_servers_ping_is_answered_while_nobody_knows_its_era() {
    let mut connection = probed(both());
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":"p","method":"ping"}"#);
    assert_eq!(line(&mut connection), "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"result\":{}}\n");
}

#[test]
fn where_the_modern_era_alone_is_offered_no_ping_is_answered_not_even_at_first() {
    let mut connection = probed(modern());
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":"p","method":"ping"}"#);
    assert_eq!(outputs(&mut connection), Vec::<String>::new());
    assert!(matches!(only(&mut connection), Event::ProtocolError(ProtocolError::ForbiddenRequest { .. })));
}

#[test]
fn an_era_is_learned_only_from_a_connection_that_is_open() {
    let mut connection = probed(both());
    assert_eq!(connection.learned_era(), None);
    answer(&mut connection, 1, &discovered(r#"["2026-07-28"]"#));
    assert_eq!(connection.learned_era(), Some(Era::Modern));
    connection.handle_eof();
    assert_eq!(connection.learned_era(), None);
}

#[test]
fn a_late_answer_to_another_request_says_nothing_of_the_era() {
    let mut connection = given_up();
    answer(&mut connection, 2, &initialized("2025-11-25"));
    assert_eq!(server(&mut connection).era, Era::Legacy);
    let id = sent(&mut connection);
    connection.cancel(id, None);
    answer(&mut connection, id.as_u64(), &discovered(r#"["2026-07-28"]"#));
    assert_eq!(connection.learned_era(), Some(Era::Legacy));
}
