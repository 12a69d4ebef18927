//! A server's pipe, lent to rmcp and taken back when the session says so.
//!
//! rmcp's task keeps its ends for as long as it likes. The runner holds the other handle of each: it closes the
//! server's input at once, also while a write waits for room, and reads on from the output when rmcp no longer does.
//!
//! rmcp takes what it is given until nothing is left. A server that writes faster than that would keep its task, and
//! the thread under it, for seconds: so rmcp is given a turn's worth, and the rest when the runtime has been round.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use futures_io::{AsyncRead, AsyncWrite};
use tokio::io::ReadBuf;

use crate::turn::Turn;
use crate::wire::Wire;

struct Slot<P> {
    pipe: Option<P>,
    /// Who waits for the pipe, to be told when it is gone.
    waker: Option<Waker>,
    /// The other side is gone: what isn't there now never comes.
    last_words: bool,
}

type Shared<P> = Arc<Mutex<Slot<P>>>;

fn lock<P>(shared: &Shared<P>) -> MutexGuard<'_, Slot<P>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The runner's handle of a pipe. Dropping it takes the pipe from rmcp, too.
pub(crate) struct Held<P>(Shared<P>);

/// rmcp's handle of a server's output. Dropping it leaves the pipe to the runner.
pub(crate) struct Reading<P> {
    shared: Shared<P>,
    turn: Turn,
}

/// rmcp's handle of a server's input. Closing or dropping it leaves the pipe to the runner, which lets the server go:
/// one whose input is closed ends, and would be taken for one that ended by itself.
pub(crate) struct Writing<P> {
    shared: Shared<P>,
    /// Told if a write fails.
    wire: Wire,
}

fn share<P>(pipe: P) -> Shared<P> {
    Arc::new(Mutex::new(Slot { pipe: Some(pipe), waker: None, last_words: false }))
}

/// A server's output as its runner and rmcp hold it.
pub(crate) fn output<P>(pipe: P) -> (Held<P>, Reading<P>) {
    let shared = share(pipe);
    (Held(shared.clone()), Reading { shared, turn: Turn::default() })
}

/// A server's input as its runner and rmcp hold it.
pub(crate) fn input<P>(pipe: P, wire: Wire) -> (Held<P>, Writing<P>) {
    let shared = share(pipe);
    (Held(shared.clone()), Writing { shared, wire })
}

impl<P> Held<P> {
    /// Takes the pipe: for rmcp it is closed from here on.
    pub(crate) fn take(&self) -> Option<P> {
        let (pipe, waker) = {
            let mut slot = lock(&self.0);
            (slot.pipe.take(), slot.waker.take())
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        pipe
    }

    /// The other side is gone: rmcp reads what is left, and then comes the end, also if another process still holds
    /// the pipe open.
    pub(crate) fn last_words(&self) {
        let waker = {
            let mut slot = lock(&self.0);
            slot.last_words = true;
            slot.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<P> Drop for Held<P> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

impl<P: AsyncRead + Unpin> tokio::io::AsyncRead for Reading<P> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { shared, turn } = &mut *self;
        let mut slot = lock(shared);
        let Some(pipe) = &mut slot.pipe else {
            return Poll::Ready(Ok(()));
        };
        ready!(turn.poll_begun(cx));
        let space = buffer.initialize_unfilled();
        match Pin::new(pipe).poll_read(cx, space) {
            Poll::Ready(Ok(read)) => {
                turn.count(space.get(..read).unwrap_or_default());
                buffer.advance(read);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending if slot.last_words => Poll::Ready(Ok(())),
            Poll::Pending => {
                turn.end();
                slot.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<P: AsyncWrite + Unpin> tokio::io::AsyncWrite for Writing<P> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut slot = lock(&self.shared);
        let Some(pipe) = &mut slot.pipe else {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::BrokenPipe,
                "the session is over: the server's input was closed",
            )));
        };
        let written = Pin::new(pipe).poll_write(cx, bytes);
        if written.is_pending() {
            slot.waker = Some(cx.waker().clone());
        }
        drop(slot);
        if let Poll::Ready(Err(_)) = written {
            self.wire.set_broken();
        }
        written
    }

    /// Nothing is buffered on this side.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl<P> fmt::Debug for Held<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("open", &lock(&self.0).pipe.is_some()).finish_non_exhaustive()
    }
}
