//! What is left of a test that fails: nothing.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};

use tenure_bounds::{blocking, mark};

#[test]
fn a_failed_test_leaves_no_process() {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "sleep 300 & echo ready; sleep 300"]).stdout(Stdio::piped());
    let mut child = mark(&mut command).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut ready = [0; 6];
    stdout.read_exact(&mut ready).unwrap();
    let failed = catch_unwind(AssertUnwindSafe(|| blocking("nothing", || panic!("for a reason of its own"))));
    assert!(failed.is_err());
    // The end comes when both are gone.
    assert_eq!(blocking("their end", || stdout.read(&mut ready)).unwrap(), 0);
    assert!(!child.wait().unwrap().success());
}

#[test]
fn others_processes_are_left_alone() {
    let mut cat = mark(Command::new("cat").stdin(Stdio::piped())).spawn().unwrap();
    let other = std::thread::spawn(|| blocking("nothing", || panic!("another test")));
    assert!(other.join().is_err());
    assert!(cat.try_wait().unwrap().is_none());
    drop(cat.stdin.take());
    assert!(blocking("cat", || cat.wait()).unwrap().success());
}
