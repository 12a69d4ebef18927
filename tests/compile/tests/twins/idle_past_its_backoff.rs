//! No connect goes past a backoff.

use tenure::state::Idle;

fn transition(state: Idle, config: &tenure::Config) {
    let _ = state.connect(config);
}

fn main() {
    let _ = transition;
}
