//! Small models, tried in all interleavings up to a bound of preemptions.

#[path = "../cases.rs"]
mod cases;
mod rig;

// The driver's own signals once more, as a part of this crate: it hides them.
#[allow(dead_code, unreachable_pub, reason = "the rest of the driver uses it")]
#[path = "../../../adapters/driver/src/signal.rs"]
mod signal;
use tenure_driver::{sync, wake};

// The calls in flight of an MCP session: the one file of that crate that tasks share.
#[allow(dead_code, unreachable_pub, reason = "the rest of its crate uses it")]
#[path = "../../../adapters/mcp/src/session/channel.rs"]
mod channel;

mod callers;
mod calls;
mod ending;
mod parts;
mod watching;

use std::process::ExitCode;

fn main() -> ExitCode {
    let all: Vec<_> = [parts::CASES, callers::CASES, calls::CASES, ending::CASES, watching::CASES]
        .into_iter()
        .flatten()
        .collect();
    cases::main(&all)
}
