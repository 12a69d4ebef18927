//! What the session has told so far.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_lite::future;
use smol::channel::{Receiver, Sender, bounded};
use tenure::{Action, Input, LeaseData, Reply};
use tenure_driver::TraceEvent;

use crate::args::Runtime;

/// Far longer than the driver takes to tell what has happened.
const PATIENCE: Duration = Duration::from_secs(1);

/// The events of the session, to look back at and to wait for.
pub(super) struct EventLog {
    events: Mutex<Vec<TraceEvent>>,
    news: Sender<()>,
    heard: Receiver<()>,
    runtime: Runtime,
}

impl EventLog {
    pub(super) fn new(runtime: Runtime) -> Self {
        let (news, heard) = bounded(1);
        Self { events: Mutex::default(), news, heard, runtime }
    }

    pub(super) fn push(&self, event: &TraceEvent) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
        // Full, there is news already.
        let _ = self.news.try_send(());
    }

    pub(super) fn with<R>(&self, look: impl FnOnce(&[TraceEvent]) -> R) -> R {
        look(&self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until so much has been told: the driver tells what happened a moment after it has happened. What is
    /// never told is the next verdict's business.
    pub(super) async fn until(&self, enough: impl Fn(&Self) -> bool) {
        let told = async {
            while !enough(self) {
                let _ = self.heard.recv().await;
            }
        };
        future::or(told, self.runtime.sleep(PATIENCE)).await;
    }

    pub(super) fn actions(&self, is: impl Fn(&Action<LeaseData>) -> bool) -> usize {
        self.with(|events| {
            events.iter().flat_map(|event| &event.output.actions).filter(|action| is(action)).count()
        })
    }

    fn inputs(&self, is: impl Fn(&Input, &Reply) -> bool) -> usize {
        self.with(|events| events.iter().filter(|event| is(&event.input, &event.output.reply)).count())
    }

    pub(super) fn late_releases(&self) -> usize {
        self.inputs(|input, reply| matches!(input, Input::Release { .. }) && *reply == Reply::Stale)
    }

    pub(super) fn callers_that_waited(&self) -> usize {
        self.inputs(|_, reply| matches!(reply, Reply::Waiting { .. }))
    }

    /// Returns whether every lease that was granted has been released.
    pub(super) fn all_released(&self) -> bool {
        let granted = self.inputs(|_, reply| matches!(reply, Reply::Granted(_)))
            + self.actions(|action| matches!(action, Action::Grant { .. }));
        granted == self.inputs(|input, _| matches!(input, Input::Release { .. }))
    }

    pub(super) fn granted_of(&self, generation: u64) -> bool {
        self.actions(
            |action| matches!(action, Action::Grant { lease, .. } if lease.generation.number() == generation),
        ) > 0
    }

    pub(super) fn has_ended(&self, number: u64) -> bool {
        self.actions(
            |action| matches!(action, Action::Ended { generation, .. } if generation.number() == number),
        ) > 0
    }
}
