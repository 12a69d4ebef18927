//! Names: of a session, a generation, a ticket.

use core::fmt;
use core::num::NonZeroU64;

/// Names one session; leases and tickets carry it.
///
/// The caller chooses it, and no two sessions that are alive at the same time may share one: it is how a lease
/// of another session is recognised. It is an argument of [`Session::new`](crate::Session::new) and has no
/// default, so that it can't be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct SessionId(pub u64);

/// One life of the session's connection, numbered from 1, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Generation(NonZeroU64);

impl Generation {
    /// The first life.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// The generation numbered `number`; there is none numbered 0.
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// Its number, from 1.
    pub const fn number(self) -> u64 {
        self.0.get()
    }

    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// `generation 1`, and `g1` in the short form (`{:#}`).
impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if f.alternate() { "g" } else { "generation " };
        write!(f, "{word}{}", self.0)
    }
}

/// The name of a pending [`acquire`](crate::Session::acquire), to cancel it and to know its grant by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ticket {
    pub(crate) session: SessionId,
    pub(crate) number: u64,
}

impl Ticket {
    /// The ticket of `session` with this number: a name, which gives no right to anything.
    pub const fn new(session: SessionId, number: u64) -> Self {
        Self { session, number }
    }

    /// The session that gave it.
    pub const fn session(self) -> SessionId {
        self.session
    }

    /// Its number, from 1 in the order of the calls.
    pub const fn number(self) -> u64 {
        self.number
    }
}
