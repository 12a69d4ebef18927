//! The shortest way to a failure, breadth first.

use std::collections::{HashSet, VecDeque};
use std::fmt;

use tenure::check::{Checked, Subject as _, Violation};
use tenure::{Config, Input, Output, Script, Time};

use crate::design::{Client, Design};

/// No known failure is further away than this.
const FURTHEST: usize = 8;

/// A failure and the shortest way to it.
pub(crate) struct Found {
    pub(crate) violation: Violation,
    /// Each input and what it brought about; the last one broke the invariant.
    way: Vec<(Input, Option<Output>)>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (input, output)) in (1..).zip(&self.way) {
            writeln!(f, "  {number}. {input:?}")?;
            for action in output.iter().flat_map(|output| &output.actions) {
                writeln!(f, "       {action:?}")?;
            }
        }
        writeln!(f, "  BROKEN: {}", self.violation)
    }
}

/// Breadth first through the states of a design, until an invariant doesn't hold.
pub(crate) fn shortest_failure<D: Design>(client: Client<D>) -> Option<Found> {
    let mut known = HashSet::new();
    let mut next = VecDeque::from([(Checked::new(client, Config::default()), Vec::new())]);
    while let Some((at, way)) = next.pop_front() {
        for input in at.subject().inputs() {
            let mut after = at.clone();
            let mut way: Vec<(Input, Option<Output>)> = way.clone();
            match after.apply(Time::ZERO, input) {
                Err(violation) => {
                    way.push((input, None));
                    return Some(Found { violation, way });
                }
                Ok(output) => way.push((input, Some(output))),
            }
            if way.len() < FURTHEST && known.insert(format!("{:?}", after.subject())) {
                next.push_back((after, way));
            }
        }
    }
    None
}

/// The real machine under the same inputs.
pub(crate) fn tenure_holds(found: &Found) {
    let mut session = Checked::new(Script::new(Config::default()), Config::default());
    for (input, _) in &found.way {
        let state = session.subject().view().status;
        let applied = session.apply(Time::ZERO, *input);
        assert!(applied.is_ok(), "tenure, {state:?}, {input:?}: {applied:?}");
    }
}
