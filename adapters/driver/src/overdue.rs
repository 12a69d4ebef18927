//! How long a deadline that has come waits for what the runner may still have to say.

use std::time::Duration;

use tenure::{DeadlineKind, Time};

/// So long a deadline that an answer would have kept is put off while there is more to hear.
const PATIENCE: Duration = Duration::from_secs(1);

/// So often it is put off at most, in the driver's polls: a clock that is set by hand stands still meanwhile.
const POLLS: u32 = 256;

/// A deadline that has come and is not judged yet, since its runner does not come to rest.
#[derive(Debug)]
pub(crate) struct Overdue {
    kind: DeadlineKind,
    since: Time,
    polls: u32,
}

impl Overdue {
    /// A deadline has come. Returns whether it is put off once more, for a runner that is not at rest: what keeps it
    /// may lie behind what was heard so far.
    pub(crate) fn puts_off(overdue: &mut Option<Self>, kind: DeadlineKind, now: Time, rests: bool) -> bool {
        // The others bound what a runner may take, or have nothing to do with it.
        let is_kept_by_an_answer = matches!(kind, DeadlineKind::Connect | DeadlineKind::ProbeTimeout);
        if rests || !is_kept_by_an_answer {
            *overdue = None;
            return false;
        }
        let known = overdue.take().filter(|overdue| overdue.kind == kind);
        let Self { since, polls, .. } = known.unwrap_or(Self { kind, since: now, polls: 0 });
        if now.saturating_since(since) >= PATIENCE || polls >= POLLS {
            return false;
        }
        *overdue = Some(Self { kind, since, polls: polls.saturating_add(1) });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROBE: DeadlineKind = DeadlineKind::ProbeTimeout;

    #[test]
    fn a_deadline_is_put_off_for_a_second_or_so_many_polls_at_most() {
        let (mut overdue, start) = (None, Time::from(Duration::from_secs(10)));
        for polls in 0..256 {
            assert!(Overdue::puts_off(&mut overdue, PROBE, start, false), "after {polls}");
        }
        assert!(!Overdue::puts_off(&mut overdue, PROBE, start, false));
        // The next one has all of it again.
        assert!(Overdue::puts_off(&mut overdue, PROBE, start, false));
        let last = start.saturating_add(Duration::from_millis(999));
        assert!(Overdue::puts_off(&mut overdue, PROBE, last, false));
        assert!(!Overdue::puts_off(&mut overdue, PROBE, start.saturating_add(Duration::from_secs(1)), false));
    }

    #[test]
    fn a_runner_that_rests_and_deadlines_that_bound_a_runner_put_nothing_off() {
        use DeadlineKind::{Abort, Acquire, Connect, Discard, Finish, KeepAlive, MaxAge, Stop};
        let mut overdue = None;
        for kind in [Abort, Acquire, Discard, Finish, KeepAlive, MaxAge, Stop] {
            assert!(!Overdue::puts_off(&mut overdue, kind, Time::ZERO, false), "{kind}");
        }
        assert!(Overdue::puts_off(&mut overdue, Connect, Time::ZERO, false));
        assert!(!Overdue::puts_off(&mut overdue, Connect, Time::ZERO, true));
        assert!(overdue.is_none(), "it begins anew");
    }

    #[test]
    fn another_deadline_begins_anew() {
        let mut overdue = None;
        assert!(Overdue::puts_off(&mut overdue, PROBE, Time::ZERO, false));
        let later = Time::from(Duration::from_secs(5));
        assert!(Overdue::puts_off(&mut overdue, DeadlineKind::Connect, later, false));
    }
}
