//! A fixed range of seeds, so that what CI runs can be run again.

use std::io::Write as _;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use std::time::Duration;

use tenure_simulation::{
    Budget, Carrier, Choices, Kind, Report, Rules, Seen, Shrunk, Tally, run, shrink, timeline,
};

const SEEDS: u64 = 2500;
const SEEDS_OF_HTTP: u64 = 1500;

/// Everything that may be asked of a failing seed, in one text.
fn told(seed: u64, report: Report, rules: &Rules) -> String {
    let Some(failure) = report.failure else {
        return format!("seed {seed} held");
    };
    let Shrunk { report, .. } = shrink(report.tape, failure.kind, rules, Budget::default());
    format!(
        "seed {seed} failed: {failure}\n{}\ncd tests/simulation && cargo run --release -- --seed {seed}{}",
        timeline(&report.entries),
        if rules.carrier == Carrier::Http { " --http" } else { "" },
    )
}

/// Runs all seeds on all cores; what was seen.
fn run_all(carrier: Carrier, seeds: u64) -> Tally {
    let rules = Rules { carrier, ..Rules::default() };
    let (next, tally) = (AtomicU64::new(0), Mutex::new(Tally::default()));
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get().min(4));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut mine = Tally::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        break;
                    }
                    let report = run(Choices::of_seed(seed), &rules);
                    mine.merge(&report.tally);
                    assert!(report.failure.is_none(), "{}", told(seed, report, &rules));
                }
                tally.lock().unwrap_or_else(PoisonError::into_inner).merge(&mine);
            });
        }
    });
    tally.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// All seeds hold, and each kind of event was seen often enough.
fn holds_and_is_not_dull(carrier: Carrier, seeds: u64) {
    let tally = run_all(carrier, seeds);
    // Shown in every run: what is printed in the usual way is kept for tests that fail.
    let _ = writeln!(std::io::stderr(), "{tally}{seeds} seeds, {carrier:?}");
    let dull: Vec<String> = tally
        .dull(carrier)
        .into_iter()
        .map(|seen: Seen| format!("{}: {} of {}", seen.text(), tally.of(seen), seen.least()))
        .collect();
    assert!(dull.is_empty(), "seen too seldom:\n{}", dull.join("\n"));
}

#[test]
fn every_seed_holds_and_the_world_is_not_dull() {
    holds_and_is_not_dull(Carrier::Lines, SEEDS);
}

#[test]
fn every_seed_holds_over_http_and_the_world_is_not_dull() {
    holds_and_is_not_dull(Carrier::Http, SEEDS_OF_HTTP);
}

#[test]
fn the_same_seed_gives_the_same_run_and_so_does_its_tape() {
    for carrier in [Carrier::Lines, Carrier::Http] {
        is_repeatable(&Rules { carrier, record: true, ..Rules::default() });
    }
}

fn is_repeatable(rules: &Rules) {
    for seed in 10_000..10_120 {
        let one = run(Choices::of_seed(seed), rules);
        let again = run(Choices::of_seed(seed), rules);
        let of_tape = run(Choices::of_tape(one.tape.clone()), rules);
        for other in [again, of_tape] {
            assert_eq!(timeline(&one.entries), timeline(&other.entries), "seed {seed}");
            assert_eq!(one.trace, other.trace, "seed {seed}");
            assert_eq!((&one.tape, one.polls), (&other.tape, other.polls), "seed {seed}");
        }
    }
}

/// False on purpose.
fn no_third_generation(tally: &Tally) -> Option<String> {
    (tally.of(Seen::Generation) >= 3).then(|| "there is a third generation".to_owned())
}

#[test]
fn a_failing_run_is_shrunk_to_what_it_is_about() {
    let rules = Rules { claim: Some(no_third_generation), ..Rules::default() };
    let failing = (0..5_000).map(|seed| run(Choices::of_seed(seed), &rules)).find(|report| {
        report.failure.as_ref().is_some_and(|failure| failure.kind == Kind::Claim) && report.tape.len() > 300
    });
    let tape = failing.expect("a long run with three generations").tape;
    let length = tape.len();
    // In runs alone: how busy the machine is must not decide how far it comes.
    let budget = Budget { time: Duration::MAX, ..Budget::default() };
    let Shrunk { report, runs } = shrink(tape, Kind::Claim, &rules, budget);
    let text = timeline(&report.entries);
    println!("from {length} choices to {} in {runs} runs:\n{text}", report.tape.len());
    assert_eq!(report.failure.map(|failure| failure.kind), Some(Kind::Claim));
    assert!(report.tape.len() < 60, "{} choices are left", report.tape.len());
    assert!(report.entries.len() < 80, "{} lines are left", report.entries.len());
}
