//! What came of an input in one line, so that what is expected fits into one.

use tenure::{Action, LeaseData, Output};

pub(crate) fn output(output: &Output) -> String {
    let mut parts = vec![format!("{:#}", output.reply)];
    parts.extend(output.actions.iter().map(action));
    parts.join(" | ")
}

pub(crate) fn action(action: &Action<LeaseData>) -> String {
    format!("{action:#}")
}
