//! A network whose clock, names and sockets are the test's.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use futures_lite::future::poll_fn;
use futures_lite::io::{AsyncRead, AsyncWrite};
use tenure_http::{BoxSocket, Http, Network, Options, Socket};

use crate::support::Net;

/// What the test sets, and sees.
#[derive(Clone, Default)]
pub(crate) struct Rig {
    pub(crate) ahead: Arc<AtomicU64>,
    /// What any name stands for; an error without.
    pub(crate) addresses: Vec<SocketAddr>,
    /// These never answer.
    pub(crate) silent: Vec<SocketAddr>,
    /// Nothing that sleeps wakes up before the test says so.
    pub(crate) is_held: bool,
    pub(crate) is_let_go: Arc<AtomicBool>,
    pub(crate) is_broken: Arc<AtomicBool>,
    pub(crate) tried: Arc<Mutex<Vec<SocketAddr>>>,
}

impl Rig {
    pub(crate) fn client(&self, net: Net, options: Options) -> Http {
        Http::new(Rigged { net: net.network(), rig: self.clone() }, options)
    }

    /// So much time passes.
    pub(crate) fn pass(&self, time: Duration) {
        self.ahead.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }

    /// With deadlines that pass when they are [let go](Self::let_go), and not before.
    pub(crate) fn holding() -> Self {
        Self { is_held: true, ..Self::default() }
    }

    /// All deadlines pass.
    pub(crate) fn let_go(&self) {
        self.is_let_go.store(true, Ordering::Relaxed);
    }

    /// The next write fails, without anything that could have been seen before.
    pub(crate) fn break_writing(&self) {
        self.is_broken.store(true, Ordering::Relaxed);
    }

    /// The addresses that were tried, in order.
    pub(crate) fn tried(&self) -> Vec<SocketAddr> {
        self.tried.lock().unwrap().clone()
    }
}

struct Rigged {
    net: Box<dyn Network>,
    rig: Rig,
}

#[async_trait]
impl Network for Rigged {
    fn now(&self) -> Duration {
        self.net.now() + Duration::from_millis(self.rig.ahead.load(Ordering::Relaxed))
    }

    async fn sleep(&self, time: Duration) {
        if self.rig.is_held {
            let is_let_go = || self.rig.is_let_go.load(Ordering::Relaxed);
            poll_fn(|_| if is_let_go() { Poll::Ready(()) } else { Poll::Pending }).await;
        } else {
            self.net.sleep(time).await;
        }
    }

    async fn resolve(&self, _: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
        if self.rig.addresses.is_empty() {
            return Err(io::Error::other("no such name"));
        }
        Ok(self.rig.addresses.clone())
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<BoxSocket> {
        self.rig.tried.lock().unwrap().push(address);
        if self.rig.silent.contains(&address) {
            std::future::pending::<()>().await;
        }
        let socket = self.net.connect(address).await?;
        Ok(Box::new(Fragile { socket, is_broken: self.rig.is_broken.clone() }))
    }

    async fn connect_unix(&self, path: &Path) -> io::Result<BoxSocket> {
        self.net.connect_unix(path).await
    }
}

struct Fragile {
    socket: BoxSocket,
    is_broken: Arc<AtomicBool>,
}

impl Socket for Fragile {
    fn is_quiet(&self) -> bool {
        self.socket.is_quiet()
    }
}

impl AsyncRead for Fragile {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl AsyncWrite for Fragile {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_broken.swap(false, Ordering::Relaxed) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.socket).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_close(cx)
    }
}
