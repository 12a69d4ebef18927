//! Times, taken in turns.

use std::collections::BTreeMap;
use std::time::Duration;

use tenure_cases::Case;

/// Nanoseconds of one operation, for each round.
pub type Times = BTreeMap<String, Vec<f64>>;

/// A value and between which it lay.
#[derive(Clone, Copy)]
pub struct Spread {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

impl Spread {
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (low, high) = (*values.first()?, *values.last()?);
        let (below, above) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
        Some(Self { median: f64::midpoint(below, above), low, high })
    }
}

/// All cases in each round, so that what else the machine does hits all of them: an operation of each is repeated for
/// about as long as `budget`.
pub fn rounds(cases: &[Case], rounds: u32, budget: Duration) -> Times {
    let mut times = Times::new();
    let repeated: Vec<(Case, u64)> = cases.iter().map(|case| (*case, repetitions(case, budget))).collect();
    for round in 1..=rounds {
        eprintln!("bench: times, round {round} of {rounds}");
        for (case, count) in &repeated {
            let each = per_operation((case.run)(*count), *count);
            times.entry(case.name.to_owned()).or_default().push(each);
        }
    }
    times
}

/// How often a case is to be done to take so long.
fn repetitions(case: &Case, budget: Duration) -> u64 {
    let (few, _) = case.times;
    let each = per_operation((case.run)(few), few).max(1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within bounds")]
    let count = (nanoseconds(budget) / each) as u64;
    count.clamp(few, 50_000_000)
}

pub fn per_operation(took: Duration, count: u64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "counts are small")]
    let count = count as f64;
    nanoseconds(took) / count
}

pub fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}
