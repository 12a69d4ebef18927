//! Exhaustive model checking of the real machine, within a scope's bounds, in two ways:
//!
//! * every state that can be reached, and every input in it;
//! * every state whose data satisfies the invariants, reachable or not: an inductive argument for
//!   histories of any length.
//!
//! The public checker judges each step. From every state, time alone is shown to bring the session to rest. The
//! table of transitions is held against all steps, both ways.
//!
//! `cargo test` does it in small scopes, `cargo run --release` in large ones, both in this folder. Each prints how many
//! states, how deep, how long.

use std::process::ExitCode;

mod explore;
mod inductive;
mod inputs;
mod placement;
mod scopes;
mod step;
mod table;
#[cfg(test)]
mod tests;
mod universe;

use scopes::Size;
use table::Seen;

/// All large scopes, two lines each as they are done.
fn main() -> ExitCode {
    let (mut sound, mut table) = (true, Seen::default());
    for scope in scopes::all(Size::Large) {
        let name = scope.name;
        let reachable = explore::explore(&scope).map(|explored| {
            let line = explored.to_string();
            table.join(explored.seen);
            line
        });
        let inductively = inductive::induct(&scope).map(|inducted| inducted.to_string());
        for checked in [reachable, inductively] {
            sound &= checked.is_ok();
            let (Ok(line) | Err(line)) = checked;
            println!("{name:<9} {line}");
        }
    }
    let missing = table.missing();
    for row in &missing {
        println!("table:    never seen: {row}");
    }
    if sound && missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
