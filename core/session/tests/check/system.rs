//! The checker beside a design: whatever the design says, what it does is looked at.

use tenure::check::{Checked, Invariant, SystemUnderTest, View};
use tenure::{Config, Input, Output, Reply, Script, Status, Time, Wake};

use crate::tale::{ready, release};

/// What a design does wrong.
#[derive(Clone, Copy)]
enum Fault {
    /// It says of its changes that they are none.
    Denies,
    /// It forgets the first thing it wants done.
    Forgets,
}

#[derive(Clone)]
struct Faulty(Script, Fault);

impl Faulty {
    fn checked(fault: Fault) -> Checked<Self> {
        let config = Config::default();
        Checked::new(Self(Script::new(config.clone()), fault), config)
    }
}

impl SystemUnderTest for Faulty {
    fn is_unchanged(&self, before: &Self) -> bool {
        self.0.is_unchanged(&before.0)
    }

    fn apply(&mut self, now: Time, input: Input) -> Output {
        let output = self.0.apply(now, input);
        match self.1 {
            Fault::Denies => Output::new(Reply::NoOp, Vec::new()),
            Fault::Forgets => Output::new(output.reply, output.actions.into_iter().skip(1).collect()),
        }
    }

    fn view(&self) -> View {
        self.0.view()
    }
}

#[test]
fn a_change_that_is_denied_is_noticed() {
    let broken = Faulty::checked(Fault::Denies).apply(Time::ZERO, Input::Acquire).unwrap_err();
    assert_eq!(broken.invariant, Invariant::NothingFromNothing);
    assert_eq!(broken.seen, "\"a caller acquires\" was nothing to do and changed the machine");
}

#[test]
fn a_denial_that_is_true_is_believed() {
    let mut truthful = Faulty::checked(Fault::Denies);
    assert!(truthful.apply(Time::ZERO, release(1)).is_ok());
}

#[test]
fn an_action_that_is_kept_back_is_noticed() {
    let broken = Faulty::checked(Fault::Forgets).apply(Time::ZERO, Input::Acquire).unwrap_err();
    assert_eq!(broken.invariant, Invariant::ConnectEndsOnce);
    assert_eq!(broken.seen, "the state is Connecting, but its inputs and actions say Ended");
}

#[test]
fn what_the_callers_hold_is_no_part_of_the_machine() {
    let mut script = Script::new(Config::default());
    for input in [Input::Acquire, ready(1), crate::tale::CLOSE] {
        script.apply(Time::ZERO, input);
    }
    let before = script.clone();
    assert_eq!(script.apply(Time::ZERO, release(1)).reply, Reply::Stale);
    assert_ne!(script, before, "its lease is gone");
    assert!(script.is_unchanged(&before));
    script.apply(Time::ZERO, Input::Acquire);
    assert!(!script.is_unchanged(&before));
}

#[test]
fn all_that_can_be_seen_of_a_script_is_seen() {
    let config = Config::default();
    let mut session = Checked::new(Script::new(config.clone()), config);
    let output = session.apply(Time::ZERO, Input::Acquire).unwrap();
    assert_eq!(output.reply, Reply::Waiting { ticket: 1 });
    let view = session.system().view();
    assert!(matches!(view.status, Status::Connecting { .. }));
    assert_eq!((view.waiting, view.orphans, view.failed), (1, 0, 0));
    assert!(matches!(view.wake, Wake::Now(_)));
}
