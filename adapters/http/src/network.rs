//! What a runtime gives: sockets, names, time.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use futures_lite::io::{AsyncRead, AsyncWrite};

/// A connected socket.
pub trait Socket: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// Looks whether something has come, or the end, and reads nothing. Nothing may come on a connection that waits for
    /// its next request, so one that isn't quiet is not used again.
    ///
    /// This asks the system, not the runtime: a runtime that was busy may not have heard of the end yet.
    /// `unix::is_quiet` of this crate does it for anything with a descriptor, `windows::is_quiet` for a socket of
    /// Windows. By default a socket is always quiet, and an end is noticed as far as reading notices it.
    fn is_quiet(&self) -> bool {
        true
    }
}

/// A socket of any kind.
pub type BoxSocket = Box<dyn Socket>;

impl Socket for BoxSocket {
    fn is_quiet(&self) -> bool {
        (**self).is_quiet()
    }
}

/// A runtime's sockets and clock, as an object, so that the client is the same type on each.
///
/// The crates `tenure-tokio` and `tenure-smol` have one each, `TokioNetwork` and `SmolNetwork`, with their feature
/// `http`.
///
/// # Cancel safety
/// A future that is dropped has let go of what it began: no socket stays open.
#[async_trait]
pub trait Network: Send + Sync + 'static {
    /// The time since an origin of its own, never backwards.
    fn now(&self) -> Duration;

    /// Completes when so much time has passed.
    async fn sleep(&self, time: Duration);

    /// The addresses of a name, best first.
    ///
    /// # Errors
    /// The name isn't known, or can't be asked for.
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;

    /// Connects to an address by TCP. Small writes are sent at once (`TCP_NODELAY`), and a peer that is gone without
    /// a word is found out by TCP itself (keep-alive, 30 s): an answer may be silent for hours.
    ///
    /// # Errors
    /// Nobody listens there, or it can't be reached.
    async fn connect(&self, address: SocketAddr) -> io::Result<BoxSocket>;

    /// Connects to a Unix socket.
    ///
    /// # Errors
    /// As those of [`connect`](Self::connect), and always where there are none.
    async fn connect_unix(&self, path: &Path) -> io::Result<BoxSocket>;
}
