//! Servers of the modern era that refuse a request for its version, -32022 (tests/http/ROWS.md, section 7;
//! MCP 2026-07-28, basic/versioning).

use crate::common::eras::*;
use crate::common::*;
use tenure_mcp_proto::{CallError, Event, ServerError, Subscriptions};

const NEWER: &str = "2027-01-01";

fn refusal(code: i64, versions: &str) -> String {
    format!(r#""error":{{"code":{code},"message":"m","data":{{"supported":{versions}}}}}"#)
}

/// A live connection of the newer version, which knows the older one, too.
fn newer() -> OnLines {
    let mut connection = probed(modern().versions(NEWER, ["2026-07-28", "2025-11-25"]));
    answer(&mut connection, 1, &discovered(r#"["2027-01-01","2026-07-28"]"#));
    assert_eq!(server(&mut connection).protocol_version, NEWER);
    connection
}

/// How a request ends that is answered so.
fn refused(connection: &mut OnLines, answered: &str) -> ServerError {
    request_answered_by(connection, answered);
    refusal_told(connection)
}

fn request_answered_by(connection: &mut OnLines, answered: &str) {
    let id = connection.request(T0, "tools/list", None, None).unwrap();
    line(connection);
    answer(connection, id.as_u64(), answered);
}

fn refusal_told(connection: &mut OnLines) -> ServerError {
    match only(connection) {
        Event::Response { result: Err(CallError::Server(error)), .. } => error,
        other => panic!("{other:?}"),
    }
}

/// The version that requests are marked with.
fn spoken(connection: &mut OnLines) -> &'static str {
    connection.request(T0, "tools/list", None, None).unwrap();
    let line = line(connection);
    let is_of = |version: &&str| line.contains(&format!(r#"protocolVersion":"{version}""#));
    [NEWER, "2026-07-28", "2025-11-25"].into_iter().find(is_of).unwrap()
}

#[test]
fn requests_are_of_the_version_in_common_from_then_on() {
    let mut connection = newer();
    assert_eq!(spoken(&mut connection), NEWER);
    let error = refused(&mut connection, &refusal(-32022, r#"["2099-01-01","2026-07-28"]"#));
    assert!(connection.has_version_in_common(&error));
    assert_eq!(spoken(&mut connection), "2026-07-28");
    let error = refused(&mut connection, &refusal(-32022, r#"["2026-07-28"]"#));
    assert!(connection.has_version_in_common(&error), "be it the same");
    assert_eq!(spoken(&mut connection), "2026-07-28");
}

#[test]
fn without_a_modern_version_in_common_nothing_changes() {
    for answered in [
        refusal(-32022, "[]"),
        refusal(-32022, r#"["2099-01-01"]"#),
        refusal(-32022, r#"["2025-11-25"]"#),
        refusal(-32602, r#"["2026-07-28"]"#),
        refusal(-32020, r#"["2026-07-28"]"#),
        r#""error":{"code":-32022,"message":"m"}"#.to_owned(),
    ] {
        let mut connection = newer();
        let error = refused(&mut connection, &answered);
        assert!(!connection.has_version_in_common(&error), "{answered}");
        assert_eq!(spoken(&mut connection), NEWER, "{answered}");
    }
}

#[test]
fn a_legacy_server_that_answers_with_that_code_is_not_asked_again() {
    let mut connection = probed(both());
    answer(&mut connection, 1, r#""error":{"code":-32601,"message":"m"}"#);
    line(&mut connection);
    let said =
        r#"{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"1"}}"#;
    answer(&mut connection, 2, &format!(r#""result":{said}"#));
    assert_eq!(server(&mut connection).protocol_version, "2025-11-25");
    line(&mut connection);
    request_answered_by(&mut connection, &refusal(-32022, r#"["2026-07-28","2025-11-25"]"#));
    // What becomes of that is the matter of who opens the next connection.
    assert!(matches!(connection.poll_event(), Some(Event::OtherEra)));
    let error = refusal_told(&mut connection);
    assert!(!connection.has_version_in_common(&error));
}

#[test]
fn a_subscription_is_asked_for_again_with_the_version_in_common() {
    let mut connection = newer();
    connection.subscribe(T0, Subscriptions::default().tools(true)).unwrap();
    assert!(line(&mut connection).contains(NEWER));
    answer(&mut connection, 2, &refusal(-32022, r#"["2026-07-28"]"#));
    assert!(matches!(only(&mut connection), Event::SubscriptionEnded { again: true, .. }));
    connection.handle_timeout(T0 + 2 * SECOND);
    assert!(line(&mut connection).contains(r#"protocolVersion":"2026-07-28""#));
}

#[test]
fn a_connection_that_has_ended_asks_nothing_again() {
    let mut connection = newer();
    let error = refused(&mut connection, &refusal(-32022, r#"["2026-07-28"]"#));
    connection.handle_eof();
    assert!(!connection.has_version_in_common(&error));
}
