//! The state that a session is in: taken by one function, which must be given its successor.

use super::{Closed, Connecting, Drain, Draining, Ending, Idle, Live, Renamed, Resting};
use crate::script::names::Names;
use crate::{Cause, Config, Exit, Generation, Step};

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
    Connecting,
    Live(&'a mut Live),
    Draining(&'a mut Draining),
}

/// How draining began.
pub(crate) struct Drained {
    pub(crate) generation: Generation,
    pub(crate) step: Step,
    pub(crate) cause: Cause,
    /// Whether there may be leases.
    pub(crate) was_live: bool,
}

/// How a generation ended.
pub(crate) struct Ended {
    pub(crate) ending: Ending,
    pub(crate) was: Was,
}

/// What a generation was when it ended, as far as callers are concerned.
#[derive(PartialEq, Eq)]
pub(crate) enum Was {
    /// Callers waited for it.
    Connecting,
    /// Its leases were good until then.
    Leased,
    /// Its leases had been revoked, or there never were any.
    Revoked,
}

impl State {
    /// Takes the state and puts the successor that `step` gives in its place, and nothing else can: a state is
    /// consumed inside of this crate too.
    ///
    /// Meanwhile it is `Closed`. Nobody can see that, unless `step` panics; then the session stays shut and
    /// grants nothing.
    #[inline]
    fn replace(&mut self, step: impl FnOnce(Self) -> Self) {
        *self = step(core::mem::replace(self, Self::Closed(Closed::PLACEHOLDER)));
    }

    /// Idle to Connecting, unless a backoff is running. Returns the generation that begins.
    #[inline]
    pub(crate) fn connect(&mut self, config: &Config) -> Option<Generation> {
        if !matches!(self, Self::Idle(idle) if !idle.is_gated()) {
            return None;
        }
        let mut begun = None;
        self.replace(|state| match state {
            Self::Idle(idle) => {
                let connecting = idle.begin(config);
                begun = Some(connecting.generation());
                Self::Connecting(connecting)
            }
            state @ (Self::Connecting(_) | Self::Live(_) | Self::Draining(_) | Self::Closed(_)) => state,
        });
        begun
    }

    /// Connecting to Live.
    #[inline]
    pub(crate) fn ready(&mut self, config: &Config) {
        if !matches!(self, Self::Connecting(_)) {
            return;
        }
        self.replace(|state| match state {
            Self::Connecting(connecting) => Self::Live(connecting.ready(config)),
            state @ (Self::Idle(_) | Self::Live(_) | Self::Draining(_) | Self::Closed(_)) => state,
        });
    }

    /// Connecting or Live to Draining. Returns what began, if anything did.
    #[inline]
    pub(crate) fn drain(&mut self, drain: Drain, config: &Config) -> Option<Drained> {
        let was_live = match self {
            Self::Connecting(_) => false,
            Self::Live(_) => true,
            Self::Idle(_) | Self::Draining(_) | Self::Closed(_) => return None,
        };
        self.replace(|state| match state {
            Self::Connecting(connecting) => Self::Draining(connecting.drain(drain, config)),
            Self::Live(live) => Self::Draining(live.drain(drain, config)),
            state @ (Self::Idle(_) | Self::Draining(_) | Self::Closed(_)) => state,
        });
        let Self::Draining(draining) = self else {
            return None;
        };
        let (generation, step, cause) = (draining.generation(), draining.step(), draining.cause());
        Some(Drained { generation, step, cause, was_live })
    }

    /// The runner's end is confirmed, or was waited for long enough: Connecting, Live or Draining to where it
    /// rests. Returns what ended, if anything did.
    #[inline]
    pub(crate) fn end(&mut self, exit: Exit, config: &Config) -> Option<Ended> {
        let ended = self.ending(exit)?;
        self.replace(|state| match state {
            Self::Connecting(connecting) => Self::Idle(connecting.ended(exit, config)),
            Self::Live(live) => Self::Idle(live.ended(exit, config)),
            Self::Draining(draining) => match draining.end(exit) {
                Resting::Idle(idle) => Self::Idle(idle),
                Resting::Closed(closed) => Self::Closed(closed),
            },
            state @ (Self::Idle(_) | Self::Closed(_)) => state,
        });
        Some(ended)
    }

    /// What would end with its runner's end, if anything would.
    fn ending(&self, exit: Exit) -> Option<Ended> {
        Some(match self {
            Self::Idle(_) | Self::Closed(_) => return None,
            Self::Connecting(connecting) => {
                Ended { ending: Ending::by_itself(connecting.generation(), exit), was: Was::Connecting }
            }
            Self::Live(live) => {
                Ended { ending: Ending::by_itself(live.generation(), exit), was: Was::Leased }
            }
            Self::Draining(draining) => {
                let was = if draining.step() == Step::Finish { Was::Leased } else { Was::Revoked };
                Ended { ending: draining.ending(exit), was }
            }
        })
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
    #[inline]
    pub(crate) fn current(&mut self, generation: Generation) -> Option<Current<'_>> {
        match self {
            Self::Live(live) if live.generation() == generation => Some(Current::Live(live)),
            Self::Draining(draining) if draining.generation() == generation => {
                Some(Current::Draining(draining))
            }
            Self::Connecting(connecting) if connecting.generation() == generation => {
                Some(Current::Connecting)
            }
            Self::Live(_) | Self::Draining(_) | Self::Connecting(_) | Self::Idle(_) | Self::Closed(_) => None,
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

#[cfg(test)]
impl State {
    /// A step that panics when the state is taken and no successor is there yet.
    pub(crate) fn panic_midway(&mut self) {
        let step =
            std::panic::AssertUnwindSafe(|| self.replace(|state| panic!("{state:?} has no successor")));
        assert!(std::panic::catch_unwind(step).is_err());
    }
}
