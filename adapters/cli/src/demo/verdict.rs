//! A verdict for each step.

use serde_json::json;

use super::Out;
use crate::exit::Failed;

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
        self.out.say(&format!("── {title}"));
    }

    pub(crate) fn add(&mut self, what: &'static str, held: bool, seen: &str) {
        let seen = crate::text::one_line(seen);
        let mark = if held { "✓ held" } else { "✗ BROKEN" };
        self.out.say(&format!("           {mark}: {what} ({seen})"));
        self.all.push(Verdict { what, held, seen });
    }

    pub(crate) fn all_held(&self) -> bool {
        self.all.iter().all(|verdict| verdict.held)
    }

    pub(crate) fn print_summary(&self) -> Result<(), Failed> {
        let held = self.all.iter().filter(|verdict| verdict.held).count();
        self.out.say("");
        self.out.say(&format!("{held} of {} verdicts held", self.all.len()));
        if !self.out.json {
            return Ok(());
        }
        let steps: Vec<_> = self
            .all
            .iter()
            .map(|verdict| json!({ "what": verdict.what, "held": verdict.held, "seen": verdict.seen }))
            .collect();
        crate::commands::print(&format!("{}\n", json!({ "held": self.all_held(), "verdicts": steps })))
    }
}
