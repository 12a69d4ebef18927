//! What is to be reached, and whether it is.

use serde_json::{Value, json};

use crate::results::Results;

/// One goal.
pub struct Goal {
    pub name: &'static str,
    /// `None` if it could not be measured.
    pub value: Option<f64>,
    pub bound: f64,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    AtMost,
    AtLeast,
}

impl Goal {
    pub fn is_met(&self) -> bool {
        self.value.is_some_and(|value| match self.kind {
            Kind::AtMost => value <= self.bound,
            Kind::AtLeast => value >= self.bound,
        })
    }

    pub fn sign(&self) -> &'static str {
        match self.kind {
            Kind::AtMost => "≤",
            Kind::AtLeast => "≥",
        }
    }

    fn json(&self) -> Value {
        json!({ "name": self.name, "value": self.value, "goal": self.bound, "met": self.is_met() })
    }
}

pub fn json(goals: &[Goal]) -> Value {
    json!({ "goals": goals.iter().map(Goal::json).collect::<Vec<_>>() })
}

const fn at_most(name: &'static str, value: Option<f64>, bound: f64) -> Goal {
    Goal { name, value, bound, kind: Kind::AtMost }
}

pub fn goals(results: &Results) -> Vec<Goal> {
    let mut goals = counted(results);
    goals.extend(timed(results));
    goals
}

/// Counts: the same in each run.
fn counted(results: &Results) -> Vec<Goal> {
    let count = |case| results.count(case);
    let of_rmcp = |case, of| results.count_ratio(case, of);
    let held = results.held_net("tokio", SESSIONS);
    let allocations = results.allocations.get("tokio/call-typed");
    let allocations = allocations.map(|of| of.iter().sum());
    vec![
        at_most("in-memory call, instructions", count("tokio/call-typed"), 14_000.0),
        at_most(
            "in-memory call, instructions of rmcp's",
            of_rmcp("tokio/call-typed", "rmcp/call-typed"),
            0.18,
        ),
        at_most("in-memory call, raw result, instructions", count("tokio/call-raw"), 9_000.0),
        at_most("in-memory connect+close, instructions", count("tokio/connect"), 38_000.0),
        at_most(
            "in-memory connect+close, instructions of rmcp's",
            of_rmcp("tokio/connect", "rmcp/connect"),
            0.5,
        ),
        at_most("1 MB result, raw, instructions", count("tokio/large-raw"), 2_500_000.0),
        at_most("1 MB result, typed, instructions", count("tokio/large-typed"), 4_000_000.0),
        at_most(
            "list of 1,000 tools, instructions of rmcp's",
            of_rmcp("tokio/list-1000", "rmcp/list-1000"),
            0.15,
        ),
        at_most("heap of a live session net of the floor, bytes", held.map(|(bytes, _)| bytes), 3_584.0),
        at_most("heap of a live session net of the floor, blocks", held.map(|(_, blocks)| blocks), 20.0),
        at_most("lease acquire+release by the driver, instructions", count("tokio/lease-alone"), 200.0),
        at_most("machine: acquire+release, instructions", count("machine/lease"), 60.0),
        at_most("machine: full cycle, instructions", count("machine/cycle"), 1_200.0),
        at_most("allocations and reallocations of a call", allocations, 6.0),
    ]
}

/// How many sessions are live where what one holds is looked at.
pub const SESSIONS: u32 = 100;

/// Times, all as ratios but one.
fn timed(results: &Results) -> Vec<Goal> {
    let ratio = |case, of| results.ratio(case, of).map(|spread| spread.median);
    let many = results.waiter("tenure", 100_000);
    let growth = many.zip(results.waiter("tenure", 1_000)).map(|(many, few)| many / few);
    vec![
        at_most(
            "in-memory call, time of rmcp's, one thread",
            ratio("tokio/call-typed", "rmcp/call-typed"),
            0.22,
        ),
        at_most(
            "in-memory call, time of rmcp's, two workers",
            ratio("tokio-workers/call-typed", "rmcp-workers/call-typed"),
            0.22,
        ),
        Goal {
            name: "64 concurrent callers, calls/s of rmcp's",
            value: ratio("rmcp-workers/callers-64", "tokio-workers/callers-64"),
            bound: 5.0,
            kind: Kind::AtLeast,
        },
        at_most(
            "stdio call, time of rmcp's, two workers",
            ratio("tokio-workers/stdio-call", "rmcp-workers/stdio-call"),
            0.40,
        ),
        at_most("stdio call, time of rmcp's, one thread", ratio("tokio/stdio-call", "rmcp/stdio-call"), 0.40),
        at_most(
            "stdio call, time of a blocking pipe echo, two workers",
            ratio("tokio-workers/stdio-call", "floor/stdio-call"),
            2.0,
        ),
        at_most(
            "stdio connect+close, time of spawn + one reply + wait",
            ratio("tokio/stdio-connect", "floor/stdio-connect"),
            1.08,
        ),
        at_most(
            "lease acquire+release by the driver, time of two lock pairs",
            ratio("tokio/lease-alone", "locks/lease-alone"),
            3.0,
        ),
        at_most(
            "lease acquire+release by the driver, time of deadpool's",
            ratio("tokio/lease-alone", "deadpool/lease-alone"),
            0.3,
        ),
        at_most("the same from 8 threads", ratio("tokio/lease-8-threads", "deadpool/lease-8-threads"), 0.5),
        at_most(
            "smol / tokio, one thread, in memory, time",
            ratio("smol/call-typed", "tokio/call-typed"),
            1.1,
        ),
        at_most(
            "100,000 waiters that give up in random order, µs each",
            many.map(|each| each / 1_000.0),
            0.5,
        ),
        at_most("a waiter of 100,000, time of one of 1,000", growth, 2.0),
        at_most("HTTP call, JSON, time of rmcp's", ratio("tokio/http-json", "rmcp/http-json"), 0.5),
        at_most("HTTP call, SSE, time of rmcp's", ratio("tokio/http-events", "rmcp/http-events"), 0.5),
        at_most("HTTP call, JSON, time of bare hyper's", ratio("tokio/http-json", "hyper/http-json"), 1.5),
        at_most("HTTP call, SSE, time of bare hyper's", ratio("tokio/http-events", "hyper/http-events"), 1.5),
    ]
}
