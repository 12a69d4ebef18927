//! A verdict for each step.

use serde_json::json;

use super::out::Out;
use crate::colour::{BOLD, GREEN, MAGENTA, RED};
use crate::exit::Failed;
use crate::text::wrapped;

/// What a terminal has at least.
const COLUMNS: usize = 80;
const INDENT: &str = "        ";

#[derive(Debug)]
pub(crate) struct Verdicts {
    out: Out,
    all: Vec<Verdict>,
}

#[derive(Debug)]
struct Verdict {
    what: &'static str,
    held: bool,
    seen: String,
}

impl Verdicts {
    pub(crate) const fn new(out: Out) -> Self {
        Self { out, all: Vec::new() }
    }

    /// Begins a step of the story.
    pub(crate) fn title(&self, title: &str) {
        self.out.say("");
        self.out.say(&self.out.paint.paint(BOLD, &format!("── {title}")));
    }

    /// Says what a client written by hand would have done here.
    pub(crate) fn moment(&self, words: &str) {
        let lines = wrapped(&format!("▶ {words}"), COLUMNS - INDENT.len());
        for (number, line) in lines.iter().enumerate() {
            let hanging = if number == 0 { "" } else { "  " };
            self.out.say(&format!("{INDENT}{}", self.out.paint.paint(MAGENTA, &format!("{hanging}{line}"))));
        }
    }

    pub(crate) fn add(&mut self, what: &'static str, held: bool, seen: &str) {
        let seen = crate::text::one_line(seen);
        let (mark, style) = if held { ("✓ held", GREEN) } else { ("✗ BROKEN", RED) };
        let room = COLUMNS - INDENT.len();
        let mut lines = wrapped(&format!("{mark}: {what} ({seen})"), room);
        if lines.len() > 1 {
            lines = wrapped(&format!("{mark}: {what}"), room);
            lines.extend(wrapped(&format!("({seen})"), room - 2));
        }
        for (number, line) in lines.iter().enumerate() {
            // What it is about stands under itself.
            let shown = match line.strip_prefix(mark).filter(|_| number == 0) {
                Some(rest) => self.out.paint.paint(style, mark) + rest,
                None => format!("  {line}"),
            };
            self.out.say(&format!("{INDENT}{shown}"));
        }
        self.all.push(Verdict { what, held, seen });
    }

    pub(crate) fn all_held(&self) -> bool {
        self.all.iter().all(|verdict| verdict.held)
    }

    pub(crate) fn say_summary(&self) {
        let held = self.all.iter().filter(|verdict| verdict.held).count();
        self.out.say("");
        let style = if self.all_held() { GREEN.bold() } else { RED };
        let summary = format!("{held} of {} verdicts held", self.all.len());
        self.out.say(&self.out.paint.paint(style, &summary));
    }

    /// The document that programs get.
    pub(crate) fn print(&self) -> Result<(), Failed> {
        if !self.out.json {
            return Ok(());
        }
        let steps: Vec<_> = self
            .all
            .iter()
            .map(|verdict| json!({ "what": verdict.what, "held": verdict.held, "seen": verdict.seen }))
            .collect();
        crate::print::print(&format!("{}\n", json!({ "held": self.all_held(), "verdicts": steps })))
    }
}
