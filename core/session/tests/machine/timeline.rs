//! The lines of a timeline.

use tenure::timeline::{heading, lines};
use tenure::{
    Action, Cause, Closing, Config, Exit, ExitKind, Generation, Input, LeaseData, Mode, Outcome, Output,
    Refusal, Rejection, Reply, Session, SessionId, Status, Ticket, Time,
};

use crate::generation;

const LIVE: Status = Status::Live { generation: Generation::FIRST, held: 1 };

fn told(input: Input, reply: Reply) -> String {
    let told = lines(Time::ZERO, &input, &Output::new(reply, Vec::new()), LIVE);
    told.iter().map(|line| format!("{}: {}", line.what, line.why)).collect::<Vec<_>>().join("; ")
}

fn wanted(action: Action<LeaseData>) -> String {
    let told = lines(Time::ZERO, &Input::Timeout, &Output::new(Reply::Applied, vec![action]), LIVE);
    let of = |generation: Option<Generation>| generation.map_or(0, Generation::number);
    told.iter()
        .map(|line| format!("g{} {}: {}", of(line.generation), line.what, line.why))
        .collect::<Vec<_>>()
        .join("; ")
}

fn ticket() -> Ticket {
    match Session::new(SessionId(0), Config::default()).acquire() {
        Ok(tenure::Acquired::Waiting(ticket)) => ticket,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_callers_ask_for_is_told_with_what_came_of_it() {
    let lease = LeaseData::new(7, generation(1));
    assert_eq!(told(Input::Acquire, Reply::Granted(lease)), "granted lease 7 of g1: the session is live");
    assert_eq!(told(Input::Acquire, Reply::Waiting { ticket: 3 }), "caller 3 waits: not live yet");
    let refused = told(Input::TryAcquire, Reply::Refused(Refusal::NotLive));
    assert_eq!(refused, format!("{}: {}", Input::TryAcquire, Refusal::NotLive));
    assert_eq!(told(Input::Cancel { ticket: 3 }, Reply::Applied), "caller 3 gives up: cancelled");
    assert_eq!(told(Input::Release { lease: 7 }, Reply::Applied), "lease 7 is released: ");
    assert_eq!(
        told(Input::Release { lease: 7 }, Reply::Stale),
        "lease 7 is released: stale, changes nothing"
    );
    let closing = |outcome| Reply::Closing(Closing::new(outcome, None));
    let close = Input::Close { mode: Mode::Force };
    assert_eq!(told(close, closing(Outcome::Applied)), "close (force): asked for");
    assert_eq!(told(close, closing(Outcome::NoOp)), "close (force): already under way");
}

#[test]
fn what_a_runner_says_is_told_with_how_it_went() {
    let (generation, exit) = (generation(1), Exit::new(ExitKind::Failed, false));
    assert_eq!(
        told(Input::RunnerReady { generation }, Reply::Applied),
        "runner g1 is ready: handshake complete"
    );
    assert_eq!(
        told(Input::RunnerReady { generation }, Reply::NoOp),
        "runner g1 is ready: too late, no change"
    );
    let retiring = Input::RunnerRetiring { generation, exit };
    assert_eq!(told(retiring, Reply::Applied), "runner g1 retires: failed for good");
    assert_eq!(
        told(Input::RunnerDone { generation, exit }, Reply::Applied),
        "runner g1 is done: failed for good"
    );
    let ended = Input::RunnerEnded { generation, exit };
    assert_eq!(told(ended, Reply::Applied), "runner g1 has ended: failed for good");
}

#[test]
fn what_changes_nothing_has_no_line() {
    let (generation, exit) = (generation(1), Exit::FINISHED);
    assert_eq!(told(Input::Timeout, Reply::Applied), "");
    assert_eq!(told(Input::Cancel { ticket: 3 }, Reply::Stale), "");
    assert_eq!(told(Input::RunnerEnded { generation, exit }, Reply::Stale), "");
    assert_eq!(told(Input::ProbeAnswered { generation, number: 1 }, Reply::Applied), "");
}

#[test]
fn what_is_to_be_done_is_told_with_the_reason() {
    let (generation, cause, exit) = (generation(2), Cause::Closed, Exit::FINISHED);
    let lease = LeaseData::new(7, generation);
    assert_eq!(wanted(Action::Connect { generation }), "g2 connect g2: somebody waits");
    assert_eq!(wanted(Action::Stop { generation }), "g2 stop g2: unwind in order");
    assert_eq!(wanted(Action::Abort { generation }), "g2 abort g2: hurry");
    assert_eq!(wanted(Action::Discard { generation }), "g2 discard g2: dropped as it is");
    let grant = Action::Grant { ticket: ticket(), lease };
    assert_eq!(wanted(grant), "g2 caller 1 gets lease 7 of g2: it waited for this");
    let rejection = Rejection::AcquireTimeout;
    let reject = Action::Reject { ticket: ticket(), rejection };
    assert_eq!(wanted(reject), format!("g1 caller 1 is rejected: {rejection}"));
    assert_eq!(wanted(Action::Revoke { generation, cause }), "g2 revoke g2: closed");
    assert_eq!(wanted(Action::Probe { generation, number: 4 }), "g2 probe 4 of g2: ask for a sign of life");
    assert_eq!(wanted(Action::Ended { generation, cause, exit }), "g2 g2 is over: closed; finished");
}

#[test]
fn a_runners_words_are_of_its_own_generation() {
    let input = Input::RunnerEnded { generation: generation(1), exit: Exit::FINISHED };
    let connecting = Status::Connecting { generation: generation(2) };
    let told = lines(Time::ZERO, &input, &Output::new(Reply::Applied, Vec::new()), connecting);
    assert_eq!(told[0].generation, Some(generation(1)));
    let told = lines(
        Time::ZERO,
        &Input::Acquire,
        &Output::new(Reply::Waiting { ticket: 1 }, Vec::new()),
        connecting,
    );
    assert_eq!(told[0].generation, Some(generation(2)));
}

#[test]
fn columns_are_as_wide_as_their_headings() {
    let time = Time::from_nanos(12_345_600_000);
    let told = lines(time, &Input::Release { lease: 7 }, &Output::new(Reply::Applied, Vec::new()), LIVE);
    assert_eq!(heading(), "   time  gen state            what happened               why");
    assert_eq!(told[0].to_string(), "12.346s  g1  Live, 1 held     lease 7 is released");
    assert_eq!(told[0].columns().join("|"), "12.346s |g1 |Live, 1 held    |lease 7 is released        |");
    let idle = Status::Idle { last: None, backoff: false };
    let told =
        lines(time, &Input::TryAcquire, &Output::new(Reply::Refused(Refusal::NotLive), Vec::new()), idle);
    assert_eq!(told[0].columns()[1], "   ");
}

#[test]
fn only_what_a_runner_says_and_a_probe_is_about_a_generation() {
    let first = Generation::FIRST;
    for input in [Input::Acquire, Input::TryAcquire, Input::Timeout, Input::Close { mode: Mode::Force }] {
        assert_eq!(input.generation(), None, "{input:?}");
    }
    assert_eq!(Input::RunnerReady { generation: first }.generation(), Some(first));
    assert_eq!(Input::ProbeAnswered { generation: first, number: 1 }.generation(), Some(first));
}
