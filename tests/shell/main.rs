//! As much of a unix shell as the tests of the program need, for systems that have none: `shell -c SCRIPT` plays the
//! servers in `adapters/cli/tests/program`, whose scripts are played by /bin/sh elsewhere.
//!
//! All commands are its own, in one process, but for `exec PROGRAM…` and what is left to run by `&`: that is one that
//! sleeps, as this program again, and its id is a line of `$DIR/pids`. A pipe with a name is a file that is waited
//! for. What it doesn't know it says, and ends with status 127.

mod commands;
mod parse;
mod run;
mod streams;
mod unknown;
#[cfg(windows)]
mod windows;
mod words;

use std::time::Duration;

/// No process of these tests lives longer.
const LIFE: Duration = Duration::from_secs(60);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["-c", script, ..] => std::process::exit(run::script(script)),
        ["--sleep"] => std::thread::sleep(LIFE),
        _ => std::process::exit(unknown::unknown(&format!("arguments {arguments:?}"))),
    }
}
