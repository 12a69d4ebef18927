//! What no caller can bring about.

use std::vec::Vec;

use super::*;
use crate::{Exit, Mode, Wake};

fn live() -> (Session, Lease) {
    let mut session = Session::new(SessionId(1), Config::default());
    let waits = session.acquire();
    assert!(matches!(waits, Ok(Acquired::Waiting(_))), "{waits:?}");
    assert_eq!(session.runner_ready(Generation::FIRST), Outcome::Applied);
    let lease = core::iter::from_fn(|| session.poll_action()).find_map(|action| match action {
        Action::Grant { lease, .. } => Some(lease),
        _ => None,
    });
    (session, lease.expect("it is live"))
}

#[test]
fn were_a_step_to_panic_the_session_would_stay_shut_and_grant_nothing() {
    let (mut session, lease) = live();
    session.state.panic_midway();

    assert_eq!(session.acquire().err(), Some(Refusal::Shutdown));
    assert_eq!(session.try_acquire().err(), Some(Refusal::Shutdown));
    assert_eq!(session.release(lease), Ok(Outcome::Stale));
    let generation = Generation::FIRST;
    assert_eq!(session.runner_ready(generation), Outcome::Stale);
    assert_eq!(session.runner_done(generation, Exit::FINISHED), Outcome::Stale);
    assert_eq!(session.runner_ended(generation, Exit::FINISHED), Outcome::Stale);
    assert_eq!(session.close(Mode::Graceful).watch, None);
    assert_eq!(session.poll_timeout(), Wake::Never);
    let actions: Vec<Action> = core::iter::from_fn(|| session.poll_action()).collect();
    assert_eq!(actions, []);
    assert!(matches!(session.state, State::Closed(_)), "{:?}", session.state);
}
