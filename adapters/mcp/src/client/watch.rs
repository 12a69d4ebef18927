//! What watches a session: its states, and the end of a close.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_lite::Stream;
use tenure::{Generation, Status};

use crate::session::handle::Handle;

/// Waits for the end of a close. See [`Client::close`](crate::Client::close).
///
/// # Cancel safety
/// Dropping it interrupts nothing: the close goes on.
#[derive(Debug)]
pub struct Close(pub(crate) tenure_driver::Close<Handle>);

impl Close {
    /// The generation whose end it waits for; `None`: done already.
    pub const fn generation(&self) -> Option<Generation> {
        self.0.generation()
    }
}

impl Future for Close {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}

/// The session's state now and after each change, the latest only; it ends after [`Status::Closed`].
///
/// A reader that is slow skips states. It doesn't keep the session open.
///
/// # Cancel safety
/// No state that would be the latest is lost when a `next()` of it is dropped.
#[must_use = "streams do nothing unless polled"]
pub struct States(pub(crate) tenure_driver::States<Handle>);

impl Stream for States {
    type Item = Status;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Status>> {
        Pin::new(&mut self.0).poll_next(cx)
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
