//! A runner that has much to do when a deadline comes: the deadline waits for it, and not for ever.

use std::future::{Future, poll_fn};
use std::task::{Context, Poll};
use std::time::Duration;

use tenure::{Config, DeadlineKind, KeepAlive, Probe};
use tenure_driver::{Builder, Client, Error, Failure, Lease, Life, from_fn};
use tenure_kit::VirtualClock;

use crate::rig::Task;

const SECOND: Duration = Duration::from_secs(1);

/// More than a runner is given before a deadline is judged.
const FOR_EVER: u32 = 100_000;

/// So many polls, in each of which there is more to do.
async fn turns(mut turns: u32) {
    poll_fn(|cx: &mut Context<'_>| {
        let Some(left) = turns.checked_sub(1) else {
            return Poll::Ready(());
        };
        turns = left;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

struct Rig<D> {
    client: Client<u32>,
    clock: VirtualClock,
    driver: Task<D>,
}

/// A runner that takes so many polls to be ready, and to answer a probe.
fn rig(to_be_ready: u32, to_answer: u32) -> Rig<impl Future<Output = ()>> {
    let connector = from_fn(move |life: Life<u32>| async move {
        turns(to_be_ready).await;
        let serving = life.ready(0);
        let probes = async {
            loop {
                let probe = serving.probe().await;
                turns(to_answer).await;
                probe.answer();
            }
        };
        futures_lite::future::or(probes, serving.stopped()).await;
        Ok::<(), Failure>(())
    });
    let probe = Probe { interval: 10 * SECOND, timeout: SECOND };
    let config = Config::default().keep_alive(KeepAlive::Always).probe(Some(probe));
    let clock = VirtualClock::new();
    let (client, driver) = Builder::new(config).build(connector, clock.clone());
    Rig { client, clock, driver: Task::new(driver) }
}

impl<D: Future<Output = ()>> Rig<D> {
    /// Polls the driver as long as it is woken, so often at most. Returns how often.
    fn run(&mut self, most: u32) -> u32 {
        for polls in 0..most {
            if !self.driver.alarm.take() {
                return polls;
            }
            self.driver.assert_waits();
        }
        most
    }

    fn lease(&mut self) -> Lease<u32> {
        let mut acquire = Task::new(self.client.acquire_owned());
        acquire.assert_waits();
        self.driver.assert_waits();
        self.run(1000);
        acquire.done().unwrap()
    }
}

#[test]
fn a_probe_that_is_answered_by_what_lies_behind_much_else_is_answered() {
    let mut rig = rig(0, 1500);
    let lease = rig.lease();
    rig.clock.advance(10 * SECOND);
    rig.run(1);
    rig.clock.advance(SECOND);
    rig.run(FOR_EVER);
    lease.check().unwrap();
}

#[test]
fn a_runner_that_is_nearly_ready_when_its_deadline_comes_is_waited_for() {
    let mut rig = rig(1500, 0);
    let mut acquire = Task::new(rig.client.acquire_owned());
    acquire.assert_waits();
    rig.driver.assert_waits();
    rig.clock.advance(60 * SECOND);
    rig.run(FOR_EVER);
    acquire.done().unwrap().check().unwrap();
}

#[test]
fn one_that_never_rests_puts_off_no_deadline_for_ever() {
    let mut rig = rig(0, u32::MAX);
    let lease = rig.lease();
    rig.clock.advance(10 * SECOND);
    rig.run(1);
    rig.clock.advance(SECOND);
    let polls = rig.run(400);
    let error = lease.check().unwrap_err();
    assert!(matches!(error, Error::TimedOut { deadline: DeadlineKind::ProbeTimeout, .. }), "{error}");
    assert!(polls > 100, "others had their turns meanwhile");
}

#[test]
fn while_time_passes_it_is_put_off_for_a_second() {
    let mut rig = rig(0, u32::MAX);
    let lease = rig.lease();
    rig.clock.advance(10 * SECOND);
    rig.run(1);
    rig.clock.advance(SECOND);
    rig.run(10);
    rig.clock.advance(SECOND.saturating_sub(Duration::from_nanos(1)));
    rig.run(10);
    lease.check().unwrap();
    rig.clock.advance(Duration::from_nanos(1));
    rig.run(10);
    lease.check().unwrap_err();
}
