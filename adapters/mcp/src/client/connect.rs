//! Makes a client and its driver.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tenure_driver::{Builder, Driver};

use crate::client::Client;
use crate::client::options::Options;
use crate::session::connector::McpConnector;
use crate::session::timer::SessionTimer;
use crate::wire::Transport;

/// Makes a client, and the driver that must be spawned for anything to happen.
///
/// The crates `tenure-tokio` and `tenure-smol` do both in one call, for servers that are child processes.
pub fn connect<T: SessionTimer>(
    options: Options,
    transport: impl Transport,
    timer: T,
) -> (Client, McpDriver<T>) {
    let Options { session, protocol, call_timeout, on_event, trace } = options;
    let builder = Builder::new(session);
    let builder = match trace {
        Some(sink) => builder.trace(sink),
        None => builder,
    };
    let connector = McpConnector { transport: Arc::new(transport), timer: timer.clone(), protocol, on_event };
    let (client, driver) = builder.build(connector, timer);
    (Client::new(client, call_timeout), McpDriver { driver })
}

/// The future that carries an MCP session; see [`Driver`].
///
/// Spawn it on any executor. It ends when the session was shut down, which dropping the last [`Client`]
/// does too. Dropping it ends the session at once: callers get [`Error::Lost`](crate::Error::Lost).
#[must_use = "a session does nothing until its driver is spawned or awaited"]
pub struct McpDriver<T: SessionTimer> {
    driver: Driver<McpConnector<T>, T>,
}

impl<T: SessionTimer> Future for McpDriver<T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.driver).poll(cx)
    }
}

impl<T: SessionTimer> fmt::Debug for McpDriver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.driver.fmt(f)
    }
}
