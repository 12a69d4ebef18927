//! What cases allocate, for programs whose allocator counts.

use std::alloc::System;
use std::time::Duration;

use stats_alloc::{Region, Stats, StatsAlloc};
use tokio::task::yield_now;

use crate::Case;

/// The allocator of programs that measure with it.
pub type Counting = StatsAlloc<System>;

fn stats(allocator: &Counting, run: impl FnOnce() -> Duration) -> Stats {
    let region = Region::new(allocator);
    run();
    region.change()
}

/// Prints allocations and reallocations for one time.
pub fn print(case: &Case, allocator: &Counting) {
    // What is made once in a program is there.
    (case.run)(1);
    let (few, many) = case.times;
    let (less, more) = (stats(allocator, || (case.run)(few)), stats(allocator, || (case.run)(many)));
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    let each = |less: usize, more: usize| more.abs_diff(less) as f64 / (many - few) as f64;
    let allocations = each(less.allocations, more.allocations);
    println!("{}\t{allocations}\t{}", case.name, each(less.reallocations, more.reallocations));
}

/// Prints how many bytes and blocks each of `count` things holds that `open` makes, once all are there.
pub async fn print_held<T>(name: &str, count: usize, allocator: &Counting, open: impl AsyncFn() -> T) {
    // What is made once in a program is there, and the first thing is gone again.
    drop(open().await);
    settle().await;
    let mut held = Vec::with_capacity(count);
    let region = Region::new(allocator);
    for _ in 0..count {
        held.push(open().await);
    }
    settle().await;
    let Stats { allocations, deallocations, bytes_allocated, bytes_deallocated, .. } = region.change();
    let (bytes, blocks) = (bytes_allocated - bytes_deallocated, allocations - deallocations);
    println!("{name}\t{count}\t{}\t{}", bytes / count, blocks / count);
}

/// Lets other tasks do what is left: behind a handshake, or at an end.
async fn settle() {
    for _ in 0..1_000 {
        yield_now().await;
    }
}
