//! A server that is known from an earlier connection, and one that ended while it was asked what it is.

use std::time::Duration;

use crate::common::eras::*;
use crate::common::*;
use tenure_mcp_proto::{CallError, Era, Event, HandshakeError, Options};

const INITIALIZED: &str = concat!(
    r#""result":{"protocolVersion":"2025-11-25","capabilities":{},"#,
    r#""serverInfo":{"name":"s","version":"1"}}"#
);
const UNSUPPORTED: &str = r#""error":{"code":-32022,"message":"m","data":{"supported":["2026-07-28"]}}"#;

fn expecting(era: Era) -> Options {
    both().discover_window(Some(Duration::from_secs(1))).expected_era(Some(era))
}

#[test]
fn a_server_that_is_known_is_opened_with_the_request_of_its_era() {
    let mut connection = begun(expecting(Era::Legacy));
    assert!(line(&mut connection).contains(INITIALIZE));
    answer(&mut connection, 1, INITIALIZED);
    assert_eq!(server(&mut connection).era, Era::Legacy);
    assert_eq!(connection.learned_era(), Some(Era::Legacy));
    let connection = probed(expecting(Era::Modern));
    assert_eq!(connection.poll_timeout(), None, "it may be slow");
}

#[test]
fn a_server_that_is_not_what_was_expected_is_opened_as_what_it_is() {
    let mut connection = probed(expecting(Era::Modern));
    answer(&mut connection, 1, r#""error":{"code":-32601,"message":"what?"}"#);
    assert!(line(&mut connection).contains(INITIALIZE));
    let mut connection = begun(expecting(Era::Legacy));
    assert!(line(&mut connection).contains(INITIALIZE));
    answer(&mut connection, 1, UNSUPPORTED);
    assert!(line(&mut connection).contains(DISCOVER));
}

#[test]
fn what_is_expected_is_no_offer() {
    let mut connection = begun(modern().expected_era(Some(Era::Legacy)));
    assert!(line(&mut connection).contains(DISCOVER));
}

#[test]
fn a_server_that_ends_at_the_first_question_is_to_be_initialized_when_it_is_started_again() {
    assert_eq!(OnLines::new(both()).era_to_begin_with(), None, "nothing was asked");
    let mut connection = probed(both());
    assert_eq!(connection.era_to_begin_with(), Some(Era::Legacy));
    // Its answer may have been its last words.
    answer(&mut connection, 1, r#""error":{"code":-32601,"message":"what?"}"#);
    assert!(line(&mut connection).contains(INITIALIZE));
    assert_eq!(connection.era_to_begin_with(), Some(Era::Legacy));
    answer(&mut connection, 2, INITIALIZED);
    assert_eq!(connection.era_to_begin_with(), None, "it is open");
    assert_eq!(begun(expecting(Era::Legacy)).era_to_begin_with(), None, "it was initialized");
    assert_eq!(begun(modern()).era_to_begin_with(), None, "nothing else is offered");
    let mut connection = begun(both());
    connection.handle_end();
    assert_eq!(connection.era_to_begin_with(), None, "too late");
}

#[test]
fn a_legacy_server_that_answers_as_a_modern_one_is_told_of_once_and_known_no_more() {
    let open = |options: Options| {
        let mut connection = begun(options.expected_era(Some(Era::Legacy)));
        assert!(line(&mut connection).contains(INITIALIZE));
        answer(&mut connection, 1, INITIALIZED);
        assert_eq!(server(&mut connection).era, Era::Legacy);
        line(&mut connection);
        connection
    };
    for code in [-32020, -32021, -32022] {
        let mut connection = open(both());
        for id in [2, 3] {
            connection.request(T0, "tools/list", None, None).unwrap();
            line(&mut connection);
            answer(&mut connection, id, &format!(r#""error":{{"code":{code},"message":"m"}}"#));
            let told = events(&mut connection);
            // Before the answer, so that nobody who has that is given the same server again.
            let (last, first) = told.split_last().unwrap();
            assert!(matches!(last, Event::Response { result: Err(CallError::Server(_)), .. }), "{last:?}");
            assert_eq!(matches!(first, [Event::OtherEra]), id == 2, "{first:?}");
            assert_eq!(connection.learned_era(), None);
        }
    }
    for code in [-32023, -32019, -32602] {
        let mut connection = open(both());
        connection.request(T0, "tools/list", None, None).unwrap();
        line(&mut connection);
        answer(&mut connection, 2, &format!(r#""error":{{"code":{code},"message":"m"}}"#));
        assert!(matches!(only(&mut connection), Event::Response { .. }));
        assert_eq!(connection.learned_era(), Some(Era::Legacy));
    }
    // A modern server says so of single requests.
    let mut connection = ready_modern(both());
    connection.request(T0, "tools/list", None, None).unwrap();
    line(&mut connection);
    answer(&mut connection, 2, r#""error":{"code":-32021,"message":"m"}"#);
    assert!(matches!(only(&mut connection), Event::Response { .. }));
    assert_eq!(connection.learned_era(), Some(Era::Modern));
}

#[test]
fn a_late_answer_wins_when_initialize_stays_unanswered_for_as_long_as_the_handshake_may_take() {
    let options = || both().discover_window(Some(SECOND)).handshake_timeout(Some(3 * SECOND));
    for answered_late in [true, false] {
        let mut connection = probed(options());
        connection.handle_timeout(T0 + SECOND);
        assert!(line(&mut connection).contains(INITIALIZE));
        if answered_late {
            answer(&mut connection, 1, &discovered(r#"["2026-07-28"]"#));
            assert!(events(&mut connection).is_empty(), "initialize may be answered still");
        }
        connection.handle_timeout(T0 + 3 * SECOND);
        match only(&mut connection) {
            Event::Ready(server) => assert!(answered_late && server.era == Era::Modern),
            Event::HandshakeFailed(HandshakeError::Failed(CallError::TimedOut)) => assert!(!answered_late),
            other => panic!("{other:?}"),
        }
        assert_eq!(outputs(&mut connection), Vec::<String>::new());
    }
}
