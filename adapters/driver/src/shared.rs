//! The one door to the machine.
//!
//! Three ways lead through it: [`Shared::look`] only looks, [`Shared::feed`] feeds the machine one input, and
//! [`Shared::change`] changes what stands beside the machine. Each locks, does its work, unlocks, and only then
//! carries out what came of it ([`Outside`]). Under the lock:
//!
//! - no user's code runs: no waker is woken, cloned or dropped, no handle or error dropped, nothing written;
//! - no other lock is taken. A build with debug assertions checks that at every lock of this crate.

use std::collections::{BTreeMap, VecDeque};

use tenure::{Action, Config, Generation, Input, LeaseData, Session, SessionId, Status, Ticket, Time, Wake};

use crate::error::{Error, Failure, Why};
use crate::handle::LiveHandle;
use crate::outside::{Granted, Outside};
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError, under_lock};
use crate::trace::{AsReply, Trace};
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

/// The machine, and what the driver keeps beside it.
pub(crate) struct Inner<H> {
    pub(crate) session: Session,
    /// The handle of the generation whose leases are not revoked.
    pub(crate) live: Option<Arc<LiveHandle<H>>>,
    places: BTreeMap<Ticket, Arc<Place<H>>>,
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

/// Where a caller that waits finds what became of it.
pub(crate) type Place<H> = Slot<Result<Right<H>, Error>>;

/// What is carried out once the door is open again.
pub(crate) type Bin<H> = Outside<H, Result<Right<H>, Error>>;

/// What the driver is to do with a runner.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    Connect(Generation),
    Stop(Generation),
    Abort(Generation),
    Discard(Generation),
    Probe(Generation, u64),
}

/// A lease with the way back: dropping it releases it, wherever it is dropped.
pub(crate) struct Right<H> {
    lease: Option<tenure::Lease>,
    pub(crate) live: Arc<LiveHandle<H>>,
    shared: Arc<Shared<H>>,
}

impl<H> Shared<H> {
    pub(crate) fn new(config: Config, trace: Option<Trace>) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(Inner {
                session: Session::new(SESSION, config),
                live: None,
                places: BTreeMap::new(),
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

    /// Looks, and changes nothing.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Inner<H>) -> R) -> R {
        self.with_lock(|inner| look(inner))
    }

    /// Changes what stands beside the machine, not the machine.
    pub(crate) fn change<R>(self: &Arc<Self>, change: impl FnOnce(&mut Inner<H>, &mut Bin<H>) -> R) -> R {
        let mut outside = Outside::new();
        let changed = self.with_lock(|inner| change(inner, &mut outside));
        self.carry_out(outside);
        changed
    }

    /// Feeds the machine one input through `act`, and carries out what comes of it. `now` is the time, if the
    /// input has one.
    pub(crate) fn feed<R: AsReply>(
        self: &Arc<Self>,
        now: Option<Time>,
        act: impl FnOnce(&mut Inner<H>, &mut Bin<H>) -> (R, Input),
    ) -> R {
        let mut outside = Outside::new();
        let fed = self.with_lock(|inner| {
            let before = inner.session.status();
            let (fed, input) = act(inner, &mut outside);
            let reply = inner.trace.is_some().then(|| fed.reply());
            let actions = inner.sort_actions(&mut outside);
            if let (Some(trace), Some(reply)) = (&mut inner.trace, reply) {
                trace.push(now, input, reply, actions, inner.session.status());
            }
            inner.note_changes(before, &mut outside);
            fed
        });
        self.carry_out(outside);
        fed
    }

    /// What a grant that needs no waiting comes to.
    pub(crate) fn right(self: &Arc<Self>, granted: Granted<H>) -> Right<H> {
        Right { lease: Some(granted.lease), live: granted.live, shared: self.clone() }
    }

    fn carry_out(self: &Arc<Self>, outside: Bin<H>) {
        let Outside { revoked, settled, changed, wake_driver, dropped } = outside;
        if let Some(live) = &revoked {
            live.guards.wake_all();
        }
        for (place, result) in settled {
            place.put(result.map(|granted| self.right(granted)));
        }
        if changed {
            self.changed.wake_all();
        }
        if wake_driver {
            self.driver.wake_all();
        }
        drop((revoked, dropped));
    }

    fn with_lock<R>(&self, work: impl FnOnce(&mut Inner<H>) -> R) -> R {
        let mut inner = self.lock();
        let _no_other = under_lock::enter();
        work(&mut inner)
    }

    fn lock(&self) -> MutexGuard<'_, Inner<H>> {
        under_lock::assert_none();
        // Nothing that can panic runs under the lock; were it poisoned all the same, the machine is
        // whole after each of its methods.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<H> Inner<H> {
    /// Sorts all actions by who carries them out, and notes them for the trace if there is one.
    fn sort_actions(&mut self, outside: &mut Bin<H>) -> Vec<Action<LeaseData>> {
        let mut noted = Vec::new();
        while let Some(action) = self.session.poll_action() {
            if self.trace.is_some() {
                noted.push(action.as_ref().map_lease(LeaseData::of));
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
                    let result = self.granted(lease);
                    self.settle(ticket, result, outside);
                }
                Action::Reject { ticket, rejection } => {
                    let error = self.why(Why::Rejected(rejection));
                    self.settle(ticket, Err(error), outside);
                }
                Action::Revoke { generation, cause } => {
                    if let Some(live) = self.live.take() {
                        // Here, before anybody can carry out the stop that follows: no lease may look good
                        // once its session is on the way out.
                        let error = self.why(Why::Revoked(generation, cause));
                        outside.drop_error(live.revoked.set(error).err());
                        outside.revoked = Some(live);
                    }
                }
                Action::Ended { generation, .. } => {
                    self.ended = Some(generation);
                    outside.changed = true;
                }
            }
        }
        noted
    }

