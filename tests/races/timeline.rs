//! A failure as a timeline: what happened, what the design made of it, and what tenure makes of it.

use std::fmt::Write as _;

use tenure::check::{Checked, SystemUnderTest as _};
use tenure::{Config, Input, Output, Script, Status, Wake};

use crate::search::{Found, Step};
use crate::words;

/// The widths of the first two columns.
const INPUT: usize = 42;
const DESIGN: usize = 50;
/// What fits below the columns.
const LINE: usize = 100;

/// The timeline, if the real machine holds under the same inputs.
pub(crate) fn timeline(found: &Found) -> Result<String, String> {
    let mut tenure = Checked::new(Script::new(Config::default()), Config::default());
    let mut text = line("   what happens", "the design", "tenure");
    for (number, Step { input, output, status }) in (1..).zip(&found.way) {
        let told = feed(&mut tenure, *input)?;
        let input = format!("{number}. {}", words::input(input));
        text += &line(&input, &words::output(output, *status), &told);
    }
    for part in wrapped(&format!("BROKEN: {}", found.violation), "        ") {
        let _ = writeln!(text, "   {part}");
    }
    Ok(text)
}

/// Where all time limits pass, the real machine's deadlines pass one after the other.
fn feed(tenure: &mut Checked<Script>, input: Input) -> Result<String, String> {
    let mut output = apply(tenure, input)?;
    while let (Input::Timeout, Status::Draining { .. }) = (input, tenure.system().view().status) {
        output.actions.extend(apply(tenure, input)?.actions);
    }
    Ok(words::output(&output, tenure.system().view().status))
}

fn apply(tenure: &mut Checked<Script>, input: Input) -> Result<Output, String> {
    let view = tenure.system().view();
    let time = if let Wake::At(time, _) = view.wake { time } else { tenure.system().clock() };
    tenure.apply(time, input).map_err(|why| format!("tenure, {:?}, {input:?}: {why}", view.status))
}

fn line(input: &str, design: &str, tenure: &str) -> String {
    let text = format!("{input:<INPUT$} {design:<DESIGN$} {tenure}");
    format!("{}\n", text.trim_end())
}

/// Lines that fit; all but the first are indented.
pub(crate) fn wrapped(text: &str, indent: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + word.len() < LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{indent}{word}")),
        }
    }
    lines
}
