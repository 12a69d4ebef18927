//! How costs grow with how many there are.

use std::time::Duration;

use tenure_bench::peers::{rmcp, waiters};
use tenure_cases::mcp;
use tenure_cases::runtime::{Runtime as _, Tokio, TokioWorkers};

use crate::contest::{nanoseconds, per_operation};
use crate::results::Curve;

/// The least of some tries: what else the machine does only adds.
fn least(tries: u32, try_once: impl Fn() -> f64) -> f64 {
    (0..tries).map(|_| try_once()).fold(f64::INFINITY, f64::min)
}

/// A caller that waits and gives up, of so many.
pub fn waiters(tries: u32, counts: &[u32]) -> Vec<Curve> {
    let of: [(&str, fn(u32) -> Duration); 2] =
        [("tenure", waiters::give_up), ("tokio's semaphore", waiters::give_up_semaphore)];
    let mut curves = of.map(|(name, _)| Curve { name, points: Vec::new() });
    for count in counts {
        eprintln!("bench: {count} waiters that give up");
        for ((_, run), curve) in of.iter().zip(&mut curves) {
            let each = least(tries, || nanoseconds(run(*count)));
            curve.points.push((f64::from(*count), each));
        }
    }
    curves.into()
}

/// A function of how many there are and how often.
type Measured = (&'static str, fn(u64, u64) -> Duration);

fn curves(what: &str, of: &[Measured], counts: &[u64], times: impl Fn(u64) -> u64) -> Vec<Curve> {
    let mut curves: Vec<Curve> = of.iter().map(|(name, _)| Curve { name, points: Vec::new() }).collect();
    for count in counts {
        eprintln!("bench: {count} {what}");
        for ((_, run), curve) in of.iter().zip(&mut curves) {
            let times = times(*count);
            let each = least(3, || per_operation(run(*count, times), times));
            #[allow(clippy::cast_precision_loss, reason = "counts are small")]
            curve.points.push((*count as f64, each));
        }
    }
    curves
}

/// A call where so many callers call at once.
pub fn callers() -> Vec<Curve> {
    let of: [Measured; 2] = [
        ("tenure", |callers, times| TokioWorkers::block_on(mcp::callers::<TokioWorkers>(callers, times))),
        ("rmcp", |callers, times| TokioWorkers::block_on(rmcp::callers::<TokioWorkers>(callers, times))),
    ];
    curves("callers", &of, &[1, 10, 100, 1_000, 10_000], |callers| callers.max(2_000))
}

/// A call with a result of so many bytes.
pub fn payloads() -> Vec<Curve> {
    let of: [Measured; 2] = [
        ("tenure", |bytes, times| Tokio::block_on(mcp::texts::<Tokio>(bytes_of(bytes), times))),
        ("rmcp", |bytes, times| Tokio::block_on(rmcp::texts::<Tokio>(bytes_of(bytes), times))),
    ];
    curves("bytes", &of, &[100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000], |bytes| {
        (20_000_000 / bytes).clamp(3, 2_000)
    })
}

fn bytes_of(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
