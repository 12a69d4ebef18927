//! The driver is woken only for orders or an earlier deadline.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use tenure::state::StateName;
use tenure::{Config, KeepAlive, Mode, Status, Time};
use tenure_driver::{Builder, Client, Failure, Life, Timer, from_fn};
use tenure_kit::{Gate, Handle, Plan, VirtualClock};

use crate::rig::{Rig, Task};

#[test]
fn acquire_and_release_beside_another_lease_dont_wake_the_driver() {
    let mut rig = Rig::new([]);
    let held = rig.lease();
    rig.run();
    let wakes = rig.driver.alarm.wakes();
    for _ in 0..100 {
        drop(Task::new(rig.client.acquire_owned()).done().unwrap());
        drop(rig.client.try_acquire().unwrap());
    }
    let lease = rig.client.try_acquire().unwrap();
    let generation =
        Task::new(async move { lease.run(async |handle: &Handle| handle.generation()).await }).done();
    assert_eq!(generation.unwrap(), 1, "a call doesn't either");
    assert_eq!(rig.driver.alarm.wakes(), wakes);
    drop(held);
    assert!(rig.driver.alarm.wakes() > wakes, "the last release wants a stop");
}

#[test]
fn callers_who_join_a_connect_dont_wake_the_driver() {
    let mut rig = Rig::new([Plan::new().opening(&Gate::new())]);
    let mut first = Task::new(rig.client.acquire_owned());
    first.assert_waits();
    rig.run();
    let wakes = rig.driver.alarm.wakes();
    for _ in 0..10 {
        let mut another = Task::new(rig.client.acquire_owned());
        another.assert_waits();
    }
    assert_eq!(rig.driver.alarm.wakes(), wakes);
}

#[test]
fn an_earlier_deadline_wakes_the_driver_and_a_later_one_doesnt() {
    let config = Config::default().acquire_timeout(Some(Duration::from_secs(90)));
    let mut rig =
        Rig::with(config.connect_timeout(Duration::from_secs(60)), [Plan::new().opening(&Gate::new())]);
    let mut first = Task::new(rig.client.acquire_owned());
    first.assert_waits();
    rig.run();
    // The close arms the stop deadline, three seconds from now.
    let wakes = rig.driver.alarm.wakes();
    drop(rig.client.close(Mode::Graceful));
    assert!(rig.driver.alarm.wakes() > wakes);
}

#[test]
fn the_idle_timeout_is_armed_by_the_last_release_alone() {
    let idle = Duration::from_secs(10);
    let mut rig = Rig::with(Config::default().keep_alive(KeepAlive::For(idle)), []);
    let (first, second) = (rig.lease(), rig.lease());
    rig.run();
    let wakes = rig.driver.alarm.wakes();
    drop(first);
    assert_eq!(rig.driver.alarm.wakes(), wakes);
    drop(second);
    assert_eq!(rig.driver.alarm.wakes(), wakes + 1);
    rig.run();
    rig.clock.advance(idle.saturating_sub(Duration::from_nanos(1)));
    assert!(!rig.driver.alarm.take(), "not a moment too early");
    rig.clock.advance(Duration::from_nanos(1));
    assert!(rig.driver.alarm.take());
    rig.driver.assert_waits();
    assert!(matches!(rig.client.state(), Status::Draining { .. } | Status::Idle { .. }));
}

#[test]
fn the_driver_is_woken_once_for_releases_before_it_runs_and_the_idle_time_counts_from_when_it_does() {
    let idle = Duration::from_secs(10);
    let mut rig = Rig::with(Config::default().keep_alive(KeepAlive::For(idle)), []);
    let lease = rig.lease();
    rig.run();
    drop(lease);
    for _ in 0..3 {
        let wakes = rig.driver.alarm.wakes();
        drop(rig.client.try_acquire().unwrap());
        assert_eq!(rig.driver.alarm.wakes(), wakes, "it is to run already");
        rig.run();
        rig.clock.advance(Duration::from_secs(3));
        drop(rig.client.try_acquire().unwrap());
        assert_eq!(rig.driver.alarm.wakes(), wakes + 1, "the idle time begins anew");
    }
    rig.run();
    rig.clock.advance(idle.saturating_sub(Duration::from_nanos(1)));
    rig.run();
    assert!(matches!(rig.client.state(), Status::Live { held: 0, .. }));
    rig.clock.advance(Duration::from_nanos(1));
    rig.run();
    assert!(matches!(rig.client.state(), Status::Draining { .. } | Status::Idle { .. }));
}

