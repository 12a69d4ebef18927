//! What a child writes, read ahead by a thread.
//!
//! The thread waits in the system for as long as the child says nothing, and can't be called back from there. It ends
//! with the last process that holds the other end, which is mostly one of the child's job: so it is gone as soon as the
//! job is.

use std::fmt;
use std::io::{self, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Instant;

use super::chunk::CHUNK;
use super::directly::{Directly, Waited};

pub(super) struct Output {
    shared: Arc<Shared>,
    directly: Arc<Directly>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// What was read and not yet taken: from `taken` on.
    chunk: Vec<u8>,
    taken: usize,
    /// Nothing comes after the chunk: the end, or an error that is told once.
    ended: Option<io::Result<()>>,
    /// Nobody wants it any more.
    closed: bool,
    waited: Waited,
    waker: Option<Waker>,
}

impl Output {
    pub(super) fn start(pipe: impl Read + Send + 'static, directly: Arc<Directly>) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        thread::Builder::new().name("tenure-output".into()).spawn(move || theirs.read(pipe))?;
        Ok(Self { shared, directly })
    }

    pub(super) fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        // Wakers are cloned and dropped outside the lock: they are anybody's code.
        let mut waker = Some(cx.waker().clone());
        let mut state = self.shared.lock();
        if state.is_waiting()
            && let Some(patience) = self.directly.patience(&mut state.waited)
        {
            let begun = Instant::now();
            let waited = self.shared.changed.wait_timeout_while(state, patience, |state| state.is_waiting());
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            self.directly.has_waited(begun.elapsed(), &mut state.waited);
        }
        let taken = state.take(buffer);
        if taken.is_none() {
            std::mem::swap(&mut state.waker, &mut waker);
        }
        drop(state);
        drop(waker);
        self.shared.changed.notify_all();
        taken.map_or(Poll::Pending, Poll::Ready)
    }
}

impl State {
    fn is_waiting(&self) -> bool {
        self.taken == self.chunk.len() && self.ended.is_none()
    }

    /// `None` while there is nothing.
    fn take(&mut self, buffer: &mut [u8]) -> Option<io::Result<usize>> {
        let mut rest = self.chunk.get(self.taken..).unwrap_or_default();
        if rest.is_empty() {
            let ended = self.ended.as_mut()?;
            return Some(std::mem::replace(ended, Ok(())).map(|()| 0));
        }
        let length = rest.read(buffer);
        self.taken = self.taken.saturating_add(*length.as_ref().unwrap_or(&0));
        Some(length)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the thread does.
    fn read(&self, mut pipe: impl Read) {
        let mut chunk = vec![0; CHUNK];
        loop {
            let ended = match pipe.read(&mut chunk) {
                Ok(0) => Some(Ok(())),
                Ok(length) => {
                    chunk.truncate(length);
                    None
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Some(Err(error)),
            };
            if ended.is_some() {
                chunk.clear();
            }
            if !self.hand_over(&mut chunk, ended) {
                return;
            }
            chunk.resize(CHUNK, 0);
        }
    }

    /// Waits until there is room. Returns whether there is more to be read, for anybody who wants it.
    fn hand_over(&self, chunk: &mut Vec<u8>, ended: Option<io::Result<()>>) -> bool {
        let full = |state: &mut State| state.taken < state.chunk.len() && !state.closed;
        let waited = self.changed.wait_while(self.lock(), full);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return false;
        }
        std::mem::swap(&mut state.chunk, chunk);
        state.taken = 0;
        state.ended = ended;
        let more = state.ended.is_none();
        let waker = state.waker.take();
        drop(state);
        self.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
        more
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        let waker = {
            let mut state = self.shared.lock();
            state.closed = true;
            state.waker.take()
        };
        drop(waker);
        self.shared.changed.notify_all();
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}
