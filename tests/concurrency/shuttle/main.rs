//! Larger mixes, each tried in many random interleavings.

#[path = "../cases.rs"]
mod cases;

// The calls in flight of an MCP session: the one file of that crate that tasks share.
#[allow(dead_code, unreachable_pub, reason = "the rest of its crate uses it")]
#[path = "../../../adapters/mcp/src/session/channel.rs"]
mod channel;
#[allow(dead_code, unreachable_pub, reason = "the rest of its crate uses it")]
#[path = "../../../adapters/mcp/src/session/deadlines.rs"]
mod deadlines;
#[allow(dead_code, unreachable_pub, reason = "the rest of its crate uses it")]
#[path = "../../../adapters/mcp/src/session/ends.rs"]
mod ends;
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

mod calls;
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
