//! A timer for tests without deadlines.

use std::future::{Pending, pending};

use tenure::Time;
use tenure_driver::Timer;

/// A timer whose time stands still: no deadline ever passes.
///
/// It fits tests on a plain `block_on`. To test deadlines take the runtime's timer under paused time, or the
/// `VirtualClock` of `tenure-kit`.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoppedClock;

impl Timer for StoppedClock {
    type Sleep = Pending<()>;

    fn now(&self) -> Time {
        Time::ZERO
    }

    fn sleep_until(&self, _: Time) -> Pending<()> {
        pending()
    }
}