    /// The one place where a lease of the machine meets the handle that it is a right to. While the session is
    /// live there is one: both were put there by the same input, under the lock.
    pub(crate) fn granted(&mut self, lease: tenure::Lease) -> Result<Granted<H>, Error> {
        let Some(live) = &self.live else {
            // Not lost: the count of leases is right, whatever happened.
            let _ = self.session.release(lease);
            return Err(self.why(Why::Refused(tenure::Refusal::NotLive)));
        };
        Ok(Granted { lease, live: live.clone() })
    }

    /// Why a caller gets nothing, or nothing any more.
    pub(crate) fn why(&self, why: Why) -> Error {
        Error::because(why, self.failure.as_ref(), self.driver_gone)
    }

    fn settle(&mut self, ticket: Ticket, result: Result<Granted<H>, Error>, outside: &mut Bin<H>) {
        match (self.places.remove(&ticket), result) {
            (Some(place), result) => outside.settled.push((place, result)),
            // Nobody waits with a ticket and without a place; a lease goes back all the same.
            (None, Ok(Granted { lease, live })) => {
                let _ = self.session.release(lease);
                outside.drop_live(Some(live));
            }
            (None, Err(error)) => outside.drop_error(Some(error)),
        }
    }

    /// Who is woken because of what an input changed.
    fn note_changes(&mut self, before: Status, outside: &mut Bin<H>) {
        let status = self.session.status();
        if status != before {
            self.version = self.version.wrapping_add(1);
            outside.changed = true;
        }
        let traced = self.trace.as_ref().is_some_and(|trace| !trace.is_empty());
        let closed = matches!(status, Status::Closed { .. });
        if self.session.poll_timeout().is_before(self.armed) || !self.orders.is_empty() || closed || traced {
            outside.wake_driver = true;
        }
    }

    /// A place for the caller with this ticket.
    pub(crate) fn wait(&mut self, ticket: Ticket) -> Arc<Place<H>> {
        let place = Arc::new(Slot::new());
        self.places.insert(ticket, place.clone());
        place
    }

    /// The caller with this ticket waits no more.
    pub(crate) fn leave(&mut self, ticket: Ticket, outside: &mut Bin<H>) {
        outside.drop_place(self.places.remove(&ticket));
    }

    /// How many callers have a place.
    #[cfg(test)]
    pub(crate) fn places(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn take_orders(&mut self) -> VecDeque<Order> {
        std::mem::take(&mut self.orders)
    }

    /// When the driver is wanted next; from here on only what comes before wakes it.
    pub(crate) fn arm(&mut self) -> Wake {
        self.armed = self.session.poll_timeout();
        self.armed
    }
}

impl<H> Drop for Right<H> {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            let input = Input::Release { lease: lease.number() };
            // Its own session: it can't be handed back.
            let _ = self.shared.feed(None, |inner, _| (inner.session.release(lease), input));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `work` panics under the machine's lock.
    #[cfg(debug_assertions)]
    fn panics_under_the_lock(work: impl FnOnce()) -> bool {
        let shared = Shared::<u32>::new(Config::default(), None);
        let work = std::panic::AssertUnwindSafe(|| shared.look(|_| work()));
        std::panic::catch_unwind(work).is_err()
    }

    #[test]
    #[cfg(debug_assertions)]
    fn no_other_lock_is_taken_under_the_machines() {
        let (waiters, slot) = (Waiters::default(), Slot::<u32>::new());
        let signals = crate::signal::Signals::default();
        assert!(panics_under_the_lock(|| waiters.wake_all()));
        assert!(panics_under_the_lock(|| assert_eq!(slot.take(), None)));
        assert!(panics_under_the_lock(|| signals.probe(1)));
        let other = Shared::<u32>::new(Config::default(), None);
        assert!(panics_under_the_lock(|| other.look(|_| ())));
        assert!(!panics_under_the_lock(|| ()));
    }

    #[test]
    fn a_lease_for_which_there_is_no_handle_goes_back() {
        let shared = Shared::<u32>::new(Config::default(), None);
        let generation = Generation::FIRST;
        shared.change(|inner, _| {
            let _ = inner.session.acquire();
            inner.session.runner_ready(generation);
            while let Some(action) = inner.session.poll_action() {
                if let Action::Grant { lease, .. } = action {
                    assert!(matches!(inner.granted(lease), Err(Error::Refused { .. })));
                }
            }
            assert_eq!(inner.session.status().name(), tenure::state::StateName::Draining);
        });
    }
}
