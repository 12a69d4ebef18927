//! Only a connecting session becomes live.

use tenure::state::*;

fn transition(state: Connecting, config: &tenure::Config) {
    let _ = config;
    let _ = state.ready(config);
}

fn main() {
    let _ = transition;
}
