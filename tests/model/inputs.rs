//! Every input that means something in a state, and those that mean nothing.

use tenure::{Exit, ExitKind, Generation, Input, Mode, Script, Time, Wake};

use crate::scopes::Scope;

/// The inputs and their times. Input other than a timeout has no time; it gets the last one seen.
pub(crate) fn all(script: &Script, scope: &Scope) -> Vec<(Time, Input)> {
    let now = script.clock();
    let mut inputs: Vec<Input> = Vec::new();
    let busy = script.waiting().count() + script.leases().count();
    if busy < scope.callers {
        inputs.extend([Input::Acquire, Input::TryAcquire]);
    }
    let waiting: Vec<u64> = script.waiting().collect();
    let leases: Vec<u64> = script.leases().map(|lease| lease.number).collect();
    inputs.extend(names(&waiting).into_iter().map(|ticket| Input::Cancel { ticket }));
    inputs.extend(names(&leases).into_iter().map(|lease| Input::Release { lease }));
    for mode in [Mode::Graceful, Mode::Force, Mode::Abort] {
        inputs.extend([Input::Close { mode }, Input::Shutdown { mode }]);
    }
    for generation in generations(script) {
        inputs.push(Input::RunnerReady { generation });
        for exit in [Exit::FINISHED, Exit::new(ExitKind::Failed, false)] {
            inputs.extend([
                Input::RunnerRetiring { generation, exit },
                Input::RunnerDone { generation, exit },
                Input::RunnerEnded { generation, exit },
            ]);
        }
        // Canonical states count one probe at most.
        inputs.extend([0, 1, 2].map(|number| Input::ProbeAnswered { generation, number }));
    }
    let mut timed: Vec<(Time, Input)> = inputs.into_iter().map(|input| (now, input)).collect();
    timed.extend(times(script).into_iter().map(|time| (time, Input::Timeout)));
    timed
}

/// Those that there are, those before and between them that are over, one that is yet to come, and one that
/// never comes.
fn names(there: &[u64]) -> Vec<u64> {
    let first = there.iter().min().copied().unwrap_or(1).saturating_sub(1);
    let last = there.iter().max().copied().unwrap_or(1).saturating_add(1);
    (first..=last).chain([u64::MAX]).collect()
}

/// The current generation, every orphan, one that is over, one that is yet to come.
fn generations(script: &Script) -> Vec<Generation> {
    let session = script.session();
    let current = session.status().generation();
    let mut generations: Vec<Generation> = session.orphans().to_vec();
    generations.extend(current);
    generations.extend(current.and_then(|current| Generation::new(current.number().saturating_sub(1))));
    generations.push(current.map_or(Generation::FIRST, Generation::next));
    generations.sort_unstable();
    generations.dedup();
    generations
}

/// Time that goes back, stands still, goes on a little, to the next deadline, past it, and past all of them.
fn times(script: &Script) -> Vec<Time> {
    let now = script.clock().as_nanos();
    let mut times = vec![now.saturating_sub(1), now, now + 1, now + 100];
    if let Wake::At(deadline, _) = script.session().poll_timeout() {
        times.extend([deadline.as_nanos(), deadline.as_nanos() + 1]);
    }
    times.sort_unstable();
    times.dedup();
    times.into_iter().map(Time::from_nanos).collect()
}
