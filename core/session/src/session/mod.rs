//! The session machine: the state, the queue of waiting callers, the orphans, the queue of actions.
//!
//! # Theory of operation
//! **Every input goes the same way.** It finds out whether it speaks of something that still matters; if not it
//! is stale and nothing is touched. It changes the state, in place or by a transition. Then what follows from the
//! state and the callers alone is done, which is called settling. What the outside must do is queued on the way.
//!
//! **What is stale is decided in one place.** `State::current` gives the state whose runner an input speaks of:
//! connecting, live or draining, of that very generation, or nothing. Leases, runners and probes all go through
//! it. The one exception is the end of an orphan, which is looked up before, since an orphan is of no current
//! generation any more. Tickets are stale when the queue doesn't have them.
//!
//! **States are consumed.** `State` (in `state/current.rs`) has one function that takes the state out and must be
//! given its successor; each of its transitions goes through that. Nothing here can copy a state, keep an old one
//! or make a new one: a copy takes `Names`, which [`Script`](crate::Script) alone can make.
//!
//! **Settling** (`settle.rs`) asks three questions, and one answer is enough, since each leads to a state in
//! which the others have no meaning:
//! 1. Idle, and somebody waits, and no backoff is running: connect.
//! 2. Connecting, and nobody waits: stop.
//! 3. Live, and nobody waits or holds a lease: what keep-alive says, which is stop, arm a deadline, or nothing.
//!
//! It comes after an acquire that waits, a cancel, the release of the last lease, ready, ended, and each deadline
//! that fired. A close leaves nothing to settle.
//!
//! **The order of actions is the order of what happened.** When a generation ends: callers that are rejected
//! with it first, then the revocation of its leases, then what its runner is told or its end. So nobody hears of
//! the end of a session with a lease that still looks good, and a caller that asks again at once finds the state
//! that follows. Then those whom the cap of orphans turns away; and a connect last, when the one before has ended.
//!
//! **Grants are not queued.** In Live, whoever waits at the front is granted a lease when the next action is
//! polled. So a caller that gives up before that has taken nothing, and there is no lease to be taken back.
//!
//! **Time comes with one input** (`timeouts.rs`). Other inputs arm deadlines without knowing the time; the next
//! `handle_timeout` gives them theirs and then fires what is due, the earliest first, settling after each, until
//! nothing is due. A step that a deadline leads to counts from that moment, so a machine that slept goes through
//! all its steps.
//!
//! | file | what it decides |
//! |---|---|
//! | `inputs.rs` | what callers do: acquire, cancel, release, close, shutdown |
//! | `runner.rs` | what runners say: ready, retiring, done, ended, probe answered |
//! | `timeouts.rs` | which deadline is next, and what each does when it passes |
//! | `settle.rs` | the ways from state to state with what is told, and what follows by itself |
//! | `waiting.rs` | the queue of callers |
//! | `status.rs`, `action.rs`, `outcome.rs`, `lease.rs` | what is seen and given out |
//! | `copy.rs`, `serial.rs` | copies and data, for [`Script`](crate::Script) alone |

mod action;
mod copy;
mod inputs;
mod lease;
mod outcome;
mod runner;
#[cfg(feature = "serde")]
pub(crate) mod serial;
mod settle;
mod status;
#[cfg(test)]
mod tests;
mod timeouts;
mod waiting;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

pub use action::Action;
pub use lease::{ForeignLease, Lease};
pub use outcome::{Acquired, Closing, Outcome, Refusal, Rejection};
pub use status::Status;
use waiting::Waiting;

use crate::state::{Idle, State};
use crate::{Config, Generation, SessionId, Ticket, Time};

