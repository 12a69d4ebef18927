//! How long things took, in little memory however many there are.

use std::time::Duration;

/// Steps within a power of two: a time is told to within a sixteenth.
const STEPS: u32 = 16;
const BITS: u32 = STEPS.ilog2();

/// Counts by microseconds, in buckets that grow with them.
#[derive(Clone, Debug)]
pub(super) struct Latency {
    buckets: Vec<u64>,
    count: u64,
    longest: Duration,
}

impl Default for Latency {
    fn default() -> Self {
        Self { buckets: vec![0; bucket(u64::MAX) + 1], count: 0, longest: Duration::ZERO }
    }
}

impl Latency {
    pub(super) fn add(&mut self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(count) = self.buckets.get_mut(bucket(micros)) {
            *count += 1;
        }
        self.count += 1;
        self.longest = self.longest.max(took);
    }

    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    pub(super) const fn longest(&self) -> Duration {
        self.longest
    }

    /// What so many thousandths of all took at most; the bound is a sixteenth too high at most.
    pub(super) fn quantile(&self, thousandths: u64) -> Duration {
        let wanted = self.count.saturating_mul(thousandths).div_ceil(1000);
        let mut seen = 0_u64;
        let found = self.buckets.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        found.map_or(self.longest, |index| upper(index).min(self.longest))
    }
}

/// Up to 16 µs each has a bucket of its own; above, each power of two has sixteen.
fn bucket(micros: u64) -> usize {
    let power = micros.checked_ilog2().unwrap_or(0);
    let index = if power < BITS {
        micros
    } else {
        let shift = power - BITS;
        u64::from(shift) * u64::from(STEPS) + (micros >> shift)
    };
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// The longest time of a bucket.
fn upper(index: usize) -> Duration {
    let (index, steps) = (index as u64, u64::from(STEPS));
    let micros = if index < steps {
        index
    } else {
        let shift = index / steps - 1;
        let next = u128::from(index % steps + steps + 1) << shift;
        u64::try_from(next - 1).unwrap_or(u64::MAX)
    };
    Duration::from_micros(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_is_in_the_bucket_that_ends_above_it() {
        let times =
            (0..5000).chain((12..64).flat_map(|power| [(1 << power) - 1, 1 << power, (1 << power) + 1]));
        for micros in times {
            let above = u64::try_from(upper(bucket(micros)).as_micros()).unwrap();
            assert!(above >= micros && above <= micros.saturating_add(micros / 16), "{micros}: {above}");
        }
        assert!(upper(bucket(u64::MAX)) == Duration::from_micros(u64::MAX));
    }

    #[test]
    fn quantiles_are_those_of_the_times() {
        let mut latency = Latency::default();
        assert_eq!(latency.quantile(500), Duration::ZERO);
        for micros in 1..=1000 {
            latency.add(Duration::from_micros(micros));
        }
        let at = |thousandths| latency.quantile(thousandths).as_micros();
        assert!((500..=532).contains(&at(500)) && (990..=1000).contains(&at(990)), "{}", at(500));
        assert_eq!((at(1000), latency.longest().as_micros(), latency.count()), (1000, 1000, 1000));
    }
}
