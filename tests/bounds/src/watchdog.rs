//! A thread that keeps the time for one wait.

use std::fmt::Write as _;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::thread;
use std::time::Duration;

use crate::started::Mark;

/// What a blocked call has, once the processes it waits for are killed.
const GRACE: Duration = Duration::from_secs(10);

pub(crate) struct Watchdog {
    what: String,
    bound: Duration,
    mark: Mark,
    expiry: Arc<Mutex<Expiry>>,
    /// Dropped, it ends the thread.
    _done: Sender<()>,
}

#[derive(Default)]
struct Expiry {
    passed: bool,
    waker: Option<Waker>,
}

impl Watchdog {
    pub(crate) fn new(what: &str, bound: Duration) -> Self {
        let (done, finished) = channel();
        let expiry = Arc::new(Mutex::new(Expiry::default()));
        let mark = Mark::of_this_thread();
        let watchdog = Self { what: what.to_owned(), bound, mark: mark.clone(), expiry, _done: done };
        let (theirs, complaint) = (watchdog.expiry.clone(), watchdog.complaint());
        thread::spawn(move || {
            if finished.recv_timeout(bound) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
            let waker = {
                let mut expiry = theirs.lock().unwrap_or_else(PoisonError::into_inner);
                expiry.passed = true;
                expiry.waker.take()
            };
            mark.kill_all();
            if let Some(waker) = waker {
                waker.wake();
            }
            if finished.recv_timeout(GRACE) != Err(RecvTimeoutError::Disconnected) {
                eprintln!("{complaint}; it is stuck, and this program ends with it");
                mark.kill_all();
                std::process::abort();
            }
        });
        watchdog
    }

    /// Has `waker` woken when the time is up.
    pub(crate) fn wakes(&self, waker: &Waker) {
        self.expiry.lock().unwrap_or_else(PoisonError::into_inner).waker = Some(waker.clone());
    }

    pub(crate) fn has_expired(&self) -> bool {
        self.expiry.lock().unwrap_or_else(PoisonError::into_inner).passed
    }

    pub(crate) fn complaint(&self) -> String {
        let mut complaint = format!("waited {:?} for {}", self.bound, self.what);
        if let Some(test) = thread::current().name() {
            let _ = write!(complaint, " (in {test})");
        }
        complaint
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if thread::panicking() {
            if self.has_expired() {
                eprintln!("{}", self.complaint());
            }
            self.mark.kill_all();
        }
    }
}
