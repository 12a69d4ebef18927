//! What states are called.

use crate::Step;

/// The name of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum StateName {
    /// Not connected.
    Idle,
    /// The runner was started and isn't ready yet.
    Connecting,
    /// Connected; leases are granted.
    Live,
    /// On the way out.
    Draining,
    /// Shut down for good.
    Closed,
}

/// A state, and while it drains how far: where a transition begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Place {
    /// The state.
    pub state: StateName,
    /// The step of [`Draining`](super::Draining). `None` in all other states, and where any step will do.
    pub step: Option<Step>,
}

impl Place {
    /// In this state, at this step.
    pub const fn new(state: StateName, step: Option<Step>) -> Self {
        Self { state, step }
    }

    /// Returns whether `other` is this place, or one of the steps that it leaves open.
    ///
    /// For who looks up in the table what a session was seen to do, as a monitor or a checker of logs does:
    ///
    /// ```
    /// use tenure::Step;
    /// use tenure::state::{Place, StateName, TRANSITIONS};
    ///
    /// let (from, to) = (Place::new(StateName::Draining, Some(Step::Abort)), Place::new(StateName::Idle, None));
    /// // The table has one row from draining to idle, for all steps.
    /// let row = TRANSITIONS.iter().find(|row| row.from.includes(from) && row.to == to);
    /// assert!(row.is_some_and(|row| row.from.step.is_none()));
    /// ```
    pub fn includes(self, other: Self) -> bool {
        self.state == other.state && (self.step.is_none() || self.step == other.step)
    }
}
