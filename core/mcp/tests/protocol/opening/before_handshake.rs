//! What comes before the handshake is complete, and instead of it: nothing is swallowed.

use crate::common::*;
use tenure_mcp_proto::{Connection, Event, Incoming, Options, UnexpectedKind};

/// What is said of what came while `initialize` was out.
fn instead(bytes: &[u8]) -> (UnexpectedKind, String) {
    let mut connection = opening(Options::default());
    assert!(connection.received_instead().is_none());
    connection.handle_input(bytes);
    connection.handle_input(b"\n");
    let came = connection.received_instead().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(bytes)));
    assert!(came.excerpt.chars().count() <= 121);
    assert!(came.to_string().contains(&format!("`{}`", came.excerpt)));
    (came.kind, came.excerpt.clone())
}

fn utf16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn notifications_and_faults_before_the_handshake_are_events_in_their_order() {
    for started in [false, true] {
        let mut connection =
            if started { opening(Options::default()) } else { OnLines::new(Options::default()) };
        for line in [
            "Server listening",
            r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"n":1.0}}"#,
            r#"{"jsonrpc":"2.0","id":0,"result":{}}"#,
            "[]",
            "caf\u{e9}",
        ] {
            feed(&mut connection, line);
        }
        connection.handle_input(b"caf\xe9\n");
        let kinds: Vec<bool> = events(&mut connection)
            .iter()
            .map(|event| match event {
                Event::Notification { method, params: Some(params) } => {
                    assert_eq!((method.as_str(), params.get()), ("notifications/message", r#"{"n":1.0}"#));
                    true
                }
                Event::ProtocolError(_) => false,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(kinds, [false, true, false, false, false, false]);
    }
}

#[test]
fn they_come_before_the_failure_of_the_handshake_too() {
    let mut connection = opening(Options::default());
    feed(&mut connection, "banner");
    feed(&mut connection, r#"{"jsonrpc":"2.0","method":"n"}"#);
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":1,"error":"no"}"#);
    assert!(matches!(
        events(&mut connection)[..],
        [Event::ProtocolError(_), Event::Notification { .. }, Event::HandshakeFailed(_)]
    ));
    assert_eq!(connection.received_instead().unwrap().excerpt, "banner");
}

#[test]
fn what_came_instead_is_recognised() {
    let message = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
    for (bytes, kind, excerpt) in [
        (b"Content-Length: 153\r".as_slice(), UnexpectedKind::Header, "Content-Length: 153"),
        (b"content-type: application/json\r", UnexpectedKind::Header, "content-type: application/json"),
        (b"HTTP/1.1 400 Bad Request\r", UnexpectedKind::Http, "HTTP/1.1 400 Bad Request"),
        (b"<!DOCTYPE html>", UnexpectedKind::Markup, "<!DOCTYPE html>"),
        (
            b"\x1b[?25l{\"jsonrpc\":\"2.0\"}",
            UnexpectedKind::EscapeSequence,
            r#"\u{1b}[?25l{"jsonrpc":"2.0"}"#,
        ),
        (b"\xef\xbb\xbf{\"a\":1}", UnexpectedKind::ByteOrderMark, r#"\u{feff}{"a":1}"#),
        (b"caf\xe9", UnexpectedKind::Encoding, "caf\u{fffd}"),
        (b"{", UnexpectedKind::PartOfMessage, "{"),
        (b"{\"jsonrpc\":\"2.0\",\"resu", UnexpectedKind::PartOfMessage, r#"{"jsonrpc":"2.0","resu"#),
        (
            br#"{"jsonrpc":"2.0","id":0,"result":{}}"#,
            UnexpectedKind::UnknownAnswer,
            r#"{"jsonrpc":"2.0","id":0,"result":{}}"#,
        ),
        (
            br#"{"jsonrpc":"2.0","id":"x","result":{}}"#,
            UnexpectedKind::UnknownAnswer,
            r#"{"jsonrpc":"2.0","id":"x","result":{}}"#,
        ),
        (
            br#"{"jsonrpc":"2.0","id":null,"result":{}}"#,
            UnexpectedKind::UnknownAnswer,
            r#"{"jsonrpc":"2.0","id":null,"result":{}}"#,
        ),
        (b"[]", UnexpectedKind::Batch, "[]"),
        (br#"{"level":"info"}"#, UnexpectedKind::OtherJson, r#"{"level":"info"}"#),
        (b"17", UnexpectedKind::OtherJson, "17"),
        (b"Server listening on stdio", UnexpectedKind::Text, "Server listening on stdio"),
        (b"undefined", UnexpectedKind::Text, "undefined"),
    ] {
        assert_eq!(instead(bytes), (kind, excerpt.to_owned()));
    }
    for bytes in [utf16(message, u16::to_le_bytes), utf16(message, u16::to_be_bytes)] {
        assert_eq!(instead(&bytes), (UnexpectedKind::Utf16, message.to_owned()));
        let marked = [if bytes[0] == 0 { b"\xfe\xff" } else { b"\xff\xfe" }.as_slice(), &bytes].concat();
        assert_eq!(instead(&marked), (UnexpectedKind::Utf16, message.to_owned()));
    }
    let mut large = opening(Options::default().max_message(300));
    feed(&mut large, &"x".repeat(10_000));
    let came = large.received_instead().unwrap();
    assert_eq!((came.kind, came.excerpt.as_str()), (UnexpectedKind::TooLarge, &*("x".repeat(120) + "…")));
}

#[test]
fn an_error_that_names_no_request_says_that_the_server_could_not_read_us() {
    let mut connection = ready();
    sent(&mut connection);
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}"#);
    let came = connection.received_instead().unwrap();
    assert_eq!(came.kind, UnexpectedKind::ErrorToNobody);
    assert!(came.excerpt.contains("Parse error"));
}

#[test]
fn the_excerpt_is_safe_to_print_and_bounded() {
    let hostile = "a\u{202e}b\u{200b}c\u{7}d\u{9b}e\u{e0041}f\u{2066}g\r\u{feff}h";
    let (_, excerpt) = instead(hostile.as_bytes());
    assert_eq!(excerpt, r"a\u{202e}b\u{200b}c\u{7}d\u{9b}e\u{e0041}f\u{2066}g\r\u{feff}h");
    let (_, excerpt) = instead("\u{1b}".repeat(100_000).as_bytes());
    assert!(excerpt.len() < 200);
}

#[test]
fn the_first_thing_counts_and_an_unfinished_one_too() {
    let mut connection = opening(Options::default());
    feed(&mut connection, "Content-Length: 5\r");
    feed(&mut connection, "\r");
    feed(&mut connection, "other");
    assert_eq!(connection.received_instead().unwrap().excerpt, "Content-Length: 5");

    let mut connection = opening(Options::default());
    connection.handle_input(b"Password: ");
    assert!(connection.received_instead().is_none());
    connection.handle_eof();
    assert!(connection.is_closed());
    assert_eq!(connection.received_instead().unwrap().excerpt, "Password:");
}

#[test]
fn it_is_about_what_is_waited_for() {
    let mut connection = opening(Options::default());
    feed(&mut connection, "banner");
    feed(&mut connection, &initialize_answer("2025-11-25"));
    assert!(connection.is_ready());
    connection.poll_line().unwrap();
    events(&mut connection);
    // The handshake went well; the call has nothing to do with the banner.
    let first = sent(&mut connection);
    assert!(connection.received_instead().is_none());
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":"call-1","result":{}}"#);
    sent(&mut connection);
    assert_eq!(connection.received_instead().unwrap().kind, UnexpectedKind::UnknownAnswer);
    for id in [first.as_u64(), first.as_u64() + 1] {
        feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#));
    }
    sent(&mut connection);
    assert!(connection.received_instead().is_none());
}

#[test]
fn a_server_as_it_should_be_wrote_nothing_instead() {
    let mut connection = Connection::new(Options::default());
    connection.start(T0).unwrap();
    connection.poll_message().unwrap();
    for message in [
        r#"{"jsonrpc":"2.0","method":"n"}"#.to_owned(),
        r#"{"jsonrpc":"2.0","id":"p","method":"ping"}"#.to_owned(),
        initialize_answer("2025-11-25"),
    ] {
        connection.handle_message(Incoming::Message(message.as_bytes()));
    }
    assert!(connection.is_ready() && connection.received_instead().is_none());
}
