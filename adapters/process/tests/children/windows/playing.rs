//! This program again, playing a part: how it is started, and what it says.

use std::env;
use std::io::{self, Write as _};
use std::process::{Command, exit};
use std::thread;

use tenure_bounds::mark;
use tenure_process::Child;

use crate::support::{Lines, Runtime, Token, Watched, start};

/// The variable that says which part to play.
pub(super) const PART: &str = "TENURE_TEST_PART";

/// Returns whether that is the system below.
pub(super) fn is_wine() -> bool {
    env::var_os("WINEHOMEDIR").is_some()
}

/// The test that plays a part.
pub(super) const AS_A_PART: &str = "body::part::as_a_part";

/// A command that plays `part`: its name, and what it is told.
pub(super) fn part(part: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", AS_A_PART]).env(PART, part);
    command
}

/// A line of its own, whatever the test harness has written before.
pub(super) fn say(line: &str) {
    println!("\n{line}");
    io::stdout().flush().unwrap();
}

/// Until it is ended, or for as long as no test takes.
pub(super) fn sleep() -> ! {
    thread::sleep(tenure_bounds::BOUND.saturating_mul(10));
    exit(99)
}

/// A child that plays a part, and its token.
pub(super) fn play<R: Runtime>(name: &str) -> (Child<Watched<R>>, Token) {
    start::<R>(&mut part(name))
}

/// The next line that is the child's own, not of the harness around it.
pub(super) async fn own<R: Runtime>(lines: &mut Lines<R>) -> String {
    for _ in 0..20 {
        if let Some(own) = lines.next().await.strip_prefix('@') {
            return own.to_owned();
        }
    }
    panic!("the child says nothing");
}

pub(super) async fn ready<R: Runtime>(lines: &mut Lines<R>) {
    assert_eq!(own(lines).await, "ready");
}

pub(super) fn marked(mut command: Command) -> Command {
    mark(&mut command);
    command
}
