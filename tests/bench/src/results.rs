//! What was measured.

use std::collections::BTreeMap;

use crate::contest::{Spread, Times};

#[derive(Default)]
pub struct Results {
    /// Of one operation; `None` where there is no valgrind.
    pub instructions: Option<BTreeMap<String, f64>>,
    /// Allocations and reallocations of one operation.
    pub allocations: BTreeMap<String, Vec<f64>>,
    /// By how many sessions there are: who, and count, bytes and blocks of each.
    pub held: Vec<(u32, BTreeMap<String, Vec<f64>>)>,
    pub times: Times,
    /// System calls of one operation; `None` where there is no strace.
    pub system_calls: Vec<(&'static str, Option<f64>)>,
    /// Growth: who, and nanoseconds of each waiter by how many there are.
    pub waiters: Vec<Curve>,
    /// The same of a call.
    pub callers: Vec<Curve>,
    pub payloads: Vec<Curve>,
}

/// A line of a chart.
pub struct Curve {
    pub name: &'static str,
    pub points: Vec<(f64, f64)>,
}

impl Results {
    pub fn count(&self, case: &str) -> Option<f64> {
        self.instructions.as_ref()?.get(case).copied()
    }

    pub fn count_ratio(&self, case: &str, of: &str) -> Option<f64> {
        Some(self.count(case)? / self.count(of)?)
    }

    /// How long `case` takes of what `of` takes, round by round.
    pub fn ratio(&self, case: &str, of: &str) -> Option<Spread> {
        let (case, of) = (self.times.get(case)?, self.times.get(of)?);
        Spread::of(case.iter().zip(of).map(|(case, of)| case / of).collect())
    }

    /// Bytes and blocks that a session holds beyond what its pipe and its server do, where there are so many.
    pub fn held_net(&self, who: &str, count: u32) -> Option<(f64, f64)> {
        let (_, held) = self.held.iter().find(|(there, _)| *there == count)?;
        let (session, floor) = (held.get(who)?, held.get("floor")?);
        Some((session.get(1)? - floor.get(1)?, session.get(2)? - floor.get(2)?))
    }

    pub fn waiter(&self, who: &str, count: u32) -> Option<f64> {
        let curve = self.waiters.iter().find(|curve| curve.name == who)?;
        curve.points.iter().find(|(there, _)| *there == f64::from(count)).map(|(_, each)| *each)
    }
}
