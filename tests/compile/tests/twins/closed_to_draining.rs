//! What is closed has no way out.

use tenure::state::*;

fn transition(state: Live, config: &tenure::Config) {
    let _ = config;
    let _ = state.drain(Drain::new(tenure::Step::Stop, tenure::Cause::Closed), config);
}

fn main() {
    let _ = transition;
}
