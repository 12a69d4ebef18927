//! Taking the actions: spurious calls are safe, and late ones lose nothing.

use tenure::{
    Acquired, Action, Cause, Config, DeadlineKind, Exit, Input, Mode, Rejection, Script, Session, SessionId,
    Ticket, Time, Wake,
};

use crate::{generation, tell};

#[test]
fn with_nothing_to_do_polling_does_nothing() {
    let mut session = Session::new(SessionId(1), Config::default());
    for _ in 0..3 {
        assert_eq!(session.poll_action(), None);
    }
    assert_eq!(session, Session::new(SessionId(1), Config::default()));
}

#[test]
fn whether_there_is_something_to_do_is_known_without_doing_it() {
    let mut session = Session::new(SessionId(1), Config::default());
    assert!(!session.has_actions());
    assert!(session.acquire().is_ok());
    assert!(session.has_actions());
    assert!(matches!(session.poll_action(), Some(Action::Connect { .. })));
    assert!(!session.has_actions(), "a caller waits, and nothing is to be done");
    session.runner_ready(generation(1));
    assert!(session.has_actions());
    assert!(matches!(session.poll_action(), Some(Action::Grant { .. })));
    assert!(!session.has_actions(), "it is live, and nobody waits");
}

#[test]
fn each_action_comes_once() {
    let mut session = Session::new(SessionId(1), Config::default());
    assert!(matches!(session.acquire(), Ok(Acquired::Waiting(_))));
    assert!(matches!(session.poll_action(), Some(Action::Connect { .. })));
    assert_eq!(session.poll_action(), None);
}

#[test]
fn actions_polled_late_come_in_the_order_of_what_happened() {
    let mut script = Script::new(Config::default());
    for input in [
        Input::Acquire,
        Input::RunnerReady { generation: generation(1) },
        Input::Close { mode: Mode::Force },
        Input::Acquire,
        Input::RunnerEnded { generation: generation(1), exit: Exit::FINISHED },
        Input::RunnerReady { generation: generation(2) },
    ] {
        script.feed(Time::ZERO, input);
    }
    let actions: Vec<_> = std::iter::from_fn(|| script.poll()).map(|action| tell::action(&action)).collect();
    assert_eq!(
        actions,
        [
            "connect g1",
            "caller 1 is rejected: closed",
            "revoke g1 (closed)",
            "stop g1",
            "g1 is over (closed; finished)",
            "connect g2",
            "caller 2 gets lease 1 of g2",
        ]
    );
}

#[test]
fn a_loss_before_the_grants_were_polled_is_for_the_next_generation_to_make_good() {
    let mut script = Script::new(Config::default());
    script.apply(Time::ZERO, Input::Acquire);
    script.feed(Time::ZERO, Input::RunnerReady { generation: generation(1) });
    script.feed(Time::ZERO, Input::RunnerEnded { generation: generation(1), exit: Exit::FINISHED });
    let actions: Vec<_> = std::iter::from_fn(|| script.poll()).map(|action| tell::action(&action)).collect();
    assert_eq!(actions, ["revoke g1 (by itself)", "g1 is over (by itself; finished)", "connect g2"]);
    assert_eq!(script.waiting().collect::<Vec<_>>(), [1]);
}

#[test]
fn the_same_inputs_do_the_same_in_two_sessions() {
    let run = || {
        let mut script = Script::new(Config::default().seed(3));
        script.apply(Time::ZERO, Input::Acquire);
        script.apply(Time::ZERO, Input::Timeout);
        script
    };
    assert_eq!(run(), run());
}

#[test]
fn a_wake_tells_its_reason_if_it_has_one() {
    assert_eq!(Wake::Never.kind(), None);
    assert_eq!(Wake::Now(DeadlineKind::Stop).kind(), Some(DeadlineKind::Stop));
    assert_eq!(Wake::At(Time::ZERO, DeadlineKind::Abort).kind(), Some(DeadlineKind::Abort));
}

#[test]
fn an_action_can_be_told_without_taking_its_lease() {
    let (generation, ticket, cause) = (generation(2), Ticket::new(SessionId(1), 4), Cause::Closed);
    let rejection = Rejection::Closed;
    let actions = [
        Action::Connect { generation },
        Action::Stop { generation },
        Action::Abort { generation },
        Action::Discard { generation },
        Action::Grant { ticket, lease: "a lease" },
        Action::Reject { ticket, rejection },
        Action::Revoke { generation, cause },
        Action::Probe { generation, number: 5 },
        Action::Ended { generation, cause, exit: Exit::FINISHED },
    ];
    for action in actions {
        assert_eq!(action.as_ref(), action.clone().map_lease(|_| &"a lease"));
        assert_eq!(action.as_ref().map_lease(|lease| *lease), action);
    }
}
