//! What happens in which cycle: chosen at random by the seed, the same each time. When exactly it happens to the server
//! is up to the machine.

use std::time::Duration;

use tenure::Mode;

/// One cycle of one session: what its tasks do, and how the session ends meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cycle {
    /// The steps of each task.
    pub(super) tasks: Vec<Vec<Step>>,
    pub(super) ending: Ending,
    /// After how many steps of all tasks it begins.
    pub(super) after: usize,
    /// Whether the session is shut down for good, and another opened for the next cycle.
    pub(super) renews: bool,
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// One call on a lease of its own.
    OneShot,
    /// Some calls on one lease.
    Calls(u64),
    /// A call that is given up so much later.
    CancelledCall(Duration),
    /// A wait for a lease that is given up so much later.
    CancelledAcquire(Duration),
}

/// How a session is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Close(Mode),
    /// Whoever closes doesn't wait for it, so much later.
    CancelledClose(Mode, Duration),
    /// The server is killed while a call is in flight.
    Kill,
}

const MODES: [Mode; 3] = [Mode::Graceful, Mode::Force, Mode::Abort];
/// The most steps of a task, calls on a lease, and microseconds until something is given up.
const STEPS: u64 = 3;
const CALLS: u64 = 4;
const MICROS: u64 = 3000;

impl Cycle {
    /// The cycle of this number.
    pub(super) fn new(seed: u64, number: u64, tasks: usize, chaos: bool) -> Self {
        let mut dice = Dice::new(seed, number);
        let tasks: Vec<Vec<Step>> =
            (0..tasks).map(|_| (0..=dice.below(STEPS)).map(|_| Step::new(&mut dice)).collect()).collect();
        let steps: usize = tasks.iter().map(Vec::len).sum();
        let after = usize::try_from(dice.below(steps as u64 + 1)).unwrap_or(0);
        Self { tasks, ending: Ending::new(&mut dice, chaos), after, renews: dice.below(8) == 0 }
    }
}

impl Step {
    fn new(dice: &mut Dice) -> Self {
        match dice.below(8) {
            0..=2 => Self::OneShot,
            3..=4 => Self::Calls(1 + dice.below(CALLS)),
            5..=6 => Self::CancelledCall(dice.moment()),
            _ => Self::CancelledAcquire(dice.moment()),
        }
    }
}

impl Ending {
    fn new(dice: &mut Dice, chaos: bool) -> Self {
        let mode = MODES.get(usize::try_from(dice.below(3)).unwrap_or(0)).copied().unwrap_or(Mode::Force);
        match dice.below(3) {
            0 if chaos => Self::Kill,
            0 | 1 => Self::Close(mode),
            _ => Self::CancelledClose(mode, dice.moment()),
        }
    }
}

/// Numbers at random (splitmix64).
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let mut dice = Self(seed);
        Self(dice.roll() ^ Self(number).roll())
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 if there is none.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.roll().checked_rem(end).unwrap_or(0)
    }

    fn moment(&mut self) -> Duration {
        Duration::from_micros(self.below(MICROS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_is_the_same_plan() {
        let plan = |seed| (0..100).map(|number| Cycle::new(seed, number, 4, true)).collect::<Vec<_>>();
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
    }

    #[test]
    fn everything_comes_up_and_kills_only_with_chaos() {
        let plan: Vec<Cycle> = (0..200).map(|number| Cycle::new(1, number, 4, true)).collect();
        let ends = |wanted: fn(&Ending) -> bool| plan.iter().filter(|cycle| wanted(&cycle.ending)).count();
        assert!(ends(|ending| *ending == Ending::Kill) > 20);
        for mode in MODES {
            assert!(plan.iter().any(|cycle| cycle.ending == Ending::Close(mode)));
        }
        assert!(ends(|ending| matches!(ending, Ending::CancelledClose(..))) > 20);
        let steps: Vec<Step> = plan.iter().flat_map(|cycle| cycle.tasks.concat()).collect();
        let has = |wanted: fn(&Step) -> bool| steps.iter().any(wanted);
        assert!(has(|step| *step == Step::OneShot) && has(|step| matches!(step, Step::Calls(4))));
        assert!(has(|step| matches!(step, Step::CancelledCall(_))));
        assert!(has(|step| matches!(step, Step::CancelledAcquire(_))));
        assert!(plan.iter().any(|cycle| cycle.renews) && plan.iter().any(|cycle| !cycle.renews));
        assert!((0..200).all(|number| Cycle::new(1, number, 4, false).ending != Ending::Kill));
    }
}
