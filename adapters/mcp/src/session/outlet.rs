//! The half of a wire that sends, where it works without the half that receives.
//!
//! It has one owner at any time: whoever has something to send takes it out of the
//! [channel](super::channel::Channel), sends without any lock, and puts it back when nothing waits to be sent any more:
//! both is seen under one lock, so that no message stays behind. So a call is written by its caller, and the runner is
//! not woken for it. What the wire doesn't take at once is left to the runner, which waits for room: nothing of it is
//! in the caller's future, which may be dropped at any time.
//!
//! The package tests/concurrency compiles this file by itself: it imports nothing of this crate.

use std::mem;
use std::task::{Context, Poll};

use tenure_driver::Failure;
use tenure_mcp_proto::{Outgoing, RequestId};

/// Sends messages, one after the other.
pub(crate) trait Outlet: Send {
    /// Takes a message; to be called when what it took before is [flushed](Self::poll_flush).
    fn send(&mut self, message: Outgoing);

    /// Completes when what was taken is sent.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>>;

    /// The request that was taken last, if it is certain that the server did not get it, or not the whole of it.
    fn unsent(&self) -> Option<RequestId>;

    /// See [`Carrier::close`](crate::wire::Carrier::close).
    fn close(&mut self, cx: &mut Context<'_>);
}

/// Where the outlet of a channel is.
#[derive(Default)]
pub(crate) enum Place {
    /// There is none here: the runner sends by other means.
    #[default]
    Elsewhere,
    /// Nobody sends.
    Free(Box<dyn Outlet>),
    /// Somebody sends, and puts it back when nothing waits any more.
    Taken,
    /// The wire took a part of what it was given: the runner waits for room.
    Full(Box<dyn Outlet>),
    /// The wire takes nothing more.
    Broken(Box<dyn Outlet>),
    /// It was closed, or is when whoever has it puts it back.
    Closed,
}

impl Place {
    pub(crate) fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Elsewhere)
    }

    pub(crate) fn is_free(&self) -> bool {
        matches!(self, Self::Free(_))
    }

    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Takes it, to send. To be called if it is [free](Self::is_free) or [full](Self::is_full), which are the places
    /// where it may be.
    pub(crate) fn take(&mut self) -> Option<Box<dyn Outlet>> {
        if self.is_free() || self.is_full() { mem::replace(self, Self::Taken).into_outlet() } else { None }
    }

    /// Puts it back. One that was closed meanwhile is handed back, to be closed.
    pub(crate) fn put(&mut self, place: Self) -> Option<Box<dyn Outlet>> {
        if matches!(self, Self::Closed) {
            return place.into_outlet();
        }
        *self = place;
        None
    }

    /// Nothing more is sent. Returns the outlet, unless somebody has it, who closes it then.
    pub(crate) fn close(&mut self) -> Option<Box<dyn Outlet>> {
        mem::replace(self, Self::Closed).into_outlet()
    }

    fn into_outlet(self) -> Option<Box<dyn Outlet>> {
        match self {
            Self::Free(outlet) | Self::Full(outlet) | Self::Broken(outlet) => Some(outlet),
            Self::Elsewhere | Self::Taken | Self::Closed => None,
        }
    }
}

/// How sending failed.
pub(crate) struct SendFailed {
    pub(crate) failure: Failure,
    /// See [`Outlet::unsent`].
    pub(crate) unsent: Option<RequestId>,
}
