//! An HTTP client for MCP servers over any runtime's sockets: HTTP/1.1 by hyper, TLS by rustls.
//!
//! A program on tokio or smol gets it with the feature `http` of `tenure-tokio` or `tenure-smol`, where this crate is
//! the module `http`. What is mostly chosen are the [`Options`]:
//!
//! ```
//! use std::time::Duration;
//!
//! use tenure_smol::SmolNetwork;
//! use tenure_smol::http::{Http, Options, Proxies};
//!
//! let options = Options::new().connect_timeout(Duration::from_secs(5)).proxies(Proxies::none());
//! let http = Http::new(SmolNetwork::new(), options);
//! # let _ = http;
//! ```
//!
//! [`Http`] is an [`HttpClient`](tenure_mcp::HttpClient). It carries requests and answers and means nothing by them:
//!
//! ```
//! # use std::io::{Read as _, Write as _};
//! use bytes::Bytes;
//! use futures_lite::StreamExt as _;
//! use http::Request;
//! use tenure_http::{Http, Options};
//! use tenure_mcp::{HttpClient as _, Reuse};
//! use tenure_smol::SmolNetwork;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
//! # let url = format!("http://{}/hello", listener.local_addr()?);
//! # let server = std::thread::spawn(move || {
//! #     let (mut socket, _) = listener.accept().unwrap();
//! #     assert!(socket.read(&mut [0; 4096]).unwrap() > 0);
//! #     socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").unwrap();
//! # });
//! # smol::block_on(async {
//! let http = Http::new(SmolNetwork::new(), Options::new());
//! let request = Request::get(url).body(Bytes::new())?;
//! let mut answer = http.send(request, Reuse::Any).await.map_err(|failure| failure.to_string())?;
//! assert_eq!(answer.status(), 200);
//! while let Some(piece) = answer.body_mut().next().await {
//!     assert_eq!(piece.map_err(|failure| failure.to_string())?, "hello");
//! }
//! # server.join().unwrap();
//! # Ok(()) }) }
//! ```
//!
//! # What it does
//! * **Nothing is left behind.** There is no task behind a connection: an exchange drives its own, and dropping the
//!   exchange, or the body before its end, closes it. Dropping the client closes those that are idle.
//! * **Connections are used again** when their answer was read to its end, or the rest of it was there already: at most
//!   8 of an origin wait, for at most 4 s, or a second less than the server says (`Keep-Alive: timeout`). Each is
//!   looked at before: one that the server has closed, or on which it says something unasked, costs no request. If one
//!   fails all the same, the others of its origin are closed. [`Reuse::Youngest`](tenure_mcp::Reuse) takes the one that
//!   was used last, if that was within 2 s. Those that are too old are closed at the next request, not before.
//! * **Failures say how far it got** ([`Stage`](tenure_mcp::Stage)): one that is "unwritten" or earlier can't have been
//!   seen by the server, not a byte of it. Their words hold no query, no credentials.
//! * **TLS** with the platform's authorities, or [others](Roots). A certificate that isn't valid is a permanent
//!   failure.
//! * **Proxies** from the environment, or [others](Proxies), never for servers on this machine unless told.
//! * **Unix sockets**, [if asked for](Options::unix_socket).
//! * All addresses of a name are tried, of both families, a slow one not alone (RFC 8305). Connecting has a deadline,
//!   nothing else has: whoever waits for an answer bounds that.
//! * A head has at most 64 KiB and 100 fields.
//!
//! # What it doesn't
//! HTTP/2 (each exchange of MCP would be a stream of it, but it needs tasks and a dozen crates more), redirects,
//! cookies, encodings of bodies (none is asked for), SOCKS, client certificates. A program that needs them brings its
//! own `HttpClient`.
//!
//! # Runtimes
//! [`Network`] is all that is asked of one; the modules `unix` and `windows` help to implement it. hyper depends on the
//! crate `tokio` for its channels on any runtime; no runtime of tokio's is needed or started on smol.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod body;
mod client;
mod conn;
mod connect;
mod failure;
mod io;
mod network;
mod options;
mod origin;
mod pool;
mod proxy;
mod tls;
#[cfg(unix)]
pub mod unix;
#[cfg(windows)]
pub mod windows;

pub use client::Http;
pub use network::{BoxSocket, Network, Socket};
pub use options::Options;
pub use proxy::{InvalidProxy, Proxies};
pub use tls::{InvalidRoots, Roots};

/// What README.md shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
