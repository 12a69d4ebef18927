//! An async client of the Model Context Protocol on the tenure driver, independent of any runtime.
//!
//! ```
//! use tenure_mcp::{Client, Error};
//!
//! /// The client is one of `tenure_tokio::mcp::stdio` or `tenure_smol::mcp::stdio`. Share clones of it.
//! async fn tools(client: &Client) -> Result<Vec<String>, Error> {
//!     let lease = client.acquire().await?; // starts the server, or joins who is starting it
//!     let tools = lease.list_tools().await?;
//!     Ok(tools.into_iter().map(|tool| tool.name.into()).collect())
//! }
//!
//! /// Asks again, on a new connection, if that may help. To list tools twice does no harm; of other calls
//! /// `Error::delivery` says whether they may have been done already.
//! async fn tools_again(client: &Client) -> Result<Vec<String>, Error> {
//!     match tools(client).await {
//!         Err(error) if error.is_retryable() => tools(client).await,
//!         result => result,
//!     }
//! }
//! # let _ = tools_again;
//! ```
//!
//! [`Client`] is shared by tasks: it starts the server at the first use, gives [`Lease`]s, ends it in
//! order, and starts it again after it was lost. [`connect`] takes any [`Transport`] and any timer; the
//! crates `tenure-tokio` and `tenure-smol` have `mcp::stdio`, which does it all for a child process, and whole hosts as
//! examples.
//!
//! * A call ends with a typed [`Error`] the moment its session is closed or lost, and is never done
//!   twice by itself.
//! * JSON passes through as it is: results keep their raw text beside the typed view.
//! * What servers offer has methods with types on both: tools, resources, prompts, completion. Each call may have a
//!   deadline, an idle time and a listener for its [progress](Call::progress) of its own.
//! * What servers ask for (sampling, elicitation, roots) is answered by the program's [`Handlers`]; what is not offered
//!   is not announced. Of what servers are to tell is a [wish](Client::subscribe), made again on each connection.
//! * Which [`Era`] of the protocol a server speaks is found out and remembered; programs see no difference.
//! * The reader never waits for the writer: a server that stops reading can still be heard, and closed.
//!
//! [The guide](https://docs.rs/tenure-guide/latest/tenure_guide/index.html) begins with a first host;
//! [its sixth chapter](https://docs.rs/tenure-guide/latest/tenure_guide/chapter_6/index.html) is about handlers,
//! progress, subscriptions and eras. [The page of races](https://docs.rs/tenure/latest/tenure/races/index.html) shows
//! what goes wrong without all this.
//!
//! # Feature flags
//! | feature | what it adds |
//! |---|---|
//! | `http` | servers that are reached over HTTP, by an [`HttpClient`] of the program's choice |
//! | `jsonschema` | calls of tools checked against the tools' schemas (`call_tool(..).checked(&tool)`), with some 50 crates more |
//! | `testing` | a scripted server in memory, for the tests of programs that use this crate |
//! | `tracing` | spans and events for `tracing`, see below |
//!
//! With `tracing`, which is off by default, each generation has a span, as [`tenure_driver`] describes; once the server
//! is connected, it has its `server.name`, `server.version`, `server.protocol` and `server.pid`. To the driver's events
//! come some with the target `tenure_mcp`:
//!
//! | level | what |
//! |---|---|
//! | warn | the server breaks the protocol, or says more than is kept; it asks for what no handler answers |
//! | info | connected; a handshake that failed |
//! | debug | each call when it is over: method, generation, time and outcome, in the span of its caller; notifications; what the server asks for when it is over: method, time and outcome |
//!
//! **Nothing secret**: no arguments and no results, no params, no messages of errors (their codes are), nothing of the
//! server's command or environment but the program where it can't be started, and nothing of its standard error.
//! What a [`Transport`] of yours says in its errors is told, unless it makes them
//! [`confidential`](Failure::confidential).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod client;
mod contradiction;
mod error;
mod handlers;
#[cfg(feature = "jsonschema")]
mod schema;
mod session;
mod spans;
#[cfg(feature = "testing")]
pub mod testing;
mod wire;

pub use client::call::{Call, CallResult, CallTool, Complete, GetPrompt, ReadResource};
#[cfg(feature = "jsonschema")]
pub use client::checked::CheckedCall;
pub use client::connect::{McpDriver, connect};
pub use client::in_progress::InProgress;
pub use client::lease::Lease;
pub use client::listening::{Events, Heard, listen};
pub use client::listing::Listing;
pub use client::notify::Notify;
pub use client::options::Options;
pub use client::page_stream::PageStream;
pub use client::request::Request;
pub use client::watch::{Close, States};
pub use client::{Client, WeakClient};
pub use contradiction::Contradiction;
pub use error::{Deadline, Delivery, Error};
pub use handlers::context::HandlerContext;
pub use handlers::handler::Handlers;
pub use handlers::refusal::Refusal;
pub use handlers::unhandled::Unhandled;
#[cfg(feature = "jsonschema")]
pub use schema::{SchemaError, ToolSchema, Violation};
pub use session::events::ServerEvent;
pub use session::timer::SessionTimer;
#[cfg(feature = "http")]
pub use wire::http::client::{HttpBody, HttpClient};
#[cfg(feature = "http")]
pub use wire::http::credentials::{
    Bearer, Credential, CredentialRequest, Credentials, CredentialsRefused, FixedHeaders, InvalidHeader,
    Secret,
};
#[cfg(feature = "http")]
pub use wire::http::transport::{HttpServer, HttpTransport, PlainCredentials};
pub use wire::stderr::{StderrLine, StderrTail};
pub use wire::stdio::command::ServerCommand;
pub use wire::stdio::{ServerEnded, ServerStopped, Stdio};
pub use wire::{Carrier, Linger, Peer, Received, Transport, Wire};

pub use tenure_driver::{Failure, TraceEvent};
pub use tenure_mcp_proto as proto;
#[cfg(feature = "http")]
pub use tenure_mcp_proto::http::{
    Challenge, Endpoint, Failure as HttpFailure, HttpError, HttpErrorKind, InvalidUrl, Reuse, Stage,
};
pub use tenure_mcp_proto::{Era, Eras, Server, SubscriptionEnd, Subscriptions};
pub use tenure_process::guardian::Guardian;
pub use tenure_process::{command, command_with_envs};

/// What README.md shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
