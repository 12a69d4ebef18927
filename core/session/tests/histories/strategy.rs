//! The strategies give all that can be, and the resolver names who is there.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{
    Config as ProptestConfig, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner,
};
use tenure::check::SystemUnderTest as _;
use tenure::strategy::{Elapsed, Operation, OperationKind, Resolver, Target, configs, histories, operations};
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
    let deadlines: [fn(&Config) -> Duration; 5] = [
        |c| c.connect_timeout,
        |c| c.finish_timeout,
        |c| c.stop_timeout,
        |c| c.abort_timeout,
        |c| c.discard_timeout,
    ];
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
    assert_eq!(values(&configs, |config| config.acquire_timeout.is_some()), 2);
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
        let step = operations().new_tree(&mut runner).unwrap().current();
        seen.extend([name(format!("{:?}", step.elapsed)), name(format!("{:?}", step.kind))]);
        if let OperationKind::Ready(target) = step.kind {
            seen.insert(format!("{target:?}"));
        }
    }
    let all = "Acquire Back Cancel Close Current Done Ended LastOrphan Nanos Next Nothing Orphan Previous ProbeAnswered \
               Ready Release Retiring Shutdown Timeout ToDeadline TryAcquire";
    assert_eq!(seen.into_iter().collect::<Vec<_>>().join(" "), all);
}

fn generation(number: u64) -> Generation {
    Generation::new(number).unwrap()
}

/// What the resolver makes of it, without any time passing.
fn named(resolver: &Resolver, kind: OperationKind) -> Input {
    resolver.clone().resolve(Operation { elapsed: Elapsed::Nothing, kind }, Wake::Never).1
}

fn ticket(number: u64) -> Ticket {
    Ticket::new(SessionId(0), number)
}

/// A resolver through one input and what came of it.
fn follow(resolver: &mut Resolver, input: Input, reply: Reply, actions: Vec<Action<LeaseData>>) {
    resolver.follow(&input, &Output::new(reply, actions));
}

fn connected(resolver: &mut Resolver, number: u64) {
    let connect = Action::Connect { generation: generation(number) };
    follow(resolver, Input::Timeout, Reply::Applied, vec![connect]);
}

fn waits(resolver: &mut Resolver, ticket: u64) {
    follow(resolver, Input::Acquire, Reply::Waiting { ticket }, vec![]);
}

fn holds(resolver: &mut Resolver, lease: u64) {
    follow(resolver, Input::Acquire, Reply::Granted(LeaseData::new(lease, generation(1))), vec![]);
}

fn is_over(resolver: &mut Resolver, number: u64, input: Input) {
    let ended = Action::Ended { generation: generation(number), cause: Cause::Closed, exit: Exit::FINISHED };
    follow(resolver, input, Reply::Applied, vec![ended]);
}

fn end(number: u64) -> Input {
    Input::RunnerEnded { generation: generation(number), exit: Exit::FINISHED }
}

#[test]
fn a_name_is_one_that_is_known_or_one_that_nobody_has() {
    let mut resolver = Resolver::new();
    assert_eq!(named(&resolver, OperationKind::Cancel(0)), Input::Cancel { ticket: u64::MAX });
    for number in [5, 7] {
        waits(&mut resolver, number);
        holds(&mut resolver, number + 10);
    }
    for (index, ticket) in [(0, 5), (1, 7), (2, u64::MAX), (3, 5), (255, 5)] {
        assert_eq!(named(&resolver, OperationKind::Cancel(index)), Input::Cancel { ticket });
        let lease = if ticket == u64::MAX { ticket } else { ticket + 10 };
        assert_eq!(named(&resolver, OperationKind::Release(index)), Input::Release { lease });
    }
}

