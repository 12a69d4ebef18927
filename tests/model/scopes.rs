//! What is explored: small bounds in which everything that can happen happens.

use std::num::NonZeroU32;
use std::time::Duration;

use tenure::{Config, KeepAlive, Probe, Retry};

/// Where the clock stands at first, in nanoseconds: it can go back from there.
pub(crate) const CLOCK: u64 = 10;

pub(crate) struct Scope {
    pub(crate) name: &'static str,
    pub(crate) config: Config,
    /// Callers that wait or hold a lease, stale ones too, at the same time.
    pub(crate) callers: usize,
}

impl Scope {
    /// Smaller where there is a retry policy: what no history leads to is explored as well, and that is more.
    #[cfg(test)]
    pub(crate) fn for_induction(self) -> Self {
        let Some(retry) = self.config.retry else { return self };
        let retry = Some(retry.attempts(cap(2)));
        Self { config: self.config.max_orphans(cap(1)).retry(retry), ..self }
    }
}

fn nanos(nanos: u64) -> Duration {
    Duration::from_nanos(nanos)
}

fn cap(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

/// How far the bounds are set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    #[cfg_attr(not(test), allow(dead_code, reason = "for the tests"))]
    Small,
    Large,
}

impl Size {
    const fn callers(self) -> usize {
        match self {
            Self::Small => 3,
            Self::Large => 4,
        }
    }

    /// How many callers may wait: all but one, who holds a lease or comes when the queue is full.
    fn waiting(self) -> NonZeroU32 {
        match self {
            Self::Small => cap(2),
            Self::Large => cap(3),
        }
    }
}

/// All scopes there are.
pub(crate) fn all(size: Size) -> [Scope; 6] {
    [plain(size), retrying(size), impatient(size), aging(size), instant(size), zero(size)]
}

/// All deadlines differ, so that their order shows.
fn base(size: Size) -> Config {
    Config::default()
        .connect_timeout(nanos(3))
        .finish_timeout(nanos(2))
        .stop_timeout(nanos(2))
        .abort_timeout(nanos(1))
        .discard_timeout(nanos(1))
        .max_waiting(size.waiting())
        .max_orphans(cap(2))
}

/// Callers may wait only so long; the session ends with its last lease.
pub(crate) fn plain(size: Size) -> Scope {
    let config = base(size).acquire_timeout(Some(nanos(4)));
    Scope { name: "plain", config, callers: size.callers() }
}

/// A failed connect is tried again, and an early end counts as one.
pub(crate) fn retrying(size: Size) -> Scope {
    let retry =
        Retry::default().attempts(cap(3)).base(nanos(1)).max(nanos(2)).jitter(0).stable_after(nanos(2));
    let config = base(size).retry(Some(retry)).keep_alive(KeepAlive::Always);
    Scope { name: "retrying", config, callers: size.callers() }
}

/// Retry, and callers who don't wait for all of it.
pub(crate) fn impatient(size: Size) -> Scope {
    let retry =
        Retry::default().attempts(cap(2)).base(nanos(2)).max(nanos(2)).jitter(0).stable_after(nanos(1));
    let config = base(size).acquire_timeout(Some(nanos(3))).retry(Some(retry));
    Scope { name: "impatient", config, callers: size.callers() - 1 }
}

/// Idle time, age and probes.
pub(crate) fn aging(size: Size) -> Scope {
    let probe = Probe { interval: nanos(2), timeout: nanos(1) };
    let config = base(size).keep_alive(KeepAlive::For(nanos(2))).max_age(Some(nanos(4))).probe(Some(probe));
    Scope { name: "aging", config, callers: size.callers() }
}

/// It opens and tears down in order, but nobody waits and nothing lasts.
pub(crate) fn instant(size: Size) -> Scope {
    let zero = nanos(0);
    let probe = Probe { interval: zero, timeout: zero };
    let config = base(size)
        .acquire_timeout(Some(zero))
        .keep_alive(KeepAlive::For(zero))
        .max_age(Some(zero))
        .probe(Some(probe));
    Scope { name: "instant", config, callers: size.callers() }
}

/// Everything cascades.
pub(crate) fn zero(size: Size) -> Scope {
    let zero = nanos(0);
    let retry = Retry::default().attempts(cap(2)).base(zero).max(zero).jitter(0).stable_after(zero);
    let config = base(size)
        .connect_timeout(zero)
        .finish_timeout(zero)
        .stop_timeout(zero)
        .abort_timeout(zero)
        .discard_timeout(zero)
        .retry(Some(retry));
    Scope { name: "zero", config, callers: size.callers() }
}
