//! The state that a session is in: taken by one function, which must be given its successor.

use super::{Closed, Connecting, Drain, Draining, Idle, Live, Names, Renamed, Resting};
use crate::{Config, Exit, Generation};

/// One of the states.
#[derive(Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[must_use]
pub(crate) enum State {
    Idle(#[cfg_attr(feature = "serde", serde(with = "super::idle::IdleData"))] Idle),
    Connecting(#[cfg_attr(feature = "serde", serde(with = "super::connecting::ConnectingData"))] Connecting),
    Live(#[cfg_attr(feature = "serde", serde(with = "super::live::LiveData"))] Live),
    Draining(#[cfg_attr(feature = "serde", serde(with = "super::draining::DrainingData"))] Draining),
    Closed(#[cfg_attr(feature = "serde", serde(with = "super::closed::ClosedData"))] Closed),
}

/// The state whose runner an input speaks of, if that can still change anything.
pub(crate) enum Current<'a> {
    Connecting(&'a mut Connecting),
    Live(&'a mut Live),
    Draining(&'a mut Draining),
}

impl State {
    /// Takes the state and puts the successor that `step` gives in its place, and nothing else can: a state is
    /// consumed inside of this crate too.
    ///
    /// Meanwhile it is `Closed`. Nobody can see that, unless `step` panics; then the session stays shut and
    /// grants nothing.
    fn replace(&mut self, step: impl FnOnce(Self) -> Self) {
        *self = step(core::mem::replace(self, Self::Closed(Closed::PLACEHOLDER)));
    }

    /// Idle to Connecting, unless a backoff is running. Returns the generation that begins.
    pub(crate) fn connect(&mut self, config: &Config) -> Option<Generation> {
        self.replace(|state| match state {
            Self::Idle(idle) => idle.connect(config).map_or_else(Self::Idle, Self::Connecting),
            state @ (Self::Connecting(_) | Self::Live(_) | Self::Draining(_) | Self::Closed(_)) => state,
        });
        match self {
            Self::Connecting(connecting) => Some(connecting.generation()),
            Self::Idle(_) | Self::Live(_) | Self::Draining(_) | Self::Closed(_) => None,
        }
    }

    /// Connecting to Live.
    pub(crate) fn ready(&mut self, config: &Config) {
        self.replace(|state| match state {
            Self::Connecting(connecting) => Self::Live(connecting.ready(config)),
            state @ (Self::Idle(_) | Self::Live(_) | Self::Draining(_) | Self::Closed(_)) => state,
        });
    }

    /// Connecting or Live to Draining.
    pub(crate) fn drain(&mut self, drain: Drain, config: &Config) {
        self.replace(|state| match state {
            Self::Connecting(connecting) => Self::Draining(connecting.drain(drain, config)),
            Self::Live(live) => Self::Draining(live.drain(drain, config)),
            state @ (Self::Idle(_) | Self::Draining(_) | Self::Closed(_)) => state,
        });
    }

    /// The runner's end is confirmed, or was waited for long enough: Connecting, Live or Draining to where it
    /// rests.
    pub(crate) fn end(&mut self, exit: Exit, config: &Config) {
        self.replace(|state| match state {
            Self::Connecting(connecting) => Self::Idle(connecting.ended(exit, config)),
            Self::Live(live) => Self::Idle(live.ended(exit, config)),
            Self::Draining(draining) => match draining.end(exit) {
                Resting::Idle(idle) => Self::Idle(idle),
                Resting::Closed(closed) => Self::Closed(closed),
            },
            state @ (Self::Idle(_) | Self::Closed(_)) => state,
        });
    }

    /// Idle to Closed.
    pub(crate) fn shut_down(&mut self) {
        self.replace(|state| match state {
            Self::Idle(idle) => Self::Closed(idle.shutdown()),
            state @ (Self::Connecting(_) | Self::Live(_) | Self::Draining(_) | Self::Closed(_)) => state,
        });
    }

    /// Failed attempts in a row.
    pub(crate) const fn failed(&self) -> u32 {
        match self {
            Self::Idle(idle) => idle.failed(),
            Self::Connecting(connecting) => connecting.failed(),
            Self::Live(live) => live.failed(),
            Self::Draining(draining) => draining.failed(),
            Self::Closed(_) => 0,
        }
    }

    /// The one place that decides what is stale: only the runner of the generation that is connecting, live or
    /// draining can change anything.
    pub(crate) fn current(&mut self, generation: Generation) -> Option<Current<'_>> {
        let current = match self {
            Self::Connecting(connecting) => Current::Connecting(connecting),
            Self::Live(live) => Current::Live(live),
            Self::Draining(draining) => Current::Draining(draining),
            Self::Idle(_) | Self::Closed(_) => return None,
        };
        (current.generation() == generation).then_some(current)
    }
}

impl Current<'_> {
    const fn generation(&self) -> Generation {
        match self {
            Self::Connecting(connecting) => connecting.generation(),
            Self::Live(live) => live.generation(),
            Self::Draining(draining) => draining.generation(),
        }
    }
}

impl Renamed for State {
    fn renamed(&self, names: &Names<'_>) -> Self {
        match self {
            Self::Idle(idle) => Self::Idle(idle.renamed(names)),
            Self::Connecting(connecting) => Self::Connecting(connecting.renamed(names)),
            Self::Live(live) => Self::Live(live.renamed(names)),
            Self::Draining(draining) => Self::Draining(draining.renamed(names)),
            Self::Closed(closed) => Self::Closed(closed.renamed(names)),
        }
    }
}
