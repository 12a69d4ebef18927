//! The client's side of the Model Context Protocol (MCP), sans-IO: messages in, messages and events out.
//!
//! [`Connection`] is one connection to one server. It does no I/O, reads no clock, spawns nothing, and runs
//! on any runtime or none: whoever owns the transport feeds it the messages that came, sends those that it
//! gives out, and tells it the time. [`lines`] stands between it and a byte stream (the "stdio" transport, a
//! socket), where each message is a line, and [`Exchanges`](crate::http::Exchanges) between it and a client of HTTP. It
//! speaks the protocol versions from 2024-11-05 to 2026-07-28 over JSON-RPC 2.0.
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
//! # What a server tells and asks
//!
//! [`Connection::subscribe`] says what the server is to tell of, [`Connection::set_log_level`] which log messages are
//! wanted, in either era. [`types::Notification`] reads what a notification tells. Progress that a request asked for
//! comes as [`Event::Progress`]; what the server asks for and is [offered](Options::offer) comes as [`Event::Request`]:
//!
//! ```
//! # use std::time::Duration;
//! use serde_json::value::RawValue;
//! use tenure_mcp_proto::{ClientFeature, Connection, Event, Incoming, Options, RequestOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let now = Duration::ZERO;
//! let mut connection = Connection::new(Options::default().offer(ClientFeature::Roots));
//! # connection.start(now)?;
//! # connection.poll_message();
//! # let hello = br#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25"}}"#;
//! # connection.handle_message(Incoming::Message(hello));
//! # connection.poll_event();
//! // ... the opening ...
//!
//! // Ten seconds without progress are too long, and so is a minute in all.
//! let options = RequestOptions::default()
//!     .progress(true)
//!     .idle_timeout(Some(Duration::from_secs(10)))
//!     .timeout(Some(Duration::from_secs(60)));
//! let call = connection.request_with(now, "tools/call", None, options)?;
//! while let Some(message) = connection.poll_message() {
//!     // write it ...
//! #   let _ = message;
//! }
//!
//! let now = now + Duration::from_secs(5);
//! let told = br#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":1}}"#;
//! connection.handle_message_at(now, Incoming::Message(told));
//! assert!(matches!(connection.poll_event(), Some(Event::Progress { id, .. }) if id == call));
//! assert_eq!(connection.poll_timeout(), Some(Duration::from_secs(15)));
//!
//! let asked = br#"{"jsonrpc":"2.0","id":"r","method":"roots/list"}"#;
//! connection.handle_message_at(now, Incoming::Message(asked));
//! if let Some(Event::Request { id, method, .. }) = connection.poll_event() {
//!     assert_eq!(method, "roots/list");
//!     let roots = RawValue::from_string(r#"{"roots":[{"uri":"file:///project"}]}"#.to_owned())?;
//!     connection.answer(now, id, Ok(&roots))?;
//! }
//! let answer = connection.poll_message().expect("the answer");
//! assert!(answer.as_bytes().starts_with(br#"{"jsonrpc":"2.0","id":"r","result":{"roots":"#));
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
//! `5.0`, `5e0` or `"5"`, errors of any kind ([`ServerError`]), blank lines, `null` for a field that isn't
//! there, carriage returns. Strict on purpose: `jsonrpc` must be `"2.0"` (servers that log JSON to their
//! standard output are noticed).
//!
//! Nothing is swallowed before the handshake is complete either: notifications and faults are events then,
//! too, and [`Connection::received_instead`] says what came instead when a deadline passes.
//!
//! # Where things are
//!
//! | room | what it knows |
//! |---|---|
//! | `connection.rs`, `answer.rs` | the contract: what a caller may do and when |
//! | `exchange/` | requests in flight, what the messages of the server mean, what waits to be sent or heard |
//! | `features.rs` | what is offered to the server |
//! | `subscribe.rs`, `subscriptions.rs` | what the server is to tell of |
//! | `era/` | all that depends on the era and version of the protocol |
//! | `jsonrpc/` | what a message is, below any protocol |
//! | `seldom.rs` | room for what most connections never have any of |
//! | [`lines`] | messages on a byte stream |
//! | [`http`](mod@crate::http) | messages over HTTP, as exchanges (feature `http`) |
//! | [`types`], [`pages`] | views of params and results |
//!
//! Files import each other in one direction: the contract, the exchange, the era's rules, JSON-RPC. A carrier is a room
//! beside the dialogue, such as [`lines`]: it makes [`Incoming`] of what it hears and carries [`Outgoing`]. What
//! a server asks for (sampling, elicitation, roots) is handed out or refused in `exchange/asked.rs`, and what one of
//! the modern era wants before it answers in `exchange/input.rs`; both are answered in the same way.
//!
//! # Feature flags
//! | feature | what it adds |
//! |---|---|
//! | `http` | [`http`](mod@crate::http): the same connection over HTTP, without a socket |
//!
//! # Eras
//!
//! Up to 2025-11-25 a connection is opened by a handshake, `initialize`; from 2026-07-28 on there is none, and
//! each request carries the version and who asks ([`Era`]). [`Options::eras`] says which of them are offered;
//! with both, the server is asked which one it speaks, and callers see no difference. What an era decides is one
//! trait, `Rules` in `era/rules.rs`, with a file of answers for each era; which opening request comes first and
//! what follows from its answer is `era/opening.rs`. In the legacy era a server asks
//! while it is at a call; in the modern one it answers that it wants input, and the call goes out again with it, as one
//! request of its caller (`exchange/input.rs`).
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

mod about;
mod answer;
mod connection;
mod contradiction;
mod delivery;
mod era;
mod error;
mod exchange;
mod features;
#[cfg(feature = "http")]
pub mod http;
mod jsonrpc;
pub mod lines;
mod options;
pub mod pages;
mod request_options;
mod required_input;
mod seldom;
mod server;
mod subscribe;
mod subscriptions;
pub mod text;
pub mod types;

pub use connection::{Cancel, Connection};
pub use contradiction::Contradiction;
pub use delivery::Delivery;
pub use era::error::HandshakeError;
pub use era::offer::HEADER_MISMATCH;
pub use era::versions::{Era, Eras, SUPPORTED_VERSIONS};
pub use error::{CallError, InputError, ProtocolError, RequestError};
pub use exchange::asks::{ErrorAnswer, ServerRequestId};
pub use exchange::events::{Dropped, Event};
pub use exchange::inbound::{Incoming, Oversized};
pub use exchange::outbound::Outgoing;
pub use exchange::unexpected::{Unexpected, UnexpectedKind};
pub use features::ClientFeature;
pub use jsonrpc::error::ServerError;
pub use jsonrpc::id::RequestId;
pub use options::Options;
pub use request_options::RequestOptions;
pub use required_input::RequiredInput;
pub use server::{Offered, Offers, Server};
pub use subscriptions::{SubscriptionEnd, Subscriptions};

/// What README.md shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
