//! Who is woken because of what an input changed. It is decided under the lock, and done outside.

use tenure::{Status, Wake};

use super::{Bin, Inner};

impl<H> Inner<H> {
    /// Who is woken because of what an input changed.
    pub(super) fn note_changes(&mut self, before: Status, outside: &mut Bin<H>) {
        let status = self.session.status();
        if status != before {
            self.version = self.version.wrapping_add(1);
            // Mostly nobody watches the leases that come and go.
            outside.changed |= std::mem::take(&mut self.leases_watched);
            if !is_same_but_for_leases(status, before) {
                self.moves = self.moves.wrapping_add(1);
                outside.changed = true;
            }
        }
        let ended = self.ends.as_ref().is_some_and(|ends| !ends.is_empty());
        let due = self.arm_sooner();
        if due || !self.orders.is_empty() || status.is_closed() || ended || self.has_events() {
            outside.wake_driver = true;
        }
    }

    /// Arms for the next deadline, if that comes before the one that the driver sleeps for. Returns whether it does:
    /// then the driver is to be woken. Once for each: woken, it [arms](Self::arm) anew.
    pub(super) fn arm_sooner(&mut self) -> bool {
        if matches!(self.armed, Wake::Now(_)) {
            // Nothing comes before that.
            return false;
        }
        let next = self.session.poll_timeout();
        let is_sooner = next.is_before(self.armed);
        if is_sooner {
            self.armed = next;
        }
        is_sooner
    }

    /// When the driver is wanted next; from here on only what comes before wakes it.
    pub(crate) fn arm(&mut self) -> Wake {
        self.armed = self.session.poll_timeout();
        self.armed
    }
}

/// Returns whether two states differ in nothing but the number of leases held.
fn is_same_but_for_leases(status: Status, other: Status) -> bool {
    match (status, other) {
        (Status::Live { generation, held: _ }, Status::Live { generation: other, held: _ }) => {
            generation == other
        }
        (
            Status::Draining { generation, step, cause, held: _, closing },
            Status::Draining { generation: g, step: s, cause: c, held: _, closing: l },
        ) => (generation, step, cause, closing) == (g, s, c, l),
        (status, other) => status == other,
    }
}
