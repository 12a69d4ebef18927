//! Smol's sockets, for HTTP.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use futures_lite::io::{AsyncRead, AsyncWrite};
use smol::net::TcpStream;
use tenure_driver::Timer as _;
use tenure_http::{BoxSocket, Network, Socket};

use crate::SmolTimer;

/// Smol's sockets, names and clock, for the HTTP client of `tenure-http`.
///
/// Names are asked for on smol's blocking threads.
///
/// ```
/// use tenure_smol::http::{Http, Options};
/// use tenure_smol::SmolNetwork;
///
/// let http = Http::new(SmolNetwork::new(), Options::new());
/// # let _ = http;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SmolNetwork {
    timer: SmolTimer,
}

impl SmolNetwork {
    /// With a clock that begins now.
    pub fn new() -> Self {
        Self { timer: SmolTimer::new() }
    }
}

#[async_trait]
impl Network for SmolNetwork {
    fn now(&self) -> Duration {
        self.timer.now().into()
    }

    async fn sleep(&self, time: Duration) {
        smol::Timer::after(time).await;
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        smol::net::resolve((host, port)).await
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<BoxSocket> {
        let stream = TcpStream::connect(address).await?;
        #[cfg(unix)]
        tenure_http::unix::tune(&stream);
        #[cfg(windows)]
        tenure_http::windows::tune(&stream);
        #[cfg(not(any(unix, windows)))]
        stream.set_nodelay(true)?;
        Ok(Box::new(SmolSocket(stream)))
    }

    #[cfg(unix)]
    async fn connect_unix(&self, path: &Path) -> io::Result<BoxSocket> {
        Ok(Box::new(SmolSocket(smol::net::unix::UnixStream::connect(path).await?)))
    }

    #[cfg(not(unix))]
    async fn connect_unix(&self, _: &Path) -> io::Result<BoxSocket> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// A socket that can be looked at.
struct SmolSocket<S>(S);

impl<S: AsyncRead + Unpin> AsyncRead for SmolSocket<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for SmolSocket<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

#[cfg(unix)]
impl<S: AsyncRead + AsyncWrite + std::os::fd::AsFd + Unpin + Send + 'static> Socket for SmolSocket<S> {
    fn is_quiet(&self) -> bool {
        tenure_http::unix::is_quiet(&self.0)
    }
}

#[cfg(windows)]
impl<S> Socket for SmolSocket<S>
where
    S: AsyncRead + AsyncWrite + std::os::windows::io::AsSocket + Unpin + Send + 'static,
{
    fn is_quiet(&self) -> bool {
        tenure_http::windows::is_quiet(&self.0)
    }
}

#[cfg(not(any(unix, windows)))]
impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Socket for SmolSocket<S> {}
