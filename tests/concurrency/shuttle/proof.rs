//! What must hold of every run, whatever happened in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use tenure::check::{Checker, SystemUnderTest as _};
use tenure::{Action, Config, Input, Reply, Script, Status};
use tenure_driver::TraceEvent;

/// Only the driver writes it and the end reads it, so its lock is no point to switch at.
pub(crate) type Trace = Arc<Mutex<Vec<TraceEvent>>>;

/// The trace keeps the invariants, and the machine does the same again.
pub(crate) fn assert_lawful(config: &Config, trace: &[TraceEvent]) {
    let mut checker = Checker::new(config.clone());
    let mut machine = Script::new(config.clone());
    for (event, number) in trace.iter().zip(1_u64..) {
        let TraceEvent { time, input, output, status, .. } = event;
        assert_eq!(machine.apply(*time, *input), *output, "event {number}, {input:?}");
        let view = machine.view();
        assert_eq!(view.status, *status, "event {number}, {input:?}");
        let step = checker.step(*time, input, output, Some(&view));
        assert!(step.is_ok(), "event {number}, {input:?}: {step:?}");
    }
}

/// The machine is told at most once of each runner's end. (A driver that is dropped doesn't wait for what
/// lingers: it says that it is over, and so does what lingers, when it goes.)
pub(crate) fn assert_ends_once(trace: &[TraceEvent]) {
    let mut ended = BTreeSet::new();
    for event in trace {
        if let Input::RunnerEnded { generation, .. } = event.input {
            assert!(ended.insert(generation), "the end of {generation} was told twice");
        }
    }
}

/// It was shut down, and nobody is left waiting.
pub(crate) fn assert_over(trace: &[TraceEvent]) {
    let mut waiting = 0_i64;
    for event in trace {
        match event.output.reply {
            Reply::Waiting { .. } => waiting += 1,
            Reply::Applied if matches!(event.input, Input::Cancel { .. }) => waiting -= 1,
            _ => {}
        }
        let settled = |action: &&Action<_>| matches!(action, Action::Grant { .. } | Action::Reject { .. });
        waiting -= event.output.actions.iter().filter(settled).map(|_| 1).sum::<i64>();
    }
    assert_eq!(waiting, 0, "callers that still wait");
    let last = trace.last().map(|event| event.status);
    assert!(matches!(last, Some(Status::Closed { .. })), "it ends in {last:?}");
}

/// Every lease came back: once, and whether or not it was still good.
pub(crate) fn assert_given_back(trace: &[TraceEvent]) {
    let mut leases = BTreeMap::new();
    for event in trace {
        if let Reply::Granted(lease) = event.output.reply {
            *leases.entry(lease.number).or_insert(0) += 1;
        }
        for action in &event.output.actions {
            if let Action::Grant { lease, .. } = action {
                *leases.entry(lease.number).or_insert(0) += 1;
            }
        }
        if let Input::Release { lease } = event.input {
            *leases.entry(lease).or_insert(0) -= 1;
        }
    }
    leases.retain(|_, count| *count != 0);
    assert!(leases.is_empty(), "leases, and how often each did not come back: {leases:?}");
}
