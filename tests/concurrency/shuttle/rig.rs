//! A session under shuttle, and what its callers do.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_lite::{StreamExt as _, future};
use shuttle::future::{JoinHandle, block_on, spawn};
use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler, ReplayScheduler};
use shuttle::{Runner, thread};
use tenure::{Config, Mode, Status};
use tenure_driver::{Builder, Client, Lease, TraceEvent};

use crate::clock::Clock;
use crate::peer::{Handle, Manners, Token, one_in, runners, some, some_time};
use crate::proof::{Trace, assert_ends_once, assert_given_back, assert_lawful, assert_over};
use crate::tally::{Seen, assert_lively, count};

/// Switches that the second scheduler makes in places of its choice.
const DEPTH: usize = 3;

/// How many of each mix.
const SCHEDULES: usize = 20_000;

/// Tries `mix` in 20,000 ways, half of them at random and half by PCT, and sees that what it is there for
/// happens; how many ways there were. The same schedules each time, unless `SHUTTLE_RANDOM_SEED` is set;
/// `SCHEDULES` sets how many; `REPLAY` is one that a failure printed.
pub(crate) fn check(wanted: &[&[Seen]], mix: fn()) -> u64 {
    let mut config = shuttle::Config::new();
    config.stack_size = 0x2_0000;
    config.silence_warnings = true;
    if let Ok(schedule) = std::env::var("REPLAY") {
        return Runner::new(ReplayScheduler::new_from_encoded(schedule.trim()), config).run(mix) as u64;
    }
    let schedules = std::env::var("SCHEDULES").ok().map(|number| number.parse().expect("a number"));
    let half = schedules.unwrap_or(SCHEDULES).div_ceil(2);
    let random = Runner::new(RandomScheduler::new_from_seed(1, half), config.clone()).run(mix);
    let pct = Runner::new(PctScheduler::new_from_seed(1, DEPTH, half), config).run(mix);
    let schedules = (random + pct) as u64;
    assert_lively(schedules, &wanted.concat());
    schedules
}

/// What will be asked at the end of a session.
pub(crate) struct World {
    pub(crate) clock: Clock,
    config: Config,
    trace: Trace,
    token: Token,
}

/// A session with its driver spawned.
pub(crate) fn session(config: Config, manners: Manners) -> (Client<Handle>, JoinHandle<()>, World) {
    let (clock, trace, token) = (Clock::default(), Trace::default(), Token::default());
    let (sink, counted) = (trace.clone(), token.clone());
    let (client, driver) = Builder::new(config.clone())
        .trace(move |event| {
            let _ = &counted;
            sink.lock().unwrap().push(event.clone());
        })
        .build(runners(manners, token.clone()), clock.clone());
    (client, spawn(driver), World { clock, config, trace, token })
}

impl World {
    /// The last client is gone, and every lease: the driver ends, and all that was begun was ended before.
    pub(crate) fn end(self, driver: JoinHandle<()>) {
        assert_given_back(&self.end_early(driver));
    }

    /// The same after a shutdown: leases that it revoked may come back when the trace is over.
    pub(crate) fn end_early(self, driver: JoinHandle<()>) -> Vec<TraceEvent> {
        assert!(block_on(driver).is_ok());
        let trace = self.judge();
        assert_over(&trace);
        assert_ends_once(&trace);
        trace
    }

    /// The driver is gone: what it recorded until then, and that nothing is left behind.
    pub(crate) fn judge(self) -> Vec<TraceEvent> {
        self.clock.end();
        let trace = std::mem::take(&mut *self.trace.lock().unwrap());
        assert_lawful(&self.config, &trace);
        count(&trace);
        // Who lingers may still be on its way out of the call that ended its generation.
        for _ in 0..1_000 {
            if Arc::strong_count(&self.token) == 1 {
                break;
            }
            thread::yield_now();
        }
        assert_eq!(Arc::strong_count(&self.token), 1, "handles, errors, runners or sinks left behind");
        trace
    }
}

/// A caller on a thread of its own, which does some things.
pub(crate) fn caller(client: Client<Handle>) -> thread::JoinHandle<()> {
    thread::spawn(move || block_on(act_some_times(&client)))
}

/// A caller that may keep its client until the session has ended for one reason or another: its keep-alive
/// at the latest.
pub(crate) fn lasting_caller(client: Client<Handle>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        block_on(async {
            act_some_times(&client).await;
            let mut states = client.states();
            while one_in(2) && matches!(states.next().await, Some(Status::Live { .. })) {}
        });
    })
}

async fn act_some_times(client: &Client<Handle>) {
    for _ in 0..=some() {
        act(client).await;
    }
}

async fn act(client: &Client<Handle>) {
    match thread_rng().gen_range(0..10) {
        0..4 => {
            if let Ok(lease) = client.acquire().await {
                use_it(lease).await;
            }
        }
        4..6 => {
            // Given up, unless it comes in time.
            let came = future::or(async { client.acquire().await.ok() }, async {
                some_time().await;
                None
            })
            .await;
            if let Some(lease) = came {
                use_it(lease).await;
            }
        }
        6 => {
            if let Ok(lease) = client.try_acquire() {
                use_it(lease).await;
            }
        }
        7 => drop(client.close(mode())),
        8 => client.close(mode()).await,
        _ => drop(client.downgrade().upgrade()),
    }
}

pub(crate) fn mode() -> Mode {
    [Mode::Graceful, Mode::Force, Mode::Abort][thread_rng().gen_range(0..3)]
}

/// A call or two, or none; the lease may be good or not, but never after its runner was told to stop.
async fn use_it(lease: Lease<Handle>) {
    for _ in 0..some() {
        let call = lease.run(async |handle: &Handle| {
            some_time().await;
            handle.told()
        });
        let Ok(told) = call.await else {
            assert!(lease.check().is_err(), "a call was ended on a lease that looks good");
            break;
        };
        if told.load(Ordering::SeqCst) {
            assert!(lease.check().is_err(), "a lease looks good after its runner was told to stop");
        }
    }
    if one_in(8) {
        // Until somebody closes it, or the driver is gone; or not so long.
        future::or(async { drop(lease.revoked().await) }, some_time()).await;
    }
}
