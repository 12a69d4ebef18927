//! A session as data: for tests, recording, replay and model checking.

use alloc::vec::Vec;

pub(crate) mod names;

use names::Names;

use crate::{
    Acquired, Action, Closing, Config, Exit, Generation, Lease, Mode, Outcome, Refusal, Session, SessionId,
    Ticket, Time,
};

/// One input of a session, as data. A lease is named by its number, a ticket by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Input {
    /// [`Session::acquire`].
    Acquire,
    /// [`Session::try_acquire`].
    TryAcquire,
    /// [`Session::cancel`].
    Cancel {
        /// The ticket's number.
        ticket: u64,
    },
    /// [`Session::release`]; stale if no lease of this number is held.
    Release {
        /// The lease's number.
        lease: u64,
    },
    /// [`Session::close`].
    Close {
        /// How it begins.
        mode: Mode,
    },
    /// [`Session::shutdown`].
    Shutdown {
        /// How it begins.
        mode: Mode,
    },
    /// [`Session::runner_ready`].
    RunnerReady {
        /// Whose runner.
        generation: Generation,
    },
    /// [`Session::runner_retiring`].
    RunnerRetiring {
        /// Whose runner.
        generation: Generation,
        /// How it goes.
        exit: Exit,
    },
    /// [`Session::runner_done`].
    RunnerDone {
        /// Whose runner.
        generation: Generation,
        /// How it went.
        exit: Exit,
    },
    /// [`Session::runner_ended`].
    RunnerEnded {
        /// Whose runner.
        generation: Generation,
        /// How it went.
        exit: Exit,
    },
    /// [`Session::probe_answered`].
    ProbeAnswered {
        /// Whose runner.
        generation: Generation,
        /// The probe's number.
        number: u64,
    },
    /// [`Session::handle_timeout`], with the time of [`Script::apply`].
    Timeout,
}

/// What one input said at once, as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Reply {
    /// It changed the machine.
    Applied,
    /// There was nothing to do; the machine equals what it was.
    NoOp,
    /// It spoke of something that is over; the machine equals what it was.
    Stale,
    /// A lease was granted at once.
    Granted(LeaseData),
    /// The caller waits with this ticket.
    Waiting {
        /// The ticket's number.
        ticket: u64,
    },
    /// The caller gets nothing; the machine equals what it was.
    Refused(Refusal),
    /// What a close or shutdown did, and what to wait for.
    Closing(Closing),
}

impl Input {
    /// The generation that it is about, if it is said by a runner or of a probe.
    pub const fn generation(&self) -> Option<Generation> {
        match self {
            Self::RunnerReady { generation }
            | Self::RunnerRetiring { generation, .. }
            | Self::RunnerDone { generation, .. }
            | Self::RunnerEnded { generation, .. }
            | Self::ProbeAnswered { generation, .. } => Some(*generation),
            Self::Acquire
            | Self::TryAcquire
            | Self::Cancel { .. }
            | Self::Release { .. }
            | Self::Close { .. }
            | Self::Shutdown { .. }
            | Self::Timeout => None,
        }
    }
}

impl Reply {
    /// Returns whether the input changed the machine.
    pub const fn is_change(self) -> bool {
        match self {
            Self::Applied | Self::Granted(_) | Self::Waiting { .. } => true,
            Self::NoOp | Self::Stale | Self::Refused(_) => false,
            Self::Closing(closing) => matches!(closing.outcome, Outcome::Applied),
        }
    }
}

impl From<Outcome> for Reply {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Applied => Self::Applied,
            Outcome::NoOp => Self::NoOp,
            Outcome::Stale => Self::Stale,
        }
    }
}

/// A lease, as data. It gives no right to anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct LeaseData {
    /// The lease's number.
    pub number: u64,
    /// The life of the connection that it is a right to.
    pub generation: Generation,
}

impl LeaseData {
    /// What `lease` is.
    pub const fn of(lease: &Lease) -> Self {
        Self { number: lease.number(), generation: lease.generation() }
    }

    /// A lease with this number and generation, for other designs behind the checker.
    pub const fn new(number: u64, generation: Generation) -> Self {
        Self { number, generation }
    }
}

/// What came of one input: its reply, and all actions that followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Output {
    /// What the input said at once.
    pub reply: Reply,
    /// What is to be done, in order.
    pub actions: Vec<Action<LeaseData>>,
}

impl Output {
    /// This reply and these actions, for other designs behind the checker.
    pub const fn new(reply: Reply, actions: Vec<Action<LeaseData>>) -> Self {
        Self { reply, actions }
    }
}

/// What the session of a script is called: nothing of it ever meets another session.
const SESSION: SessionId = SessionId(0);

/// A session plus the leases it holds, as data: it can be cloned, compared, hashed and stored.
///
/// ```
/// use tenure::{Config, Input, Reply, Script, Time};
///
/// let mut script = Script::new(Config::default());
/// let output = script.apply(Time::ZERO, Input::Acquire);
/// assert_eq!(output.reply, Reply::Waiting { ticket: 1 });
/// assert_eq!(output.actions.len(), 1); // connect
///
/// let copy = script.clone();
/// script.apply(Time::ZERO, Input::Cancel { ticket: 1 });
/// assert_ne!(script, copy);
/// ```
#[derive(Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Script {
    #[cfg_attr(feature = "serde", serde(with = "crate::session::serial::SessionData"))]
    session: Session,
    /// In the order of their numbers.
    #[cfg_attr(feature = "serde", serde(with = "crate::session::serial::leases"))]
    leases: Vec<Lease>,
}

