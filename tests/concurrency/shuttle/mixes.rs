//! The mixes.

use std::num::NonZeroU32;
use std::time::Duration;

use shuttle::future::block_on;
use shuttle::thread;
use tenure::{Config, KeepAlive, Probe, Retry};

use crate::calls::callers_meet_their_answers;
use crate::cases::cases;
use crate::peer::{Manners, one_in, some, some_time};
use crate::rig::{caller, lasting_caller, mode, session};
use crate::tally::Seen;

cases! {
    callers_over_generations: &[ALWAYS],
    a_shutdown_meets_callers: &[ALWAYS, &[Seen::RefusedShutdown]],
    clients_come_and_go: &[ALWAYS],
    the_driver_is_dropped: &[ALWAYS],
    deadlines_and_bad_manners: &[ALWAYS, BY_DEADLINES],
    callers_meet_their_answers: &[&[Seen::CallAnswered, Seen::CallGivenUp, Seen::ServerToldOfCancel]],
}

/// What no mix would be one without.
const ALWAYS: &[Seen] = &[
    Seen::GrantedAtOnce,
    Seen::GrantedWaiting,
    Seen::QuitWaiting,
    Seen::NobodyWaiting,
    Seen::RunnerEnded,
    Seen::ClosedWaiting,
    Seen::StaleRelease,
    Seen::Finish,
    Seen::Lingered,
    Seen::ManyGenerations,
];

/// What only time brings about.
const BY_DEADLINES: &[Seen] = &[
    Seen::Abort,
    Seen::Discard,
    Seen::Orphan,
    Seen::ProbeAnswered,
    Seen::ProbeDeath,
    Seen::KeepAliveOver,
    Seen::MaxAge,
    Seen::AcquireTimeout,
    Seen::GaveUp,
];

/// A death now and then or a close, by chance, ends a generation; who holds on does so to a kept session
/// or to one that its last release closes.
fn by_chance() -> Config {
    Config::default().keep_alive(if one_in(2) { KeepAlive::Never } else { KeepAlive::Always })
}

fn join(callers: impl IntoIterator<Item = thread::JoinHandle<()>>) {
    for caller in callers {
        caller.join().unwrap();
    }
}

/// Four callers, obedient runners, no time: only wake-ups bring anything forward.
fn callers_over_generations() {
    let (client, driver, world) = session(by_chance(), Manners::Good);
    join([(); 4].map(|()| caller(client.clone())));
    if one_in(2) {
        block_on(client.shutdown(mode()));
    }
    drop(client);
    world.end(driver);
}

/// A shutdown comes among four callers: who waits or comes later is told.
fn a_shutdown_meets_callers() {
    let (client, driver, world) = session(by_chance(), Manners::Good);
    let callers = [(); 4].map(|()| caller(client.clone()));
    block_on(some_time());
    block_on(client.shutdown(mode()));
    join(callers);
    drop(client);
    world.end_early(driver);
}

/// Callers with clients of their own, one of them made of a weak one if it comes in time: the last to go
/// is the end.
fn clients_come_and_go() {
    let (client, driver, world) = session(by_chance(), Manners::Good);
    let weak = client.downgrade();
    let late = thread::spawn(move || {
        for _ in 0..some() {
            thread::yield_now();
        }
        join(weak.upgrade().map(caller));
    });
    let callers = [client.clone(), client].map(caller);
    world.end(driver);
    join(callers);
    join([late]);
}

/// The driver goes away under three callers, as with its runtime: all of them end.
fn the_driver_is_dropped() {
    let (client, driver, world) = session(by_chance(), Manners::Good);
    let callers = [(); 3].map(|()| caller(client.clone()));
    block_on(some_time());
    driver.abort();
    join(callers);
    drop(client);
    let _ = block_on(driver);
    world.judge();
}

/// Three callers, runners that stop late or never, and a time that goes on whenever it may.
fn deadlines_and_bad_manners() {
    let seconds = Duration::from_secs;
    let mut retry = Retry::default();
    retry.attempts = NonZeroU32::MIN.saturating_add(1);
    let config = Config::default()
        .keep_alive(KeepAlive::For(seconds(1)))
        .max_age(one_in(2).then(|| seconds(30)))
        .acquire_timeout((!one_in(4)).then(|| seconds(20)))
        .probe((!one_in(4)).then(|| Probe { interval: seconds(2), timeout: seconds(2) }))
        .retry(one_in(2).then_some(retry))
        .max_orphans(NonZeroU32::MIN);
    let (client, driver, world) = session(config, Manners::Bad);
    let clock = world.clock.clone();
    let time = thread::spawn(move || {
        while clock.wait_for_sleepers() {
            for _ in 0..=2 * some() {
                thread::yield_now();
            }
            clock.go_on();
        }
    });
    let callers = [(); 3].map(|()| lasting_caller(client.clone()));
    drop(client);
    join(callers);
    world.end(driver);
    join([time]);
}
