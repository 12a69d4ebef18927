//! Making a failing run plainer while it still fails in the same way.

use std::time::{Duration, Instant};

use crate::choices::Choices;
use crate::failure::{Failure, Kind};
use crate::world::{Report, Rules, run};

/// How much may be spent on it.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// So many runs.
    pub runs: u32,
    /// So long.
    pub time: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self { runs: 3000, time: Duration::from_secs(20) }
    }
}

/// The plainest failing run that was found.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// It, written down.
    pub report: Report,
    /// How many runs that took.
    pub runs: u32,
}

/// Shrinks `tape`, which fails under `rules` with a failure of `kind`.
pub fn shrink(tape: Vec<u32>, kind: Kind, rules: &Rules, budget: Budget) -> Shrunk {
    let mut shrinker = Shrinker { best: tape, kind, rules, budget, begun: Instant::now(), runs: 0 };
    loop {
        let before = shrinker.best.clone();
        shrinker.cut_end();
        shrinker.spans(Shrinker::delete);
        shrinker.spans(Shrinker::zero);
        shrinker.lower();
        if shrinker.best == before || shrinker.is_spent() {
            break;
        }
    }
    let Shrinker { best, runs, .. } = shrinker;
    let report = run(Choices::of_tape(best), &Rules { record: true, ..*rules });
    Shrunk { report, runs }
}

struct Shrinker<'a> {
    best: Vec<u32>,
    kind: Kind,
    rules: &'a Rules,
    budget: Budget,
    begun: Instant,
    runs: u32,
}

impl Shrinker<'_> {
    fn is_spent(&self) -> bool {
        self.runs >= self.budget.runs || self.begun.elapsed() >= self.budget.time
    }

    /// Keeps `tape` if it fails in the same way and is plainer.
    fn attempt(&mut self, tape: Vec<u32>) -> bool {
        if self.is_spent() || tape == self.best {
            return false;
        }
        self.runs = self.runs.saturating_add(1);
        let Report { failure, tape, .. } =
            run(Choices::of_tape(tape), &Rules { record: false, ..*self.rules });
        let same = failure.is_some_and(|Failure { kind, .. }| kind == self.kind);
        let plainer = (tape.len(), &tape) < (self.best.len(), &self.best);
        if same && plainer {
            self.best = tape;
        }
        same && plainer
    }

    fn cut_end(&mut self) {
        let mut cut = self.best.len() / 2;
        while cut > 0 {
            let shorter: Vec<u32> =
                self.best.iter().take(self.best.len().saturating_sub(cut)).copied().collect();
            if !self.attempt(shorter) {
                cut /= 2;
            }
            cut = cut.min(self.best.len());
        }
    }

    /// Tries `change` on spans, large ones first, from the end to the start.
    fn spans(&mut self, change: fn(&[u32], usize, usize) -> Vec<u32>) {
        let mut size = (self.best.len() / 2).min(64);
        while size > 0 {
            let mut end = self.best.len();
            while end > 0 && !self.is_spent() {
                let start = end.saturating_sub(size);
                let changed = change(&self.best, start, end);
                end = if self.attempt(changed) { end.min(self.best.len()) } else { start };
                if end == start && start == 0 {
                    break;
                }
            }
            size /= 2;
        }
    }

    fn delete(tape: &[u32], start: usize, end: usize) -> Vec<u32> {
        let kept = |(at, choice): (usize, &u32)| (at < start || at >= end).then_some(*choice);
        tape.iter().enumerate().filter_map(kept).collect()
    }

    fn zero(tape: &[u32], start: usize, end: usize) -> Vec<u32> {
        let zeroed = |(at, choice): (usize, &u32)| if at < start || at >= end { *choice } else { 0 };
        tape.iter().enumerate().map(zeroed).collect()
    }

    /// Lowers each choice as far as it goes, by halves and then by one.
    fn lower(&mut self) {
        let mut at = 0;
        while at < self.best.len() && !self.is_spent() {
            while let Some(choice) = self.best.get(at).copied().filter(|choice| *choice > 0) {
                let lower = |to: u32| {
                    let mut tape = self.best.clone();
                    if let Some(choice) = tape.get_mut(at) {
                        *choice = to;
                    }
                    tape
                };
                let (half, less) = (lower(choice / 2), lower(choice.saturating_sub(1)));
                if !(self.attempt(half) || self.attempt(less)) {
                    break;
                }
            }
            at += 1;
        }
    }
}
