//! A server that is known from an earlier connection, and one that ended while it was asked what it is.

use std::time::Duration;

use crate::common::eras::*;
use crate::common::*;
use tenure_mcp_proto::{Era, Options};

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
