//! Exhaustive model checking of the real machine: every state that can be reached within a scope, and
//! every input in it, held against the public checker; and from every state the proof that time alone
//! brings it to rest.
//!
//! `cargo test -p tenure-tests --test model` explores the small scopes; `MODEL=large` in front of it, with
//! `--release`, the large ones. Each prints how many states, how deep and how long.

mod explore;
mod inputs;
mod scopes;

use explore::{Explored, explore};
use scopes::Scope;

fn check(scope: &Scope) {
    let explored = explore(scope);
    let name = scope.name;
    if let Ok(Explored { states, steps, depth, longest_rest, took }) = &explored {
        println!(
            "{name}: {states} states, {steps} steps, depth {depth}, at most {longest_rest} deadlines to rest, {:.1} s",
            took.as_secs_f64()
        );
        assert!(*states > scope.at_least, "the scope is too small to say anything: {states} states");
    }
    assert!(explored.is_ok(), "{name}: {}", explored.err().unwrap_or_default());
}

#[test]
fn plain_sessions_keep_every_invariant_in_every_state() {
    check(&scopes::plain());
}

#[test]
fn sessions_that_retry_keep_every_invariant_in_every_state() {
    check(&scopes::retrying());
}

#[test]
fn sessions_that_idle_age_and_probe_keep_every_invariant_in_every_state() {
    check(&scopes::aging());
}

#[test]
fn sessions_whose_deadlines_are_zero_keep_every_invariant_in_every_state() {
    check(&scopes::zero());
}
