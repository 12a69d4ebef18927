//! tenure sessions on smol: an MCP client for servers that are child processes or reached over HTTP, a timer, a way to
//! spawn the driver, and a reactor for child processes. With the feature `mcp`, which is on by default, it is all that
//! a host needs to depend on.
//!
//! ```no_run
//! use std::process::Command;
//!
//! use tenure_smol::{KeepAlive, Mode, Options, mcp};
//!
//! # smol::block_on(async {
//! // Nothing is started before the first call.
//! let client = mcp::stdio(Command::new("my-server"), Options::new().keep_alive(KeepAlive::Always));
//! for tool in client.list_tools().await? {
//!     println!("{}", tool.name);
//! }
//! client.shutdown(Mode::Graceful).await;
//! # Ok::<(), tenure_smol::Error>(()) }).unwrap();
//! ```
//!
//! [The guide](https://docs.rs/tenure-guide/latest/tenure_guide/index.html) begins here: a first host in ten
//! minutes, sharing, errors, deadlines, tests, what servers ask and tell, servers over HTTP. [The page of
//! races](https://docs.rs/tenure/latest/tenure/races/index.html) shows what goes wrong without all this.
//!
//! Whole programs are among the examples: `smol-host` (tasks that share a server, a server that dies, Ctrl-C) and `lsp`
//! (a protocol of one's own: a connector for language servers).
//!
//! A child process without a protocol:
//!
//! ```
//! use std::process::Command;
//!
//! use tenure_smol::SmolReactor;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # smol::block_on(async {
//! let child = tenure_process::spawn(&SmolReactor::new(), &mut Command::new("true"), ())?;
//! let (_stdin, _stdout, mut process) = child.split();
//! assert!(process.wait().await?.success());
//! # Ok(()) }) }
//! ```
//!
//! # Feature flags
//! | feature | what it adds |
//! |---|---|
//! | `mcp` (default) | MCP servers that are child processes, and what a host needs of the protocol |
//! | `http` | `mcp::http`, for servers that are reached over HTTP; `SmolNetwork` gives smol's sockets to the client of `tenure-http`, which is `http` here |
//! | `jsonschema` | calls of tools checked against the tools' schemas: `call_tool(..).checked(&tool)` |
//! | `tracing` | a span for each generation of a session, and events, for `tracing`; the pages of `tenure_driver` and `tenure_mcp` say which |

#[cfg(feature = "mcp")]
pub mod mcp;
#[cfg(feature = "http")]
mod network;
mod reactor;
mod spawn;
mod timer;

#[cfg(feature = "http")]
pub use network::SmolNetwork;
pub use reactor::SmolReactor;
#[cfg(unix)]
pub use reactor::SmolWatched;
pub use spawn::{Spawned, spawn};
pub use timer::{SmolSleep, SmolTimer};

/// What a host needs of the protocol and of the session, so that one dependency is enough to begin.
#[cfg(feature = "mcp")]
pub use tenure_mcp::{
    Client, Contradiction, Deadline, Delivery, Error, Failure, Guardian, Lease, Options, Server,
    ServerCommand, ServerEvent, StderrLine, TraceEvent, WeakClient, command, command_with_envs,
};

/// The HTTP client, and what is chosen of it.
#[cfg(feature = "http")]
pub use tenure_http as http;

/// Servers that are reached over HTTP: where, as whom, and how.
#[cfg(feature = "http")]
pub use tenure_http::{Options as HttpOptions, Proxies, Roots};
#[cfg(feature = "http")]
pub use tenure_mcp::{
    Bearer, Challenge, Credential, CredentialRequest, Credentials, CredentialsRefused, Endpoint,
    FixedHeaders, HttpBody, HttpClient, HttpError, HttpErrorKind, HttpFailure, HttpServer, InvalidHeader,
    InvalidUrl, PlainCredentials, Reuse, Secret, Stage,
};

/// What servers ask for and tell, and in which era of the protocol.
#[cfg(feature = "mcp")]
pub use tenure_mcp::proto::ClientFeature;
#[cfg(feature = "mcp")]
pub use tenure_mcp::{
    Era, Eras, Events, HandlerContext, Handlers, Heard, Refusal, SubscriptionEnd, Subscriptions, Unhandled,
    listen,
};

/// What calls give, and what is told.
#[cfg(feature = "mcp")]
pub use tenure_mcp::proto::pages::ToolList;
#[cfg(feature = "mcp")]
pub use tenure_mcp::proto::types::{CallToolResult, Content, LogLevel, Notification, Progress, Tool};

/// All else that the protocol has types for, such as what handlers are given and answer.
#[cfg(feature = "mcp")]
pub use tenure_mcp::proto;

pub use tenure::{Config, Generation, KeepAlive, Mode, Probe, Retry, Status};

/// What README.md shows compiles.
#[cfg(all(doctest, feature = "http"))]
#[doc = include_str!("../README.md")]
mod readme {}
