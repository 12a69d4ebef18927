//! Runs many simulated worlds, and tells of the first that fails as plainly as it can.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Parser;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use tenure_simulation::{
    Budget, Carrier, Choices, Failure, Report, Rules, Shrunk, Tally, run, shrink, timeline,
};

/// Runs the whole client in simulated worlds: seeded scheduling, virtual time, faulty servers and pipes.
///
/// Each seed is one world, the same each time. It stops when a seed fails, and prints the plainest run that
/// fails in the same way as a timeline. Exit status: 0 all held, 1 a seed failed, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 10_000, value_name = "COUNT")]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0, value_name = "SEED")]
    from: u64,
    /// How many threads run them [default: one for each core].
    #[arg(long, value_name = "COUNT")]
    threads: Option<NonZeroUsize>,
    /// Run this one seed alone and print its whole timeline.
    #[arg(long, conflicts_with_all = ["seeds", "from", "threads"], value_name = "SEED")]
    seed: Option<u64>,
    /// Over HTTP, in place of pipes.
    #[arg(long)]
    http: bool,
    /// Print a failing seed as it is, without making it plainer first.
    #[arg(long)]
    no_shrink: bool,
}

impl Arguments {
    fn rules(&self) -> Rules {
        let carrier = if self.http { Carrier::Http } else { Carrier::Lines };
        Rules { carrier, ..Rules::default() }
    }
}

/// What all threads share.
struct Work {
    rules: Rules,
    next: AtomicU64,
    end: u64,
    done: AtomicU64,
    found: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    tally: Tally,
    /// The lowest seed that failed.
    failed: Option<(u64, Report)>,
    failures: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let told = match arguments.seed {
        Some(seed) => one(seed, &arguments),
        None => many(&arguments),
    };
    // What could not be told is not taken for good.
    told.unwrap_or(ExitCode::FAILURE)
}

fn one(seed: u64, arguments: &Arguments) -> std::io::Result<ExitCode> {
    let report = run(Choices::of_seed(seed), &Rules { record: true, ..arguments.rules() });
    let mut out = std::io::stdout().lock();
    write!(out, "{}", timeline(&report.entries))?;
    writeln!(out, "{} polls, {} choices", report.polls, report.tape.len())?;
    if report.failure.is_some() {
        return tell(seed, report, arguments);
    }
    Ok(ExitCode::SUCCESS)
}

fn many(arguments: &Arguments) -> std::io::Result<ExitCode> {
    let begun = Instant::now();
    let work = Work {
        rules: arguments.rules(),
        next: AtomicU64::new(arguments.from),
        end: arguments.from.saturating_add(arguments.seeds),
        done: AtomicU64::new(0),
        found: Mutex::default(),
    };
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let threads = arguments.threads.unwrap_or_else(cores);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.get()).map(|_| scope.spawn(|| work.run())).collect();
        watch(&work, arguments.seeds, || workers.iter().all(std::thread::ScopedJoinHandle::is_finished));
    });
    let Found { tally, failed, failures } = work.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let done = work.done.into_inner();
    let mut out = std::io::stdout().lock();
    write!(out, "{tally}")?;
    let seconds = begun.elapsed().as_secs_f64();
    writeln!(out, "{done} seeds from {} in {seconds:.1} s, {failures} failed", arguments.from)?;
    drop(out);
    match failed {
        Some((seed, report)) => tell(seed, report, arguments),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// A seed that failed, as plainly as it can be told.
fn tell(seed: u64, report: Report, arguments: &Arguments) -> std::io::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let Report { failure: Some(failure), tape, .. } = report else {
        return Ok(ExitCode::SUCCESS);
    };
    let Failure { kind, .. } = &failure;
    writeln!(out, "\nseed {seed} failed: {failure}")?;
    if !arguments.no_shrink {
        let length = tape.len();
        let Shrunk { report, runs } = shrink(tape, *kind, &arguments.rules(), Budget::default());
        writeln!(out, "shrunk from {length} choices to {} in {runs} runs:\n", report.tape.len())?;
        write!(out, "{}", timeline(&report.entries))?;
        if let Some(failure) = report.failure {
            writeln!(out, "\nthe shrunk run failed: {failure}")?;
        }
    }
    writeln!(
        out,
        "again, in full: cd tests/simulation && cargo run --release -- --seed {seed}{}",
        if arguments.http { " --http" } else { "" }
    )?;
    Ok(ExitCode::FAILURE)
}

impl Work {
    fn run(&self) {
        const BATCH: u64 = 64;
        loop {
            let from = self.next.fetch_add(BATCH, Ordering::Relaxed);
            if from >= self.end {
                return;
            }
            let mut tally = Tally::default();
            for seed in from..self.end.min(from.saturating_add(BATCH)) {
                let report = run(Choices::of_seed(seed), &self.rules);
                tally.merge(&report.tally);
                if report.failure.is_some() {
                    self.fail(seed, report);
                }
                self.done.fetch_add(1, Ordering::Relaxed);
            }
            self.found().tally.merge(&tally);
            if self.found().failures > 0 {
                return;
            }
        }
    }

    fn fail(&self, seed: u64, report: Report) {
        let mut found = self.found();
        found.failures = found.failures.saturating_add(1);
        if found.failed.as_ref().is_none_or(|(lowest, _)| seed < *lowest) {
            found.failed = Some((seed, report));
        }
    }

    fn found(&self) -> std::sync::MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A progress bar on a terminal; elsewhere a line now and then.
fn watch(work: &Work, seeds: u64, is_over: impl Fn() -> bool) {
    let terminal = std::io::stderr().is_terminal();
    let bar = ProgressBar::with_draw_target(Some(seeds), ProgressDrawTarget::stderr());
    let template = "{bar:40} {human_pos}/{human_len} seeds, {rate} a second, {eta} left, {msg} failed";
    if let Ok(style) = ProgressStyle::with_template(template) {
        let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = write!(out, "{:.0}", state.per_sec());
        };
        bar.set_style(style.with_key("rate", rate));
    }
    let begun = Instant::now();
    let mut told = Duration::ZERO;
    while !is_over() {
        std::thread::sleep(Duration::from_millis(100));
        let (done, failures) = (work.done.load(Ordering::Relaxed), work.found().failures);
        bar.set_message(failures.to_string());
        bar.set_position(done);
        let elapsed = begun.elapsed();
        if !terminal && elapsed.saturating_sub(told) >= Duration::from_secs(10) {
            told = elapsed;
            let rate = done.checked_div(elapsed.as_secs()).unwrap_or(0);
            let left = seeds.saturating_sub(done).checked_div(rate).unwrap_or(0);
            eprintln!("{done} of {seeds} seeds, {rate} a second, about {left} s left, {failures} failed");
        }
    }
    bar.finish_and_clear();
}
