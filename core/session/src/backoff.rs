//! Whether a failed connect is tried again, and how long that waits: pure arithmetic, the chance included.

use core::time::Duration;

use crate::{Config, Generation, Retry};

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NextAttempt {
    /// Failed attempts in a row from here; zero if none is left: who waits is rejected, and the count begins again.
    pub(crate) failed: u32,
    /// How long no connect may begin.
    pub(crate) backoff: Option<Duration>,
}

/// Counts one more failure after `failed` in a row.
///
/// The last attempt is followed by a backoff too, though the count starts again: else a peer that dies
/// each time would be started again at once after every round.
pub(crate) fn next_attempt(
    retryable: bool,
    failed: u32,
    generation: Generation,
    config: &Config,
) -> NextAttempt {
    let Some(retry) = config.retry.filter(|_| retryable) else {
        return NextAttempt { failed: 0, backoff: None };
    };
    let attempt = failed.saturating_add(1);
    let is_left = attempt < retry.attempts.get();
    NextAttempt {
        failed: if is_left { attempt } else { 0 },
        backoff: Some(delay(&retry, attempt, config.seed, generation)),
    }
}

/// The backoff after the `attempt`th failure in a row, counted from 1.
fn delay(retry: &Retry, attempt: u32, seed: u64, generation: Generation) -> Duration {
    let doublings = attempt.saturating_sub(1).min(63);
    let whole = retry.base.as_nanos().saturating_mul(1 << doublings).min(retry.max.as_nanos());
    let whole = u64::try_from(whole).unwrap_or(u64::MAX);
    let chance = u128::from(mix(seed ^ generation.number().rotate_left(32)));
    let share = u128::from(retry.jitter.min(100));
    // At most 2^64 · 100 · 2^64 / 2^64: fits.
    let cut = (u128::from(whole).saturating_mul(share) / 100).saturating_mul(chance) >> 64;
    Duration::from_nanos(whole.saturating_sub(u64::try_from(cut).unwrap_or(whole)))
}

/// A hash of 64 bits (the finaliser of `SplitMix64`: Steele, Lea, Flood, OOPSLA 2014).
const fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU32;

    use super::*;

    fn retry() -> Retry {
        Retry::default().base(Duration::from_millis(100)).max(Duration::from_secs(1))
    }

    #[test]
    fn without_chance_it_doubles_up_to_the_maximum() {
        let retry = retry().jitter(0);
        let delays = [1, 2, 3, 4, 5, 6].map(|n| delay(&retry, n, 7, Generation::FIRST).as_millis());
        assert_eq!(delays, [100, 200, 400, 800, 1000, 1000]);
    }

    #[test]
    fn chance_cuts_at_most_its_share_and_is_repeatable() {
        let retry = retry();
        let mut seen = [Duration::ZERO; 50];
        let mut generation = Generation::FIRST;
        for slot in &mut seen {
            *slot = delay(&retry, 1, 7, generation);
            assert!(*slot >= Duration::from_millis(50) && *slot <= Duration::from_millis(100));
            assert_eq!(*slot, delay(&retry, 1, 7, generation));
            generation = generation.next();
        }
        assert!(seen.iter().any(|d| *d != seen[0]), "all equal");
    }

    #[test]
    fn no_argument_overflows() {
        let retry = Retry::default().base(Duration::MAX).max(Duration::MAX).jitter(255);
        let longest = delay(&retry, u32::MAX, u64::MAX, Generation::FIRST);
        assert!(longest <= Duration::from_nanos(u64::MAX));
    }

    #[test]
    fn the_last_attempt_starts_the_count_again_but_still_gates() {
        let retry = retry().attempts(NonZeroU32::new(2).unwrap());
        let config = Config::default().retry(Some(retry));
        let first = next_attempt(true, 0, Generation::FIRST, &config);
        assert_eq!(first.failed, 1);
        let last = next_attempt(true, first.failed, Generation::FIRST, &config);
        assert!(last.failed == 0 && last.backoff.is_some());
    }

    #[test]
    fn a_final_failure_or_no_policy_has_no_backoff() {
        let none = NextAttempt { failed: 0, backoff: None };
        assert_eq!(next_attempt(true, 0, Generation::FIRST, &Config::default()), none);
        let config = Config::default().retry(Some(retry()));
        assert_eq!(next_attempt(false, 3, Generation::FIRST, &config), none);
    }
}
