//! What the machine does, one test for each rule. Read the strings aloud: what an input said, then what is
//! to be done, in order.
#![cfg(feature = "alloc")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod acquire;
mod bounds;
mod cancel;
mod canonical;
mod close;
mod draining;
mod examples;
mod keep_alive;
mod leases;
mod no_text;
mod orphans;
mod polling;
mod probes;
mod retiring;
mod retry;
mod rows;
mod script;
mod shutdown;
mod snapshot;
mod table;
mod tell;
mod time;
mod timeline;
mod words;
mod world;

use std::num::NonZeroU32;
use std::time::Duration;

use tenure::{Config, Generation};

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn millis(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn cap(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn generation(number: u64) -> Generation {
    Generation::new(number).unwrap()
}

/// All five deadlines that are always finite, at once.
fn every_deadline(config: Config, duration: Duration) -> Config {
    config
        .connect_timeout(duration)
        .finish_timeout(duration)
        .stop_timeout(duration)
        .abort_timeout(duration)
        .discard_timeout(duration)
}
