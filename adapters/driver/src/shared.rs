//! The one door to the machine.
//!
//! Whoever feeds an input locks, feeds it, drains all actions, moves values out, unlocks, and only then
//! wakes, drops and acts. Under the lock runs no code of a user: no waker is woken, cloned or dropped, no
//! handle or error dropped, nothing written.

use std::collections::{BTreeMap, VecDeque};

use tenure::{Action, Cause, Config, Generation, Rejection, Session, SessionId, Status, Ticket, Time, Wake};

use crate::error::{Error, Failure};
use crate::lease::Lease;
use crate::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use crate::trace::{Told, Trace};
use crate::wake::{Slot, Waiters};

/// What the session is called: its leases never leave the driver, so they never meet another session's.
const SESSION: SessionId = SessionId(0);

pub(crate) struct Shared<H> {
    inner: Mutex<Inner<H>>,
    /// The driver's task.
    pub(crate) driver: Waiters,
    /// Who watches states and ends.
    pub(crate) changed: Waiters,
}

pub(crate) struct Inner<H> {
    pub(crate) session: Session,
    /// The handle of the generation whose leases are not revoked.
    pub(crate) live: Option<Arc<LiveHandle<H>>>,
    slots: BTreeMap<Ticket, Arc<Place<H>>>,
    orders: VecDeque<Order>,
    /// What the driver sleeps for.
    armed: Wake,
    /// How the last runner went wrong: the value that the machine knows only as data.
    pub(crate) failure: Option<Failure>,
    /// The last generation that ended.
    pub(crate) ended: Option<Generation>,
    /// Counts the changes of the state.
    pub(crate) version: u64,
    pub(crate) driver_gone: bool,
    pub(crate) trace: Option<Trace>,
}

/// What the driver is to do with a runner.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    Connect(Generation),
    Stop(Generation),
    Abort(Generation),
    Discard(Generation),
    Probe(Generation, u64),
}

/// What the leases of one generation share. It owns nothing of the transport.
pub(crate) struct LiveHandle<H> {
    pub(crate) generation: Generation,
    pub(crate) handle: H,
    pub(crate) revoked: OnceLock<Error>,
    /// The calls in flight.
    pub(crate) guards: Waiters,
}

/// Where a caller that waits finds what became of it.
pub(crate) type Place<H> = Slot<Result<Lease<H>, Error>>;

/// What an input brought about, to be carried out after the lock.
struct Effects<H> {
    /// Its leases are revoked already; who waits for that is to be woken. Beside it an error that was not
    /// needed, to be dropped.
    revoked: Option<(Arc<LiveHandle<H>>, Option<Error>)>,
    settled: Vec<(Arc<Place<H>>, Settled<H>)>,
    wake_driver: bool,
    changed: bool,
}

enum Settled<H> {
    Granted(tenure::Lease, Arc<LiveHandle<H>>),
    Rejected(Error),
}

