//! The cases of what one would use instead of tenure, beside tenure's own.
#![allow(
    clippy::extra_unused_type_parameters,
    reason = "the runtime that a case is run on, which not each asks for more"
)]

use tenure_cases::mcp::{call_leased, call_typed, callers, large_typed, list};
use tenure_cases::runtime::{Runtime as _, Smol, SmolUnwatched, SmolWorkers, Tokio, TokioWorkers};
use tenure_cases::{Case, case, floor, lease, machine, mcp};

pub mod peers;

use peers::{http, pools, rmcp, stdio};

/// Those that are run by name, to be counted.
pub const COUNTED: &[&[Case]] =
    &[machine::CASES, lease::CASES, mcp::CASES, floor::CASES, rmcp::CASES, pools::CASES, stdio::CASES];

const CALLS: (u64, u64) = (100, 600);

/// In memory, on the runtimes as they are used.
const IN_MEMORY: &[Case] = &[
    case!("tokio/call-typed", CALLS, Tokio, call_typed),
    case!("tokio/call-leased", CALLS, Tokio, call_leased),
    case!("tokio-workers/call-typed", CALLS, TokioWorkers, call_typed),
    case!("smol/call-typed", CALLS, Smol, call_typed),
    case!("smol-unwatched/call-typed", CALLS, SmolUnwatched, call_typed),
    case!("smol-workers/call-typed", CALLS, SmolWorkers, call_typed),
    case!("floor/call-typed", CALLS, Tokio, floor::call),
    case!("floor-smol/call-typed", CALLS, Smol, floor::call),
    case!("tokio/connect", (20, 120), Tokio, mcp::connect),
    case!("smol/connect", (20, 120), Smol, mcp::connect),
    case!("floor/connect", (20, 120), Tokio, floor::connect),
    case!("tokio/large-typed", (2, 12), Tokio, large_typed),
    case!("tokio/list-1000", (2, 12), Tokio, list),
    case!("tokio/lease-alone", (1_000, 21_000), Tokio, lease::alone),
    Case {
        name: "tokio-workers/callers-64",
        times: (640, 6_400),
        run: |times| TokioWorkers::block_on(callers::<TokioWorkers>(64, times)),
    },
    Case {
        name: "smol-workers/callers-64",
        times: (640, 6_400),
        run: |times| SmolWorkers::block_on(callers::<SmolWorkers>(64, times)),
    },
];

/// Those that are timed.
pub const TIMED: &[&[Case]] =
    &[IN_MEMORY, rmcp::CASES, rmcp::TIMED, pools::CASES, pools::TIMED, stdio::CASES, http::TIMED];
