//! The runner opens its transport and does its handshake.

use super::declare::state;
use crate::deadline::Deadline;
use crate::{DeadlineKind, Generation, Time, Wake};

state! {
    /// The runner was started and isn't ready yet.
    pub struct Connecting as "Connecting", ConnectingData {
        generation: Generation,
        failed: u32,
        connect: Deadline,
    }
}

impl Connecting {
    /// Which life of the connection this is.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Failed attempts in a row before this one.
    pub const fn failed(&self) -> u32 {
        self.failed
    }

    /// The connect deadline.
    pub fn poll_timeout(&self) -> Wake {
        let Self { generation: _, failed: _, connect } = self;
        connect.wake(DeadlineKind::Connect)
    }

    /// Gives deadlines that were armed without a clock their time. Returns whether there were any.
    pub fn stamp(&mut self, now: Time) -> bool {
        let Self { generation: _, failed: _, connect } = self;
        connect.stamp(now)
    }
}
