//! Small models, tried in all interleavings up to a bound of preemptions.

#[path = "../cases.rs"]
mod cases;
mod rig;

// The driver's own signals once more, as a part of this crate: it hides them.
#[allow(dead_code, unreachable_pub, reason = "the rest of the driver uses it")]
#[path = "../../../adapters/driver/src/signal.rs"]
mod signal;
use tenure_driver::{sync, wake};

// The calls in flight of an MCP session: the files of that crate that tasks share.
#[allow(dead_code, unreachable_pub, reason = "the rest of its crate uses it")]
#[path = "../../../adapters/mcp/src/session/channel.rs"]
mod channel;
#[allow(dead_code, unreachable_pub, reason = "the rest of its crate uses it")]
#[path = "../../../adapters/mcp/src/session/deadlines.rs"]
mod deadlines;
#[allow(dead_code, unreachable_pub, reason = "the rest of its crate uses it")]
#[path = "../../../adapters/mcp/src/session/ends.rs"]
mod ends;
#[path = "../../../adapters/mcp/src/session/hearing.rs"]
mod hearing;
#[path = "../../../adapters/mcp/src/session/in_flight.rs"]
mod in_flight;
#[path = "../../../adapters/mcp/src/session/news.rs"]
mod news;
#[allow(dead_code, unreachable_pub, reason = "the rest of its crate uses it")]
#[path = "../../../adapters/mcp/src/session/outlet.rs"]
mod outlet;
#[allow(dead_code, unreachable_pub, reason = "the rest of its crate uses it")]
#[path = "../../../adapters/mcp/src/session/sending.rs"]
mod sending;

mod callers;
mod calls;
mod ending;
mod parts;
mod watching;
mod writing;

use std::process::ExitCode;

fn main() -> ExitCode {
    let all: Vec<_> =
        [parts::CASES, callers::CASES, calls::CASES, ending::CASES, watching::CASES, writing::CASES]
            .into_iter()
            .flatten()
            .collect();
    cases::main(&all)
}
