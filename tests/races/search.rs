//! The shortest way to a failure, breadth first.

use std::collections::{HashSet, VecDeque};

use tenure::check::{Checked, SystemUnderTest as _, Violation};
use tenure::{Config, Input, Output, Status, Time};

use crate::design::{Client, Design};

/// No known failure is further away than this.
const FURTHEST: usize = 8;

/// A failure and the shortest way to it.
pub(crate) struct Found {
    pub(crate) violation: Violation,
    /// The last step broke the invariant.
    pub(crate) way: Vec<Step>,
}

/// An input, what it brought about, and the state after it.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) input: Input,
    pub(crate) output: Output,
    pub(crate) status: Status,
}

/// Breadth first through the states of a design, until an invariant doesn't hold.
pub(crate) fn shortest_failure<D: Design>(client: Client<D>) -> Option<Found> {
    let mut known = HashSet::new();
    let mut next = VecDeque::from([(Checked::new(client, Config::default()), Vec::new())]);
    while let Some((at, way)) = next.pop_front() {
        for input in at.system().inputs() {
            let mut way: Vec<Step> = way.clone();
            let mut design = at.system().clone();
            let output = design.apply(Time::ZERO, input);
            way.push(Step { input, output, status: design.view().status });
            let mut after = at.clone();
            if let Err(violation) = after.apply(Time::ZERO, input) {
                return Some(Found { violation, way });
            }
            if way.len() < FURTHEST && known.insert(format!("{:?}", after.system())) {
                next.push_back((after, way));
            }
        }
    }
    None
}
