//! The time from a guardian's start to its first word. That may never come: a thread waits for it, so that no runtime
//! does.

use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use rustix::process::Pid;

use super::leader::Leader;
use crate::error::SpawnError;
use crate::guardian::{Asked, Unwanted};

/// A guardian whose server runs, and what this program has of that.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) leader: Leader,
    pub(super) server: Pid,
    /// It can be signalled without the guardian.
    pub(super) is_in_reach: bool,
    /// The socket on which the guardian tells of it.
    pub(super) reports: io::Result<OwnedFd>,
    pub(super) pipes: [Option<OwnedFd>; 3],
}

/// Completes when the server runs, or all that was started has ended. Dropped before, it has the thread end it: at once
/// what is a guardian, and within a second what is none.
#[derive(Debug)]
pub(super) struct Starting {
    shared: Arc<Mutex<Shared>>,
    /// Until it has completed.
    unwanted: Option<Unwanted>,
}

#[derive(Debug, Default)]
struct Shared {
    begun: Option<Result<Begun, SpawnError>>,
    waker: Option<Waker>,
}

/// What a thread takes, or nobody.
type Slot = Arc<Mutex<Option<(Asked, Box<dyn Send>)>>>;

impl Starting {
    pub(super) fn new(
        (asked, unwanted): (Asked, Unwanted),
        token: Box<dyn Send>,
    ) -> Result<Self, SpawnError> {
        let shared = Arc::new(Mutex::new(Shared::default()));
        // Shared, since a closure whose thread can't be started is dropped with all that it holds.
        let slot: Slot = Arc::new(Mutex::new(Some((asked, token))));
        let theirs = (Arc::clone(&slot), Arc::clone(&shared));
        let wait = move || {
            if let Some((asked, token)) = lock(&theirs.0).take() {
                tell(&theirs.1, begin(asked, token));
            }
        };
        if let Err(error) = thread::Builder::new().name("tenure-starts".into()).spawn(wait)
            && let Some((asked, _token)) = lock(&slot).take()
        {
            let error = asked.failed(error);
            asked.give_up();
            return Err(error);
        }
        Ok(Self { shared, unwanted: Some(unwanted) })
    }
}

impl Future for Starting {
    type Output = Result<Begun, SpawnError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Wakers are cloned and dropped outside the lock: they are anybody's code.
        let mut waker = Some(cx.waker().clone());
        let begun = {
            let mut shared = lock(&self.shared);
            let begun = shared.begun.take();
            if begun.is_none() {
                std::mem::swap(&mut shared.waker, &mut waker);
            }
            begun
        };
        let Some(begun) = begun else { return Poll::Pending };
        self.unwanted = None;
        Poll::Ready(begun)
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(unwanted) = &self.unwanted {
            unwanted.tell();
        }
    }
}

/// What the thread does. From the first word on a leader ends and reaps the guardian, should nobody take it.
fn begin(asked: Asked, token: Box<dyn Send>) -> Result<Begun, SpawnError> {
    let started = asked.wait()?;
    let lifeline = &started.lifeline;
    let (server, is_in_reach, reports) = (lifeline.server(), lifeline.reaches_server(), lifeline.reports());
    let leader = Leader::guardian(started.guardian, started.lifeline, token);
    let pipes = [Some(started.stdin), Some(started.stdout), started.stderr];
    Ok(Begun { leader, server, is_in_reach, reports, pipes })
}

fn tell(shared: &Mutex<Shared>, begun: Result<Begun, SpawnError>) {
    let waker = {
        let mut shared = lock(shared);
        shared.begun = Some(begun);
        shared.waker.take()
    };
    if let Some(waker) = waker {
        waker.wake();
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