#[test]
fn who_is_gone_is_named_after_those_that_are_there() {
    let fresh = || {
        let mut resolver = Resolver::new();
        for number in [5, 7] {
            waits(&mut resolver, number);
            holds(&mut resolver, number + 10);
        }
        resolver
    };
    let first = |resolver: &Resolver| named(resolver, OperationKind::Cancel(0));
    let mut resolver = fresh();
    follow(&mut resolver, Input::Cancel { ticket: 5 }, Reply::Applied, vec![]);
    assert_eq!(first(&resolver), Input::Cancel { ticket: 7 });

    let mut resolver = fresh();
    follow(&mut resolver, Input::Release { lease: 15 }, Reply::Applied, vec![]);
    assert_eq!(named(&resolver, OperationKind::Release(0)), Input::Release { lease: 17 });

    let mut resolver = fresh();
    let rejection = Rejection::Closed;
    follow(
        &mut resolver,
        Input::Timeout,
        Reply::Applied,
        vec![Action::Reject { ticket: ticket(5), rejection }],
    );
    assert_eq!(first(&resolver), Input::Cancel { ticket: 7 });

    let mut resolver = fresh();
    let lease = LeaseData::new(19, generation(1));
    follow(&mut resolver, Input::Timeout, Reply::Applied, vec![Action::Grant { ticket: ticket(5), lease }]);
    assert_eq!(first(&resolver), Input::Cancel { ticket: 7 });
    assert_eq!(named(&resolver, OperationKind::Release(2)), Input::Release { lease: 19 });
}

#[test]
fn the_last_two_that_are_over_are_named_too() {
    let mut resolver = Resolver::new();
    for number in 1..=4 {
        waits(&mut resolver, number);
    }
    for ticket in 1..=3 {
        follow(&mut resolver, Input::Cancel { ticket }, Reply::Applied, vec![]);
    }
    // A name that nobody had is not one that is over.
    follow(&mut resolver, Input::Cancel { ticket: 9 }, Reply::Stale, vec![]);
    let tickets: Vec<_> = (0..5).map(|index| named(&resolver, OperationKind::Cancel(index))).collect();
    let expected = [4, 3, 2, u64::MAX, 4].map(|ticket| Input::Cancel { ticket });
    assert_eq!(tickets, expected);
}

#[test]
fn a_runner_is_named_by_whose_it_is() {
    let ready = |resolver: &Resolver, target| match named(resolver, OperationKind::Ready(target)) {
        Input::RunnerReady { generation } => generation.number(),
        _ => 0,
    };
    let all = [Target::Current, Target::Orphan, Target::Previous, Target::Next];
    let mut resolver = Resolver::new();
    assert_eq!(all.map(|target| ready(&resolver, target)), [1, 1, 1, 1], "there is none numbered 0");
    connected(&mut resolver, 5);
    assert_eq!(all.map(|target| ready(&resolver, target)), [5, 5, 4, 6]);
    let exit = Exit::FINISHED;
    let (done, ended) =
        (OperationKind::Done(Target::Next, exit), OperationKind::Ended(Target::Previous, exit));
    assert_eq!(named(&resolver, done), Input::RunnerDone { generation: generation(6), exit });
    assert_eq!(named(&resolver, ended), Input::RunnerEnded { generation: generation(4), exit });
}

#[test]
fn an_orphan_is_one_that_ended_unconfirmed() {
    let target = |resolver: &Resolver, target| match named(resolver, OperationKind::Ready(target)) {
        Input::RunnerReady { generation } => generation.number(),
        _ => 0,
    };
    let orphan = |resolver: &Resolver| target(resolver, Target::Orphan);
    let mut resolver = Resolver::new();
    connected(&mut resolver, 1);
    is_over(&mut resolver, 1, end(1));
    connected(&mut resolver, 2);
    assert_eq!(orphan(&resolver), 2, "the end of 1 was confirmed: there is no orphan");
    assert_eq!(target(&resolver, Target::LastOrphan), 2);
    is_over(&mut resolver, 2, Input::Timeout);
    connected(&mut resolver, 3);
    is_over(&mut resolver, 3, Input::Timeout);
    connected(&mut resolver, 4);
    assert_eq!(orphan(&resolver), 2, "the oldest");
    assert_eq!(target(&resolver, Target::LastOrphan), 3);
    follow(&mut resolver, end(2), Reply::Applied, vec![]);
    assert_eq!(orphan(&resolver), 3);
}

