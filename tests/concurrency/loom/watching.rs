//! Those who only look.

use futures_lite::StreamExt;
use loom::thread::spawn;
use tenure::{Config, Mode, Status};

use crate::cases::cases;
use crate::rig::{Served, block_on, kept};

cases! {
    a_stream_of_states_ends: 4,
    one_lease_of_two_goes_before_a_watchers_eyes: 3,
    two_closers_are_both_told: 2,
}

/// A stream of states ends with the last one, however many it skips.
fn a_stream_of_states_ends() {
    let session = Served::new(Config::default());
    let mut states = session.client.states();
    let watching = spawn(move || {
        let mut last = None;
        while let Some(state) = block_on(states.next()) {
            last = Some(state);
        }
        assert!(matches!(last, Some(Status::Closed { .. })), "{last:?}");
    });
    session.end();
    watching.join().unwrap();
}

/// Who watches leases is told that one of two has gone, whenever it looks.
fn one_lease_of_two_goes_before_a_watchers_eyes() {
    let session = Served::new(kept());
    let [held, lease] = [(); 2].map(|()| session.acquire().expect("nothing is in its way"));
    let going = spawn(move || drop(lease));
    let mut states = session.client.states();
    while !matches!(block_on(states.next()), Some(Status::Live { held: 1, .. })) {}
    going.join().unwrap();
    drop((held, states));
    session.end();
}

/// Two close in two ways: both are told the end.
fn two_closers_are_both_told() {
    let session = Served::new(Config::default());
    let lease = session.acquire().expect("nothing is in its way");
    let other = {
        let client = session.client.clone();
        spawn(move || block_on(client.close(Mode::Graceful)))
    };
    block_on(session.client.close(Mode::Force));
    drop(lease);
    other.join().unwrap();
    session.end();
}
