//! An executor as editors have them: a pool in the background with timers, and a foreground thread that runs the
//! windows.
//!
//! A task is cancelled when what was given for it is dropped. Nothing here knows of tenure.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use async_task::Runnable;
pub(crate) use async_task::Task;

/// Spawns in the background. Copies are the same pool.
#[derive(Clone)]
pub(crate) struct Background(Arc<Pool>);

#[derive(Default)]
struct Pool {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    runnables: VecDeque<Runnable>,
    timers: BTreeMap<(Instant, u64), Waker>,
    timers_made: u64,
    stopping: bool,
}

impl Pool {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, runnable: Runnable) {
        self.lock().runnables.push_back(runnable);
        self.changed.notify_one();
    }

    /// Runs tasks and wakes who has slept long enough, until the pool ends and nothing is left to do.
    fn work(&self) {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            let later = state.timers.split_off(&(now, u64::MAX));
            let due = std::mem::replace(&mut state.timers, later);
            if !due.is_empty() {
                drop(state);
                due.into_values().for_each(Waker::wake);
                state = self.lock();
            } else if let Some(runnable) = state.runnables.pop_front() {
                drop(state);
                runnable.run();
                state = self.lock();
            } else if state.stopping {
                return;
            } else if let Some(((next, _), _)) = state.timers.first_key_value() {
                let wait = next.saturating_duration_since(now);
                state = self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
            } else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl Background {
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Task<T> {
        let pool = Arc::downgrade(&self.0);
        let schedule = move |runnable| {
            if let Some(pool) = pool.upgrade() {
                pool.push(runnable);
            }
        };
        let (runnable, task) = async_task::spawn(future, schedule);
        runnable.schedule();
        task
    }

    /// Completes at that instant, in the background.
    pub(crate) fn timer(&self, until: Instant) -> Task<()> {
        self.spawn(Sleep { pool: self.0.clone(), until, number: None })
    }
}

struct Sleep {
    pool: Arc<Pool>,
    until: Instant,
    number: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.until {
            return Poll::Ready(());
        }
        let pool = self.pool.clone();
        let mut state = pool.lock();
        let number = *self.number.get_or_insert_with(|| {
            state.timers_made += 1;
            state.timers_made
        });
        let old = state.timers.insert((self.until, number), cx.waker().clone());
        drop(state);
        drop(old);
        pool.changed.notify_one();
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let waker = self.number.and_then(|number| self.pool.lock().timers.remove(&(self.until, number)));
        drop(waker);
    }
}

/// What has come for the foreground.
enum Event {
    Task(Runnable),
    Body,
}

/// Spawns on the foreground. Copies are the same thread.
#[derive(Clone)]
pub(crate) struct Foreground(Sender<Event>);

impl Foreground {
    pub(crate) fn spawn<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> Task<T> {
        let events = self.0.clone();
        let schedule = move |runnable| drop(events.send(Event::Task(runnable)));
        let (runnable, task) = async_task::spawn_local(future, schedule);
        runnable.schedule();
        task
    }
}

impl Wake for Foreground {
    fn wake(self: Arc<Self>) {
        drop(self.0.send(Event::Body));
    }
}

/// The whole: the pool's threads, and the foreground's events.
pub(crate) struct Editor {
    pub(crate) background: Background,
    pub(crate) foreground: Foreground,
    events: Receiver<Event>,
    workers: Vec<JoinHandle<()>>,
}

impl Editor {
    pub(crate) fn new(workers: usize) -> Self {
        let pool = Arc::<Pool>::default();
        let (sender, events) = channel();
        let worker = |_| {
            let pool = pool.clone();
            thread::spawn(move || pool.work())
        };
        Self {
            workers: (0..workers).map(worker).collect(),
            background: Background(pool),
            foreground: Foreground(sender),
            events,
        }
    }

    /// The foreground's loop, until `body` is over.
    pub(crate) fn run<F: Future>(&self, body: F) -> F::Output {
        let mut body = pin!(body);
        let waker = Waker::from(Arc::new(self.foreground.clone()));
        waker.wake_by_ref();
        loop {
            match self.events.recv().expect("there is always a sender") {
                Event::Task(runnable) => drop(runnable.run()),
                Event::Body => {
                    if let Poll::Ready(output) = body.as_mut().poll(&mut Context::from_waker(&waker)) {
                        return output;
                    }
                }
            }
        }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // What was cancelled is dropped where it ran.
        while let Ok(event) = self.events.try_recv() {
            if let Event::Task(runnable) = event {
                runnable.run();
            }
        }
        self.background.0.lock().stopping = true;
        self.background.0.changed.notify_all();
        for worker in self.workers.drain(..) {
            assert!(worker.join().is_ok() || thread::panicking(), "a task of the pool panicked");
        }
        // Of a pool without threads.
        let left = std::mem::take(&mut self.background.0.lock().runnables);
        drop(left);
    }
}
