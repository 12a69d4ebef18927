//! Traces: recorded, done again, damaged.

use std::path::Path;

use crate::on_both_runtimes;
use crate::servers::{ORDERLY, called, embedded};
use crate::support::{Folder, Ran, run};

on_both_runtimes!(
    a_recorded_session_can_be_done_again,
    a_recorded_failure_can_be_done_again,
    a_trace_that_cannot_be_written_is_a_failure,
    a_trace_is_not_overwritten_unasked,
);

fn replay(path: &Path) -> Ran {
    run([Path::new("replay"), path])
}

fn a_recorded_session_can_be_done_again(runtime: &str) {
    let folder = Folder::new();
    let trace = folder.path("trace");
    embedded(runtime, &["ping", "--count", "2", "--trace", trace.to_str().unwrap()]).held();
    let text = replay(&trace).held();
    assert!(text.contains("1 generation, ends Closed") && text.lines().count() == 1, "{text:?}");
    let text = run([Path::new("replay"), &trace, Path::new("--json")]).held();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&document["same"], &document["generations"]), (&true.into(), &1.into()));
}

fn a_recorded_failure_can_be_done_again(runtime: &str) {
    let folder = Folder::new();
    let trace = folder.path("trace");
    let command = ["tools", "--trace", trace.to_str().unwrap(), "--call-timeout", "50ms"];
    called(runtime, &folder, &command, ORDERLY).wait().failed(4, "the call deadline");
    replay(&trace).held();
    let command = ["tools", "--force", "--trace", trace.to_str().unwrap()];
    called(runtime, &folder, &command, "exit 1").wait().failed(3, "lost");
    replay(&trace).held();
}

fn a_trace_that_cannot_be_written_is_a_failure(runtime: &str) {
    let folder = Folder::new();
    embedded(runtime, &["tools", "--trace", folder.as_ref().to_str().unwrap()])
        .failed(2, "can't write the trace");
}

fn a_trace_is_not_overwritten_unasked(runtime: &str) {
    let folder = Folder::new();
    let trace = folder.write("trace", "precious");
    let command = ["ping", "--trace", trace.to_str().unwrap()];
    let said = embedded(runtime, &command);
    assert_eq!(said.failed(2, "--force overwrites it"), "");
    run(["demo", "--runtime", runtime, "--trace", trace.to_str().unwrap()])
        .failed(2, "--force overwrites it");
    assert_eq!(folder.text("trace"), "precious");
    assert_eq!(embedded(runtime, &[&command[..], &["--force"]].concat()).status, 0);
    replay(&trace).held();
    // A device has nothing to lose.
    let device = if cfg!(windows) { "NUL" } else { "/dev/null" };
    assert_eq!(embedded(runtime, &["ping", "--trace", device]).status, 0);
}

fn recorded(folder: &Folder) -> String {
    let trace = folder.path("trace");
    embedded("smol", &["tools", "--trace", trace.to_str().unwrap()]).held();
    folder.text("trace")
}

#[test]
fn a_removed_line_is_noticed() {
    let folder = Folder::new();
    let text = recorded(&folder);
    let lines: Vec<&str> = text.lines().collect();
    for removed in 0..lines.len() {
        let mut lines = lines.clone();
        lines.remove(removed);
        replay(&folder.write("damaged", lines.join("\n"))).failed(1, "");
    }
}

#[test]
fn a_cut_trace_is_noticed() {
    let folder = Folder::new();
    let text = recorded(&folder);
    let ends = text.match_indices('\n').map(|(at, _)| at);
    // Without its last line break, a trace is whole.
    let cuts: Vec<usize> =
        ends.flat_map(|at| [at.saturating_sub(1), at]).filter(|at| at + 1 < text.len()).collect();
    for cut in cuts.into_iter().chain([0, 1]) {
        replay(&folder.write("damaged", &text[..cut])).failed(1, "");
    }
}

#[test]
fn a_flipped_byte_is_noticed_or_without_effect() {
    let folder = Folder::new();
    let text = recorded(&folder);
    let mut noticed = 0;
    for at in (0..text.len()).step_by(text.len() / 150) {
        for flip in [1, 0x80] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= flip;
            let ran = replay(&folder.write("damaged", bytes));
            if ran.status == 0 {
                ran.held();
            } else {
                ran.failed(1, "");
                noticed += 1;
            }
        }
    }
    assert!(noticed > 200, "{noticed}");
}

#[test]
fn a_changed_reply_is_told_with_its_line() {
    let folder = Folder::new();
    let text = recorded(&folder).replacen("\"Applied\"", "\"Stale\"", 1);
    let damaged = folder.write("damaged", text);
    replay(&damaged).failed(1, "");
    let ran = run([Path::new("replay"), Path::new("--json"), &damaged]);
    let document: serde_json::Value = serde_json::from_str(&ran.failed(1, "")).unwrap();
    assert_eq!(document["same"], false);
}

#[test]
fn what_is_no_trace_is_refused_in_one_line() {
    let folder = Folder::new();
    let garbage: Vec<u8> = (0..=255_u8).cycle().take(100_000).collect();
    let deep = "[".repeat(1_000_000);
    for bytes in [&b""[..], b"\n\n", b"\0", &garbage, deep.as_bytes(), b"{}\n{}"] {
        replay(&folder.write("none", bytes)).failed(1, "");
    }
    replay(folder.as_ref()).failed(2, "can't read the trace");
    replay(&folder.path("missing")).failed(2, "can't read the trace");
}
