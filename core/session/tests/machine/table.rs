//! Every state × every input: what is said, what is to be done, what state follows.

use std::fmt::Write as _;
use std::time::Duration;

use tenure::{Config, Exit, Input, KeepAlive, Mode, Probe, Retry, Time, Wake};

use crate::world::{FAILED, World};
use crate::{cap, generation, millis, secs, snapshot, tell};

/// Every state, to be seen half a second after it began; the deadlines that were armed are stamped.
fn states() -> Vec<(&'static str, World)> {
    let always = || Config::default().keep_alive(KeepAlive::Always);
    let retry = || Config::default().retry(Some(Retry::default().base(secs(10)).jitter(0)));
    let probe = || always().probe(Some(Probe { interval: millis(500), timeout: secs(10) }));
    vec![
        ("Idle, never connected", World::new(Config::default())),
        ("Idle, one life is over", {
            let mut world = World::stopping(Config::default());
            world.ended(1, Exit::FINISHED);
            world
        }),
        ("Idle in a backoff, nobody waits", {
            let mut world = World::connecting(retry());
            world.ended(1, FAILED);
            world.cancel(1);
            world
        }),
        ("Idle in a backoff, ticket 1 waits", {
            let mut world = World::connecting(retry());
            world.ended(1, FAILED);
            world
        }),
        ("Idle at the cap of orphans, generation 1 is one", {
            let mut world = World::stopping(Config::default().max_orphans(cap(1)));
            for _ in 0..3 {
                world.at_next_deadline();
            }
            world
        }),
        ("Connecting, ticket 1 waits", World::connecting(Config::default())),
        ("Connecting with an attempt left, ticket 1 waits", World::connecting(retry())),
        ("Live, unused, kept alive for ever", {
            let mut world = World::live(always());
            world.release(1);
            world
        }),
        ("Live, unused, kept alive for a minute", {
            let mut world = World::live(Config::default().keep_alive(KeepAlive::For(secs(60))));
            world.release(1);
            world
        }),
        ("Live, lease 1 is held, kept alive by nothing else", World::live(Config::default())),
        ("Live, lease 1 is held, a probe is asked", World::live(probe())),
        ("Live, lease 1 is held, not stable yet", World::live(retry())),
        ("Live, leases 1 and 2 are held, old in a minute", {
            let mut world = World::live(Config::default().max_age(Some(secs(60))));
            world.acquire();
            world
        }),
        ("Draining at finish, lease 1 is held", {
            let mut world = World::live(Config::default());
            world.close(Mode::Graceful);
            world
        }),
        ("Draining at stop", World::stopping(Config::default())),
        ("Draining at stop, ticket 2 waits", {
            let mut world = World::stopping(Config::default());
            world.acquire();
            world
        }),
        ("Draining at abort", {
            let mut world = World::live(Config::default());
            world.close(Mode::Abort);
            world
        }),
        ("Draining at discard, the runner is done", {
            let mut world = World::live(Config::default());
            world.done(1, FAILED);
            world
        }),
        ("Draining at discard by its deadlines, ticket 2 waits", {
            let mut world = World::stopping(Config::default());
            world.acquire();
            for _ in 0..2 {
                world.at_next_deadline();
            }
            world
        }),
        ("Draining at finish for good, lease 1 is held", {
            let mut world = World::live(Config::default());
            world.shutdown(Mode::Graceful);
            world
        }),
        ("Draining at stop for good", {
            let mut world = World::live(Config::default());
            world.shutdown(Mode::Force);
            world
        }),
        ("Closed", {
            let mut world = World::live(Config::default());
            world.shutdown(Mode::Force);
            world.ended(1, Exit::FINISHED);
            world
        }),
    ]
}

/// Every input, and when it comes.
fn inputs(world: &World) -> Vec<(&'static str, Time, Input)> {
    let script = world.script();
    let now = world.now;
    let ticket = script.waiting().next();
    let lease = script.leases().next().map(|lease| lease.number);
    let current = generation(1);
    let other = generation(2);
    let mut inputs = vec![
        ("acquire", now, Input::Acquire),
        ("try acquire", now, Input::TryAcquire),
        ("cancel who waits", now, Input::Cancel { ticket: ticket.unwrap_or(1) }),
        ("cancel nobody", now, Input::Cancel { ticket: 99 }),
        ("release a lease", now, Input::Release { lease: lease.unwrap_or(1) }),
        ("close gracefully", now, Input::Close { mode: Mode::Graceful }),
        ("close by force", now, Input::Close { mode: Mode::Force }),
        ("close by abort", now, Input::Close { mode: Mode::Abort }),
        ("shut down gracefully", now, Input::Shutdown { mode: Mode::Graceful }),
        ("shut down by force", now, Input::Shutdown { mode: Mode::Force }),
        ("shut down by abort", now, Input::Shutdown { mode: Mode::Abort }),
        ("runner 1 ready", now, Input::RunnerReady { generation: current }),
        ("runner 1 retires", now, Input::RunnerRetiring { generation: current, exit: FAILED }),
        ("runner 1 done", now, Input::RunnerDone { generation: current, exit: FAILED }),
        ("runner 1 ended", now, Input::RunnerEnded { generation: current, exit: FAILED }),
        ("runner 2 ready", now, Input::RunnerReady { generation: other }),
        ("runner 2 retires", now, Input::RunnerRetiring { generation: other, exit: FAILED }),
        ("runner 2 done", now, Input::RunnerDone { generation: other, exit: FAILED }),
        ("runner 2 ended", now, Input::RunnerEnded { generation: other, exit: FAILED }),
        ("probe 1 answered", now, Input::ProbeAnswered { generation: current, number: 1 }),
        ("probe 2 answered", now, Input::ProbeAnswered { generation: current, number: 2 }),
        ("the same time", now, Input::Timeout),
        ("time goes back", Time::ZERO, Input::Timeout),
    ];
    if let Wake::At(time, _) = script.session().poll_timeout() {
        inputs.push(("its deadline", time, Input::Timeout));
    }
    inputs
}

fn table() -> String {
    let mut text = String::from(
        "What each input does in each state: what it says | what is to be done -> the state that follows; the next wake.\n",
    );
    for (name, mut world) in states() {
        world.at(Duration::from(world.now) + millis(500));
        let is = world.status();
        let of = |text: &str| text.split([' ', ',']).next().map(String::from);
        assert_eq!(of(&is), of(name), "{name} is {is}");
        writeln!(text, "\n{name}: {}; wakes {}", is, world.wake()).unwrap();
        for (input_name, now, input) in inputs(&world) {
            let mut after = world.clone();
            after.now = now;
            let told = tell::output(&after.feed(input));
            write!(text, "    {input_name:<22}{told}").unwrap();
            let (status, wake) = (after.status(), after.wake());
            if status != world.status() {
                write!(text, " -> {status}").unwrap();
            }
            if wake != world.wake() {
                write!(text, "; wakes {wake}").unwrap();
            }
            text.push('\n');
        }
    }
    text
}

#[test]
fn every_state_and_every_input_are_as_committed() {
    snapshot::compare("table.txt", &table());
}
