//! All that is left to chance, on one tape.

/// Where a run's choices come from, and what was chosen.
///
/// In every choice 0 is the plainest: no fault, no delay, no further task. So a tape that is shorter, or
/// has smaller numbers, makes a plainer run, and beyond its end everything is plain.
#[derive(Clone, Debug)]
pub struct Choices {
    source: Source,
    taken: Vec<u32>,
}

#[derive(Clone, Debug)]
enum Source {
    Seed(fastrand::Rng),
    Tape(Vec<u32>),
}

impl Choices {
    /// Choices at random; the same for the same seed.
    pub fn of_seed(seed: u64) -> Self {
        Self { source: Source::Seed(fastrand::Rng::with_seed(seed)), taken: Vec::new() }
    }

    /// The choices on `tape`, and plain ones after its end. A number that is too large for its place is
    /// read as the largest that fits.
    pub fn of_tape(tape: Vec<u32>) -> Self {
        Self { source: Source::Tape(tape), taken: Vec::new() }
    }

    /// What was chosen, as a tape that makes the same run.
    pub fn into_tape(mut self) -> Vec<u32> {
        while self.taken.last() == Some(&0) {
            self.taken.pop();
        }
        self.taken
    }

    /// A number below `count`.
    pub(crate) fn below(&mut self, count: u32) -> u32 {
        let Some(largest) = count.checked_sub(1).filter(|largest| *largest > 0) else {
            return 0;
        };
        let choice = match &mut self.source {
            Source::Seed(rng) => rng.u32(0..=largest),
            Source::Tape(tape) => tape.get(self.taken.len()).copied().unwrap_or(0).min(largest),
        };
        self.taken.push(choice);
        choice
    }

    /// Yes so many times in a hundred; the plain choice is no.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) >= 100_u32.saturating_sub(percent)
    }

    /// One of `options`, by their weights; the first is the plain one.
    pub(crate) fn pick<T: Clone>(&mut self, options: &[(u32, T)]) -> Option<T> {
        let total = options.iter().map(|(weight, _)| weight).sum();
        let mut choice = self.below(total);
        for (weight, option) in options {
            match choice.checked_sub(*weight) {
                Some(rest) => choice = rest,
                None => return Some(option.clone()),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(mut choices: Choices) -> (Vec<u32>, Vec<u32>) {
        let drawn = (1..50).map(|count| choices.below(count)).collect();
        (drawn, choices.into_tape())
    }

    #[test]
    fn a_seed_and_its_tape_choose_the_same() {
        let (drawn, tape) = draw(Choices::of_seed(7));
        assert_eq!(draw(Choices::of_seed(7)).0, drawn);
        assert_eq!(draw(Choices::of_tape(tape)).0, drawn);
        assert_ne!(draw(Choices::of_seed(8)).0, drawn);
    }

    #[test]
    fn beyond_its_end_a_tape_is_plain() {
        let mut choices = Choices::of_tape(vec![99, 7]);
        assert!(choices.chance(1));
        assert_eq!(choices.below(5), 4);
        assert!(!choices.chance(99));
        assert_eq!(choices.pick(&[(1, "plain"), (1000, "not")]), Some("plain"));
    }
}
