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
#[cfg(test)]
mod tests;
mod universe;

use scopes::{Scope, Size};

/// All large scopes, one line each as it is done.
fn main() -> ExitCode {
    let mut sound = true;
    for scope in scopes::all(Size::Large) {
        for checked in [reachable(&scope), inductively(&scope)] {
            match checked {
                Ok(line) => println!("{line}"),
                Err(why) => {
                    println!("{}: {why}", scope.name);
                    sound = false;
                }
            }
        }
    }
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Every state that can be reached; what was seen, or why an invariant doesn't hold.
fn reachable(scope: &Scope) -> Result<String, String> {
    let explored = explore::explore(scope)?;
    if explored.states < scope.at_least {
        return Err(format!("the scope is too small to say anything: {} states", explored.states));
    }
    Ok(format!("{:<9} reachable:   {explored}", scope.name))
}

/// Every state that satisfies the invariants; what was seen, or why an input leads out of them.
fn inductively(scope: &Scope) -> Result<String, String> {
    Ok(format!("{:<9} inductively: {}", scope.name, inductive::induct(scope)?))
}
