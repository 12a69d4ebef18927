//! Only a draining session comes to rest: a closed one is at its end.

use tenure::state::*;

fn transition(state: Draining, config: &tenure::Config) {
    let _ = config;
    let _ = state.end(tenure::Exit::FINISHED);
}

fn main() {
    let _ = transition;
}
