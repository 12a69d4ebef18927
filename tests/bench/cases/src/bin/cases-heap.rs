//! Counts what the cases allocate, all or those whose name has the argument in it.

use stats_alloc::INSTRUMENTED_SYSTEM;

use tenure_cases::heap::{Counting, print};

#[global_allocator]
static ALLOCATOR: &Counting = &INSTRUMENTED_SYSTEM;

fn main() {
    let pattern = std::env::args().nth(1).unwrap_or_default();
    for case in tenure_cases::CASES.iter().copied().flatten().filter(|case| case.name.contains(&pattern)) {
        print(case, ALLOCATOR);
    }
}
