//! One operation again and again, so that what it costs can be counted from outside, or timed.
//!
//! Each [`Case`] sets up what it needs, does its operation as often as it is told, and takes all down. Two runs with
//! different numbers of times, the difference divided by the difference of the times: that is one operation, and set-up
//! cancels out. What a case gives is how long the operations took, without set-up.

use std::time::Duration;

pub mod command;
pub mod floor;
pub mod heap;
pub mod lease;
pub mod machine;
pub mod mcp;
pub mod pipe;
pub mod runtime;

/// An operation, to be done some number of times.
#[derive(Clone, Copy)]
pub struct Case {
    /// Who does it, a slash, and what.
    pub name: &'static str,
    /// How often, in two runs whose difference is looked at. The first has what happens only at first behind it.
    pub times: (u64, u64),
    pub run: fn(u64) -> Duration,
}

/// A case of an async function `OPERATION::<RUNTIME>(times)`.
#[macro_export]
macro_rules! case {
    ($name:literal, $times:expr, $runtime:ty, $($operation:tt)+) => {
        $crate::Case {
            name: $name,
            times: $times,
            run: |times| <$runtime as $crate::runtime::Runtime>::block_on($($operation)+::<$runtime>(times)),
        }
    };
}

/// All that needs nothing but tenure and the floor.
pub const CASES: &[&[Case]] = &[machine::CASES, lease::CASES, mcp::CASES, floor::CASES];
