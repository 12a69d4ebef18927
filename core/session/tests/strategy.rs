//! The strategies give all that can be, and the walk names who is there.
#![cfg(feature = "proptest")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{
    Config as ProptestConfig, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner,
};
use tenure::check::Subject as _;
use tenure::strategy::{Move, Passed, Walk, What, Whose, configs, histories, moves};
use tenure::{
    Action, Cause, Config, DeadlineKind, Exit, Generation, Input, KeepAlive, LeaseData, Mode, Output,
    Rejection, Reply, Script, SessionId, Ticket, Time, Wake,
};

fn sample() -> Vec<Config> {
    let mut runner = TestRunner::deterministic();
    (0..200).map(|_| configs().new_tree(&mut runner).unwrap().current()).collect()
}

/// How many values a thing takes among them.
fn values<T: Ord>(configs: &[Config], of: impl Fn(&Config) -> T) -> usize {
    configs.iter().map(of).collect::<BTreeSet<_>>().len()
}

#[test]
fn every_deadline_of_a_config_is_short_and_varies() {
    let configs = sample();
    let deadlines: [fn(&Config) -> Duration; 5] =
        [|c| c.connect, |c| c.finish, |c| c.stop, |c| c.abort, |c| c.discard];
    for deadline in deadlines {
        assert!(values(&configs, deadline) > 20);
        assert!(configs.iter().all(|config| deadline(config) < Duration::from_nanos(40)));
        assert!(configs.iter().any(|config| deadline(config).is_zero()));
    }
}

#[test]
fn every_policy_of_a_config_is_there_and_is_not() {
    let configs = sample();
    assert!(values(&configs, |config| config.seed) > 20);
    assert_eq!(values(&configs, |config| config.max_age.is_some()), 2);
    assert_eq!(values(&configs, |config| config.acquire.is_some()), 2);
    assert_eq!(values(&configs, |config| config.probe.is_some()), 2);
    assert_eq!(values(&configs, |config| config.retry.is_some()), 2);
    let keep_alive = |config: &Config| match config.keep_alive {
        KeepAlive::Never => 0,
        KeepAlive::For(_) => 1,
        KeepAlive::Always => 2,
    };
    assert_eq!(values(&configs, keep_alive), 3);
}

#[test]
fn every_cap_of_a_config_is_small_and_varies() {
    let configs = sample();
    assert_eq!(values(&configs, |config| config.max_waiting), 3);
    assert_eq!(values(&configs, |config| config.max_orphans), 3);
    assert!(configs.iter().all(|config| config.max_waiting.get().max(config.max_orphans.get()) <= 3));
    assert_eq!(values(&configs, |config| config.retry.map_or(1, |retry| retry.attempts.get())), 3);
}

#[test]
fn every_kind_of_move_is_made() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    let name = |text: String| text.split('(').next().unwrap_or_default().to_owned();
    for _ in 0..500 {
        let step = moves().new_tree(&mut runner).unwrap().current();
        seen.extend([name(format!("{:?}", step.passed)), name(format!("{:?}", step.what))]);
        if let What::Ready(whose) = step.what {
            seen.insert(format!("{whose:?}"));
        }
    }
    let all = "Acquire Back Cancel Close Current Done Ended LastOrphan Nanos Next Nothing Orphan Previous ProbeAnswered \
               Ready Release Shutdown Timeout ToDeadline TryAcquire";
    assert_eq!(seen.into_iter().collect::<Vec<_>>().join(" "), all);
}

fn generation(number: u64) -> Generation {
    Generation::new(number).unwrap()
}

/// What the walk makes of it, without any time passing.
fn named(walk: &Walk, what: What) -> Input {
    walk.clone().resolve(Move { passed: Passed::Nothing, what }, Wake::Never).1
}

fn ticket(number: u64) -> Ticket {
    Ticket::new(SessionId(0), number)
}

/// A walk through one input and what came of it.
fn follow(walk: &mut Walk, input: Input, reply: Reply, actions: Vec<Action<LeaseData>>) {
    walk.follow(&input, &Output::new(reply, actions));
}

fn connected(walk: &mut Walk, number: u64) {
    let connect = Action::Connect { generation: generation(number) };
    follow(walk, Input::Timeout, Reply::Applied, vec![connect]);
}

fn waits(walk: &mut Walk, ticket: u64) {
    follow(walk, Input::Acquire, Reply::Waiting { ticket }, vec![]);
}

