//! What is closed has no way out.

use tenure::state::*;

fn transition(state: Idle, config: &tenure::Config) {
    let _ = config;
    let _ = state.shutdown();
}

fn main() {
    let _ = transition;
}
