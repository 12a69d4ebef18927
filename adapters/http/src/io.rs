//! A socket as hyper wants it, and what is known of it meanwhile.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use futures_lite::io::{AsyncRead, AsyncWrite};
use futures_rustls::client::TlsStream;
use hyper::rt::{Read, ReadBufCursor, Write};

use crate::network::{BoxSocket, Socket};

/// So much is read at once.
const PIECE: usize = 16 * 1024;

/// Whether anything was written to a socket since it was last forgotten, and whether it is only looked at now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    is_written: AtomicBool,
    is_looked_at: AtomicBool,
}

impl Notes {
    /// A new exchange begins: nothing of it is written.
    pub(crate) fn forget(&self) {
        self.0.is_written.store(false, Ordering::Relaxed);
    }

    /// Returns whether the system took any byte since. Of what TLS keeps for later, none.
    pub(crate) fn is_written(&self) -> bool {
        self.0.is_written.load(Ordering::Relaxed)
    }

    /// While this is said, anything but quiet is read as the end.
    pub(crate) fn look(&self, looks: bool) {
        self.0.is_looked_at.store(looks, Ordering::Relaxed);
    }

    fn is_looked_at(&self) -> bool {
        self.0.is_looked_at.load(Ordering::Relaxed)
    }
}

/// The socket itself, below TLS: notes what is written.
pub(crate) struct Noted {
    socket: BoxSocket,
    notes: Notes,
}

impl Noted {
    pub(crate) fn new(socket: BoxSocket, notes: Notes) -> Self {
        Self { socket, notes }
    }

    fn note(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(written, Poll::Ready(Ok(bytes)) if bytes > 0) {
            self.notes.0.is_written.store(true, Ordering::Relaxed);
        }
        written
    }
}

impl Socket for Noted {
    fn is_quiet(&self) -> bool {
        self.socket.is_quiet()
    }
}

impl AsyncRead for Noted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl AsyncWrite for Noted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, buf);
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, bufs);
        self.note(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_close(cx)
    }
}

impl Socket for TlsStream<BoxSocket> {
    /// What TLS says between two requests (a ticket, a change of keys, its end) counts as noise: a connection less is
    /// used again, which costs a handshake and no call.
    fn is_quiet(&self) -> bool {
        self.get_ref().0.is_quiet()
    }
}

/// What hyper reads and writes.
pub(crate) struct HyperIo {
    socket: BoxSocket,
    notes: Notes,
    // hyper's buffer can't be lent out as plain bytes without unsafe code.
    piece: Box<[u8]>,
}

impl HyperIo {
    pub(crate) fn new(socket: BoxSocket, notes: Notes) -> Self {
        Self { socket, notes, piece: vec![0; PIECE].into_boxed_slice() }
    }
}

impl Read for HyperIo {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.notes.is_looked_at() && !this.socket.is_quiet() {
            return Poll::Ready(Ok(()));
        }
        let most = buf.remaining().min(this.piece.len());
        let room = this.piece.get_mut(..most).unwrap_or_default();
        let bytes = ready!(Pin::new(&mut this.socket).poll_read(cx, room))?;
        buf.put_slice(room.get(..bytes).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl Write for HyperIo {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, buf)
    }

    fn is_write_vectored(&self) -> bool {
        false
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_close(cx)
    }
}
