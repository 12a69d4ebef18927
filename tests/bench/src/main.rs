//! Tenure beside what one would use instead, all in one run.
//!
//! `tenure-bench` measures everything, and writes RESULTS.md and charts beside its sources. `--short` measures what the
//! goals are about, and nothing is written; with `--json` it prints them as one document. `--list` and
//! `--case NAME --times N` are for those who count: `count`, and strace.

mod charts;
mod contest;
mod goals;
mod growth;
mod results;
mod table;
mod tools;

use std::path::Path;
use std::time::Duration;

use tenure_bench::{COUNTED, TIMED};
use tenure_cases::Case;

use crate::goals::{SESSIONS, goals};
use crate::results::Results;

/// How long each case is repeated in a round, and how many rounds there are.
struct Effort {
    rounds: u32,
    budget: Duration,
}

const FULL: Effort = Effort { rounds: 9, budget: Duration::from_millis(150) };
const SHORT: Effort = Effort { rounds: 5, budget: Duration::from_millis(60) };

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if has("--list") {
        tenure_cases::command::run(COUNTED);
        return Ok(());
    }
    if has("--case") {
        tenure_cases::command::run(&[COUNTED, TIMED].concat());
        return Ok(());
    }
    if let Some(unknown) = arguments.iter().find(|argument| !matches!(&***argument, "--short" | "--json")) {
        eprintln!("unknown: {unknown}; --short, --json, --list, or --case NAME --times N");
        std::process::exit(2);
    }
    let is_short = has("--short");
    let results = if is_short { short() } else { full() };
    let goals = goals(&results);
    if has("--json") {
        println!("{:#}", goals::json(&goals));
    } else {
        println!("{}", table::goals(&goals));
    }
    if is_short {
        return Ok(());
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::write(here.join("RESULTS.md"), table::all(&results, &goals))?;
    charts::write(&here.join("charts"), &results).map_err(std::io::Error::other)
}

/// What the goals are about.
fn short() -> Results {
    let mut results = Results {
        instructions: counted(&[
            "^(tokio|rmcp)/(call-typed|connect|list-1000)$",
            "^tokio/(call-raw|large-raw|large-typed|lease-alone)$",
            "^machine/",
        ]),
        ..allocated(&[SESSIONS])
    };
    results.times = timed(&SHORT);
    results.waiters = growth::waiters(2, &[1_000, 100_000]);
    results
}

fn full() -> Results {
    let mut results = Results {
        instructions: counted(&["/(lease|call|connect|large|list|cycle)"]),
        ..allocated(&[1, 10, SESSIONS, 1_000, 10_000])
    };
    results.times = timed(&FULL);
    results.system_calls = system_calls();
    results.waiters = growth::waiters(5, &[1_000, 3_000, 10_000, 30_000, 100_000]);
    results.callers = growth::callers();
    results.payloads = growth::payloads();
    results
}

fn timed(effort: &Effort) -> contest::Times {
    let cases: Vec<Case> = TIMED.iter().copied().flatten().copied().collect();
    contest::rounds(&cases, effort.rounds, effort.budget)
}

fn counted(patterns: &[&str]) -> Option<std::collections::BTreeMap<String, f64>> {
    eprintln!("bench: instructions, by callgrind");
    let counted = tools::instructions(patterns);
    if counted.is_none() {
        eprintln!("bench: WARNING: instructions are not measured; install valgrind for them");
    }
    counted
}

fn allocated(sessions: &[u32]) -> Results {
    eprintln!("bench: allocations, and what sessions hold");
    let held = |count: &u32| (*count, tools::heap(&["held", &count.to_string()]));
    Results {
        allocations: tools::heap(&["allocations"]),
        held: sessions.iter().map(held).collect(),
        ..Results::default()
    }
}

fn system_calls() -> Vec<(&'static str, Option<f64>)> {
    eprintln!("bench: system calls, by strace");
    let of = ["tokio/stdio-call", "smol/stdio-call", "rmcp/stdio-call", "floor/stdio-call"];
    of.map(|case| (case, tools::system_calls(case, (100, 600)))).into()
}