fn holds(walk: &mut Walk, lease: u64) {
    follow(walk, Input::Acquire, Reply::Granted(LeaseData::new(lease, generation(1))), vec![]);
}

fn over(walk: &mut Walk, number: u64, input: Input) {
    let ended = Action::Ended { generation: generation(number), cause: Cause::Closed, exit: Exit::FINISHED };
    follow(walk, input, Reply::Applied, vec![ended]);
}

fn end(number: u64) -> Input {
    Input::RunnerEnded { generation: generation(number), exit: Exit::FINISHED }
}

#[test]
fn a_name_is_one_that_is_known_or_one_that_nobody_has() {
    let mut walk = Walk::new();
    assert_eq!(named(&walk, What::Cancel(0)), Input::Cancel { ticket: u64::MAX });
    for number in [5, 7] {
        waits(&mut walk, number);
        holds(&mut walk, number + 10);
    }
    for (index, ticket) in [(0, 5), (1, 7), (2, u64::MAX), (3, 5), (255, 5)] {
        assert_eq!(named(&walk, What::Cancel(index)), Input::Cancel { ticket });
        let lease = if ticket == u64::MAX { ticket } else { ticket + 10 };
        assert_eq!(named(&walk, What::Release(index)), Input::Release { lease });
    }
}

#[test]
fn who_is_gone_is_named_after_those_that_are_there() {
    let fresh = || {
        let mut walk = Walk::new();
        for number in [5, 7] {
            waits(&mut walk, number);
            holds(&mut walk, number + 10);
        }
        walk
    };
    let first = |walk: &Walk| named(walk, What::Cancel(0));
    let mut walk = fresh();
    follow(&mut walk, Input::Cancel { ticket: 5 }, Reply::Applied, vec![]);
    assert_eq!(first(&walk), Input::Cancel { ticket: 7 });

    let mut walk = fresh();
    follow(&mut walk, Input::Release { lease: 15 }, Reply::Applied, vec![]);
    assert_eq!(named(&walk, What::Release(0)), Input::Release { lease: 17 });

    let mut walk = fresh();
    let rejection = Rejection::Closed;
    follow(&mut walk, Input::Timeout, Reply::Applied, vec![Action::Reject { ticket: ticket(5), rejection }]);
    assert_eq!(first(&walk), Input::Cancel { ticket: 7 });

    let mut walk = fresh();
    let lease = LeaseData::new(19, generation(1));
    follow(&mut walk, Input::Timeout, Reply::Applied, vec![Action::Grant { ticket: ticket(5), lease }]);
    assert_eq!(first(&walk), Input::Cancel { ticket: 7 });
    assert_eq!(named(&walk, What::Release(2)), Input::Release { lease: 19 });
}

#[test]
fn the_last_two_that_are_over_are_named_too() {
    let mut walk = Walk::new();
    for number in 1..=4 {
        waits(&mut walk, number);
    }
    for ticket in 1..=3 {
        follow(&mut walk, Input::Cancel { ticket }, Reply::Applied, vec![]);
    }
    // A name that nobody had is not one that is over.
    follow(&mut walk, Input::Cancel { ticket: 9 }, Reply::Stale, vec![]);
    let tickets: Vec<_> = (0..5).map(|index| named(&walk, What::Cancel(index))).collect();
    let expected = [4, 3, 2, u64::MAX, 4].map(|ticket| Input::Cancel { ticket });
    assert_eq!(tickets, expected);
}

#[test]
fn a_runner_is_named_by_whose_it_is() {
    let ready = |walk: &Walk, whose| match named(walk, What::Ready(whose)) {
        Input::RunnerReady { generation } => generation.number(),
        _ => 0,
    };
    let all = [Whose::Current, Whose::Orphan, Whose::Previous, Whose::Next];
    let mut walk = Walk::new();
    assert_eq!(all.map(|whose| ready(&walk, whose)), [1, 1, 1, 1], "there is none numbered 0");
    connected(&mut walk, 5);
    assert_eq!(all.map(|whose| ready(&walk, whose)), [5, 5, 4, 6]);
    let exit = Exit::FINISHED;
    let (done, ended) = (What::Done(Whose::Next, exit), What::Ended(Whose::Previous, exit));
    assert_eq!(named(&walk, done), Input::RunnerDone { generation: generation(6), exit });
    assert_eq!(named(&walk, ended), Input::RunnerEnded { generation: generation(4), exit });
}

