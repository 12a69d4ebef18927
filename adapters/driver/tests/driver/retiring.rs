//! A runner that retires, polled by hand.

use std::time::Duration;

use tenure::{Cause, Config, ExitKind, KeepAlive, Mode, Status, Step};
use tenure_driver::{Builder, Error, Failure, Life, from_fn};
use tenure_kit::{Deaf, Event, Plan, VirtualClock};

use crate::rig::{Rig, Task, call};

fn always() -> Config {
    Config::default().keep_alive(KeepAlive::Always)
}

#[test]
fn leases_go_on_and_who_acquires_gets_the_next_generation() {
    let mut rig = Rig::with(always(), []);
    let lease = rig.lease();
    rig.peer.retire(1, "the server said goodbye");
    rig.run();
    assert!(matches!(rig.client.state(), Status::Draining { step: Step::Finish, held: 1, .. }));
    assert!(rig.client.try_acquire().is_err());
    lease.check().unwrap();
    let mut next = Task::new(rig.client.acquire_owned());
    next.assert_waits();
    let mut pending = call(lease, 3);
    pending.assert_waits();
    rig.peer.answer(3);
    assert_eq!(pending.done().ok(), Some(3));
    drop(pending);
    rig.run();
    assert_eq!(next.done().unwrap().generation().number(), 2);
}

#[test]
fn leases_that_outlast_the_finish_deadline_are_told_why_it_retired() {
    let mut rig = Rig::with(always(), [Plan::new().deaf(Deaf::ToAll)]);
    let lease = rig.lease();
    rig.peer.retire(1, "the server said goodbye");
    rig.run();
    rig.clock.advance(Duration::from_secs(5));
    rig.run();
    let Error::Lost { generation: Some(generation), failure } = lease.check().unwrap_err() else {
        panic!("it is lost: {:?}", lease.check());
    };
    assert_eq!((generation.number(), failure.to_string().as_str()), (1, "the server said goodbye"));
}

#[test]
fn its_first_word_counts_and_not_how_it_ends() {
    let mut rig = Rig::with(always(), []);
    let lease = rig.lease();
    rig.peer.retire(1, "the server said goodbye");
    rig.run();
    rig.peer.die(1, "its process ended");
    rig.run();
    assert!(lease.check().unwrap_err().to_string().contains("the server said goodbye"));
    let Status::Idle { last: Some(last), .. } = rig.client.state() else { panic!("{:?}", rig.client) };
    assert_eq!((last.cause, last.exit.kind), (Cause::RunnerRetiring, ExitKind::Failed));
    // Of the next generation nobody has said anything yet.
    let lease = rig.lease();
    rig.peer.die(2, "its process ended");
    rig.run();
    assert!(lease.check().unwrap_err().to_string().contains("its process ended"));
}

#[test]
fn it_does_nothing_once_the_runner_was_told_to_stop() {
    let mut rig = Rig::with(always(), [Plan::new().deaf(Deaf::ToAll)]);
    let lease = rig.lease();
    drop(rig.client.close(Mode::Force));
    rig.peer.retire(1, "the server said goodbye");
    rig.run();
    assert!(matches!(lease.check(), Err(Error::Closed { for_good: false, .. })), "{:?}", lease.check());
    assert!(matches!(rig.client.state(), Status::Draining { step: Step::Stop, cause: Cause::Closed, .. }));
}

#[test]
fn without_leases_it_is_told_to_stop_at_once() {
    let mut rig = Rig::with(always(), []);
    drop(rig.lease());
    rig.peer.retire(1, "the server said goodbye");
    rig.run();
    assert!(rig.peer.events_of(1).contains(&Event::Stop), "{:?}", rig.peer);
    assert!(matches!(rig.client.state(), Status::Idle { .. }));
}

#[test]
fn it_is_said_once_and_a_later_reason_changes_nothing() {
    let connector = from_fn(|life: Life<u32>| async move {
        let serving = life.ready(0);
        // The caller has its lease by then.
        futures_lite::future::yield_now().await;
        serving.retire(Failure::new("the server said goodbye"));
        serving.retire(Failure::new("and again"));
        serving.stopped().await;
        serving.retire(Failure::new("at the end"));
        Ok::<(), Failure>(())
    });
    let clock = VirtualClock::new();
    let (client, driver) = Builder::new(always()).build(connector, clock.clone());
    let (mut driver, mut acquire) = (Task::new(driver), Task::new(client.acquire()));
    acquire.assert_waits();
    driver.assert_waits();
    let lease = acquire.done().unwrap();
    driver.assert_waits();
    clock.advance(Duration::from_secs(5));
    driver.assert_waits();
    assert_eq!(
        lease.check().unwrap_err().to_string(),
        "the session was lost (generation 1): the server said goodbye"
    );
}
