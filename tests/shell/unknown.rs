//! What this shell doesn't know.

/// A script that this is no shell for: the status.
pub(crate) fn unknown(what: &str) -> i32 {
    eprintln!("shell: {what}: not known here");
    127
}
