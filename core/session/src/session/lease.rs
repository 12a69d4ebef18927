//! The right to use the live session: the type, and what it says of itself. What it does is decided elsewhere:
//! `inputs.rs` grants one at once, and says what its release does; who waits is granted one by `poll_action`.

use core::fmt;

use crate::script::names::Names;
use crate::{Generation, SessionId};

/// A caller's right to use the live session, bound to its session and generation.
///
/// It is linear: it can't be cloned, copied or made, and [`Session::release`](crate::Session::release)
/// consumes it. Releasing it twice does not compile:
///
/// ```
/// # fn f(session: &mut tenure::Session, lease: tenure::Lease) {
/// session.release(lease).expect("its own session");
/// # }
/// ```
///
/// ```compile_fail
/// # fn f(session: &mut tenure::Session, lease: tenure::Lease) {
/// session.release(lease).expect("its own session");
/// session.release(lease).expect("its own session");
/// # }
/// ```
///
/// A lease that is dropped without a release stays counted: it holds its session until close or max
/// age. Keep it in a guard whose `Drop` releases it.
#[derive(Debug, PartialEq, Eq, Hash)]
#[must_use = "a lease that is dropped without `release` holds its session until close or max age"]
pub struct Lease {
    pub(super) session: SessionId,
    pub(super) generation: Generation,
    pub(super) number: u64,
}

impl Lease {
    /// The session that granted it.
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// The life of the connection that it is a right to.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Its number, from 1 in the order of the grants of its session.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The one way to have a second one: for [`Script`](crate::Script), whose copies are worlds apart.
    pub(crate) fn renamed(&self, names: &Names<'_>, number: u64) -> Self {
        Self { session: self.session, generation: names.generation(self.generation), number }
    }
}

/// A lease of another session: handed back, never counted.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the lease is still held: release it to its own session"]
pub struct ForeignLease(pub Lease);

impl fmt::Display for ForeignLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the lease belongs to session {}: release it there", self.0.session.0)
    }
}

impl core::error::Error for ForeignLease {}
