//! What can be seen of a session.

use super::Session;
use crate::state::{Ending, Live, Place, State, StateName};
use crate::{Cause, Generation, Step};

/// What can be seen of a session's state, as plain data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Status {
    /// Not connected.
    Idle {
        /// How the last generation ended; `None` before the first.
        last: Option<Ending>,
        /// Whether a backoff forbids to connect.
        backoff: bool,
    },
    /// The runner was started and isn't ready yet.
    Connecting {
        /// Its life.
        generation: Generation,
    },
    /// Connected.
    Live {
        /// Its life.
        generation: Generation,
        /// Leases held.
        held: u64,
    },
    /// On the way out.
    Draining {
        /// Its life.
        generation: Generation,
        /// How far it has gone.
        step: Step,
        /// Why.
        cause: Cause,
        /// Leases still held, in [`Step::Finish`] alone.
        held: u64,
        /// Whether it is for good.
        closing: bool,
    },
    /// Shut down for good.
    Closed {
        /// The last generation there was.
        generation: Option<Generation>,
    },
}

impl Status {
    /// The state's name.
    pub const fn name(self) -> StateName {
        match self {
            Self::Idle { .. } => StateName::Idle,
            Self::Connecting { .. } => StateName::Connecting,
            Self::Live { .. } => StateName::Live,
            Self::Draining { .. } => StateName::Draining,
            Self::Closed { .. } => StateName::Closed,
        }
    }

    /// Returns whether the session was shut down for good and has ended: nothing follows.
    ///
    /// ```
    /// use tenure::{Config, Mode, Session, SessionId};
    ///
    /// let mut session = Session::new(SessionId(1), Config::default());
    /// session.shutdown(Mode::Graceful);
    /// assert!(session.status().is_closed()); // there was nothing to end
    /// ```
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// The state, and while it drains how far.
    pub const fn place(self) -> Place {
        let step = match self {
            Self::Draining { step, .. } => Some(step),
            Self::Idle { .. } | Self::Connecting { .. } | Self::Live { .. } | Self::Closed { .. } => None,
        };
        Place::new(self.name(), step)
    }

    /// The generation it is about: the current one, or the last.
    pub fn generation(self) -> Option<Generation> {
        match self {
            Self::Idle { last, .. } => last.map(|ending| ending.generation),
            Self::Connecting { generation }
            | Self::Live { generation, .. }
            | Self::Draining { generation, .. } => Some(generation),
            Self::Closed { generation } => generation,
        }
    }
}

impl Session {
    /// The state, while it is live: to look at without a copy.
    #[inline]
    pub const fn live(&self) -> Option<&Live> {
        match &self.state {
            State::Live(live) => Some(live),
            State::Idle(_) | State::Connecting(_) | State::Draining(_) | State::Closed(_) => None,
        }
    }

    /// The state, as plain data.
    pub fn status(&self) -> Status {
        match &self.state {
            State::Idle(idle) => Status::Idle { last: idle.last(), backoff: idle.is_gated() },
            State::Connecting(connecting) => Status::Connecting { generation: connecting.generation() },
            State::Live(live) => Status::Live { generation: live.generation(), held: live.held() },
            State::Draining(draining) => Status::Draining {
                generation: draining.generation(),
                step: draining.step(),
                cause: draining.cause(),
                held: draining.held(),
                closing: draining.is_closing(),
            },
            State::Closed(closed) => Status::Closed { generation: closed.generation() },
        }
    }
}
