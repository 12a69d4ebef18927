use proptest::prelude::*;

use super::*;
use crate::exchange::inbound::Incoming;

/// What comes of a stream in these pieces, each thing in words, and where it stands at its end.
fn read<'a>(max: usize, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<String>, Sse) {
    let mut sse = Sse::new(max);
    let mut items = Vec::new();
    for mut piece in pieces {
        while let Some(item) = sse.next(&mut piece) {
            items.push(match item {
                SseItem::Comment => "comment".to_owned(),
                SseItem::Event(SseEvent { kind, data }) => {
                    let kind = kind.map(|kind| format!("{kind}: ")).unwrap_or_default();
                    match data {
                        SseData::None => format!("{kind}nothing"),
                        SseData::Text(text) => format!("{kind}{text:?}"),
                        SseData::Oversized(oversized) => format!("{kind}oversized {}", oversized.size()),
                    }
                }
            });
        }
        assert!(piece.is_empty());
        assert!(sse.event.data.held() <= max);
    }
    (items, sse)
}

fn items(stream: &str) -> Vec<String> {
    read(1000, [stream.as_bytes()]).0
}

/// The cursor behind the stream.
fn cursor(stream: &[u8]) -> Option<Vec<u8>> {
    read(1000, [stream]).1.cursor.map(|cursor| cursor.as_bytes().to_owned())
}

fn retry(stream: &str) -> Option<u64> {
    let millis = read(1000, [stream.as_bytes()]).1.retry()?.as_millis();
    Some(u64::try_from(millis).unwrap())
}

