//! What the cases allocate, and what live sessions hold. `bench-heap allocations`, or `bench-heap held COUNT`.

use stats_alloc::INSTRUMENTED_SYSTEM;
use tenure_bench::{COUNTED, peers};
use tenure_cases::floor::{INITIALIZE, INITIALIZED, ask};
use tenure_cases::heap::{Counting, print, print_held};
use tenure_cases::runtime::{Runtime, Smol, Tokio};
use tenure_cases::{mcp, pipe};
use tokio::io::AsyncWriteExt as _;

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
    Tokio::block_on(print_held("floor", count, ALLOCATOR, async || {
        let mut pipe = pipe::open::<Tokio>();
        ask(&mut pipe, INITIALIZE, &mut Vec::new()).await;
        pipe.write_all(INITIALIZED).await.expect("it is served");
        pipe
    }));
    Tokio::block_on(print_held("tokio", count, ALLOCATOR, open::<Tokio>));
    Smol::block_on(print_held("smol", count, ALLOCATOR, open::<Smol>));
    Tokio::block_on(print_held("rmcp", count, ALLOCATOR, peers::rmcp::open::<Tokio>));
}

/// A session that is live, and a lease of it.
async fn open<R: Runtime>() -> (tenure_mcp::Client, tenure_mcp::Lease) {
    let client = mcp::client::<R>();
    let lease = client.acquire().await.expect("a lease");
    (client, lease)
}