/// A clock that counts the sleeps that are made.
struct Counting {
    clock: VirtualClock,
    sleeps: Rc<Cell<u32>>,
}

impl Timer for Counting {
    type Sleep = <VirtualClock as Timer>::Sleep;

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn sleep_until(&self, deadline: Time) -> Self::Sleep {
        self.sleeps.set(self.sleeps.get() + 1);
        self.clock.sleep_until(deadline)
    }
}

/// A session that is live and used by nobody, for so long at most; and its sleeps.
fn idle_for(idle: Duration) -> (Client<u32>, Task<impl Future<Output = ()>>, VirtualClock, Rc<Cell<u32>>) {
    let connector = from_fn(|life: Life<u32>| async move {
        let serving = life.ready(7);
        // If not, it has no lease to give.
        assert!(format!("{:?}", serving.stopped()).contains("set: false"));
        serving.stopped().await;
        Ok::<(), Failure>(())
    });
    let (clock, sleeps) = (VirtualClock::new(), Rc::default());
    let timer = Counting { clock: clock.clone(), sleeps: Rc::clone(&sleeps) };
    let config = Config::default().keep_alive(KeepAlive::For(idle));
    let (client, driver) = Builder::new(config).build(connector, timer);
    let mut driver = Task::new(driver);
    let mut acquire = Task::new(client.acquire_owned());
    acquire.assert_waits();
    driver.assert_waits();
    drop(acquire.done().unwrap());
    driver.assert_waits();
    (client, driver, clock, sleeps)
}

#[test]
fn a_lease_that_comes_and_goes_makes_no_sleep_anew() {
    let idle = Duration::from_secs(10);
    let (client, mut driver, clock, sleeps) = idle_for(idle);
    let made = sleeps.get();
    for _ in 0..9 {
        clock.advance(Duration::from_secs(1));
        let lease = client.try_acquire().unwrap();
        driver.assert_waits();
        drop(lease);
        driver.assert_waits();
    }
    assert_eq!(sleeps.get(), made);
    clock.advance(Duration::from_secs(9));
    driver.assert_waits();
    assert_eq!(sleeps.get(), made + 1, "one for what is left");
    assert!(client.state().name() == StateName::Live, "the idle time counts from the last release");
    clock.advance(Duration::from_secs(1));
    driver.assert_waits();
    assert!(client.state().name() == StateName::Idle);
}

#[test]
fn a_sleep_that_a_lease_has_put_off_wakes_once_and_ends_nothing() {
    let idle = Duration::from_secs(10);
    let (client, mut driver, clock, _) = idle_for(idle);
    let lease = client.try_acquire().unwrap();
    driver.assert_waits();
    driver.alarm.take();
    clock.advance(idle * 3);
    assert!(driver.alarm.take());
    driver.assert_waits();
    clock.advance(idle * 3);
    assert!(!driver.alarm.take(), "once");
    assert!(lease.check().is_ok());
    drop(lease);
    driver.assert_waits();
    clock.advance(idle);
    driver.assert_waits();
    assert!(client.state().name() == StateName::Idle);
}

