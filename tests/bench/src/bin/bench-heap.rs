//! What the cases allocate, and what live sessions hold. `bench-heap allocations`, or `bench-heap held COUNT`.

use stats_alloc::INSTRUMENTED_SYSTEM;
use tenure_bench::{COUNTED, peers};
use tenure_cases::heap::{Counting, print, print_held};
use tenure_cases::runtime::{Runtime as _, Smol, Tokio};
use tenure_cases::{floor, mcp};

#[global_allocator]
static ALLOCATOR: &Counting = &INSTRUMENTED_SYSTEM;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["allocations"] => allocations(),
        ["held", count] => held(count.parse().expect("a number")),
        _ => panic!("bench-heap allocations, or bench-heap held COUNT"),
    }
}

fn allocations() {
    let wanted = ["call", "connect", "lease-alone", "list-1000", "large-typed"];
    for case in COUNTED.iter().copied().flatten() {
        let operation = case.name.split('/').nth(1).unwrap_or_default();
        if !operation.starts_with("stdio") && wanted.iter().any(|wanted| operation.starts_with(wanted)) {
            print(case, ALLOCATOR);
        }
    }
}

fn held(count: usize) {
    Tokio::block_on(print_held("floor", count, ALLOCATOR, floor::open::<Tokio>));
    Tokio::block_on(print_held("tokio", count, ALLOCATOR, mcp::open::<Tokio>));
    Smol::block_on(print_held("smol", count, ALLOCATOR, mcp::open::<Smol>));
    Tokio::block_on(print_held("rmcp", count, ALLOCATOR, peers::rmcp::open::<Tokio>));
}