#[test]
fn a_probe_is_answered_by_its_number_or_by_one_that_was_never_sent() {
    let mut resolver = Resolver::new();
    connected(&mut resolver, 2);
    let probe = Action::Probe { generation: generation(2), number: 9 };
    follow(&mut resolver, Input::Timeout, Reply::Applied, vec![probe]);
    let answer = |right| named(&resolver, OperationKind::ProbeAnswered(Target::Current, right));
    let generation = generation(2);
    assert_eq!(answer(true), Input::ProbeAnswered { generation, number: 9 });
    assert_eq!(answer(false), Input::ProbeAnswered { generation, number: 10 });
}

#[test]
fn time_passes_as_the_operation_says_and_goes_back_for_one_input_alone() {
    let mut resolver = Resolver::new();
    let mut at = |elapsed, wake| {
        resolver.resolve(Operation { elapsed, kind: OperationKind::Timeout }, wake).0.as_nanos()
    };
    let deadline = |nanos| Wake::At(Time::from_nanos(nanos), DeadlineKind::Stop);
    assert_eq!(at(Elapsed::Nanos(10), Wake::Never), 10);
    assert_eq!(at(Elapsed::Nothing, deadline(30)), 10);
    assert_eq!(at(Elapsed::ToDeadline, deadline(30)), 30);
    assert_eq!(at(Elapsed::ToDeadline, deadline(20)), 30, "never back");
    assert_eq!(at(Elapsed::ToDeadline, Wake::Never), 30);
    assert_eq!(at(Elapsed::ToDeadline, Wake::Now(DeadlineKind::Stop)), 30);
    assert_eq!(at(Elapsed::Back(10), Wake::Never), 20);
    assert_eq!(at(Elapsed::Nothing, Wake::Never), 30);
}

#[test]
fn what_names_nobody_is_what_it_is() {
    let resolver = Resolver::new();
    let mode = Mode::Abort;
    assert_eq!(named(&resolver, OperationKind::Acquire), Input::Acquire);
    assert_eq!(named(&resolver, OperationKind::TryAcquire), Input::TryAcquire);
    assert_eq!(named(&resolver, OperationKind::Close(mode)), Input::Close { mode });
    assert_eq!(named(&resolver, OperationKind::Shutdown(mode)), Input::Shutdown { mode });
    assert_eq!(named(&resolver, OperationKind::Timeout), Input::Timeout);
}

/// The plainest config and history after which `claim` doesn't hold.
fn shrunk(claim: fn(&Script) -> bool) -> (Config, Vec<Operation>) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let failed = runner.run(&(configs(), histories(60)), |(config, history)| {
        let (mut script, mut resolver) = (Script::new(config), Resolver::new());
        for step in history {
            let (now, input) = resolver.resolve(step, script.view().wake);
            let output = script.apply(now, input);
            resolver.follow(&input, &output);
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
fn what_fails_shrinks_to_the_operations_that_matter() {
    let (config, history) = shrunk(|script| script.leases().next().is_none());
    let told: Vec<OperationKind> = history.iter().map(|step| step.kind).collect();
    assert!(matches!(told[..], [OperationKind::Acquire, OperationKind::Ready(Target::Current)]), "{told:?}");
    assert!(config.retry.is_none() && config.probe.is_none(), "{config:?}");

    let (config, history) = shrunk(|script| script.session().orphans().is_empty());
    assert!(history.len() <= 8, "{history:?}");
    assert!(config.retry.is_none() && config.max_age.is_none(), "{config:?}");
}
