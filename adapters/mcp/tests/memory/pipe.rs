//! Pipes in memory, as both sides see them.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures_lite::{AsyncRead, AsyncWrite};

/// One direction of a connection.
#[derive(Default)]
pub(crate) struct Pipe {
    pub(crate) bytes: VecDeque<u8>,
    /// How many bytes it takes; `None`: any number.
    pub(crate) capacity: Option<usize>,
    /// The writing end is gone, or the reading end.
    pub(crate) closed: bool,
    /// Said again and again, without end.
    pub(crate) endless: Option<Vec<u8>>,
    reads: u64,
    /// Nobody else waits for a turn, so more of it may be read.
    pub(crate) is_read_on: bool,
    /// The most that one read gives; `None`: any number.
    pub(crate) piece: Option<usize>,
    waker: Option<Waker>,
}

#[derive(Clone, Default)]
pub(crate) struct End(Arc<Mutex<Pipe>>);

impl End {
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Pipe) -> T) -> T {
        let (result, waker) = {
            let mut pipe = self.0.lock().unwrap();
            (act(&mut pipe), pipe.waker.take())
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        result
    }
}

pub(crate) struct Reader(pub(crate) End);
pub(crate) struct Writer(pub(crate) End);

impl AsyncRead for Reader {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut pipe = self.0.0.lock().unwrap();
        pipe.reads += 1;
        let most = if pipe.is_read_on { 3000 } else { 1000 };
        assert!(pipe.reads < most, "it reads on and on, and lets nobody else have a turn");
        if pipe.bytes.is_empty()
            && let Some(endless) = pipe.endless.clone()
        {
            pipe.bytes.extend(endless);
        }
        if pipe.bytes.is_empty() && !pipe.closed {
            pipe.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let most = pipe.piece.unwrap_or(buffer.len()).min(buffer.len());
        Poll::Ready(io::Read::read(&mut pipe.bytes, &mut buffer[..most]))
    }
}

impl AsyncWrite for Writer {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut pipe = self.0.0.lock().unwrap();
        if pipe.closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let room = pipe.capacity.map_or(usize::MAX, |capacity| capacity.saturating_sub(pipe.bytes.len()));
        if room == 0 {
            pipe.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let length = bytes.len().min(room);
        pipe.bytes.extend(&bytes[..length]);
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.with(|pipe| pipe.closed = true);
        Poll::Ready(Ok(()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.with(|pipe| pipe.closed = true);
    }
}
