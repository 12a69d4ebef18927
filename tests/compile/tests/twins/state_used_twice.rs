//! A transition consumes the state.

use tenure::state::Connecting;

fn transition(one: Connecting, other: Connecting, config: &tenure::Config) {
    let _live = one.ready(config);
    let _ = &other;
    let _ = other.ready(config);
}

fn main() {
    let _ = transition;
}
