//! Inputs in the words of a client that is written by hand, and what comes of them.

use tenure::{Input, Output, Status};

pub(crate) fn input(input: &Input) -> String {
    match input {
        // There a close waits in the caller, and the limits are its own.
        Input::Close { .. } => "close (force), its caller is cancelled".to_owned(),
        Input::Timeout => "the time limits pass".to_owned(),
        other => other.to_string(),
    }
}

/// What came of it, and the state after it.
pub(crate) fn output(output: &Output, after: Status) -> String {
    format!("{output} \u{2192} {}", after.name()).trim_start().to_owned()
}
