//! Exhaustive model checking of the real machine, within a scope's bounds, in two ways:
//!
//! * every state that can be reached, and every input in it;
//! * every state whose data satisfies the invariants, reachable or not: an inductive argument for
//!   histories of any length.
//!
//! Each step is held against the public checker, and from every state comes the proof that time alone
//! brings the session to rest. `cargo test -p tenure-model` does it in small scopes,
//! `cargo run --release -p tenure-model` in large ones. Each prints how many states, how deep, how long.

use std::process::ExitCode;

mod explore;
mod inductive;
mod inputs;
mod placement;
mod scopes;
mod step;
#[cfg(test)]
mod tests;
mod universe;

use scopes::Size;

/// All large scopes, two lines each as they are done.
fn main() -> ExitCode {
    let mut sound = true;
    for scope in scopes::all(Size::Large) {
        let name = scope.name;
        let reachable = explore::explore(&scope).map(|explored| explored.to_string());
        let inductively = inductive::induct(&scope).map(|inducted| inducted.to_string());
        for checked in [reachable, inductively] {
            sound &= checked.is_ok();
            let (Ok(line) | Err(line)) = checked;
            println!("{name:<9} {line}");
        }
    }
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
