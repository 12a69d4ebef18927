//! What the program is instead of a server that does as it is told: `--sleep` (for a minute), `--echo` (says each
//! line again, and ends with its input), `--echo-and-stay` (and doesn't), `--one-way`.

use std::io::BufRead as _;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::out::{answer, fail, text, write};
use crate::sleeper::LIFE;
use crate::sys::close_input;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Instead {
    Sleep,
    Echo { then_sleep: bool },
    OneWay,
}

impl Instead {
    pub(crate) fn run(self) -> ! {
        match self {
            Self::Sleep => {}
            Self::Echo { then_sleep } => {
                for line in std::io::stdin().lock().lines() {
                    let Ok(line) = line else { break };
                    write(format!("{line}\n").as_bytes());
                }
                if !then_sleep {
                    std::process::exit(0);
                }
            }
            Self::OneWay => one_way(),
        }
        loop {
            thread::sleep(LIFE);
        }
    }
}

/// A legacy server that answers the second call when it has closed its input, and the first a while later.
fn one_way() {
    let mut input = std::io::stdin().lines();
    let mut next = || {
        let Some(Ok(_)) = input.next() else { fail("its input has ended") };
    };
    next(); // initialize
    let info = json!({ "name": "one way", "version": "1" });
    answer(&json!(1), &json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": info }));
    for _ in ["initialized", "first", "second"] {
        next();
    }
    close_input();
    text(&json!(3), "closed");
    thread::sleep(Duration::from_millis(500));
    text(&json!(2), "late");
}
