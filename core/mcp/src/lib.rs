//! The client's side of the Model Context Protocol (MCP), sans-IO: messages in, messages and events out.
//!
//! [`Connection`] is one connection to one server. It does no I/O, reads no clock, spawns nothing, and runs
//! on any runtime or none: whoever owns the transport feeds it the messages that came, sends those that it
//! gives out, and tells it the time. [`lines`] stands between it and a byte stream (the "stdio" transport, a
//! socket), where each message is a line. It speaks the protocol versions up to 2025-11-25 over JSON-RPC 2.0.
//!
//! ```
//! use std::time::Duration;
//!
//! use serde_json::value::RawValue;
//! use tenure_mcp_proto::lines::{self, Lines};
//! use tenure_mcp_proto::types::{CallToolParams, CallToolResult, Content};
//! use tenure_mcp_proto::{Connection, Event, Options};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now = Duration::ZERO; // since an origin of your choice
//! let mut connection = Connection::new(Options::default().client("example", "1.0"));
//! let mut lines = Lines::new(connection.max_message());
//!
//! // What to do with the bytes that were read, split anyhow.
//! let mut read = |connection: &mut Connection, mut bytes: &[u8]| {
//!     while let Some(message) = lines.next(&mut bytes) {
//!         connection.handle_message(message);
//!     }
//! };
//! // The next bytes to write.
//! let write = |connection: &mut Connection| connection.poll_message().map(lines::encode);
//!
//! // The opening: a message out, a message in, a message out.
//! connection.start(now)?;
//! let line = write(&mut connection).expect("initialize");
//! assert!(line.starts_with(br#"{"jsonrpc":"2.0","id":1,"method":"initialize""#));
//!
//! read(&mut connection, br#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","#);
//! read(&mut connection, br#""capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"2"}}}"#);
//! assert!(connection.poll_event().is_none()); // a line ends at its newline
//! read(&mut connection, b"\n");
//! match connection.poll_event() {
//!     Some(Event::Ready(server)) => assert_eq!(server.name, "s"),
//!     other => panic!("{other:?}"),
//! }
//! let line = write(&mut connection).expect("initialized");
//! assert_eq!(line, b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
//!
//! // A call, with raw JSON that arrives as it was written.
//! let arguments = RawValue::from_string(r#"{"n":1.00}"#.to_owned())?;
//! let params = CallToolParams { name: "add", arguments: Some(&arguments), meta: None };
//! let timeout = Some(Duration::from_secs(30));
//! let call = connection.request(now, "tools/call", Some(&params.to_raw()), timeout)?;
//! assert_eq!(connection.poll_timeout(), timeout);
//! let line = write(&mut connection).expect("the call");
//! assert!(line.ends_with(b"\"arguments\":{\"n\":1.00}}}\n"));
//!
//! // The server pings, then answers.
//! read(&mut connection, b"{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}\n");
//! let pong = write(&mut connection).expect("the answer");
//! assert_eq!(pong, b"{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"result\":{}}\n");
//!
//! read(
//!     &mut connection,
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
//! Params and results are raw JSON text ([`serde_json::value::RawValue`]): nothing is re-ordered, rounded,
//! decoded or dropped on the way. The typed views in [`types`] are made from it on demand and keep it.
//!
//! # Servers that misbehave
//!
//! Whatever comes in, nothing panics and memory stays bounded. A message that is broken or too large fails
//! the one call it answers, if that can be found out, with a [`CallError`]; otherwise it is an
//! [`Event::ProtocolError`]. Either way the connection goes on. Lenient on purpose: ids that come back as
//! `5.0` or `"5"`, blank lines, a `null` error beside a result, carriage returns. Strict on purpose:
//! `jsonrpc` must be `"2.0"` (servers that log JSON to their standard output are noticed), and a line without
//! its newline is no message.
//!
//! # Where things are
//!
//! | room | what it knows |
//! |---|---|
//! | `connection.rs` | the contract: what a caller may do and when |
//! | `exchange/` | requests in flight, what the messages of the server mean, what waits to be sent or heard |
//! | `era/` | all that depends on the era and version of the protocol |
//! | `jsonrpc/` | what a message is, below any protocol |
//! | [`lines`] | messages on a byte stream |
//! | [`types`], [`pages`] | views of params and results |
//!
//! Files import each other in one direction: the contract, the exchange, the era's rules, JSON-RPC. Another
//! carrier is a room beside [`lines`]: it makes [`Incoming`] of what it hears and carries [`Outgoing`]. What
//! a server asks for (sampling, elicitation, roots) is refused in one place, `handle_request` in
//! `exchange/inbound.rs`, which is where an answer of the caller's would begin.
//!
//! # Other eras
//!
//! [`Era`] has one member today. What an era decides is one trait, `Rules` in `era/rules.rs`: how a
//! connection is opened and what follows, how requests are marked, what an answer means, which methods are
//! the connection's own, what the server may ask for. The modern era (2026-07-28: no handshake, version and
//! capabilities in each request's `_meta`) is another file with its answers, a member of [`Era`], and an arm
//! in `era/mod.rs`.
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
pub mod lines;
mod options;
pub mod pages;
mod server;
pub mod types;

pub use connection::{Cancel, Connection};
pub use era::error::HandshakeError;
pub use era::versions::{Era, SUPPORTED_VERSIONS};
pub use error::{CallError, ProtocolError, RequestError};
pub use exchange::events::{Dropped, Event};
pub use exchange::inbound::{Incoming, Oversized};
pub use exchange::outbound::Outgoing;
pub use jsonrpc::id::RequestId;
pub use jsonrpc::message::ServerError;
pub use options::Options;
pub use server::Server;
