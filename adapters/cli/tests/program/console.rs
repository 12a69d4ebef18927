//! What a console tells the program: the session ends in order, and then the program with the status that Windows has
//! for that.

use std::io::{BufRead as _, BufReader};
use std::os::windows::process::CommandExt as _;
use std::process::{Command, Stdio};

use serde_json::Value;
use tenure_bounds::blocking;

use crate::on_both_runtimes;
use crate::support::{Running, TENURE, on_a_console, start_as};

on_both_runtimes!(
    #[ignore = "Wine sends Ctrl-Break to no group; `.ci/targets` types Ctrl-C there"]
    ctrl_break_ends_a_soak_with_the_report_so_far,
    #[ignore = "Wine sends Ctrl-Break to no group; `.ci/targets` types Ctrl-C there"]
    ctrl_break_ends_the_demo,
);

/// What Ctrl-C has ended.
const STATUS_CONTROL_C_EXIT: u32 = 0xC000_013A;

/// Plays the test of this name in a process of its own with a console of its own, which has no window: whoever runs the
/// tests may have none.
fn in_a_console(name: &str, runtime: &str, play: impl FnOnce()) {
    const INSIDE: &str = "TENURE_TEST_CONSOLE";
    if std::env::var_os(INSIDE).is_some() {
        return play();
    }
    let mut alone = Command::new(std::env::current_exe().unwrap());
    alone
        .args(["--exact", &format!("console::{runtime}::{name}"), "--nocapture", "--ignored"])
        .env(INSIDE, "1");
    on_a_console(alone.stdin(Stdio::null()));
    let output = blocking("the test in its console", || alone.output()).unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("1 passed"), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// Ctrl-Break can be sent to a group of processes. Ctrl-C goes to all that the console has.
fn start_in_group(arguments: &[&str]) -> Running {
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    let mut command = Command::new(TENURE);
    command.args(arguments).stdin(Stdio::null()).creation_flags(CREATE_NEW_PROCESS_GROUP);
    start_as(command)
}

fn ctrl_break_ends_a_soak_with_the_report_so_far(runtime: &str) {
    in_a_console("ctrl_break_ends_a_soak_with_the_report_so_far", runtime, || a_soak_ends(runtime));
}

fn ctrl_break_ends_the_demo(runtime: &str) {
    in_a_console("ctrl_break_ends_the_demo", runtime, || the_demo_ends(runtime));
}

fn a_soak_ends(runtime: &str) {
    let soak =
        ["soak", "--cycles", "1000000", "-v", "--json", "--runtime", runtime, "--", TENURE, "demo-server"];
    let mut running = start_in_group(&soak);
    running.until("session 3:").send_ctrl_break();
    let ran = running.wait();
    let told: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    assert_eq!(ran.status.cast_unsigned(), STATUS_CONTROL_C_EXIT, "{ran:?}");
    assert_eq!((&told["good"], &told["wrong"]), (&false.into(), &serde_json::json!({})));
    assert!(told["verdict"].as_str().unwrap().starts_with("ended after "), "{told}");
    assert_eq!(ran.stderr.last().map(String::as_str), Some("tenure: ended by CTRL_BREAK_EVENT"));
}

fn the_demo_ends(runtime: &str) {
    let mut running = start_in_group(&["demo", "--runtime", runtime]);
    // In the slow teardown of the first server.
    let mut stdout = BufReader::new(running.stdout()).lines();
    assert!(stdout.by_ref().map_while(Result::ok).any(|line| line.contains("close (force)")));
    running.send_ctrl_break();
    let ran = running.wait();
    assert_eq!(ran.status.cast_unsigned(), STATUS_CONTROL_C_EXIT, "{ran:?}");
    assert_eq!(ran.stderr, ["tenure: ended by CTRL_BREAK_EVENT"]);
}
