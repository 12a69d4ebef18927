//! Small models, tried in all interleavings up to a bound of preemptions.

#[path = "../cases.rs"]
mod cases;
mod rig;

// The driver's own lists and signals once more, as parts of this crate: it hides them.
#[allow(dead_code, unreachable_pub, reason = "the rest of the driver uses it")]
#[path = "../../../adapters/driver/src/signal.rs"]
mod signal;
#[path = "../../../adapters/driver/src/sync.rs"]
#[allow(dead_code, unused_imports, reason = "the rest of the driver uses it")]
mod sync;
#[path = "../../../adapters/driver/src/wake.rs"]
mod wake;

mod callers;
mod ending;
mod parts;
mod watching;

use std::process::ExitCode;

fn main() -> ExitCode {
    let all: Vec<_> =
        [parts::CASES, callers::CASES, ending::CASES, watching::CASES].into_iter().flatten().collect();
    cases::main(&all)
}
