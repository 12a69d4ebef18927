//! Requests that wait.

use std::fmt;

use crate::testing::state::{Hold, Room};

/// Requests that a [`MemoryServer`](crate::testing::MemoryServer) has taken and does not answer, while this exists.
///
/// Dropping it answers them, in the order in which they came, as the script then says; those whose connection is gone
/// by then are forgotten.
#[must_use = "dropping it answers what is held"]
pub struct Held {
    room: Room,
    number: u64,
}

impl Held {
    pub(super) fn new(room: Room, method: String) -> Self {
        let number = room.change(|state| {
            state.holds_made = state.holds_made.saturating_add(1);
            let number = state.holds_made;
            state.holds.push(Hold { number, method, arrived: 0, requests: Vec::new() });
            number
        });
        Self { room, number }
    }

    /// Waits until so many requests have come since this was made.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn arrived(&self, requests: usize) {
        let all_came = self.room.until(|state| {
            let hold = state.holds.iter().find(|hold| hold.number == self.number);
            hold.filter(|hold| hold.arrived >= requests).map(drop)
        });
        all_came.await;
    }

    /// Answers what is held, as dropping it does.
    pub fn release(self) {}
}

impl Drop for Held {
    fn drop(&mut self) {
        let held = self.room.change(|state| {
            let at = state.holds.iter().position(|hold| hold.number == self.number);
            at.map(|at| state.holds.remove(at).requests)
        });
        for request in held.into_iter().flatten() {
            self.room.answer(&request);
        }
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("number", &self.number).finish_non_exhaustive()
    }
}
