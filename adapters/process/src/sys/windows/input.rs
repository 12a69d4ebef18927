//! What a child reads, written by a thread behind whoever writes.
//!
//! What was taken is written, also after this end was dropped: the child sees the end of its input after it. A child
//! that doesn't read ties the thread up until it does, or until its job is gone.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use super::chunk::CHUNK;
use crate::unwritten::Unwritten;

pub(super) struct Input(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queued: Vec<u8>,
    /// The thread has taken what was queued, and has not written all of it.
    writing: bool,
    closed: bool,
    /// Nothing is written any more.
    failed: Option<Failed>,
    waker: Option<Waker>,
}

struct Failed {
    error: io::Error,
    /// How much was taken that never will be written, until it is told.
    unwritten: usize,
}

impl Failed {
    fn tell(&mut self) -> io::Error {
        let kind = self.error.kind();
        let error = io::Error::new(kind, self.error.to_string());
        match std::mem::take(&mut self.unwritten) {
            0 => error,
            bytes => io::Error::new(kind, Unwritten::new(bytes, error)),
        }
    }
}

impl Input {
    pub(super) fn start(pipe: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        thread::Builder::new().name("tenure-input".into()).spawn(move || theirs.write(pipe))?;
        Ok(Self(shared))
    }

    pub(super) fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let taken = self.poll(cx, |state| {
            let room = CHUNK.saturating_sub(state.queued.len());
            if room == 0 && !bytes.is_empty() {
                return None;
            }
            let fits = bytes.get(..room).unwrap_or(bytes);
            state.queued.extend_from_slice(fits);
            Some(fits.len())
        });
        self.0.changed.notify_all();
        taken
    }

    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(cx, |state| (state.queued.is_empty() && !state.writing).then_some(()))
    }

    fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        attempt: impl FnOnce(&mut State) -> Option<T>,
    ) -> Poll<io::Result<T>> {
        // Wakers are cloned and dropped outside the lock: they are anybody's code.
        let mut waker = Some(cx.waker().clone());
        let mut state = self.0.lock();
        let done = match &mut state.failed {
            Some(failed) => Some(Err(failed.tell())),
            None => attempt(&mut state).map(Ok),
        };
        if done.is_none() {
            std::mem::swap(&mut state.waker, &mut waker);
        }
        drop(state);
        drop(waker);
        done.map_or(Poll::Pending, Poll::Ready)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the thread does.
    fn write(&self, mut pipe: impl Write) {
        let mut chunk = Vec::new();
        while self.take(&mut chunk) {
            let failed = write_all(&mut pipe, &chunk).err();
            chunk.clear();
            let is_last = failed.is_some();
            self.complete_chunk(failed);
            if is_last {
                return;
            }
        }
    }

    /// Waits until something is queued. Returns false when nothing will be any more.
    fn take(&self, chunk: &mut Vec<u8>) -> bool {
        let idle = |state: &mut State| state.queued.is_empty() && !state.closed;
        let waited = self.changed.wait_while(self.lock(), idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut state.queued, chunk);
        state.writing = !chunk.is_empty();
        let waker = state.waker.take();
        let more = state.writing;
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        more
    }

    /// All of the chunk is written, or nothing is written any more.
    fn complete_chunk(&self, failed: Option<Failed>) {
        let mut state = self.lock();
        state.writing = false;
        if let Some(mut failed) = failed {
            failed.unwritten = failed.unwritten.saturating_add(state.queued.len());
            state.queued = Vec::new();
            state.failed = Some(failed);
        }
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// As `Write::write_all`, but that a failure tells how much was left.
fn write_all(pipe: &mut impl Write, chunk: &[u8]) -> Result<(), Failed> {
    let mut rest = chunk;
    while !rest.is_empty() {
        let error = match pipe.write(rest) {
            Ok(0) => io::ErrorKind::WriteZero.into(),
            Ok(length) => {
                rest = rest.get(length..).unwrap_or_default();
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => error,
        };
        return Err(Failed { error, unwritten: rest.len() });
    }
    Ok(())
}

impl Drop for Input {
    fn drop(&mut self) {
        let waker = {
            let mut state = self.0.lock();
            state.closed = true;
            state.waker.take()
        };
        drop(waker);
        self.0.changed.notify_all();
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").finish_non_exhaustive()
    }
}
