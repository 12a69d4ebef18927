//! Seeing a child's exit: by a source that a reactor watches, or by a thread that waits for it. The thread sees
//! its stops, too.

use std::io;
use std::marker::PhantomData;
#[cfg(target_os = "linux")]
use std::os::fd::AsFd as _;
use std::task::{Context, Poll};

use rustix::process::Pid;

#[cfg(target_os = "linux")]
use super::source::Source;
#[cfg(target_os = "linux")]
use super::terminal::is_there_a_terminal;
use super::thread::{WatchThread, Whom};
use crate::reactor::{Reactor, Watched};
use crate::sys::parts::Watching;

/// How the exit of one child is seen.
#[derive(Debug)]
pub(super) enum Watch<W> {
    /// A source that ends then. No descriptor tells of a stop: where something may stop the child, a thread
    /// waits for that.
    #[cfg(target_os = "linux")]
    Source(W, Option<WatchThread>),
    /// A thread that waits for it. `W` is for the systems above.
    Thread(WatchThread, PhantomData<fn() -> W>),
}

impl<W> Watch<W> {
    /// The thread that waits for this child already, if one does.
    pub(super) fn thread(&self) -> Option<&WatchThread> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Source(_, thread) => thread.as_ref(),
            Self::Thread(thread, _) => Some(thread),
        }
    }

    /// The thread that is to reap this child when nobody wants it any more, if one waits for it already. One that
    /// `is_dead` needs none, unless it is waited for by its number: that is another's as soon as it is reaped.
    #[cfg_attr(
        not(target_os = "linux"),
        allow(unused_variables, reason = "children are waited for by number there")
    )]
    pub(super) fn reaper(&self, is_dead: impl FnOnce() -> bool) -> Option<&WatchThread> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Source(_, thread) => thread.as_ref().filter(|_| !is_dead()),
            Self::Thread(thread, _) => Some(thread),
        }
    }

    /// Ready with the signal when the child was stopped; each stop once.
    pub(super) fn poll_stopped(&self, cx: &mut Context<'_>) -> Poll<i32> {
        self.thread().map_or(Poll::Pending, |thread| thread.poll_stopped(cx))
    }
}

impl<W: Watched> Watch<W> {
    /// Of a child that `tells_stops` by other means, or that nothing stops, no stop is seen.
    pub(super) fn new<R: Reactor<Watched = W>>(
        reactor: &R,
        pid: Pid,
        watching: Watching,
        tells_stops: bool,
    ) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if watching == Watching::Best
            && let Some(source) = Source::exit(pid)?
        {
            let stops = if !tells_stops && is_there_a_terminal() { watch_stops(&source) } else { None };
            return reactor
                .watch(crate::source::Source::new(source))
                .map(|source| Self::Source(source, stops));
        }
        let _ = (reactor, watching, tells_stops);
        WatchThread::start(Whom::Number(pid)).map(|thread| Self::Thread(thread, PhantomData))
    }

    /// Ready once the child has exited, or was reaped.
    pub(super) fn poll_exited(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Source(source, _) => source.poll_ended(cx),
            Self::Thread(thread, _) => thread.poll_exited(cx).map(Ok),
        }
    }
}

/// A child whose stops can't be seen is still one that can be used.
#[cfg(target_os = "linux")]
fn watch_stops(exit: &Source) -> Option<WatchThread> {
    let pidfd = exit.as_fd().try_clone_to_owned().ok()?;
    WatchThread::start(Whom::Descriptor(pidfd)).ok()
}