/// One long-lived session as a machine: inputs in, actions out.
///
/// # The contract
/// 1. Call a method for whatever happened: a caller [acquires](Self::acquire), [cancels](Self::cancel),
///    [releases](Self::release) or [closes](Self::close); the runner is [ready](Self::runner_ready),
///    [retiring](Self::runner_retiring), [done](Self::runner_done) or [ended](Self::runner_ended); time
///    [passed](Self::handle_timeout).
/// 2. After each input, call [`poll_action`](Self::poll_action) until it says `None`, and carry out what it says, in
///    order.
/// 3. Then ask [`poll_timeout`](Self::poll_timeout) when `handle_timeout` is wanted next: never, now, or
///    at a time. The answer holds until the next input.
///
/// Calls too many do no harm: `poll_action` says `None`, `handle_timeout` before its time fires nothing,
/// and an input that speaks of something over is [stale](Outcome::Stale). No input panics, in no order.
///
/// Only `handle_timeout` knows the time. Other inputs mark the deadlines they arm; `poll_timeout` then
/// says [`Now`](crate::Wake::Now), and the next `handle_timeout` stamps them. So whoever holds a lease
/// needs no clock. An input that comes before a deadline that is due is handled wins over it.
///
/// ```
/// use tenure::{Acquired, Action, Config, Exit, Mode, Session, SessionId, Time, Wake};
///
/// let mut session = Session::new(SessionId(1), Config::default());
/// let mut clock = Time::ZERO;      // the caller's clock
/// let mut runner_ended = None;     // what the caller's runner reported
/// let mut leases = Vec::new();
///
/// let Ok(Acquired::Waiting(mine)) = session.acquire() else { unreachable!("it is idle") };
/// loop {
///     while let Some(action) = session.poll_action() {
///         match action {
///             // Start a runner; this one is ready at once.
///             Action::Connect { generation } => { session.runner_ready(generation); }
///             Action::Grant { ticket, lease } => { assert_eq!(ticket, mine); leases.push(lease); }
///             // This runner obeys at once.
///             Action::Stop { generation } | Action::Abort { generation } | Action::Discard { generation } => {
///                 runner_ended = Some(generation);
///             }
///             Action::Revoke { .. } => {}                 // fail the calls in flight
///             Action::Reject { ticket, rejection } => panic!("{ticket:?}: {rejection:?}"),
///             Action::Probe { generation, number } => { session.probe_answered(generation, number); }
///             Action::Ended { generation, .. } => println!("{generation} is over"),
///         }
///     }
///     if let Some(lease) = leases.pop() {
///         session.release(lease).expect("its own session"); // the last one: it stops
///     } else if let Some(generation) = runner_ended.take() {
///         session.runner_ended(generation, Exit::FINISHED);
///     } else {
///         match session.poll_timeout() {
///             Wake::Now(_) => { session.handle_timeout(clock); }
///             Wake::At(time, _) => { clock = time; session.handle_timeout(clock); } // sleep until then
///             Wake::Never => break,                                                 // wait for an input
///         }
///     }
/// }
/// assert_eq!(session.close(Mode::Graceful).watch, None); // idle: done already
/// ```
///
/// A lease that is granted at once, and one that is released while others are held, do nothing but count: afterwards
/// there is no action, the session is live as it was, and no deadline is sooner than before. That is the hot path. The
/// last one that is released does no more than arm the keep-alive deadline, unless keep-alive is
/// [`Never`](crate::KeepAlive::Never).
///
/// # Bounds
/// A close completes within finish + stop + abort + discard. An acquire ends within that plus
/// attempts × (connect + stop + abort + discard + backoff). Callers who all give up sooner than a
/// connect takes never see the session live: the connect is stopped with the last of them.
#[derive(Debug, PartialEq, Eq, Hash)]
// In this order, so that what each lease writes stands together in front: threads that take leases at once hand the
// cache lines that they write from core to core.
#[repr(C)]
pub struct Session {
    leases: u64,
    id: SessionId,
    state: State,
    waiting: Waiting,
    config: Config,
    /// The last time seen.
    clock: Time,
    /// What is to be done, but for the grants: those are minted when they are polled.
    actions: VecDeque<Queued>,
    orphans: Vec<Generation>,
    tickets: u64,
}

/// An action before it is polled; none of them holds a lease.
type Queued = Action<NoLease>;

/// A lease that can't be: queued grants are told by the queue of callers, not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum NoLease {}

impl Session {
    /// A session that is idle and allocates as it needs to. Its leases and tickets carry `id`: no two sessions
    /// of a program may share one.
    pub fn new(id: SessionId, config: Config) -> Self {
        Self::with_capacity(id, config, 0)
    }

    /// A session that allocates now what `waiting` callers need (at most as many as
    /// [may wait](field@Config::max_waiting), and 65,536) and up to 64 orphans, and nothing more until there are more.
    pub fn with_capacity(id: SessionId, config: Config, waiting: usize) -> Self {
        // One timeout can take a session through a life for each orphan there may be, if all deadlines are
        // zero: connect, probe, revoke, stop, abort, discard, ended.
        const A_LIFE: usize = 7;
        // What nobody can wait for isn't reserved, nor what no machine holds.
        let waiting = waiting.min(config.max_waiting.get() as usize).min(1 << 16);
        let (queued, orphans) = if waiting == 0 {
            (0, 0)
        } else {
            let orphans = config.max_orphans.get().min(64) as usize;
            (waiting.saturating_add(orphans.saturating_add(1).saturating_mul(A_LIFE)), orphans)
        };
        Self {
            id,
            config,
            state: State::Idle(Idle::new()),
            clock: Time::ZERO,
            waiting: Waiting::with_capacity(waiting),
            actions: VecDeque::with_capacity(queued),
            orphans: Vec::with_capacity(orphans),
            tickets: 0,
            leases: 0,
        }
    }

    /// The next thing to be done; `None` when there is nothing until the next input.
    #[inline]
    pub fn poll_action(&mut self) -> Option<Action> {
        if self.has_actions() { self.next_action() } else { None }
    }

    /// Returns whether [`poll_action`](Self::poll_action) has something to be done.
    #[inline]
    pub fn has_actions(&self) -> bool {
        !self.actions.is_empty() || (!self.waiting.is_empty() && matches!(self.state, State::Live(_)))
    }

    fn next_action(&mut self) -> Option<Action> {
        if let Some(queued) = self.actions.pop_front() {
            return Some(queued.map_lease(|never| match never {}));
        }
        let State::Live(live) = &mut self.state else {
            return None;
        };
        let number = self.waiting.pop()?;
        live.acquire();
        let generation = live.generation();
        let ticket = self.ticket(number);
        Some(Action::Grant { ticket, lease: self.mint(generation) })
    }

    /// What its leases and tickets know it by.
    pub const fn id(&self) -> SessionId {
        self.id
    }

    /// What it was told at its start.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// How many callers wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The runners that were discarded and have not confirmed their end.
    pub fn orphans(&self) -> &[Generation] {
        &self.orphans
    }

    /// Failed attempts in a row.
    pub fn failed(&self) -> u32 {
        self.state.failed()
    }

    fn ticket(&self, number: u64) -> Ticket {
        Ticket { session: self.id, number }
    }

    #[inline]
    fn mint(&mut self, generation: Generation) -> Lease {
        // As many are never given: nothing is lost by not looking.
        self.leases = self.leases.wrapping_add(1);
        Lease { session: self.id, generation, number: self.leases }
    }

    fn at_orphan_cap(&self) -> bool {
        self.orphans.len() >= self.config.max_orphans.get() as usize
    }
}
