//! The table of transitions against what the machine does: each step that is seen is a row, for a reason that
//! the row gives.

use std::collections::BTreeSet;

use tenure::check::SystemUnderTest as _;
use tenure::state::{Place, StateName, TRANSITIONS, Transition, Trigger};
use tenure::{Action, DeadlineKind, Input, LeaseData, Output, Reply, Script, Status, Step, Time, Wake};

/// The rows that were seen, by their place in the table, and for which of their reasons.
#[derive(Default)]
pub(crate) struct Seen(BTreeSet<(usize, Trigger)>);

impl Seen {
    /// Follows one input from place to place. Fails at a step that isn't in the table, or not for this reason.
    pub(crate) fn follow(
        &mut self,
        before: &Script,
        (time, input): (Time, Input),
        output: &Output,
        after: &Script,
    ) -> Result<(), String> {
        let (first, mut from) = (before.view(), before.view().status.place());
        let mut reasons = Some(reasons(first.status, first.wake, time, input));
        for to in places(input, output, after.view().status) {
            if to == from {
                continue;
            }
            let row = TRANSITIONS.iter().position(|row| row.from.includes(from) && row.to == to);
            let row = row.ok_or_else(|| format!("{input} led from {from} to {to}, which is no row"))?;
            // What follows in the same input follows from the state alone.
            if let Some(reasons) = reasons.take() {
                self.note(row, &reasons, input)?;
            }
            from = to;
        }
        Ok(())
    }

    fn note(&mut self, row: usize, reasons: &Reasons, input: Input) -> Result<(), String> {
        let Transition { from, to, when, .. } = TRANSITIONS[row];
        match reasons {
            Reasons::One(reason) if when.contains(reason) => {
                self.0.insert((row, *reason));
                Ok(())
            }
            Reasons::SomeDeadline if when.iter().any(|when| is_timed(*when)) => Ok(()),
            _ => Err(format!("{input} led from {from} to {to}, and the table says it does when {when:?}")),
        }
    }

    /// What stands in the table and wasn't seen.
    pub(crate) fn missing(&self) -> Vec<String> {
        let rows = TRANSITIONS.iter().enumerate();
        let all = rows.flat_map(|(place, row)| row.when.iter().map(move |when| (place, row, *when)));
        let missing = all.filter(|(place, _, when)| !self.0.contains(&(*place, *when)));
        missing.map(|(_, row, when)| format!("{} to {} when {when}", row.from, row.to)).collect()
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// Why the first transition of an input happens.
enum Reasons {
    One(Trigger),
    /// Several deadlines may be due: it is one of them.
    SomeDeadline,
    /// There is none: this input moves nothing.
    None,
}

fn is_timed(trigger: Trigger) -> bool {
    matches!(trigger, Trigger::Deadline(_) | Trigger::NobodyWaits | Trigger::Wanted)
}

fn reasons(status: Status, wake: Wake, time: Time, input: Input) -> Reasons {
    let idle = matches!(status, Status::Idle { .. });
    Reasons::One(match input {
        Input::Acquire | Input::TryAcquire => Trigger::Wanted,
        Input::Cancel { .. } => Trigger::NobodyWaits,
        Input::Release { .. } => Trigger::LastRelease,
        Input::Shutdown { .. } if idle => Trigger::Shutdown,
        Input::Close { mode } | Input::Shutdown { mode } => Trigger::Close(mode),
        Input::RunnerReady { .. } => Trigger::Ready,
        Input::RunnerRetiring { .. } => Trigger::RunnerRetiring,
        Input::RunnerDone { .. } => Trigger::RunnerDone,
        Input::RunnerEnded { .. } => Trigger::RunnerEnded,
        Input::Timeout => return due(wake, time),
        _ => return Reasons::None,
    })
}

/// The one deadline that is due at `time`, if it is clear which.
fn due(wake: Wake, time: Time) -> Reasons {
    match wake {
        Wake::At(at, DeadlineKind::Backoff) if at == time => Reasons::One(Trigger::Wanted),
        Wake::At(at, kind) if at == time && leads_on(kind) => Reasons::One(Trigger::Deadline(kind)),
        _ => Reasons::SomeDeadline,
    }
}

/// Deadlines that always move the session; others may be due at the same time.
fn leads_on(kind: DeadlineKind) -> bool {
    use DeadlineKind::{Abort, Connect, Discard, Finish, KeepAlive, MaxAge, ProbeTimeout, Stop};
    [Connect, Finish, Stop, Abort, Discard, KeepAlive, MaxAge, ProbeTimeout].contains(&kind)
}

/// The places that an input led through, as its actions tell them, and the one that it led to.
fn places(input: Input, output: &Output, after: Status) -> Vec<Place> {
    let mut places = Vec::new();
    if matches!((input, output.reply), (Input::RunnerReady { .. }, Reply::Applied)) {
        places.push(Place::new(StateName::Live, None));
    }
    places.extend(output.actions.iter().filter_map(|action| place(action, after)));
    places.push(after.place());
    places
}

fn place(action: &Action<LeaseData>, after: Status) -> Option<Place> {
    let draining = |step| Place::new(StateName::Draining, Some(step));
    Some(match action {
        Action::Connect { .. } => Place::new(StateName::Connecting, None),
        Action::Stop { .. } => draining(Step::Stop),
        Action::Abort { .. } => draining(Step::Abort),
        Action::Discard { .. } => draining(Step::Discard),
        Action::Ended { .. } if matches!(after, Status::Closed { .. }) => after.place(),
        Action::Ended { .. } => Place::new(StateName::Idle, None),
        Action::Grant { .. } | Action::Reject { .. } | Action::Revoke { .. } | Action::Probe { .. } => {
            return None;
        }
    })
}
