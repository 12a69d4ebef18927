//! A thread that waits for one child, and for the end of all that it has started.

use std::fmt;
use std::io;
use std::process::ExitStatus;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use shared_child::SharedChild;

use super::directly::Directly;
use super::job::{KillOnClose, Members};

/// How often the job of a child is asked who is left, once it has been ended: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(50));

/// The thread, and what it has seen. It ends with the tree.
pub(super) struct Watch(Arc<Shared>);

struct Shared {
    leader: Arc<SharedChild>,
    members: Members,
    state: Mutex<State>,
    /// The sweep has begun.
    begun: Condvar,
    /// For the pipes.
    directly: Arc<Directly>,
}

struct State {
    status: Option<io::Result<ExitStatus>>,
    on_exit: Option<Waker>,
    /// The job has been ended: what is left of it is about to go.
    sweeping: bool,
    /// Taken by who sees that nobody is left.
    token: Option<Box<dyn Send>>,
    /// The token has been dropped.
    swept: bool,
    on_swept: Option<Waker>,
}

impl Watch {
    /// If there is no thread to be had `job` ends the tree, here and now, and then the token is dropped.
    pub(super) fn start(
        leader: Arc<SharedChild>,
        job: KillOnClose,
        members: Members,
        token: Box<dyn Send>,
    ) -> io::Result<(Self, KillOnClose)> {
        let thread = thread::Builder::new().name("tenure-watch".into());
        Self::start_by(leader, job, members, token, |watch| thread.spawn(watch).map(drop))
    }

    /// `spawn` is how a thread is started.
    pub(super) fn start_by(
        leader: Arc<SharedChild>,
        job: KillOnClose,
        members: Members,
        token: Box<dyn Send>,
        spawn: impl FnOnce(Box<dyn FnOnce() + Send>) -> io::Result<()>,
    ) -> io::Result<(Self, KillOnClose)> {
        let state = State {
            status: None,
            on_exit: None,
            sweeping: false,
            token: Some(token),
            swept: false,
            on_swept: None,
        };
        let (begun, directly) = (Condvar::new(), Arc::default());
        let shared = Arc::new(Shared { leader, members, state: Mutex::new(state), begun, directly });
        let theirs = Arc::clone(&shared);
        if let Err(error) = spawn(Box::new(move || theirs.watch())) {
            drop(job);
            shared.lock().sweeping = true;
            shared.watch();
            return Err(error);
        }
        Ok((Self(shared), job))
    }

    /// Told as soon as nobody of the tree is left.
    pub(super) fn directly(&self) -> Arc<Directly> {
        Arc::clone(&self.0.directly)
    }

    /// Returns whether the leader has exited, also when the thread has not seen it yet.
    pub(super) fn has_exited(&self) -> io::Result<bool> {
        if self.0.lock().status.is_some() {
            return Ok(true);
        }
        let Some(status) = self.0.leader.try_wait()? else { return Ok(false) };
        self.0.exited(Ok(status));
        Ok(true)
    }

    pub(super) fn status(&self) -> Option<io::Result<ExitStatus>> {
        self.0.lock().status.as_ref().map(|status| match status {
            Ok(status) => Ok(*status),
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
        })
    }

    pub(super) fn poll_exited(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll(cx, |state| state.status.is_some(), |state| &mut state.on_exit)
    }

    /// Ready when nobody of a tree is left that has been ended.
    pub(super) fn poll_swept(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.sweep();
        self.poll(cx, |state| state.swept, |state| &mut state.on_swept)
    }

    /// Looks whether nobody of a tree is left that has been ended. If somebody is, the thread sees to it from here on.
    pub(super) fn sweep(&self) -> bool {
        let swept = self.0.is_swept();
        self.0.lock().sweeping = true;
        self.0.begun.notify_all();
        swept
    }

    fn poll(
        &self,
        cx: &mut Context<'_>,
        look: impl FnOnce(&State) -> bool,
        place: impl FnOnce(&mut State) -> &mut Option<Waker>,
    ) -> Poll<()> {
        // Wakers are cloned and dropped outside the lock: they are anybody's code.
        let mut waker = Some(cx.waker().clone());
        let mut state = self.0.lock();
        let seen = look(&state);
        if !seen {
            std::mem::swap(place(&mut state), &mut waker);
        }
        drop(state);
        drop(waker);
        if seen { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the thread does.
    fn watch(&self) {
        self.exited(self.leader.wait());
        let (mut pause, longest) = PAUSES;
        let mut state = self.lock();
        while !state.sweeping {
            state = self.begun.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        while !self.is_swept() {
            thread::sleep(pause);
            pause = pause.saturating_mul(2).min(longest);
        }
    }

    fn exited(&self, status: io::Result<ExitStatus>) {
        let waker = {
            let mut state = self.lock();
            state.status.get_or_insert(status);
            state.on_exit.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Returns whether nobody is left. Who sees it first drops the token, before anybody is told.
    fn is_swept(&self) -> bool {
        let token = {
            let mut state = self.lock();
            if state.swept {
                return true;
            }
            if state.status.is_none() || !self.members.are_gone() {
                return false;
            }
            state.token.take()
        };
        // Being dropped by another thread, just now.
        let Some(token) = token else { return false };
        drop(token);
        let waker = {
            let mut state = self.lock();
            state.swept = true;
            state.on_swept.take()
        };
        self.directly.is_over();
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.lock();
        f.debug_struct("Watch")
            .field("status", &state.status)
            .field("swept", &state.swept)
            .finish_non_exhaustive()
    }
}
