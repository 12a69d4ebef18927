//! Larger mixes, each tried in many random interleavings.

#[path = "../cases.rs"]
mod cases;
mod clock;
mod mixes;
mod peer;
mod proof;
mod rig;
mod tally;

use std::process::ExitCode;

fn main() -> ExitCode {
    cases::main(&mixes::CASES.iter().collect::<Vec<_>>())
}
