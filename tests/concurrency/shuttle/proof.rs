//! What must hold of every run, whatever happened in it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tenure::check::{Checker, Subject as _};
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

/// It was shut down, nobody is left waiting, and every lease came back: once, and whether or not it was
/// still good.
pub(crate) fn assert_complete(trace: &[TraceEvent]) {
    let mut leases = BTreeMap::new();
    let mut pending = 0_i64;
    for event in trace {
        match event.output.reply {
            Reply::Granted(lease) => *leases.entry(lease.number).or_insert(0) += 1,
            Reply::Waiting { .. } => pending += 1,
            Reply::Applied if matches!(event.input, Input::Cancel { .. }) => pending -= 1,
            _ => {}
        }
        for action in &event.output.actions {
            match action {
                Action::Grant { lease, .. } => {
                    *leases.entry(lease.number).or_insert(0) += 1;
                    pending -= 1;
                }
                Action::Reject { .. } => pending -= 1,
                _ => {}
            }
        }
        if let Input::Release { lease } = event.input {
            *leases.entry(lease).or_insert(0) -= 1;
        }
    }
    assert_eq!(pending, 0, "callers that still wait");
    leases.retain(|_, count| *count != 0);
    assert!(leases.is_empty(), "leases, and how often each did not come back: {leases:?}");
    let last = trace.last().map(|event| event.status);
    assert!(matches!(last, Some(Status::Closed { .. })), "it ends in {last:?}");
}
