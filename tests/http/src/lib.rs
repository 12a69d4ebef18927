//! An HTTP server for tests that does what it is told, also what no server should. It speaks MCP over Streamable HTTP,
//! in both eras, correctly by default; a test says which requests are answered otherwise. It lives in the test's own
//! process, on threads of its own, and shares no code with the client; when it is dropped, all of it has ended.
//!
//! It keeps a [`Journal`] of what came, what of it was executed, and what in it no client should send.
//!
//! ```
//! use tenure_http_server::{Reply, Server, Speaks, rpc};
//!
//! let server = Server::start(Speaks::Legacy);
//! // The next call is done, and nobody is told: the connection is reset.
//! server.next(rpc("tools/call"), Reply::raw("").execute().reset());
//! println!("{}", server.url());
//! ```
#![cfg(unix)]

mod connection;
mod gate;
mod journal;
mod matching;
mod output;
mod perform;
mod play;
mod read;
mod reply;
mod room;
mod rules;
mod server;

pub use gate::Gate;
pub use journal::{Execution, Journal, Request};
pub use matching::{Matching, any, http, reply, rpc};
pub use play::{PROTOCOL, Speaks};
pub use reply::Reply;
pub use server::Server;
