//! A connection with the little that every test needs.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(unreachable_pub, reason = "shared by several test crates")]

use std::time::Duration;

use serde_json::value::RawValue;
use tenure_mcp_proto::{CallError, Connection, Event, Options, RequestId};

pub const T0: Duration = Duration::from_secs(100);
pub const SECOND: Duration = Duration::from_secs(1);

pub fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

pub fn initialize_answer(version: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"result":{{"protocolVersion":"{version}","capabilities":{{}},"serverInfo":{{"name":"s","version":"1"}}}}}}"#
    )
}

/// Started, `initialize` handed to the writer.
pub fn opening(options: Options) -> Connection {
    let mut connection = Connection::new(options);
    connection.start(T0).unwrap();
    connection.poll_output().unwrap();
    connection
}

/// Ready, nothing queued, no event waiting.
pub fn ready_with(options: Options, version: &str) -> Connection {
    let mut connection = opening(options);
    feed(&mut connection, &initialize_answer(version));
    assert!(matches!(connection.poll_event(), Some(Event::Ready(_))));
    connection.poll_output().unwrap();
    assert!(connection.poll_output().is_none());
    connection
}

pub fn ready() -> Connection {
    ready_with(Options::default(), "2025-11-25")
}

pub fn feed(connection: &mut Connection, line: &str) {
    connection.handle_input(line.as_bytes());
    connection.handle_input(b"\n");
}

pub fn events(connection: &mut Connection) -> Vec<Event> {
    std::iter::from_fn(|| connection.poll_event()).collect()
}

pub fn outputs(connection: &mut Connection) -> Vec<String> {
    std::iter::from_fn(|| connection.poll_output())
        .map(|output| String::from_utf8(output.into_bytes()).unwrap())
        .collect()
}

/// Queues a request and hands it to the writer.
pub fn sent(connection: &mut Connection) -> RequestId {
    let id = connection.request(T0, "x", None, None).unwrap();
    while connection.poll_output().is_some() {}
    id
}

/// The one event there is, which must be a response.
pub fn response(connection: &mut Connection) -> (RequestId, Result<String, CallError>) {
    let mut all = events(connection);
    match (all.pop(), all.is_empty()) {
        (Some(Event::Response { id, result }), true) => (id, result.map(|raw| raw.get().to_owned())),
        (last, _) => panic!("one response expected, not {all:?} {last:?}"),
    }
}

/// The one event there is, for a look at its text.
pub fn only(connection: &mut Connection) -> Event {
    let mut all = events(connection);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}
