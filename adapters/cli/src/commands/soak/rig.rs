//! What all sessions of a soak have in common.

use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use futures_lite::future;
use smol::channel::{Receiver, Sender};

use super::tally::Tally;
use super::target::Target;
use crate::args::{Runtime, SessionArgs};
use crate::log::Log;

pub(super) struct Rig {
    pub(super) session: SessionArgs,
    pub(super) seed: u64,
    pub(super) chaos: bool,
    pub(super) tasks: usize,
    /// Known from the first session on.
    pub(super) target: OnceLock<Target>,
    /// The value of the servers' mark.
    pub(super) mark: String,
    pub(super) tally: Tally,
    pub(super) stop: Stop,
    /// How long a step may take: longer than all its own deadlines together.
    pub(super) limit: Duration,
    /// The numbers of the cycles that are left.
    pub(super) cycles: Mutex<Range<u64>>,
    /// Who is told what happens to the sessions.
    pub(super) log: Option<Log>,
}

impl Rig {
    pub(super) const fn runtime(&self) -> Runtime {
        self.session.runtime
    }

    pub(super) fn target(&self) -> &Target {
        self.target.get_or_init(|| Target::Server { tools: false })
    }

    /// The number of the next cycle, unless all is done or enough is wrong.
    pub(super) fn next_cycle(&self) -> Option<u64> {
        if self.stop.is_asked() || self.tally.counts().is_hopeless() {
            return None;
        }
        self.cycles.lock().unwrap_or_else(PoisonError::into_inner).next()
    }

    /// What `work` comes to, unless the soak is to stop. What takes too long is wrong.
    pub(super) async fn bounded<T>(&self, what: &'static str, work: impl Future<Output = T>) -> Option<T> {
        let stopped = async {
            self.stop.asked().await;
            None
        };
        let stuck = async {
            self.runtime().sleep(self.limit).await;
            self.tally.wrong("stuck", format!("{what} did not come to an end within {:?}", self.limit));
            None
        };
        future::or(async { Some(work.await) }, future::or(stopped, stuck)).await
    }
}

/// Asks all to stop, and then to hurry.
pub(super) struct Stop {
    stop: (Sender<()>, Receiver<()>),
    hurry: (Sender<()>, Receiver<()>),
}

impl Stop {
    pub(super) fn new() -> Self {
        Self { stop: smol::channel::bounded(1), hurry: smol::channel::bounded(1) }
    }

    /// Asks once more.
    pub(super) fn ask(&self) {
        if !self.stop.0.close() {
            self.hurry.0.close();
        }
    }

    pub(super) fn is_asked(&self) -> bool {
        self.stop.1.is_closed()
    }

    pub(super) async fn asked(&self) {
        // Nothing is ever sent: it is closed.
        let _ = self.stop.1.recv().await;
    }

    pub(super) async fn hurried(&self) {
        let _ = self.hurry.1.recv().await;
    }
}
