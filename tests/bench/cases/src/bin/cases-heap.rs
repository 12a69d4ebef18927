//! Counts what the cases allocate, all or those whose name has the argument in it; or, as `--held COUNT`, what so many
//! live sessions hold, and so many pipes without.

use stats_alloc::INSTRUMENTED_SYSTEM;

use tenure_cases::heap::{Counting, print, print_held};
use tenure_cases::runtime::{Runtime as _, Smol, Tokio};
use tenure_cases::{floor, mcp};

#[global_allocator]
static ALLOCATOR: &Counting = &INSTRUMENTED_SYSTEM;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--held", count] => held(count.parse().expect("a number")),
        ref patterns => allocations(patterns.first().copied().unwrap_or_default()),
    }
}

fn allocations(pattern: &str) {
    for case in tenure_cases::CASES.iter().copied().flatten().filter(|case| case.name.contains(pattern)) {
        print(case, ALLOCATOR);
    }
}

fn held(count: usize) {
    Tokio::block_on(print_held("floor", count, ALLOCATOR, floor::open::<Tokio>));
    Tokio::block_on(print_held("tokio", count, ALLOCATOR, mcp::open::<Tokio>));
    Smol::block_on(print_held("smol", count, ALLOCATOR, mcp::open::<Smol>));
}
