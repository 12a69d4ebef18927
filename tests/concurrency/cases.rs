//! What both binaries do with their cases: list them, or run one and tell how it went.

use std::process::ExitCode;
use std::time::Instant;

/// One model or mix.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Runs it, and says how often it ran; panics if it fails in one way to run it.
    pub(crate) run: fn() -> u64,
}

/// `--list` prints the names, `NAME` runs one: one process for each, since a failure may abort it.
pub(crate) fn main(cases: &[&Case]) -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    if wanted == "--list" {
        for case in cases {
            println!("{}", case.name);
        }
        return ExitCode::SUCCESS;
    }
    let Some(case) = cases.iter().find(|case| case.name == wanted) else {
        eprintln!("usage: --list, or one of the names it prints");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let runs = (case.run)();
    println!("{:<44} {runs:>9} {:>7.1}", case.name, start.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}

/// The cases of a module: functions, each with its bound.
macro_rules! cases {
    ($($name:ident: $bound:expr,)+) => {
        pub(crate) const CASES: &[$crate::cases::Case] = &[$(
            $crate::cases::Case { name: stringify!($name), run: || $crate::rig::check($bound, $name) },
        )+];
    };
}
pub(crate) use cases;
