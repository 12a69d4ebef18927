//! State that the parts of a world share. One thread runs a world; the lock is what `Send` asks for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// A value that is looked at and changed in short steps, none of which calls anybody.
#[derive(Debug, Default)]
pub(crate) struct Held<T>(Mutex<T>);

impl<T> Held<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut T) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Something that happens once and stays.
#[derive(Debug, Default)]
pub(crate) struct Flag(Held<(bool, Vec<Waker>)>);

impl Flag {
    pub(crate) fn set(&self) {
        let wakers = self.0.with(|(set, wakers)| {
            *set = true;
            std::mem::take(wakers)
        });
        wakers.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.with(|(set, _)| *set)
    }

    /// Nobody waits for it any more.
    pub(crate) fn forget(&self) {
        self.0.with(|(_, wakers)| std::mem::take(wakers));
    }

    pub(crate) async fn wait(&self) {
        std::future::poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        self.0.with(|(set, wakers)| {
            if *set {
                return Poll::Ready(());
            }
            if !wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
                wakers.push(cx.waker().clone());
            }
            Poll::Pending
        })
    }
}

/// What must be gone when a world is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    PipeEnd,
    Timer,
    Transport,
    Peer,
    Server,
    TraceSink,
    EventHandler,
    Operation,
    Handler,
}

const THINGS: [Thing; 9] = [
    Thing::PipeEnd,
    Thing::Timer,
    Thing::Transport,
    Thing::Peer,
    Thing::Server,
    Thing::TraceSink,
    Thing::EventHandler,
    Thing::Operation,
    Thing::Handler,
];

/// Counts what there is.
#[derive(Debug, Default)]
pub(crate) struct Census([AtomicUsize; THINGS.len()]);

impl Census {
    pub(crate) fn token(self: &Arc<Self>, thing: Thing) -> Token {
        if let Some(count) = self.0.get(thing as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        Token { census: self.clone(), thing }
    }

    /// All that is left, and how many of each.
    pub(crate) fn left(&self) -> Vec<(Thing, usize)> {
        let counts = self.0.iter().map(|count| count.load(Ordering::Relaxed));
        THINGS.into_iter().zip(counts).filter(|(_, count)| *count > 0).collect()
    }
}

/// Held by a thing for as long as it exists.
#[derive(Debug)]
pub(crate) struct Token {
    census: Arc<Census>,
    thing: Thing,
}

impl Clone for Token {
    fn clone(&self) -> Self {
        self.census.token(self.thing)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if let Some(count) = self.census.0.get(self.thing as usize) {
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
