//! The client's side of the Model Context Protocol (MCP), sans-IO: bytes in,
//! bytes and events out.
//!
//! [`Connection`] is one connection to one server. It does no I/O, reads no
//! clock, spawns nothing, and runs on any runtime or none: whoever owns the
//! transport feeds it what was read, writes what it gives out, and tells it the
//! time. It speaks the protocol versions up to 2025-11-25 over newline-delimited
//! JSON-RPC 2.0 (the "stdio" transport, and any other byte stream).
//!
//! ```
//! use std::time::Duration;
//!
//! use serde_json::value::RawValue;
//! use tenure_mcp_proto::types::{CallToolParams, CallToolResult, Content};
//! use tenure_mcp_proto::{Connection, Event, Options};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now = Duration::ZERO; // since an origin of your choice
//! let mut connection = Connection::new(Options::default().client("example", "1.0"));
//!
//! // The handshake: a line to write, a line read, a line to write.
//! connection.start(now)?;
//! let line = connection.poll_output().expect("initialize").into_bytes();
//! assert!(line.starts_with(br#"{"jsonrpc":"2.0","id":1,"method":"initialize""#));
//!
//! connection.handle_input(br#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","#);
//! connection.handle_input(br#""capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"2"}}}"#);
//! assert!(connection.poll_event().is_none()); // a line is over at its newline
//! connection.handle_input(b"\n");
//! match connection.poll_event() {
//!     Some(Event::Ready(server)) => assert_eq!(server.server_info.name, "s"),
//!     other => panic!("{other:?}"),
//! }
//! let line = connection.poll_output().expect("initialized").into_bytes();
//! assert_eq!(line, b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
//!
//! // A call, with raw JSON that arrives as it was written.
//! let arguments = RawValue::from_string(r#"{"n":1.00}"#.to_owned())?;
//! let params = CallToolParams {
//!     name: "add",
//!     arguments: Some(&arguments),
//!     meta: None,
//! };
//! let timeout = Some(Duration::from_secs(30));
//! let call = connection.request(now, "tools/call", Some(&params.to_raw()), timeout)?;
//! assert_eq!(connection.poll_timeout(), timeout);
//! let line = connection.poll_output().expect("the call").into_bytes();
//! assert!(line.ends_with(b"\"arguments\":{\"n\":1.00}}}\n"));
//!
//! // The server pings, then answers.
//! connection.handle_input(b"{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}\n");
//! let pong = connection.poll_output().expect("the answer").into_bytes();
//! assert_eq!(pong, b"{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"result\":{}}\n");
//!
//! connection.handle_input(
//!     b"{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"2\"}]}}\n",
//! );
//! match connection.poll_event() {
//!     Some(Event::Response { id, result }) if id == call => {
//!         let result = CallToolResult::from_raw(result?)?;
//!         assert!(matches!(&result.content[..], [Content::Text { text, .. }] if text == "2"));
//!     }
//!     other => panic!("{other:?}"),
//! }
//! assert!(connection.poll_timeout().is_none());
//! # Ok(())
//! # }
//! ```
//!
//! # JSON passes through unharmed
//!
//! Params and results are raw JSON text ([`serde_json::value::RawValue`]):
//! nothing is re-ordered, rounded, decoded or dropped on the way. The typed
//! views in [`types`] are made from it on demand and keep it.
//!
//! # Servers that misbehave
//!
//! Whatever comes in, nothing panics and memory stays bounded. A message that
//! is broken or too large fails the one call it answers, if that can be told,
//! with a [`CallError`]; otherwise it is an [`Event::ProtocolError`]. Either
//! way the connection goes on. Lenient on purpose: ids that come back as `5.0`
//! or `"5"`, blank lines, a `null` error beside a result, carriage returns.
//! Strict on purpose: `jsonrpc` must be `"2.0"` (servers that log JSON to their
//! standard output are noticed), and a line without its newline is no message.
//!
//! # Other eras
//!
//! [`Era`] has one member. The handshake is a module behind a narrow border:
//! the params of one request, and a judgement of its answer. The handshake-free
//! era (2026-07-28) adds a member, is ready from the start, and stamps
//! `_meta` on each request in the one function that writes requests.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::wildcard_enum_match_arm
    )
)]

mod connection;
mod era;
mod error;
mod exchange;
mod jsonrpc;
mod lines;
mod options;
pub mod pages;
pub mod types;

pub use connection::{Cancel, Connection, Stats};
pub use era::legacy::Era;
pub use error::{CallError, HandshakeError, ProtocolError, RequestError, ServerError};
pub use exchange::events::{Dropped, Event};
pub use exchange::outbound::{Output, OutputKind};
pub use exchange::requests::RequestId;
pub use options::{Options, SUPPORTED_VERSIONS};