#[test]
fn the_examples_of_the_standard() {
    assert_eq!(items("data: YHOO\ndata: +2\ndata: 10\n\n"), [r#""YHOO\n+2\n10""#]);
    let four = ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n";
    assert_eq!(items(four), ["comment", r#""first event""#, r#""second event""#, r#"" third event""#]);
    assert_eq!(items("data\n\ndata\ndata\n\ndata:"), ["nothing", r#""\n""#]);
    assert_eq!(items("data:test\n\ndata: test\n\n"), [r#""test""#, r#""test""#]);
    assert_eq!(
        items("event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n"),
        [r#"add: "73857293""#, r#"remove: "2153""#]
    );
}

#[test]
fn lines_end_in_all_three_ways() {
    for end in ["\n", "\r", "\r\n"] {
        let stream = ["data: a", "data: b", "", "data: c", "", ""].join(end);
        assert_eq!(items(&stream), [r#""a\nb""#, r#""c""#], "{end:?}");
    }
}

#[test]
fn an_event_behind_a_return_does_not_wait_for_a_newline() {
    assert_eq!(items("data: a\r\r"), [r#""a""#]);
}

#[test]
fn an_event_with_no_or_empty_data_says_nothing_and_moves_the_cursor() {
    for stream in ["id: 1\n\n", "id: 1\ndata:\n\n", "data\nid: 1\n\n"] {
        assert_eq!(items(stream), ["nothing"], "{stream:?}");
        assert_eq!(cursor(stream.as_bytes()).as_deref(), Some(b"1".as_slice()), "{stream:?}");
    }
    assert_eq!(items("retry: 1\n\n"), ["nothing"]);
    assert_eq!(items("event: x\n\n"), ["x: nothing"]);
}

#[test]
fn empty_lines_and_unknown_fields_are_no_event() {
    assert!(items("\n\n\r\n\n").is_empty());
    assert!(items("x: y\nnothing\n\n").is_empty());
    assert_eq!(items(":\n\n:x\n\n"), ["comment", "comment"]);
}

#[test]
fn the_type_of_an_event_does_not_outlive_it_and_message_is_none() {
    assert_eq!(items("event: a\nevent: b\ndata: 1\n\ndata: 2\n\n"), [r#"b: "1""#, r#""2""#]);
    assert_eq!(items("event: a\n\ndata: 2\n\n"), ["a: nothing", r#""2""#]);
    for message in ["event: message", "event", "event: a\nevent:"] {
        assert_eq!(items(&format!("{message}\ndata: 1\n\n")), [r#""1""#], "{message:?}");
    }
    assert_eq!(items("event: Message\ndata: 1\n\n"), [r#"Message: "1""#]);
    let long = "x".repeat(300);
    assert_eq!(items(&format!("event: {long}\n\n")), [format!("{}: nothing", "x".repeat(256))]);
}

#[test]
fn the_cursor_moves_when_an_event_is_dispatched_and_stays_until_the_next_id() {
    assert_eq!(cursor(b"id: 1\ndata: a\n"), None);
    assert_eq!(cursor(b"id: 1\ndata: a\n\nid: 2\ndata: b\n"), Some(b"1".to_vec()));
    assert_eq!(cursor(b"id: 1\nid: 2\n\ndata: b\n\n"), Some(b"2".to_vec()));
}

#[test]
fn an_empty_id_clears_the_cursor_and_one_with_nul_is_ignored() {
    assert_eq!(cursor(b"id: 1\n\nid\n\n"), None);
    assert_eq!(cursor(b"id: 1\n\nid: \n\n"), None);
    assert_eq!(cursor(b"id: 1\n\nid: 2\0\n\n"), Some(b"1".to_vec()));
    assert_eq!(cursor(b"id: 1\nid: \0\n\n"), Some(b"1".to_vec()));
    let late = format!("id: 1\n\nid: {}\0\n\n", "x".repeat(10_000));
    assert_eq!(cursor(late.as_bytes()), Some(b"1".to_vec()));
}

#[test]
fn an_id_that_no_header_can_hold_is_not_resumed_from() {
    for id in ["\u{1}", "a\u{7f}", " a", "a ", "\ta", &"x".repeat(4097)] {
        let stream = format!("id: 1\n\nid: {id}\n\n");
        assert_eq!(cursor(stream.as_bytes()), None, "{id:?}");
    }
    for id in ["a b", "a\tb", "ä", &"x".repeat(4096)] {
        let stream = format!("id: 1\n\nid: {id}\n\n");
        assert_eq!(cursor(stream.as_bytes()).as_deref(), Some(id.as_bytes()), "{id:?}");
    }
    assert_eq!(cursor(b"id: \xff\n\n"), Some("\u{fffd}".as_bytes().to_vec()));
}

#[test]
fn retry_is_digits_only_and_stays_until_the_next_one() {
    for (value, millis) in [
        ("0", Some(0)),
        ("03000", Some(3000)),
        ("99999999999999999999999", Some(u64::MAX)),
        ("", Some(7)),
        ("-1", Some(7)),
        ("+1", Some(7)),
        ("1.5", Some(7)),
        ("1 ", Some(7)),
        ("ä", Some(7)),
        ("１", Some(7)),
    ] {
        assert_eq!(retry(&format!("retry: 7\nretry: {value}\n")), millis, "{value:?}");
    }
    assert_eq!(retry("retry: 5"), None);
    assert_eq!(retry(&format!("retry: {}\n", "1".repeat(5000))), None);
    assert_eq!(retry(&format!("retry: {}9\n", "0".repeat(4095))), Some(9));
}

#[test]
fn what_is_no_utf_8_is_replaced() {
    let (items, _) = read(1000, [b"\xffid: 1\ndata: a\xe2\x82\ndata: \xacb\n\n".as_slice()]);
    assert_eq!(items, ["\"a\u{fffd}\\n\u{fffd}b\""]);
}

#[test]
fn the_limit_of_an_event_is_exact() {
    for (stream, expected) in [
        ("data: 12345678\n\n", r#""12345678""#),
        ("data: 123456789\n\n", "oversized 9"),
        ("data: 1234\ndata: 678\n\n", r#""1234\n678""#),
        ("data: 1234\ndata: 6789\n\n", "oversized 9"),
        ("data: 12345678\ndata:\n\n", "oversized 9"),
        (":1234567890\ndata: 1\nx: 1234567890\n\n", "\"1\""),
    ] {
        let (items, _) = read(8, [stream.as_bytes()]);
        assert_eq!(items.last().map(String::as_str), Some(expected), "{stream:?}");
    }
    assert_eq!(read(0, [b"data:\n\ndata: 1\n\n".as_slice()]).0, ["nothing", "oversized 1"]);
}

#[test]
fn an_event_behind_an_oversized_one_is_read_and_the_cursor_has_moved() {
    let (items, sse) = read(8, [b"event: x\nid: 5\ndata: 1234567890\ndata: 1\n\ndata: ok\n\n".as_slice()]);
    assert_eq!(items, ["x: oversized 12", r#""ok""#]);
    assert_eq!(sse.cursor().unwrap(), "5");
}

#[test]
fn whom_an_oversized_event_concerns_is_seen_also_on_several_lines() {
    use crate::{CallError, Connection, Event, Options};
    let mut connection = Connection::new(Options::default().max_message(200));
    connection.start(Duration::ZERO).unwrap();
    while connection.poll_message().is_some() {}
    let hello = br#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25"}}"#;
    connection.handle_message(Incoming::Message(hello));
    assert!(matches!(connection.poll_event(), Some(Event::Ready(_))));
    let call = connection.request(Duration::ZERO, "x", None, None).unwrap();
    while connection.poll_message().is_some() {}

    let stream =
        format!("data: {{\"jsonrpc\":\"2.0\",\"result\":\"{}\",\ndata: \"id\":2}}\n\n", "x".repeat(300));
    let mut sse = Sse::new(200);
    for mut piece in stream.as_bytes().chunks(7) {
        while let Some(item) = sse.next(&mut piece) {
            let SseItem::Event(SseEvent { data: SseData::Oversized(oversized), .. }) = item else {
                panic!("{item:?}")
            };
            connection.handle_message(Incoming::Oversized(oversized));
        }
    }
    match connection.poll_event() {
        Some(Event::Response { id, result: Err(CallError::TooLarge { .. }) }) => assert_eq!(id, call),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_hundred_megabytes_in_one_event_cost_no_memory() {
    let mut sse = Sse::new(10_000);
    let chunk = vec![b'x'; 1 << 20];
    for field in ["data:", "id:", "x", ":"] {
        assert!(sse.next(&mut field.as_bytes()).is_none());
        for _ in 0..25 {
            assert!(sse.next(&mut chunk.as_slice()).is_none());
            assert!(sse.event.data.held() <= 10_000);
            assert!(sse.value.kept.capacity() <= 4 * MOST_OF_ID);
        }
        sse.next(&mut b"\n".as_slice());
    }
    assert!(matches!(
        sse.next(&mut b"\n".as_slice()),
        Some(SseItem::Event(SseEvent { data: SseData::Oversized(_), .. }))
    ));
}

/// Streams of what matters to the reader.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"data".to_vec()),
        Just(b"data: ".to_vec()),
        Just(b"id: 7".to_vec()),
        Just(b"event: e".to_vec()),
        Just(b"retry: 9".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\n\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b":".to_vec()),
        Just(b" ".to_vec()),
        Just(b"\0".to_vec()),
        Just("\u{feff}".as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_split_gives_the_same_items(
        stream in streams(),
        with_mark in any::<bool>(),
        max in 0_usize..12,
        cuts in prop::collection::vec(1_usize..9, 1..5),
    ) {
        let stream = if with_mark { [b"\xef\xbb\xbf", stream.as_slice()].concat() } else { stream };
        let (whole, at_end) = read(max, [stream.as_slice()]);
        let mut pieces = Vec::new();
        let mut rest = stream.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        for pieces in [pieces, stream.chunks(1).collect()] {
            let (items, sse) = read(max, pieces);
            prop_assert_eq!(&items, &whole);
            prop_assert_eq!(sse.cursor(), at_end.cursor());
            prop_assert_eq!(sse.retry(), at_end.retry());
        }
    }
}
