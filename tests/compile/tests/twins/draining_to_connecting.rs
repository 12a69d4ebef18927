//! Only an idle session connects.

use tenure::state::*;

fn transition(state: Idle, config: &tenure::Config) {
    let _ = config;
    let _ = state.connect(config);
}

fn main() {
    let _ = transition;
}
