//! Random histories of random sessions, held against the checker after every input.

use std::cell::Cell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config as Runs, FileFailurePersistence, RngAlgorithm, TestRng, TestRunner};
use tenure::check::{Checked, SystemUnderTest, Violation};
use tenure::state::{Live, Place, StateName, TRANSITIONS};
use tenure::strategy::{Operation, Resolver, configs, histories};
use tenure::{Config, Input, Output, Reply, Script, Time, Wake};

/// Runs a history through the checker; `seen` gets every input, its time and what came of it.
fn run(
    config: &Config,
    history: &[Operation],
    mut seen: impl FnMut(&Script, Time, Input, &Output),
) -> Result<Checked<Script>, Violation> {
    let mut session = Checked::new(Script::new(config.clone()), config.clone());
    let mut resolver = Resolver::new();
    for step in history {
        let before = session.system().clone();
        let (now, input) = resolver.resolve(*step, session.system().view().wake);
        let output = session.apply(now, input)?;
        resolver.follow(&input, &output);
        seen(&before, now, input, &output);
    }
    Ok(session)
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn fail(violation: Violation) -> TestCaseError {
    TestCaseError::fail(violation.to_string())
}

fn runs() -> Runs {
    let failures = FileFailurePersistence::WithSource("proptest-regressions");
    Runs { cases: 500, failure_persistence: Some(Box::new(failures)), ..Runs::default() }
}

proptest! {
    #![proptest_config(runs())]

    #[test]
    fn every_history_keeps_every_invariant(config in configs(), history in histories(60)) {
        run(&config, &history, |_, _, _, _| {}).map_err(fail)?;
    }

    /// What an embedder may rely on for a short way: such an input leaves nothing to look at but the count.
    #[test]
    fn a_lease_that_comes_or_goes_while_one_is_held_does_nothing_else(config in configs(), history in histories(60)) {
        let broken = Cell::new(None);
        let session = run(&config, &history, |before, now, input, output| {
            let is_of_a_lease = matches!(input, Input::Acquire | Input::TryAcquire | Input::Release { .. });
            let Some(live) = before.session().live().filter(|_| is_of_a_lease) else { return };
            let mut after = before.clone();
            after.feed(now, input);
            let is_held = |live: &Live| live.held() > 0;
            let goes = matches!(input, Input::Release { .. }) && live.held() < 2;
            if goes || before.session().has_actions() || !after.session().live().is_some_and(is_held) {
                return;
            }
            let (due, was) = (after.session().poll_timeout(), before.session().poll_timeout());
            if after.session().has_actions() || !output.actions.is_empty() || due.is_before(was) {
                broken.set(Some(format!("{input:?} of {before:?} did {output:?}, and {due:?} after {was:?}")));
            }
        });
        session.map_err(fail)?;
        prop_assert_eq!(broken.take(), None);
    }

    /// Feeding nothing but its own deadlines ends every ticket, and then nothing is left to wake for.
    #[test]
    fn from_wherever_it_is_time_alone_brings_it_to_rest(config in configs(), history in histories(40)) {
        let mut session = run(&config, &history, |_, _, _, _| {}).map_err(fail)?;
        let mut steps = 0;
        loop {
            let clock = session.system().clock();
            match session.system().view().wake {
                Wake::Never => break,
                Wake::Now(_) => session.apply(clock, Input::Timeout).map_err(fail)?,
                Wake::At(time, _) => session.apply(time, Input::Timeout).map_err(fail)?,
            };
            steps += 1;
            prop_assert!(steps < 200, "no rest after {steps} deadlines: {:?}", session.system().view());
        }
        prop_assert_eq!(session.system().view().waiting, 0);
        prop_assert_eq!(session.checker().waiting(), 0);
    }

    #[test]
    fn the_same_inputs_give_the_same_outputs(config in configs(), history in histories(60)) {
        let mut outputs = Vec::new();
        run(&config, &history, |_, now, input, output| outputs.push((now, input, output.clone()))).map_err(fail)?;
        let mut again = Script::new(config);
        for (now, input, output) in outputs {
            prop_assert_eq!(again.apply(now, input), output);
        }
    }

    /// Two histories that lead to one canonical form can't be told apart from there on.
    #[test]
    fn a_canonical_copy_does_the_same(config in configs(), history in histories(40), later in histories(20)) {
        let config = without_chance(config);
        let session = run(&config, &history, |_, _, _, _| {}).map_err(fail)?;
        let mut one = session.system().clone();
        let mut other = one.canonical();
        prop_assert_eq!(&other.canonical(), &other);
        // The walks know nothing from before: they name the same things by different numbers.
        for step in later {
            let (shift, input) = Resolver::new().resolve(step, Wake::Never);
            let at = |script: &Script| script.clock().saturating_add(shift.into());
            let (left, right) = (renamed(input, &one), renamed(input, &other));
            let (now_left, now_right) = (at(&one), at(&other));
            let (left, right) = (one.apply(now_left, left), other.apply(now_right, right));
            prop_assert_eq!(left.actions.len(), right.actions.len());
            prop_assert_eq!(left.reply.is_change(), right.reply.is_change());
            prop_assert_eq!(one.canonical(), other.canonical());
        }
    }
}

fn without_chance(mut config: Config) -> Config {
    config.retry = config.retry.map(|retry| retry.jitter(0));
    config
}

fn current(script: &Script) -> tenure::Generation {
    script.session().status().generation().unwrap_or(tenure::Generation::FIRST)
}

/// The input with names that mean the same in every copy: the current generation, the first of a list.
fn renamed(input: Input, script: &Script) -> Input {
    let generation = current(script);
    match input {
        Input::Cancel { .. } => Input::Cancel { ticket: script.waiting().next().unwrap_or(u64::MAX) },
        Input::Release { .. } => {
            Input::Release { lease: script.leases().next().map_or(u64::MAX, |l| l.number) }
        }
        Input::RunnerReady { .. } => Input::RunnerReady { generation },
        Input::RunnerRetiring { exit, .. } => Input::RunnerRetiring { generation, exit },
        Input::RunnerDone { exit, .. } => Input::RunnerDone { generation, exit },
        Input::RunnerEnded { exit, .. } => Input::RunnerEnded { generation, exit },
        Input::ProbeAnswered { .. } => Input::ProbeAnswered { generation, number: u64::MAX },
        other => other,
    }
}

/// One session whose actions are polled late keeps its promises to each caller too.
#[test]
fn a_grant_that_was_not_polled_is_taken_back_by_cancel() {
    let taken_back = Cell::new(0);
    // The same histories each time: how many come to a grant is no matter of chance.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Runs { failure_persistence: None, ..runs() }, rng);
    let tested = runner.run(&(configs(), histories(30)), |(config, history)| {
        let mut late = run(&config, &history, |_, _, _, _| {}).map_err(fail)?.system().clone();
        let Reply::Waiting { ticket } = late.feed(Time::ZERO, Input::Acquire) else { return Ok(()) };
        let ready = late.feed(Time::ZERO, Input::RunnerReady { generation: current(&late) });
        let leases = late.clone();
        prop_assert_eq!(late.feed(Time::ZERO, Input::Cancel { ticket }), Reply::Applied);
        let granted = |mut script: Script| {
            let actions = std::iter::from_fn(move || script.poll());
            let tickets = actions.filter_map(|action| match action {
                tenure::Action::Grant { ticket, .. } => Some(ticket.number()),
                _ => None,
            });
            tickets.collect::<Vec<_>>()
        };
        let (before, after) = (granted(leases), granted(late));
        prop_assert!(!after.contains(&ticket));
        if ready == Reply::Applied {
            // The others get theirs; his is the only one that is gone.
            prop_assert_eq!(before.len(), after.len() + 1);
            taken_back.set(taken_back.get() + 1);
        }
        Ok(())
    });
    tested.unwrap_or_else(|failed| panic!("{failed}"));
    assert!(taken_back.get() >= 20, "only {} of 500 histories came to a grant", taken_back.get());
}

/// The strategies are worth something only if they go everywhere.
#[test]
fn random_histories_go_through_every_transition() {
    let mut seen = BTreeSet::new();
    let mut runner = TestRunner::deterministic();
    for _ in 0..1000 {
        let config = configs().new_tree(&mut runner).unwrap().current();
        let history = histories(60).new_tree(&mut runner).unwrap().current();
        let mut last = Place::new(StateName::Idle, None);
        let mut script = Script::new(config);
        let mut resolver = Resolver::new();
        for step in history {
            let (now, input) = resolver.resolve(step, script.view().wake);
            let output = script.apply(now, input);
            resolver.follow(&input, &output);
            let next = script.view().status.place();
            // One input may take more than one transition; those that take one tell all there are.
            seen.extend(TRANSITIONS.iter().position(|row| row.from.includes(last) && row.to == next));
            last = next;
        }
    }
    for (place, row) in TRANSITIONS.iter().enumerate() {
        assert!(seen.contains(&place), "never seen: {row:?}");
    }
}
