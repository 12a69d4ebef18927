//! What is measured by other programs: callgrind, strace, and ourselves with an allocator that counts.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use tenure_bench::peers::stdio::sibling;

/// What a program printed, or `None` if it can't be had or failed; its own words about that go to standard error.
fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Instructions of one operation of each case whose name one of the patterns is found in. `None` without valgrind.
pub fn instructions(patterns: &[&str]) -> Option<BTreeMap<String, f64>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("count");
    let told = output(Command::new(script).arg(std::env::current_exe().ok()?).args(patterns))?;
    Some(told.lines().filter_map(|line| line.split_once('\t')).filter_map(numbered).collect())
}

fn numbered((name, number): (&str, &str)) -> Option<(String, f64)> {
    Some((name.to_owned(), number.parse().ok()?))
}

/// Tables of `bench-heap`: a name and numbers a line.
pub fn heap(arguments: &[&str]) -> BTreeMap<String, Vec<f64>> {
    let told = output(Command::new(sibling("bench-heap")).args(arguments)).unwrap_or_default();
    told.lines()
        .map(|line| {
            let mut fields = line.split('\t');
            let name = fields.next().unwrap_or_default().to_owned();
            (name, fields.filter_map(|field| field.parse().ok()).collect())
        })
        .collect()
}

/// System calls of one operation: those of this program and of its child, on all threads. `None` without strace.
pub fn system_calls(case: &str, (few, many): (u64, u64)) -> Option<f64> {
    let (less, more) = (calls_of(case, few)?, calls_of(case, many)?);
    #[allow(clippy::cast_precision_loss, reason = "counts are small")]
    let times = (many - few) as f64;
    Some((more - less) / times)
}

fn calls_of(case: &str, times: u64) -> Option<f64> {
    let own = std::env::current_exe().ok()?;
    let times = times.to_string();
    let arguments = ["-f", "-c", "-o", "/dev/stdout"].map(OsStr::new);
    let rest = ["--case", case, "--times", &times].map(OsStr::new);
    let told = output(Command::new("strace").args(arguments).arg(own).args(rest))?;
    // percent, seconds, microseconds a call, calls, errors if there were any, "total"
    told.lines().rev().find(|line| line.ends_with("total"))?.split_whitespace().nth(3)?.parse().ok()
}
