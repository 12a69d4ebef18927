//! Tokio's sockets, for HTTP.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use futures_lite::io::{AsyncRead, AsyncWrite};
use tenure_driver::Timer as _;
use tenure_http::{BoxSocket, Network, Socket};
use tokio::io::ReadBuf;
use tokio::net::TcpStream;

use crate::TokioTimer;

/// Tokio's sockets, names and clock, for the HTTP client of `tenure-http`.
///
/// What uses it runs in a tokio runtime with I/O and time enabled. Names are asked for on its blocking threads.
///
/// ```
/// use tenure_tokio::http::{Http, Options};
/// use tenure_tokio::TokioNetwork;
///
/// let http = Http::new(TokioNetwork::new(), Options::new());
/// # let _ = http;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioNetwork {
    timer: TokioTimer,
}

impl TokioNetwork {
    /// Of the runtime in which it is used.
    pub fn new() -> Self {
        Self { timer: TokioTimer::new() }
    }
}

#[async_trait]
impl Network for TokioNetwork {
    fn now(&self) -> Duration {
        self.timer.now().into()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<BoxSocket> {
        let stream = TcpStream::connect(address).await?;
        #[cfg(unix)]
        tenure_http::unix::tune(&stream);
        #[cfg(windows)]
        tenure_http::windows::tune(&stream);
        #[cfg(not(any(unix, windows)))]
        stream.set_nodelay(true)?;
        Ok(Box::new(TokioSocket(stream)))
    }

    #[cfg(unix)]
    async fn connect_unix(&self, path: &Path) -> io::Result<BoxSocket> {
        Ok(Box::new(TokioSocket(tokio::net::UnixStream::connect(path).await?)))
    }

    #[cfg(not(unix))]
    async fn connect_unix(&self, _: &Path) -> io::Result<BoxSocket> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// A socket of tokio's with futures' byte traits.
struct TokioSocket<S>(S);

impl<S: tokio::io::AsyncRead + Unpin> AsyncRead for TokioSocket<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buf = ReadBuf::new(buf);
        ready!(Pin::new(&mut self.0).poll_read(cx, &mut buf))?;
        Poll::Ready(Ok(buf.filled().len()))
    }
}

impl<S: tokio::io::AsyncWrite + Unpin> AsyncWrite for TokioSocket<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[cfg(unix)]
impl<S> Socket for TokioSocket<S>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + std::os::fd::AsFd + Unpin + Send + 'static,
{
    fn is_quiet(&self) -> bool {
        tenure_http::unix::is_quiet(&self.0)
    }
}

#[cfg(windows)]
impl<S> Socket for TokioSocket<S>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + std::os::windows::io::AsSocket + Unpin + Send + 'static,
{
    fn is_quiet(&self) -> bool {
        tenure_http::windows::is_quiet(&self.0)
    }
}

#[cfg(not(any(unix, windows)))]
impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static> Socket for TokioSocket<S> {}