impl Script {
    /// A session that is idle and holds no lease.
    pub fn new(config: Config) -> Self {
        Self { session: Session::new(SESSION, config), leases: Vec::new() }
    }

    /// Feeds one input and takes all actions, as the contract says.
    pub fn apply(&mut self, now: Time, input: Input) -> Output {
        let reply = self.feed(now, input);
        let actions = core::iter::from_fn(|| self.poll()).collect();
        Output { reply, actions }
    }

    /// Feeds one input and leaves its actions where they are.
    pub fn feed(&mut self, now: Time, input: Input) -> Reply {
        let session = &mut self.session;
        match input {
            Input::Acquire => match session.acquire() {
                Ok(Acquired::Granted(lease)) => Reply::Granted(self.keep(lease)),
                Ok(Acquired::Waiting(ticket)) => Reply::Waiting { ticket: ticket.number() },
                Err(refusal) => Reply::Refused(refusal),
            },
            Input::TryAcquire => match session.try_acquire() {
                Ok(lease) => Reply::Granted(self.keep(lease)),
                Err(refusal) => Reply::Refused(refusal),
            },
            Input::Cancel { ticket } => {
                session.cancel(Ticket { session: session.id(), number: ticket }).into()
            }
            Input::Release { lease } => match self.take(lease).map(|lease| self.session.release(lease)) {
                Some(Ok(outcome)) => outcome.into(),
                // No lease here is of another session.
                Some(Err(_)) | None => Reply::Stale,
            },
            Input::Close { mode } => Reply::Closing(session.close(mode)),
            Input::Shutdown { mode } => Reply::Closing(session.shutdown(mode)),
            Input::RunnerReady { generation } => session.runner_ready(generation).into(),
            Input::RunnerRetiring { generation, exit } => session.runner_retiring(generation, exit).into(),
            Input::RunnerDone { generation, exit } => session.runner_done(generation, exit).into(),
            Input::RunnerEnded { generation, exit } => session.runner_ended(generation, exit).into(),
            Input::ProbeAnswered { generation, number } => session.probe_answered(generation, number).into(),
            Input::Timeout => session.handle_timeout(now).into(),
        }
    }

    /// The next action, as data; a granted lease is kept here.
    pub fn poll(&mut self) -> Option<Action<LeaseData>> {
        let action = self.session.poll_action()?;
        Some(action.map_lease(|lease| self.keep(lease)))
    }

    /// The session, to look at.
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// The leases that it holds, in the order of their numbers.
    pub fn leases(&self) -> impl Iterator<Item = LeaseData> + '_ {
        self.leases.iter().map(LeaseData::of)
    }

    /// The tickets of the callers that wait, in order.
    pub fn waiting(&self) -> impl Iterator<Item = u64> + '_ {
        self.session.waiting_tickets()
    }

    /// The last time it was told.
    pub const fn clock(&self) -> Time {
        self.session.clock()
    }

    /// An equal script for all histories that differ only in when they began and in how many ids they
    /// used up: times count from the last one seen, ids from 1 in their order. Two scripts of one
    /// canonical form do the same from there on, if the backoff leaves nothing to chance
    /// ([`Retry::jitter`](crate::Retry::jitter) 0, as chance hangs on the generation's number).
    ///
    /// For whoever explores states, such as a model checker: it is known by its canonical form whether a state
    /// was seen before.
    ///
    /// ```
    /// use tenure::{Config, Input, Script, Time};
    ///
    /// let mut fresh = Script::new(Config::default());
    /// let mut used = fresh.clone();
    /// used.apply(Time::from_nanos(7), Input::Timeout);
    /// assert_ne!(used, fresh);
    /// assert_eq!(used.canonical(), fresh.canonical());
    /// ```
    #[cfg(feature = "check")]
    #[must_use]
    pub fn canonical(&self) -> Self {
        let session = &self.session;
        let mut known: Vec<Generation> = session.orphans().to_vec();
        known.extend(session.status().generation());
        known.extend(self.leases.iter().map(Lease::generation));
        known.sort_unstable();
        known.dedup();
        let tickets: Vec<u64> = session.waiting_tickets().collect();
        let generation = |g: Generation| Generation::new(rank(known.binary_search(&g))).unwrap_or(g);
        let names = Names {
            clock: session.clock(),
            generation: &generation,
            // Only the last probe can be answered: its number is all the same.
            probe: |number| u64::from(number > 0),
            ticket: &|t| rank(tickets.binary_search(&t)),
            counters: Some((tickets.len() as u64, self.leases.len() as u64)),
        };
        let leases = self.leases.iter().zip(1..);
        Self {
            session: session.renamed(&names),
            leases: leases.map(|(lease, number)| lease.renamed(&names, number)).collect(),
        }
    }

    fn keep(&mut self, lease: Lease) -> LeaseData {
        let data = LeaseData::of(&lease);
        self.leases.push(lease);
        data
    }

    fn take(&mut self, number: u64) -> Option<Lease> {
        let index = self.leases.binary_search_by_key(&number, Lease::number).ok()?;
        Some(self.leases.remove(index))
    }
}

/// The place of an id among those known, from 1.
#[cfg(feature = "check")]
fn rank(found: Result<usize, usize>) -> u64 {
    let (Ok(index) | Err(index)) = found;
    (index as u64).saturating_add(1)
}

impl Clone for Script {
    fn clone(&self) -> Self {
        Self {
            session: self.session.renamed(&Names::SAME),
            leases: self.leases.iter().map(|lease| lease.renamed(&Names::SAME, lease.number())).collect(),
        }
    }
}
