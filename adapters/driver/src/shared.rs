//! The one door to the machine.
//!
//! Three ways lead through it: [`Shared::look`] only looks, [`Shared::feed`] feeds the machine one input (by a short
//! way where that is a lease that [comes or goes](lend)), and [`Shared::change`] (or [`Shared::set`]) changes what
//! stands beside the machine. Each does its work under the lock, and only then carries out what came of it
//! ([`Outside`]). Under the lock:
//!
//! - no user's code runs: no waker is woken, cloned or dropped, no handle or error dropped, nothing written;
//! - no other lock is taken. A build with debug assertions checks that at every lock of this crate.

use tenure::{
    Action, Config, Generation, Input, LeaseData, Output, Session, SessionId, Status, Ticket, Time, Wake,
};

use crate::ended::Ended;
use crate::error::{Error, Failure, Known, LastWord, Why};
use crate::few::Few;
use crate::handle::LiveHandle;
use crate::outside::{Granted, Outside};
use crate::places::Places;
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError, under_lock};
use crate::trace::{AsReply, Trace};
use crate::wake::{Slot, Waiters};

mod lend;
mod telling;
mod waking;

/// What the session is called: its leases never leave the driver, so they never meet another session's.
const SESSION: SessionId = SessionId(0);

// From the lock to the count of the leases that are held, one cache line has all that a lease writes here.
#[repr(C, align(64))]
pub(crate) struct Shared<H> {
    inner: Mutex<Inner<H>>,
    /// The driver's task.
    pub(crate) driver: Waiters,
    /// Who watches states and ends.
    pub(crate) changed: Waiters,
}

/// The machine, and what the driver keeps beside it.
// What each lease writes comes first, the session's in front of the session.
#[repr(C)]
pub(crate) struct Inner<H> {
    /// Counts the changes of the state.
    pub(crate) version: u64,
    /// The handle of the generation whose leases are not revoked.
    pub(crate) live: Option<Arc<SharedHandle<H>>>,
    pub(crate) session: Session,
    /// Somebody waits for the next lease that comes or goes.
    pub(crate) leases_watched: bool,
    pub(crate) driver_gone: bool,
    /// In a box: few are traced.
    pub(crate) trace: Option<Box<Trace>>,
    places: Places<Arc<Place<H>>>,
    orders: Few<Order>,
    /// What the driver sleeps for, or was woken for since.
    armed: Wake,
    /// How the last runner went wrong: the value that the machine knows only as data.
    pub(crate) last_word: Option<LastWord>,
    /// What the runner that connects noted last.
    pub(crate) note: Option<(Generation, Arc<str>)>,
    /// The last generation that ended, and the last whose end was told to whoever listens.
    ended: Option<Generation>,
    pub(crate) end_told: Option<Generation>,
    /// Counts those changes of the state that are more than a lease that came or went.
    pub(crate) moves: u64,
    /// Generations that ended, until their end was told; `None` if nobody listens.
    pub(crate) ends: Option<Vec<Ended>>,
}

/// Where a caller that waits finds what became of it.
pub(crate) type Place<H> = Slot<Result<Right<H>, Error>>;

/// What is carried out once the door is open again.
pub(crate) type Bin<H> = Outside<SharedHandle<H>, Result<Right<H>, Error>>;

/// What the leases of one generation share, with the way back to here.
pub(crate) type SharedHandle<H> = LiveHandle<H, Shared<H>>;

/// What the driver is to do with a runner.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    Connect(Generation),
    Stop(Generation),
    Abort(Generation),
    Discard(Generation),
    Probe(Generation, u64),
}

/// The machine's lock, held.
struct Locked<'a, H> {
    inner: MutexGuard<'a, Inner<H>>,
    _no_other: under_lock::Held,
}

/// A lease with the way back: dropping it releases it, wherever it is dropped.
pub(crate) struct Right<H> {
    lease: Option<tenure::Lease>,
    pub(crate) live: Arc<SharedHandle<H>>,
}

impl<H> Granted<SharedHandle<H>> {
    #[inline]
    pub(crate) fn right(self) -> Right<H> {
        let (lease, live) = self.into_parts();
        Right { lease: Some(lease), live }
    }
}

impl<H> Drop for Right<H> {
    fn drop(&mut self) {
        let shared = &self.live.shared;
        if let Some(lease) = self.lease.take()
            && let Err(lease) = shared.take_back(lease)
        {
            shared.release(lease);
        }
    }
}

