//! The body of an answer, which carries its connection along.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_lite::Stream;
use hyper::body::{Body as _, Incoming};
use tenure_mcp::{HttpFailure, Stage};

use crate::conn::Conn;
use crate::failure::{failure, words};
use crate::network::Network;
use crate::pool::Pool;

/// What is left of a body that nobody wants is read up to so many bytes if it is there already; a connection is worth
/// that.
const WORTH: usize = 64 * 1024;

/// Looks at a body that nobody wants, at most: some say nothing but framing.
const LOOKS: usize = 32;

/// Where a connection goes when its exchange is over.
pub(crate) struct Home {
    pub(crate) pool: Arc<Pool>,
    pub(crate) network: Arc<dyn Network>,
    pub(crate) keep: Duration,
}

/// The body, piece by piece. It drives its connection, gives it back at the end, and closes it when dropped before
/// that.
pub(crate) struct Body {
    incoming: Incoming,
    conn: Option<Box<Conn>>,
    home: Home,
    was_reused: bool,
}

impl Body {
    pub(crate) fn new(incoming: Incoming, conn: Box<Conn>, home: Home, was_reused: bool) -> Self {
        Self { incoming, conn: Some(conn), home, was_reused }
    }

    /// A body that is known to be empty needs no reading.
    pub(crate) fn settle(&mut self, cx: &mut Context<'_>) {
        if self.incoming.is_end_stream() {
            self.give_back(cx);
        }
    }

    /// The body is read: the connection may carry another exchange, if both sides mean to.
    fn give_back(&mut self, cx: &mut Context<'_>) {
        let Some(mut conn) = self.conn.take() else { return };
        // Mostly hyper read all of it at once.
        if !conn.is_ready() {
            conn.drive(cx);
        }
        if conn.is_ready() {
            let Home { pool, network, keep } = &self.home;
            pool.give_back(conn, network.now(), *keep);
        }
    }

    fn broken(&mut self, reason: String) -> HttpFailure {
        self.conn = None;
        HttpFailure { was_reused: self.was_reused, ..failure(Stage::Body, reason) }
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpFailure>>> {
        loop {
            let Some(conn) = &mut self.conn else { return Poll::Ready(None) };
            // What hyper has read before needs no look at the socket.
            let mut is_over = false;
            let mut frame = Pin::new(&mut self.incoming).poll_frame(cx);
            if frame.is_pending() {
                conn.drive(cx);
                is_over = conn.is_over();
                frame = Pin::new(&mut self.incoming).poll_frame(cx);
            }
            return Poll::Ready(match frame {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(piece) if !piece.is_empty() => Some(Ok(piece)),
                    // Trailers.
                    _ => continue,
                },
                Poll::Ready(Some(Err(error))) => Some(Err(self.broken(words(&error)))),
                Poll::Ready(None) => {
                    self.give_back(cx);
                    None
                }
                Poll::Pending if is_over => Some(Err(self.broken("the connection is over".to_owned()))),
                Poll::Pending => return Poll::Pending,
            });
        }
    }

    /// Reads what is there of the rest, in the hope that it is the whole of it.
    fn read_rest(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        let mut bytes = 0;
        let mut pending = false;
        for _ in 0..LOOKS {
            match self.poll_piece(&mut cx) {
                Poll::Ready(Some(Ok(piece))) => {
                    bytes += piece.len();
                    if bytes > WORTH {
                        return;
                    }
                    pending = false;
                }
                Poll::Ready(_) => return,
                // hyper reads on only once it was asked for more: the second look is the true one.
                Poll::Pending if pending => return,
                Poll::Pending => pending = true,
            }
        }
    }
}

impl Stream for Body {
    type Item = Result<Bytes, HttpFailure>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_piece(cx)
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.read_rest();
    }
}