#[test]
fn a_runner_that_nothing_woke_is_not_polled() {
    let polls = Rc::new(Cell::new(0));
    let counter = polls.clone();
    let connector = from_fn(move |life: Life<u32>| {
        let counter = counter.clone();
        async move {
            let mut stopped = pin!(life.ready(7).stopped());
            poll_fn(|cx| {
                counter.set(counter.get() + 1);
                stopped.as_mut().poll(cx)
            })
            .await;
            Ok::<(), Failure>(())
        }
    });
    let config = Config::default().keep_alive(KeepAlive::For(Duration::from_secs(10)));
    let (client, driver) = Builder::new(config).build(connector, VirtualClock::new());
    let mut driver = Task::new(driver);
    let mut acquire = Task::new(client.acquire());
    acquire.assert_waits();
    driver.assert_waits();
    drop(acquire.done().unwrap());
    for _ in 0..10 {
        drop(client.try_acquire().unwrap());
        driver.assert_waits();
    }
    assert_eq!(polls.get(), 1, "when it began");
    drop(client.close(Mode::Force));
    driver.assert_waits();
    assert_eq!(polls.get(), 2, "when it was told to stop");
    assert!(client.state().name() == StateName::Idle);
}

#[test]
fn a_driver_that_moves_to_another_task_takes_its_runner_along() {
    let mut rig = Rig::new([]);
    let lease = rig.lease();
    let Rig { client, driver, .. } = rig;
    let mut moved = driver.moved();
    moved.assert_waits();
    moved.alarm.take();
    let mut close = Task::new(client.close(Mode::Force));
    close.assert_waits();
    assert!(moved.alarm.take(), "there is an order");
    moved.assert_waits();
    close.done();
    assert!(lease.check().is_err());
}

#[test]
fn a_spurious_poll_does_nothing() {
    let mut rig = Rig::new([]);
    let lease = rig.lease();
    for _ in 0..10 {
        rig.driver.assert_waits();
    }
    assert!(lease.check().is_ok());
    assert!(!rig.driver.alarm.take(), "it doesn't wake itself");
}

#[test]
fn a_session_at_rest_has_no_sleep_and_the_driver_ends_with_its_last_client() {
    let mut rig = Rig::with(Config::default().keep_alive(KeepAlive::Always), []);
    drop(rig.lease());
    rig.run();
    assert!(format!("{:?}", rig.clock).contains("sleeps: 0"), "{:?}", rig.clock);
    let Rig { client, mut driver, .. } = rig;
    driver.alarm.take();
    drop(client);
    assert!(driver.alarm.take());
    driver.done();
}

#[test]
fn a_runner_that_answers_endless_probes_in_place_lets_others_run() {
    let zero = Duration::ZERO;
    let probe = tenure::Probe { interval: zero, timeout: Duration::from_secs(1) };
    let config = Config::default().probe(Some(probe)).keep_alive(tenure::KeepAlive::Always);
    let connector = tenure_driver::from_fn(|life: tenure_driver::Life<()>| async move {
        let serving = life.ready(());
        loop {
            serving.or_stopped(async { serving.probe().await.answer() }).await?;
        }
    });
    let clock = tenure_kit::VirtualClock::new();
    let (client, driver) = tenure_driver::Builder::new(config).build(connector, clock);
    let mut driver = Task::new(driver);
    let mut acquire = Task::new(client.acquire());
    acquire.assert_waits();
    driver.assert_waits();
    assert!(driver.alarm.take(), "it asks for its next turn");
    drop(acquire.done().unwrap());
    drop(client.shutdown(tenure::Mode::Force));
    driver.done();
}

#[test]
fn a_runner_that_only_looks_whether_it_was_told_is_polled_when_it_is() {
    let connector = from_fn(move |life: Life<u32>| async move {
        let stopped = life.ready(7).stopped();
        poll_fn(|_| if stopped.is_set() { Poll::Ready(()) } else { Poll::Pending }).await;
        Ok::<(), Failure>(())
    });
    let (client, driver) = Builder::new(Config::default()).build(connector, VirtualClock::new());
    let mut driver = Task::new(driver);
    let mut acquire = Task::new(client.acquire());
    acquire.assert_waits();
    driver.assert_waits();
    let lease = acquire.done().unwrap();
    drop(client.close(Mode::Force));
    driver.assert_waits();
    assert!(lease.check().is_err());
    assert!(client.state().name() == StateName::Idle);
}