impl<H> Shared<H> {
    pub(crate) fn new(config: Config, trace: Option<Box<Trace>>) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(Inner {
                session: Session::new(SESSION, config),
                live: None,
                places: Places::new(),
                orders: Few::new(),
                armed: Wake::Never,
                last_word: None,
                note: None,
                ended: None,
                end_told: None,
                version: 0,
                moves: 0,
                leases_watched: false,
                ends: None,
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

    /// Changes what stands beside the machine, of which nothing comes outside.
    pub(crate) fn set<R>(&self, set: impl FnOnce(&mut Inner<H>) -> R) -> R {
        self.with_lock(set)
    }

    /// Changes what stands beside the machine, not the machine.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut Inner<H>, &mut Bin<H>) -> R) -> R {
        let mut outside = Outside::new();
        let changed = self.with_lock(|inner| change(inner, &mut outside));
        self.carry_out(outside);
        changed
    }

    /// Feeds the machine one input through `act`, and carries out what comes of it. `now` is the time, if the
    /// input has one.
    pub(crate) fn feed<R: AsReply>(
        &self,
        now: Option<Time>,
        act: impl FnOnce(&mut Inner<H>, &mut Bin<H>) -> (R, Input),
    ) -> R {
        let mut outside = Outside::new();
        let fed = self.with_lock(|inner| {
            let before = inner.session.status();
            let (fed, input) = act(inner, &mut outside);
            inner.follow_up(before, now, input, &fed, &mut outside);
            fed
        });
        self.carry_out(outside);
        fed
    }

    #[inline]
    fn carry_out(&self, outside: Bin<H>) {
        if !outside.is_empty() {
            self.carry_out_all(outside);
        }
    }

    fn carry_out_all(&self, outside: Bin<H>) {
        let Outside { revoked, settled, changed, wake_driver, dropped } = outside;
        if let Some(live) = &revoked {
            live.guards.wake_all();
        }
        for (place, result) in settled {
            place.put(result.map(Granted::right));
        }
        if changed {
            self.changed.wake_all();
        }
        if wake_driver {
            self.driver.wake_all();
        }
        drop((revoked, dropped));
    }

    #[inline]
    fn with_lock<R>(&self, work: impl FnOnce(&mut Inner<H>) -> R) -> R {
        work(&mut self.enter().inner)
    }

    /// The only lock that is taken on the machine.
    #[inline]
    fn enter(&self) -> Locked<'_, H> {
        under_lock::assert_none();
        // Nothing that can panic runs under the lock; were it poisoned all the same, the machine is
        // whole after each of its methods.
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        Locked { inner, _no_other: under_lock::enter() }
    }
}

impl<H> Inner<H> {
    /// What comes of an input.
    fn follow_up(
        &mut self,
        before: Status,
        now: Option<Time>,
        input: Input,
        fed: &impl AsReply,
        outside: &mut Bin<H>,
    ) {
        let reply = self.is_traced().then(|| fed.reply());
        let actions = self.sort_actions(outside);
        if let Some(reply) = reply {
            self.note_input(before, (now, input), Output::new(reply, actions));
        }
        self.note_changes(before, outside);
    }

    /// Sorts all actions by who carries them out, and notes them for the trace if there is one.
    fn sort_actions(&mut self, outside: &mut Bin<H>) -> Vec<Action<LeaseData>> {
        let mut noted = Vec::new();
        let is_traced = self.is_traced();
        while let Some(action) = self.session.poll_action() {
            if is_traced {
                noted.push(action.as_ref().map_lease(LeaseData::of));
            }
            match action {
                Action::Connect { generation } => self.orders.push(Order::Connect(generation)),
                Action::Stop { generation } => self.orders.push(Order::Stop(generation)),
                Action::Abort { generation } => self.orders.push(Order::Abort(generation)),
                Action::Discard { generation } => self.orders.push(Order::Discard(generation)),
                Action::Probe { generation, number } => {
                    self.orders.push(Order::Probe(generation, number));
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
                Action::Ended { generation, cause, .. } => {
                    self.ended = Some(generation);
                    outside.changed = true;
                    self.note_end(generation, cause);
                }
            }
        }
        noted
    }

    /// A lease, with the handle that it is a right to. While the session is live there is one: both were put there
    /// by the same input, under the lock.
    pub(crate) fn granted(&mut self, lease: tenure::Lease) -> Result<Granted<SharedHandle<H>>, Error> {
        let Some(live) = &self.live else {
            // Not lost: the count of leases is right, whatever happened.
            let _ = self.session.release(lease);
            return Err(self.why(Why::Refused(tenure::Refusal::NotLive)));
        };
        Ok(Granted::new(lease, live))
    }

    /// A runner says how it went. Returns what is not needed any more, for its drop.
    pub(crate) fn note_last_word(&mut self, generation: Generation, failure: Failure) -> Option<LastWord> {
        let word = LastWord { generation, failure };
        let is_current = self.session.status().generation() == Some(generation);
        let is_first = self.last_word.as_ref().is_none_or(|last| last.generation != generation);
        if is_current && is_first { self.last_word.replace(word) } else { Some(word) }
    }

    /// Why a caller gets nothing, or nothing any more.
    pub(crate) fn why(&self, why: Why) -> Error {
        let failure = self.last_word.as_ref().map(|word| &word.failure);
        let note = self.note.as_ref().map(|(generation, note)| (*generation, note));
        Error::because(why, Known { failure, note, driver_gone: self.driver_gone })
    }

    fn settle(
        &mut self,
        ticket: Ticket,
        result: Result<Granted<SharedHandle<H>>, Error>,
        outside: &mut Bin<H>,
    ) {
        match (self.places.remove(ticket.number()), result) {
            (Some(place), result) => outside.settled.push((place, result)),
            // Nobody waits with a ticket and without a place; a lease goes back all the same.
            (None, Ok(granted)) => {
                let (lease, live) = granted.into_parts();
                let _ = self.session.release(lease);
                outside.drop_live(Some(live));
            }
            (None, Err(error)) => outside.drop_error(Some(error)),
        }
    }

    /// Returns whether a generation has ended, and whoever listens knows.
    pub(crate) fn is_over(&self, generation: Generation) -> bool {
        let last = if self.ends.is_some() { self.end_told } else { self.ended };
        last >= Some(generation)
    }

    /// A place for the caller with this ticket.
    pub(crate) fn wait(&mut self, ticket: Ticket) -> Arc<Place<H>> {
        let place = Arc::new(Slot::new());
        self.places.insert(ticket.number(), place.clone());
        place
    }

    /// The caller with this ticket waits no more. It still has its place in hand, so nothing is dropped by this.
    pub(crate) fn leave(&mut self, ticket: Ticket) {
        self.places.remove(ticket.number());
    }

    /// How many callers have a place.
    #[cfg(test)]
    pub(crate) fn places(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn take_orders(&mut self) -> Few<Order> {
        self.orders.take()
    }
}

#[cfg(test)]
mod tests;
