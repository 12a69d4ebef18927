//! Lines out of bytes, split anyhow, against an oracle that sees the whole stream at once.

use std::time::Duration;

use oracle::{Heard, Oracle};
use tenure_mcp_proto::{Event, Options};

use crate::bytes::Bytes;
use crate::text;
use crate::wire::OnLines;

mod oracle;

/// Room for the handshake.
const LEAST: usize = 160;
/// Streams up to this length are split at every boundary.
const EVERY: usize = 64;

/// A byte of limit, a byte of what the connection is at, two bytes of where to split, then the stream.
///
/// The limit may be anything for a connection that isn't started; one with three calls in flight must
/// have been able to say so.
pub fn framing(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let (limit, kind, cuts) = (usize::from(bytes.byte()), bytes.byte(), [bytes.byte(), bytes.byte()]);
    let started = kind & 1 != 0;
    let limit = if started { limit + LEAST } else { limit };
    let version = if kind & 2 != 0 { "2025-03-26" } else { "2025-11-25" };
    let stream = text::messages(bytes, limit);
    let connect = || connection(limit, started.then_some(version));

    let lines = attended(connect(), stream.split_inclusive(|byte| *byte == b'\n'));
    Oracle::new(limit, started, kind & 3 == 3).check(&stream, &lines);
    let bytewise = attended(connect(), stream.chunks(1));
    assert_eq!(bytewise.concat(), lines.concat(), "byte by byte");

    // Nobody looks until the end: what full queues drop is dropped however the stream is split.
    let whole = neglected(connect(), [stream.as_slice()]);
    assert_eq!(neglected(connect(), text::pieces(&stream, cuts)), whole, "in pieces of {cuts:?}");
    if stream.len() <= EVERY {
        for at in 0..=stream.len() {
            let (head, tail) = stream.split_at(at);
            assert_eq!(neglected(connect(), [head, tail]), whole, "split at {at}");
        }
    }
}

/// One that was not started, or one that is ready with the requests 2, 3 and 4 in flight.
fn connection(limit: usize, version: Option<&str>) -> OnLines {
    let options = Options::default().client("c", "1").max_message(limit);
    let mut connection = OnLines::new(options);
    let Some(version) = version else {
        return connection;
    };
    connection.start(Duration::ZERO).expect("it has room for the handshake");
    while connection.poll_line().is_some() {}
    let answer = format!(
        r#"{{"jsonrpc":"2.0","id":1,"result":{{"protocolVersion":"{version}","capabilities":{{}},"serverInfo":{{"name":"s","version":"1"}}}}}}"#
    );
    connection.handle_input(answer.as_bytes());
    connection.handle_input(b"\n");
    assert!(matches!(connection.poll_event(), Some(Event::Ready(_))), "the handshake");
    for _ in 0..3 {
        connection.request(Duration::ZERO, "x", None, None).expect("it is ready");
    }
    while connection.poll_line().is_some() {}
    connection
}

/// What is heard at once after each piece, and after the end.
fn attended<'a>(mut connection: OnLines, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Vec<Heard>> {
    let mut heard = Vec::new();
    for piece in pieces {
        connection.handle_input(piece);
        heard.push(oracle::hear(&mut connection));
    }
    connection.handle_eof();
    heard.push(oracle::hear(&mut connection));
    heard
}

/// What is heard after all pieces, and after the end.
fn neglected<'a>(mut connection: OnLines, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Heard> {
    for piece in pieces {
        connection.handle_input(piece);
    }
    let mut heard = oracle::hear(&mut connection);
    connection.handle_eof();
    heard.append(&mut oracle::hear(&mut connection));
    heard
}
