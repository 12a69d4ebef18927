//! A connection on a byte stream, with the little that every test needs.

pub(crate) mod eras;
pub(crate) mod rounds;
pub(crate) mod subscriptions;

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use serde_json::value::RawValue;
use tenure_mcp_proto::lines::{self, Lines};
use tenure_mcp_proto::{CallError, Connection, Event, Options, RequestId};

pub(crate) const T0: Duration = Duration::from_secs(100);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// A connection whose messages are lines: bytes in, lines out.
#[derive(Debug)]
pub(crate) struct OnLines {
    connection: Connection,
    lines: Lines,
}

impl OnLines {
    pub(crate) fn new(options: Options) -> Self {
        let connection = Connection::new(options);
        let lines = Lines::new(connection.max_message());
        Self { connection, lines }
    }

    /// Bytes came from the server, split anyhow.
    pub(crate) fn handle_input(&mut self, mut input: &[u8]) {
        while let Some(message) = self.lines.next(&mut input) {
            self.connection.handle_message(message);
        }
    }

    /// No more bytes will come.
    pub(crate) fn handle_eof(&mut self) {
        if let Some(message) = self.lines.end() {
            self.connection.handle_message(message);
        }
        self.connection.handle_end();
    }

    /// The next line to write.
    pub(crate) fn poll_line(&mut self) -> Option<Vec<u8>> {
        self.connection.poll_message().map(lines::encode)
    }
}

impl Deref for OnLines {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for OnLines {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

pub(crate) fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

pub(crate) fn initialize_answer(version: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"result":{{"protocolVersion":"{version}","capabilities":{{}},"serverInfo":{{"name":"s","version":"1"}}}}}}"#
    )
}

/// Started, `initialize` handed to the writer.
pub(crate) fn opening(options: Options) -> OnLines {
    let mut connection = OnLines::new(options);
    connection.start(T0).unwrap();
    connection.poll_line().unwrap();
    connection
}

/// Ready, nothing queued, no event waiting.
pub(crate) fn ready_with(options: Options, version: &str) -> OnLines {
    let mut connection = opening(options);
    feed(&mut connection, &initialize_answer(version));
    assert!(matches!(connection.poll_event(), Some(Event::Ready(_))));
    connection.poll_line().unwrap();
    assert!(connection.poll_line().is_none());
    connection
}

pub(crate) fn ready() -> OnLines {
    ready_with(Options::default(), "2025-11-25")
}

pub(crate) fn feed(connection: &mut OnLines, line: &str) {
    connection.handle_input(line.as_bytes());
    connection.handle_input(b"\n");
}

pub(crate) fn events(connection: &mut OnLines) -> Vec<Event> {
    std::iter::from_fn(|| connection.poll_event()).collect()
}

pub(crate) fn outputs(connection: &mut OnLines) -> Vec<String> {
    std::iter::from_fn(|| connection.poll_line()).map(|line| String::from_utf8(line).unwrap()).collect()
}

/// Queues a request and hands it to the writer.
pub(crate) fn sent(connection: &mut OnLines) -> RequestId {
    let id = connection.request(T0, "x", None, None).unwrap();
    while connection.poll_line().is_some() {}
    id
}

/// The one event there is, which must be a response.
pub(crate) fn response(connection: &mut OnLines) -> (RequestId, Result<String, CallError>) {
    let mut all = events(connection);
    match (all.pop(), all.is_empty()) {
        (Some(Event::Response { id, result }), true) => (id, result.map(|raw| raw.get().to_owned())),
        (last, _) => panic!("one response expected, not {all:?} {last:?}"),
    }
}

/// The one event there is, for a look at its text.
pub(crate) fn only(connection: &mut OnLines) -> Event {
    let mut all = events(connection);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}
