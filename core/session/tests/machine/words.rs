//! What is said to people.

use tenure::{Action, Cause, Config, DeadlineKind, Exit, ExitKind, Mode, Refusal, Session, SessionId, Step};

use crate::generation;

fn words<T: ToString>(all: &[T]) -> String {
    all.iter().map(T::to_string).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_generation_is_named_by_its_number() {
    assert_eq!(generation(7).to_string(), "generation 7");
}

#[test]
fn every_cause_is_told() {
    let causes = [
        Cause::Closed,
        Cause::Shutdown,
        Cause::RunnerEnded,
        Cause::NobodyWaiting,
        Cause::Deadline(DeadlineKind::MaxAge),
    ];
    assert_eq!(
        words(&causes),
        "closed; shut down; the runner ended by itself; nobody waited any more; the max age deadline passed"
    );
}

#[test]
fn every_exit_is_told() {
    use ExitKind::{Dropped, Failed, Finished, Panicked, Unconfirmed};
    assert_eq!(
        words(&[Finished, Failed, Panicked, Dropped, Unconfirmed]),
        "finished; failed; panicked; dropped; end not confirmed"
    );
    for retryable in [true, false] {
        let exit = Exit::new(Failed, retryable);
        assert_eq!((exit.kind, exit.retryable), (Failed, retryable));
    }
}

#[test]
fn every_step_is_told_and_every_mode_begins_at_its_own() {
    let steps = [Mode::Graceful, Mode::Force, Mode::Abort].map(Mode::step);
    assert_eq!(words(&steps), "finish; stop; abort");
    assert_eq!(Step::Discard.to_string(), "discard");
}

#[test]
fn every_deadline_is_told() {
    use DeadlineKind::{
        Abort, Acquire, Backoff, Connect, Discard, Finish, KeepAlive, MaxAge, ProbeInterval, ProbeTimeout,
        Stable, Stop,
    };
    let deadlines = [
        Connect,
        Finish,
        Stop,
        Abort,
        Discard,
        KeepAlive,
        MaxAge,
        Stable,
        ProbeInterval,
        ProbeTimeout,
        Backoff,
        Acquire,
    ];
    assert_eq!(
        words(&deadlines),
        "connect; finish; stop; abort; discard; keep-alive; max age; stable; probe interval; probe; backoff; \
         acquire"
    );
}

#[test]
fn every_refusal_says_what_to_do() {
    let refusals = [
        Refusal::Shutdown,
        Refusal::QueueFull { limit: 3 },
        Refusal::TooManyOrphans { limit: 4 },
        Refusal::NotLive,
    ];
    assert_eq!(
        words(&refusals),
        "the session was shut down: open another; 3 callers wait already: try again later; 4 discarded \
         connections have not ended yet: try again later; the session is not live: acquire and wait for it"
    );
}

#[test]
fn a_foreign_lease_says_whose_it_is() {
    let mut theirs = Session::new(Config::default().session(SessionId(3)));
    let mut mine = Session::new(Config::default());
    assert!(theirs.acquire().is_ok());
    theirs.runner_ready(generation(1));
    let lease = std::iter::from_fn(|| theirs.poll_action()).find_map(|action| match action {
        Action::Grant { lease, .. } => Some(lease),
        _ => None,
    });
    let refused = mine.release(lease.unwrap()).unwrap_err();
    assert_eq!(refused.to_string(), "the lease belongs to session 3: release it there");
}
