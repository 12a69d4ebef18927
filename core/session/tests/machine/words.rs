//! What is said to people.

use tenure::state::Trigger;
use tenure::{
    Action, Cause, Closing, Config, DeadlineKind, Exit, ExitKind, Input, LeaseData, Mode, Outcome, Output,
    Refusal, Rejection, Reply, Session, SessionId, Step, Ticket,
};

use crate::generation;

fn words<T: ToString>(all: &[T]) -> String {
    all.iter().map(T::to_string).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_generation_is_named_by_its_number() {
    assert_eq!(generation(7).to_string(), "generation 7");
    assert_eq!(format!("{:#}", generation(7)), "g7");
}

#[test]
fn every_cause_is_told() {
    let causes = [
        Cause::Closed,
        Cause::Shutdown,
        Cause::RunnerEnded,
        Cause::RunnerRetiring,
        Cause::NobodyWaiting,
        Cause::Deadline(DeadlineKind::MaxAge),
    ];
    let short: Vec<String> = causes.iter().map(|cause| format!("{cause:#}")).collect();
    assert_eq!(short.join("; "), "closed; shut down; by itself; retired; nobody waits; max age");
    assert_eq!(
        words(&causes),
        "closed; shut down; the runner ended by itself; the runner retired; nobody waited any more; \
         the max age deadline passed"
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
    let mut theirs = Session::new(SessionId(3), Config::default());
    let mut mine = Session::new(SessionId(1), Config::default());
    assert!(theirs.acquire().is_ok());
    theirs.runner_ready(generation(1));
    let lease = std::iter::from_fn(|| theirs.poll_action()).find_map(|action| match action {
        Action::Grant { lease, .. } => Some(lease),
        _ => None,
    });
    let refused = mine.release(lease.unwrap()).unwrap_err();
    assert_eq!(refused.to_string(), "the lease belongs to session 3: release it there");
}

#[test]
fn every_mode_is_told() {
    assert_eq!(words(&[Mode::Graceful, Mode::Force, Mode::Abort]), "graceful; force; abort");
}

#[test]
fn every_rejection_says_what_happened() {
    let exit = Exit::new(ExitKind::Failed, false);
    let rejections = [
        Rejection::Closed,
        Rejection::Shutdown,
        Rejection::ConnectFailed { generation: generation(2), exit },
        Rejection::ConnectTimeout { generation: generation(2) },
        Rejection::AcquireTimeout,
        Rejection::TooManyOrphans { limit: 4 },
    ];
    assert_eq!(
        words(&rejections),
        "the session was closed while the caller waited: acquire again; the session was shut down while the \
         caller waited; the connect failed: runner failed; the connect deadline passed; the acquire deadline \
         passed; 4 discarded connections have not ended yet: try again later"
    );
    let short = rejections.map(|rejection| format!("{rejection:#}")).join("; ");
    assert_eq!(
        short,
        "closed; shut down; g2 failed for good; g2 not ready in time; waited too long; 4 orphans"
    );
}

#[test]
fn every_refusal_has_a_short_form() {
    let refusals = [
        Refusal::Shutdown,
        Refusal::QueueFull { limit: 3 },
        Refusal::TooManyOrphans { limit: 4 },
        Refusal::NotLive,
    ];
    let short = refusals.map(|refusal| format!("{refusal:#}")).join("; ");
    assert_eq!(short, "shut down; 3 wait already; 4 orphans; not live");
}

#[test]
fn every_input_is_told() {
    let (mode, exit, generation) = (Mode::Force, Exit::FINISHED, generation(3));
    let inputs = [
        Input::Acquire,
        Input::TryAcquire,
        Input::Cancel { ticket: 1 },
        Input::Release { lease: 2 },
        Input::Close { mode },
        Input::Shutdown { mode },
        Input::RunnerReady { generation },
        Input::RunnerRetiring { generation, exit },
        Input::RunnerDone { generation, exit },
        Input::RunnerEnded { generation, exit },
        Input::ProbeAnswered { generation, number: 4 },
        Input::Timeout,
    ];
    assert_eq!(
        words(&inputs),
        "a caller acquires; a caller acquires if it need not wait; caller 1 gives up; lease 2 is released; \
         close (force); shutdown (force); runner g3 is ready; runner g3 retires; runner g3 is done; runner g3 has \
         ended; probe 4 of g3 is answered; time passes"
    );
    assert_eq!(format!("{:#}", Input::RunnerRetiring { generation, exit }), "runner g3 retires (finished)");
    assert_eq!(format!("{:#}", Input::RunnerDone { generation, exit }), "runner g3 is done (finished)");
    let exit = Exit::new(ExitKind::Failed, false);
    let ended = Input::RunnerEnded { generation, exit };
    assert_eq!(format!("{ended:#}"), "runner g3 has ended (failed for good)");
}

#[test]
fn what_came_of_an_input_is_told_without_a_mere_applied() {
    let actions =
        || vec![Action::Stop { generation: generation(1) }, Action::Abort { generation: generation(1) }];
    let told = |reply, actions| Output::new(reply, actions).to_string();
    assert_eq!(told(Reply::Applied, actions()), "stop g1, abort g1");
    assert_eq!(told(Reply::Waiting { ticket: 2 }, actions()), "caller 2 waits, stop g1, abort g1");
    assert_eq!(told(Reply::Stale, Vec::new()), "stale");
    let closing = |outcome| Reply::Closing(Closing::new(outcome, None));
    assert_eq!(told(closing(Outcome::NoOp), Vec::new()), "nothing to do");
    assert_eq!(told(closing(Outcome::Applied), actions()), "stop g1, abort g1");
    assert_eq!(told(Reply::Applied, Vec::new()), "");
}

#[test]
fn every_trigger_of_a_transition_is_told() {
    let triggers = [
        Trigger::Wanted,
        Trigger::Shutdown,
        Trigger::Ready,
        Trigger::Close(Mode::Force),
        Trigger::Deadline(DeadlineKind::MaxAge),
        Trigger::NobodyWaits,
        Trigger::LastRelease,
        Trigger::RunnerRetiring,
        Trigger::RunnerDone,
        Trigger::RunnerEnded,
    ];
    assert_eq!(
        words(&triggers),
        "somebody waits, no backoff, orphans below the cap; shutdown; runner ready; close (force); max age \
         deadline; nobody waits; last release; runner retires; runner done; runner ended"
    );
}

#[test]
fn the_plain_words_of_an_action_leave_the_reason_out() {
    let (generation, cause) = (generation(1), Cause::NobodyWaiting);
    let ticket = Ticket::new(SessionId(1), 2);
    let reject: Action<LeaseData> = Action::Reject { ticket, rejection: Rejection::AcquireTimeout };
    assert_eq!(reject.to_string(), "caller 2 is rejected");
    assert_eq!(format!("{reject:#}"), "caller 2 is rejected: waited too long");
    let revoke: Action<LeaseData> = Action::Revoke { generation, cause };
    let ended: Action<LeaseData> = Action::Ended { generation, cause, exit: Exit::FINISHED };
    assert_eq!((revoke.to_string(), ended.to_string()), ("revoke g1".into(), "g1 is over".into()));
    assert_eq!(
        format!("{revoke:#}; {ended:#}"),
        "revoke g1 (nobody waits); g1 is over (nobody waits; finished)"
    );
}

#[test]
fn a_state_is_told_with_what_is_held_or_how_far_it_has_gone() {
    let mut session = Session::new(SessionId(1), Config::default());
    assert_eq!(session.status().to_string(), "Idle");
    assert!(session.acquire().is_ok());
    session.runner_ready(generation(1));
    assert!(matches!(session.poll_action(), Some(Action::Connect { .. })));
    let grant = session.poll_action().unwrap();
    assert_eq!(grant.to_string(), "caller 1 gets lease 1 of g1");
    assert_eq!(session.status().to_string(), "Live, 1 held");
    session.close(Mode::Force);
    assert_eq!(session.status().to_string(), "Draining/stop");
}
