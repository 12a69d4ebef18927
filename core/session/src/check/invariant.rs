//! The fifteen invariants and what is said when one doesn't hold.

use alloc::string::String;
use core::fmt;

macro_rules! invariants {
    ($($number:literal $name:ident $text:literal,)+) => {
        /// What always holds of a session.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Invariant {
            $(#[doc = $text] $name = $number,)+
        }

        impl Invariant {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its number, from 1.
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// What holds, in words.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

invariants! {
    1 GenerationsGrow "generations only grow; connect(g+1) comes only after ended(g)",
    2 GrantOnlyLive "a lease is granted only in Live and only for the Live generation; after draining began there is no grant for it, ever",
    3 TicketEndsOnce "each ticket ends exactly once: granted, rejected or cancelled",
    4 ConnectEndsOnce "each connect(g) is followed by exactly one ended(g); stop, abort and discard come at most once each, and never an earlier one after a later one",
    5 NothingFromNothing "a stale, refused or no-op input changes nothing",
    6 LeasesCounted "held leases are those granted less those released, per generation, until its revoke; a stale release changes no count",
    7 DeadlineArmed "in Connecting, in Draining, and in Idle with callers waiting, a deadline is armed",
    8 NothingSpins "a timeout handled at t leaves no deadline at or before t",
    9 ServedInOrder "waiting callers are served in order",
    10 ActionsBounded "actions are bounded by the tickets pending plus a constant",
    11 OrphansBounded "a connect comes only with orphans below the cap; each orphan ends at most once",
    12 RevokedOnce "revoke comes exactly once for each generation that was Live, before its stop, abort, discard or ended",
    13 NoConnectAfterShutdown "after shutdown there is no connect",
    14 BoundsHold "waiting callers never exceed the bound, attempts never the cap",
    15 SomebodyWants "Connecting has a caller waiting; Finish has a lease held",
}

/// An invariant that didn't hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Which one.
    pub invariant: Invariant,
    /// After which input, counted from 1.
    pub step: u64,
    /// What was seen.
    pub seen: String,
}

impl Violation {
    pub(crate) const fn new(invariant: Invariant, step: u64, seen: String) -> Self {
        Self { invariant, step, seen }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { invariant, step, seen } = self;
        write!(f, "input {step}: {seen}: invariant {} ({})", invariant.number(), invariant.text())
    }
}

impl core::error::Error for Violation {}