#[test]
fn an_orphan_is_one_that_ended_unconfirmed() {
    let whose = |walk: &Walk, whose| match named(walk, What::Ready(whose)) {
        Input::RunnerReady { generation } => generation.number(),
        _ => 0,
    };
    let orphan = |walk: &Walk| whose(walk, Whose::Orphan);
    let mut walk = Walk::new();
    connected(&mut walk, 1);
    over(&mut walk, 1, end(1));
    connected(&mut walk, 2);
    assert_eq!(orphan(&walk), 2, "the end of 1 was confirmed: there is no orphan");
    assert_eq!(whose(&walk, Whose::LastOrphan), 2);
    over(&mut walk, 2, Input::Timeout);
    connected(&mut walk, 3);
    over(&mut walk, 3, Input::Timeout);
    connected(&mut walk, 4);
    assert_eq!(orphan(&walk), 2, "the oldest");
    assert_eq!(whose(&walk, Whose::LastOrphan), 3);
    follow(&mut walk, end(2), Reply::Applied, vec![]);
    assert_eq!(orphan(&walk), 3);
}

#[test]
fn a_probe_is_answered_by_its_number_or_by_one_that_was_never_sent() {
    let mut walk = Walk::new();
    connected(&mut walk, 2);
    let probe = Action::Probe { generation: generation(2), number: 9 };
    follow(&mut walk, Input::Timeout, Reply::Applied, vec![probe]);
    let answer = |right| named(&walk, What::ProbeAnswered(Whose::Current, right));
    let generation = generation(2);
    assert_eq!(answer(true), Input::ProbeAnswered { generation, number: 9 });
    assert_eq!(answer(false), Input::ProbeAnswered { generation, number: 10 });
}

#[test]
fn time_passes_as_the_move_says_and_goes_back_for_one_input_alone() {
    let mut walk = Walk::new();
    let mut at = |passed, wake| walk.resolve(Move { passed, what: What::Timeout }, wake).0.as_nanos();
    let deadline = |nanos| Wake::At(Time::from_nanos(nanos), DeadlineKind::Stop);
    assert_eq!(at(Passed::Nanos(10), Wake::Never), 10);
    assert_eq!(at(Passed::Nothing, deadline(30)), 10);
    assert_eq!(at(Passed::ToDeadline, deadline(30)), 30);
    assert_eq!(at(Passed::ToDeadline, deadline(20)), 30, "never back");
    assert_eq!(at(Passed::ToDeadline, Wake::Never), 30);
    assert_eq!(at(Passed::ToDeadline, Wake::Now(DeadlineKind::Stop)), 30);
    assert_eq!(at(Passed::Back(10), Wake::Never), 20);
    assert_eq!(at(Passed::Nothing, Wake::Never), 30);
}

#[test]
fn what_names_nobody_is_what_it_is() {
    let walk = Walk::new();
    let mode = Mode::Abort;
    assert_eq!(named(&walk, What::Acquire), Input::Acquire);
    assert_eq!(named(&walk, What::TryAcquire), Input::TryAcquire);
    assert_eq!(named(&walk, What::Close(mode)), Input::Close { mode });
    assert_eq!(named(&walk, What::Shutdown(mode)), Input::Shutdown { mode });
    assert_eq!(named(&walk, What::Timeout), Input::Timeout);
}

/// The plainest config and history after which `claim` doesn't hold.
fn shrunk(claim: fn(&Script) -> bool) -> (Config, Vec<Move>) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let failed = runner.run(&(configs(), histories(60)), |(config, history)| {
        let (mut script, mut walk) = (Script::new(config), Walk::new());
        for step in history {
            let (now, input) = walk.resolve(step, script.view().wake);
            let output = script.apply(now, input);
            walk.follow(&input, &output);
            if !claim(&script) {
                return Err(TestCaseError::fail("it doesn't hold"));
            }
        }
        Ok(())
    });
    match failed.unwrap_err() {
        TestError::Fail(_, found) => found,
        TestError::Abort(why) => unreachable!("{why}"),
    }
}

#[test]
fn what_fails_shrinks_to_the_moves_that_matter() {
    let (config, history) = shrunk(|script| script.leases().next().is_none());
    let told: Vec<What> = history.iter().map(|step| step.what).collect();
    assert!(matches!(told[..], [What::Acquire, What::Ready(Whose::Current)]), "{told:?}");
    assert!(config.retry.is_none() && config.probe.is_none(), "{config:?}");

    let (config, history) = shrunk(|script| script.session().orphans().is_empty());
    assert!(history.len() <= 8, "{history:?}");
    assert!(config.retry.is_none() && config.max_age.is_none(), "{config:?}");
}