impl<H> Shared<H> {
    pub(crate) fn new(config: Config, trace: Option<Trace>) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(Inner {
                session: Session::new(SESSION, config),
                live: None,
                slots: BTreeMap::new(),
                orders: VecDeque::new(),
                armed: Wake::Never,
                failure: None,
                ended: None,
                version: 0,
                driver_gone: false,
                trace,
            }),
            driver: Waiters::default(),
            changed: Waiters::default(),
        })
    }

    /// Feeds one input through `act` and carries out what comes of it.
    pub(crate) fn feed<R: Told>(
        self: &Arc<Self>,
        now: Option<Time>,
        act: impl FnOnce(&mut Inner<H>) -> (R, tenure::Input),
    ) -> R {
        let (told, effects) = {
            let mut inner = self.lock();
            let before = inner.session.status();
            let (told, input) = act(&mut inner);
            let reply = inner.trace.is_some().then(|| told.reply());
            let mut effects =
                Effects { revoked: None, settled: Vec::new(), wake_driver: false, changed: false };
            inner.drain(&mut effects, |inner, actions| {
                if let (Some(trace), Some(reply)) = (&mut inner.trace, reply) {
                    trace.push(now, input, reply, actions, inner.session.status());
                }
            });
            inner.after(before, &mut effects);
            (told, effects)
        };
        self.carry_out(effects);
        told
    }

    /// Looks without feeding anything. Nothing of a user's may be dropped in `look`.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&mut Inner<H>) -> R) -> R {
        look(&mut self.lock())
    }

    /// Those whose leases are revoked are woken first.
    fn carry_out(self: &Arc<Self>, effects: Effects<H>) {
        if let Some((live, _)) = effects.revoked {
            live.guards.wake_all();
        }
        for (slot, settled) in effects.settled {
            slot.put(match settled {
                Settled::Granted(lease, live) => Ok(Lease::new(lease, live, self.clone())),
                Settled::Rejected(error) => Err(error),
            });
        }
        if effects.changed {
            self.changed.wake_all();
        }
        if effects.wake_driver {
            self.driver.wake_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner<H>> {
        // Nothing that can panic runs under the lock; were it poisoned all the same, the machine is
        // whole after each of its methods.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<H> Inner<H> {
    /// Sorts all actions by who carries them out.
    fn drain(
        &mut self,
        effects: &mut Effects<H>,
        note: impl FnOnce(&mut Self, Vec<Action<tenure::LeaseData>>),
    ) {
        let mut noted = Vec::new();
        while let Some(action) = self.session.poll_action() {
            if self.trace.is_some() {
                noted.push(action.as_ref().map_lease(tenure::LeaseData::of));
            }
            match action {
                Action::Connect { generation } => self.orders.push_back(Order::Connect(generation)),
                Action::Stop { generation } => self.orders.push_back(Order::Stop(generation)),
                Action::Abort { generation } => self.orders.push_back(Order::Abort(generation)),
                Action::Discard { generation } => self.orders.push_back(Order::Discard(generation)),
                Action::Probe { generation, number } => {
                    self.orders.push_back(Order::Probe(generation, number));
                }
                Action::Grant { ticket, lease } => {
                    match (self.slots.remove(&ticket), &self.live) {
                        (Some(slot), Some(live)) => {
                            effects.settled.push((slot, Settled::Granted(lease, live.clone())));
                        }
                        // A grant comes only for a ticket that waits, while live; were it otherwise,
                        // the lease must not be lost.
                        _ => drop(self.session.release(lease)),
                    }
                }
                Action::Reject { ticket, rejection } => {
                    if let Some(slot) = self.slots.remove(&ticket) {
                        effects.settled.push((slot, Settled::Rejected(self.rejected(rejection))));
                    }
                }
                Action::Revoke { generation, cause } => {
                    if let Some(live) = self.live.take() {
                        // Here, before anybody can carry out the stop that follows: no lease may look good
                        // once its session is on the way out.
                        let unneeded = live.revoked.set(self.revoked(generation, cause)).err();
                        effects.revoked = Some((live, unneeded));
                    }
                }
                Action::Ended { generation, .. } => {
                    self.ended = Some(generation);
                    effects.changed = true;
                }
            }
        }
        note(self, noted);
    }

    fn after(&mut self, before: Status, effects: &mut Effects<H>) {
        let status = self.session.status();
        if status != before {
            self.version = self.version.wrapping_add(1);
            effects.changed = true;
        }
        let traced = self.trace.as_ref().is_some_and(|trace| !trace.is_empty());
        let closed = matches!(status, Status::Closed { .. });
        if self.session.poll_timeout().is_before(self.armed) || !self.orders.is_empty() || closed || traced {
            effects.wake_driver = true;
        }
    }

    /// The caller's place, if it waits.
    pub(crate) fn wait(&mut self, ticket: Ticket) -> Arc<Place<H>> {
        let slot = Arc::new(Slot::new());
        self.slots.insert(ticket, slot.clone());
        slot
    }

    /// Gives up a caller's place; to be dropped after the lock.
    pub(crate) fn leave(&mut self, ticket: Ticket) -> Option<Arc<Place<H>>> {
        self.slots.remove(&ticket)
    }

    /// How many callers have a place.
    #[cfg(test)]
    pub(crate) fn places(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn take_orders(&mut self) -> VecDeque<Order> {
        std::mem::take(&mut self.orders)
    }

    /// When the driver is wanted next; from here on only what comes before wakes it.
    pub(crate) fn arm(&mut self) -> Wake {
        self.armed = self.session.poll_timeout();
        self.armed
    }

    fn revoked(&self, generation: Generation, cause: Cause) -> Error {
        if self.driver_gone {
            return Error::Lost { generation: Some(generation), failure: Failure::dropped() };
        }
        Error::revoked(generation, cause, self.failure.clone())
    }

    fn rejected(&self, rejection: Rejection) -> Error {
        let failure = || self.failure.clone().unwrap_or_else(Failure::finished);
        match rejection {
            _ if self.driver_gone => Error::Lost { generation: None, failure: Failure::dropped() },
            Rejection::Shutdown => Error::Closed { generation: None, for_good: true },
            Rejection::ConnectFailed { generation, .. } => {
                Error::ConnectFailed { generation, failure: failure() }
            }
            Rejection::ConnectTimeout { generation } => {
                Error::TimedOut { generation: Some(generation), deadline: tenure::DeadlineKind::Connect }
            }
            Rejection::AcquireTimeout => {
                Error::TimedOut { generation: None, deadline: tenure::DeadlineKind::Acquire }
            }
            Rejection::TooManyOrphans { limit } => {
                Error::Refused { reason: tenure::Refusal::TooManyOrphans { limit } }
            }
            // Closed, and whatever the machine may learn to say.
            _ => Error::Closed { generation: None, for_good: false },
        }
    }
}

impl<H> LiveHandle<H> {
    pub(crate) fn new(generation: Generation, handle: H) -> Arc<Self> {
        Arc::new(Self { generation, handle, revoked: OnceLock::new(), guards: Waiters::default() })
    }
}
