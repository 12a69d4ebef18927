//! A thread that waits for one child.

use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use rustix::process::{Pid, WaitId};

use super::exit::{Change, block_until_change};
use super::leader::Unreaped;

/// For whom a thread waits.
#[derive(Debug)]
pub(super) enum Whom {
    /// A child of which this is the number, while it isn't reaped.
    Number(Pid),
    /// A child whatever its number means later.
    #[cfg(target_os = "linux")]
    Descriptor(OwnedFd),
}

/// A thread that waits for one child, does not reap it, and ends with it.
#[derive(Debug)]
pub(super) struct WatchThread(Arc<Mutex<Shared>>);

#[derive(Debug, Default)]
struct Shared {
    exited: bool,
    on_exit: Option<Waker>,
    /// The latest stop that nobody has been told of.
    stop: Option<i32>,
    on_stop: Option<Waker>,
    /// A child whose handle was dropped: the thread reaps it.
    unreaped: Option<Unreaped>,
}

impl WatchThread {
    pub(super) fn start(whom: Whom) -> io::Result<Self> {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let theirs = Arc::clone(&shared);
        thread::Builder::new().name("tenure-watch".into()).spawn(move || watch(&whom, &theirs))?;
        Ok(Self(shared))
    }

    pub(super) fn poll_exited(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll(cx, |shared| shared.exited.then_some(()), |shared| &mut shared.on_exit)
    }

    pub(super) fn poll_stopped(&self, cx: &mut Context<'_>) -> Poll<i32> {
        self.poll(cx, |shared| shared.stop.take(), |shared| &mut shared.on_stop)
    }

    fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        look: impl FnOnce(&mut Shared) -> Option<T>,
        place: impl FnOnce(&mut Shared) -> &mut Option<Waker>,
    ) -> Poll<T> {
        // Wakers are cloned and dropped outside the lock: they are anybody's code.
        let mut waker = Some(cx.waker().clone());
        let mut shared = lock(&self.0);
        let seen = look(&mut shared);
        if seen.is_none() {
            std::mem::swap(place(&mut shared), &mut waker);
        }
        drop(shared);
        drop(waker);
        seen.map_or(Poll::Pending, Poll::Ready)
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

/// What the thread does.
fn watch(whom: &Whom, shared: &Mutex<Shared>) {
    let whom = match whom {
        Whom::Number(pid) => WaitId::Pid(*pid),
        #[cfg(target_os = "linux")]
        Whom::Descriptor(pidfd) => WaitId::PidFd(pidfd.as_fd()),
    };
    while let Change::Stopped(signal) = block_until_change(&whom) {
        let waker = {
            let mut shared = lock(shared);
            shared.stop = Some(signal);
            shared.on_stop.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
    let (waker, unreaped) = {
        let mut shared = lock(shared);
        shared.exited = true;
        (shared.on_exit.take(), shared.unreaped.take())
    };
    if let Some(unreaped) = unreaped {
        unreaped.reap_blocking();
    }
    if let Some(waker) = waker {
        waker.wake();
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
