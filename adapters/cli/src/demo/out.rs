//! Where the timeline of the demo goes.

use crate::colour::Paint;
use crate::log::Log;
use crate::{out, print};

/// To stdout, or beside the verdicts that are printed as JSON.
#[derive(Clone, Debug)]
pub(super) struct Out {
    pub(super) json: bool,
    pub(super) paint: Paint,
    pub(super) log: Log,
}

impl Out {
    pub(super) fn new(json: bool) -> Self {
        if json {
            Self { json, paint: Paint::on_stderr(), log: Log::start(out::to_stderr) }
        } else {
            Self { json, paint: Paint::on_stdout(), log: Log::start(to_stdout) }
        }
    }

    pub(super) fn say(&self, line: &str) {
        self.log.say(line.to_owned());
    }
}

/// A reader that went away doesn't end the demo.
fn to_stdout(line: &str) {
    let _ = print::print(&format!("{}\n", line.trim_end()));
}
