//! An MCP server in memory, for the tests of a program that uses this crate (feature `testing`).
//!
//! [`MemoryServer`] is scripted with closures. Its [`transport`](MemoryServer::transport) takes the place of the real
//! one, so the client under test is the real client: handshake, leases, deadlines, teardown. There is no process, no
//! runtime and no thread, and nothing sleeps. What is slow, [waits until the test says so](MemoryServer::hold).
//!
//! It is a feature and not a crate of its own because it needs nothing that this crate doesn't have already, and its
//! version must be that of the [`Transport`](crate::Transport) it brings. Switch it on where the tests are:
//!
//! ```toml
//! [dev-dependencies]
//! # Until it is published: a path, see README.md of the project.
//! tenure-mcp = { version = "0.1", features = ["testing"] }
//! ```
//!
//! # Examples
//! On tokio or smol, with the runtime's timer (`TokioTimer::new()`, `SmolTimer::new()`) in place of [`StoppedClock`],
//! spawn the driver. Here both run on one plain `block_on`:
//!
//! ```
//! use futures_lite::future::{block_on, zip};
//! use serde_json::json;
//! use tenure_mcp::testing::{MemoryServer, StoppedClock};
//! use tenure_mcp::{Client, Delivery, Error, Options};
//!
//! /// What is tested.
//! async fn count_tools(client: &Client) -> Result<usize, Error> {
//!     Ok(client.list_tools().await?.items.len())
//! }
//!
//! let server = MemoryServer::new()
//!     .tool("greet", |_| "hello")
//!     .tool("add", |arguments| json!({ "sum": arguments["a"].as_i64().unwrap() + arguments["b"].as_i64().unwrap() }));
//! let (client, driver) = tenure_mcp::connect(Options::new(), server.transport(), StoppedClock);
//!
//! let test = async move {
//!     assert_eq!(count_tools(&client).await?, 2);
//!     assert_eq!(server.connections(), 1);
//!
//!     // The server dies under a call, which is with the server already.
//!     let held = server.hold("tools/call");
//!     let call = async { client.call_tool("greet", ()).await };
//!     let death = async {
//!         held.arrived(1).await;
//!         server.die("out of memory");
//!     };
//!     let (result, ()) = zip(call, death).await;
//!     assert_eq!(result.unwrap_err().delivery(), Delivery::Unknown);
//!     drop(held);
//!
//!     // The next call is on the next connection.
//!     assert_eq!(count_tools(&client).await?, 2);
//!     assert_eq!(server.connections(), 2);
//!     Ok::<(), Error>(()) // drops the client, and the driver ends
//! };
//! block_on(zip(test, driver)).0.unwrap();
//! ```

//!
//! What is asked besides tools is answered by [`method`](MemoryServer::method), and
//! [`progress`](MemoryServer::progress) tells how far a held call is:
//!
//! ```
//! use futures_lite::future::{block_on, zip};
//! use serde_json::json;
//! use tenure_mcp::testing::{Answer, MemoryServer, StoppedClock};
//! use tenure_mcp::{Error, Options};
//!
//! let server = MemoryServer::new()
//!     .method("resources/list", |_| Answer::result(json!({ "resources": [{ "uri": "a:b", "name": "b" }] })))
//!     .tool("index", |_| "done");
//! let (client, driver) = tenure_mcp::connect(Options::new(), server.transport(), StoppedClock);
//! let test = async move {
//!     assert_eq!(client.list_resources().await?[0].uri, "a:b");
//!
//!     let held = server.hold("tools/call");
//!     let mut call = client.call_tool("index", ()).with_progress();
//!     let progress = async {
//!         held.arrived(1).await;
//!         server.progress("tools/call", 1.0, Some(4.0));
//!     };
//!     let (told, ()) = zip(call.next(), progress).await;
//!     assert_eq!(told.and_then(|progress| progress.fraction()), Some(0.25));
//!     drop(held);
//!     assert_eq!(call.result().await?.text(), "done");
//!     Ok::<(), Error>(())
//! };
//! block_on(zip(test, driver)).0.unwrap();
//! ```

mod answer;
mod asked;
mod clock;
mod held;
mod script;
mod server;
mod state;
mod wire;

pub use answer::Answer;
pub use asked::{Asked, ClientAnswer};
pub use clock::StoppedClock;
pub use held::Held;
pub use server::MemoryServer;
