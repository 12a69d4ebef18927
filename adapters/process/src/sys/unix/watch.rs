//! Seeing a child's exit: by a source that a reactor watches, or by a thread that waits for it.

use std::io;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use rustix::process::Pid;

use super::super::Watching;
use super::exit::block_until_exit;
use super::leader::Unreaped;
#[cfg(target_os = "linux")]
use super::source::Source;
use crate::reactor::{Reactor, Watched};

/// How the exit of one child is seen.
#[derive(Debug)]
pub(super) enum Watch<W> {
    /// A source that ends then.
    #[cfg(target_os = "linux")]
    Source(W),
    /// A thread that waits for it. `W` is for the systems above.
    Thread(WatchThread, PhantomData<fn() -> W>),
}

impl<W: Watched> Watch<W> {
    pub(super) fn new<R: Reactor<Watched = W>>(
        reactor: &R,
        pid: Pid,
        watching: Watching,
    ) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if watching == Watching::Best
            && let Some(source) = Source::exit(pid)?
        {
            return reactor.watch(crate::Source::new(source)).map(Self::Source);
        }
        let _ = (reactor, watching);
        WatchThread::start(pid).map(|thread| Self::Thread(thread, PhantomData))
    }

    /// Ready once the child has exited, or was reaped.
    pub(super) fn poll_exited(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Source(source) => source.poll_ended(cx),
            Self::Thread(thread, _) => thread.poll_exited(cx).map(Ok),
        }
    }
}

/// A thread that waits for one child, does not reap it, and ends.
#[derive(Debug)]
pub(super) struct WatchThread(Arc<Mutex<Shared>>);

#[derive(Debug, Default)]
struct Shared {
    exited: bool,
    waker: Option<Waker>,
    /// A child whose handle was dropped: the thread reaps it.
    unreaped: Option<Unreaped>,
}

impl WatchThread {
    fn start(pid: Pid) -> io::Result<Self> {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let theirs = Arc::clone(&shared);
        thread::Builder::new().name("tenure-watch".into()).spawn(move || {
            // The one error there is says that there is no such child: that one has exited, too.
            let _ = block_until_exit(pid);
            let (waker, unreaped) = {
                let mut shared = lock(&theirs);
                shared.exited = true;
                (shared.waker.take(), shared.unreaped.take())
            };
            if let Some(unreaped) = unreaped {
                unreaped.reap_blocking();
            }
            if let Some(waker) = waker {
                waker.wake();
            }
        })?;
        Ok(Self(shared))
    }

    fn poll_exited(&self, cx: &mut Context<'_>) -> Poll<()> {
        // Wakers are cloned and dropped outside the lock: they are anybody's code.
        let mut waker = Some(cx.waker().clone());
        let mut shared = lock(&self.0);
        let exited = shared.exited;
        if !exited {
            std::mem::swap(&mut shared.waker, &mut waker);
        }
        drop(shared);
        drop(waker);
        if exited { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Kills the group and has the thread reap the leader; reaps it here if the thread has seen its exit.
    pub(super) fn kill_and_reap(&self, unreaped: Unreaped) {
        unreaped.kill();
        let mut unreaped = Some(unreaped);
        let mut shared = lock(&self.0);
        if !shared.exited {
            std::mem::swap(&mut shared.unreaped, &mut unreaped);
        }
        drop(shared);
        if let Some(unreaped) = unreaped {
            unreaped.reap_blocking();
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
