//! A guardian and nothing else, for the tests in `tests/children`: as small as one can be.

use std::process::ExitCode;

fn main() -> ExitCode {
    tenure_process::guardian::run();
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == "guard") {
        return tenure_process::guardian::guard(words);
    }
    // Nobody starts it by hand.
    ExitCode::from(64)
}
