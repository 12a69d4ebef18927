//! Seeing a child's exit: by a pidfd, or by a thread that waits for it.

use std::io;
#[cfg(not(target_os = "linux"))]
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use rustix::process::Pid;

use super::super::Watching;
use super::leader::{Leader, Unreaped, wait_without_reaping};
use crate::reactor::{AsyncFd, Reactor};

/// How the exit of one child is seen.
#[derive(Debug)]
pub(super) enum Watch<F> {
    /// A descriptor that becomes readable then.
    #[cfg(target_os = "linux")]
    Pidfd(F),
    /// A thread that waits for it.
    Thread(WatchThread),
    /// Never made: `F` is for the systems above.
    #[cfg(not(target_os = "linux"))]
    #[allow(dead_code, reason = "holds the parameter where there is no pidfd")]
    Nothing(std::convert::Infallible, PhantomData<fn() -> F>),
}

impl<F: AsyncFd> Watch<F> {
    pub(super) fn new<R: Reactor<Fd = F>>(reactor: &R, pid: Pid, watching: Watching) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if watching == Watching::Best
            && let Some(pidfd) = open_pidfd(pid)?
        {
            return reactor.register(pidfd).map(Self::Pidfd);
        }
        let _ = (reactor, watching);
        WatchThread::start(pid).map(Self::Thread)
    }

    /// Ready once the leader has exited or is reaped.
    pub(super) fn poll_exited(&self, leader: &Leader, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            // A pidfd is never read: whether it is ready is for the child to say.
            #[cfg(target_os = "linux")]
            Self::Pidfd(fd) => fd
                .poll_read_with(cx, &mut |_| match leader.has_exited() {
                    Ok(true) => Ok(0),
                    Ok(false) => Err(io::ErrorKind::WouldBlock.into()),
                    Err(error) => Err(error),
                })
                .map_ok(drop),
            Self::Thread(thread) => {
                let _ = leader;
                thread.poll_exited(cx).map(Ok)
            }
            #[cfg(not(target_os = "linux"))]
            Self::Nothing(never, _) => match *never {},
        }
    }
}

/// `None` where there is no such thing: an old kernel, or a sandbox that doesn't know it.
#[cfg(target_os = "linux")]
fn open_pidfd(pid: Pid) -> io::Result<Option<std::os::fd::OwnedFd>> {
    use rustix::io::Errno;
    use rustix::process::{PidfdFlags, pidfd_open};

    match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(pidfd) => Ok(Some(pidfd)),
        // A thread would be one more thing that there is no room for.
        Err(errno @ (Errno::MFILE | Errno::NFILE | Errno::NOMEM)) => Err(errno.into()),
        Err(_) => Ok(None),
    }
}

/// A thread that waits for one child, does not reap it, and ends.
#[derive(Debug)]
pub(super) struct WatchThread(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    exited: bool,
    waker: Option<Waker>,
    /// A child whose handle was dropped: the thread reaps it.
    given: Option<Unreaped>,
}

impl WatchThread {
    fn start(pid: Pid) -> io::Result<Self> {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let theirs = Arc::clone(&seen);
        thread::Builder::new().name("tenure-watch".into()).spawn(move || {
            wait_without_reaping(pid);
            let (waker, given) = {
                let mut seen = lock(&theirs);
                seen.exited = true;
                (seen.waker.take(), seen.given.take())
            };
            if let Some(unreaped) = given {
                unreaped.finish();
            }
            if let Some(waker) = waker {
                waker.wake();
            }
        })?;
        Ok(Self(seen))
    }

    fn poll_exited(&self, cx: &mut Context<'_>) -> Poll<()> {
        // Wakers are cloned and dropped outside the lock: they are anybody's code.
        let mut waker = Some(cx.waker().clone());
        let mut seen = lock(&self.0);
        let exited = seen.exited;
        if !exited {
            std::mem::swap(&mut seen.waker, &mut waker);
        }
        drop(seen);
        drop(waker);
        if exited { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Kills the group and has the thread reap the leader; it does so here if that won't block.
    pub(super) fn give(&self, unreaped: Unreaped) {
        unreaped.kill();
        let mut given = Some(unreaped);
        let mut seen = lock(&self.0);
        if !seen.exited {
            std::mem::swap(&mut seen.given, &mut given);
        }
        drop(seen);
        if let Some(unreaped) = given {
            unreaped.finish();
        }
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
