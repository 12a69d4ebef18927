//! What all parts of one world stand on.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tenure::Time;

use crate::books::Books;
use crate::choices::Choices;
use crate::clock::{Clock, Sleep};
use crate::era::Knows;
use crate::failure::{Failure, Kind};
use crate::held::{Census, Flag, Held, Thing, Token};
use crate::limits::Limits;
use crate::mood::Mood;
use crate::tally::{Seen, Tally};
use crate::timeline::{Entry, Who};

pub(crate) type TaskFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) struct Ground {
    choices: Held<Choices>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) census: Arc<Census>,
    pub(crate) mood: Mood,
    pub(crate) limits: Limits,
    /// The world is over: servers that would stay for ever end too.
    pub(crate) doom: Flag,
    pub(crate) driver_dropped: Flag,
    tally: Held<Tally>,
    /// `None`: nobody wants to read it.
    log: Held<Option<Vec<Entry>>>,
    failure: Held<Option<Failure>>,
    spawned: Held<Vec<(Who, TaskFuture)>>,
    pub(crate) marks: Held<Marks>,
    pub(crate) books: Held<Books>,
}

/// What happened and is asked for again. Times are those of [`Clock::awake`].
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// Generations whose bytes were changed or lost on the way.
    pub(crate) corrupted: BTreeSet<u64>,
    pub(crate) revoked: BTreeMap<u64, Duration>,
    /// Generations whose runner retired: calls may end before the leases do, and nobody new is given them.
    pub(crate) retired: BTreeSet<u64>,
    /// Panics that were meant, in each generation.
    pub(crate) panics: BTreeMap<u64, u64>,
    pub(crate) shut_down: Option<Duration>,
    pub(crate) driver_dropped: Option<Duration>,
    pub(crate) numbers: u64,
    /// What callers have under way, by number.
    pub(crate) open: BTreeMap<u64, (Who, &'static str)>,
    /// Leases that callers hold, in each generation.
    pub(crate) held: BTreeMap<u64, u64>,
    /// Servers that keep their generation from being over.
    pub(crate) servers: u64,
}

impl Ground {
    pub(crate) fn new(choices: Choices, mood: Mood, limits: Limits, record: bool) -> Arc<Self> {
        Arc::new(Self {
            choices: Held::new(choices),
            clock: Arc::default(),
            census: Arc::default(),
            mood,
            limits,
            doom: Flag::default(),
            driver_dropped: Flag::default(),
            tally: Held::default(),
            log: Held::new(record.then(Vec::new)),
            failure: Held::default(),
            spawned: Held::default(),
            marks: Held::default(),
            books: Held::default(),
        })
    }

    pub(crate) fn below(&self, count: usize) -> usize {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.choices.with(|choices| choices.below(count)) as usize
    }

    pub(crate) fn chance(&self, percent: u32) -> bool {
        self.choices.with(|choices| choices.chance(percent))
    }

    /// Only asks the tape in a world that has this fault.
    pub(crate) fn fault(&self, there: bool, percent: u32) -> bool {
        there && self.chance(percent)
    }

    /// One of `options`, by weight; the first is the plain one, and that of a world without this fault.
    pub(crate) fn pick<T: Clone + Default>(&self, there: bool, options: &[(u32, T)]) -> T {
        if there {
            self.choices.with(|choices| choices.pick(options)).unwrap_or_default()
        } else {
            options.first().map(|(_, plain)| plain.clone()).unwrap_or_default()
        }
    }

    /// What a server that takes another's place knows of eras.
    pub(crate) fn knows(&self) -> Knows {
        self.choices.with(Knows::draw)
    }

    /// Any time up to so many milliseconds.
    pub(crate) fn up_to(&self, millis: u32) -> Duration {
        let millis = self.choices.with(|choices| choices.below(millis.saturating_add(1)));
        Duration::from_millis(millis.into())
    }

    /// How much too far time goes on.
    pub(crate) fn oversleep(&self) -> Duration {
        if !self.fault(self.mood.oversleeps, 4) {
            return Duration::ZERO;
        }
        self.saw(Seen::Overslept);
        let slept = self.up_to(100_000);
        self.say(Who::World, || format!("the machine sleeps {slept:?} too long"));
        slept
    }

    pub(crate) fn sleep(&self, time: Duration) -> Sleep {
        self.clock.sleep(time)
    }

    pub(crate) fn token(&self, thing: Thing) -> Token {
        self.census.token(thing)
    }

    pub(crate) fn spawn(&self, who: Who, task: impl Future<Output = ()> + Send + 'static) {
        self.spawned.with(|spawned| spawned.push((who, Box::pin(task))));
    }

    pub(crate) fn spawned(&self) -> Vec<(Who, TaskFuture)> {
        self.spawned.with(std::mem::take)
    }

    pub(crate) fn saw(&self, seen: Seen) {
        self.tally.with(|tally| tally.add(seen, 1));
    }

    pub(crate) fn say(&self, who: Who, what: impl FnOnce() -> String) {
        self.say_at(self.clock.now(), who, what);
    }

    pub(crate) fn say_at(&self, time: Time, who: Who, what: impl FnOnce() -> String) {
        if self.is_recorded() {
            let entry = Entry { time, who, what: what() };
            self.log.with(|log| log.as_mut().map(|log| log.push(entry)));
        }
    }

    /// The run has failed; the first failure counts.
    pub(crate) fn fail(&self, kind: Kind, detail: impl FnOnce() -> String) {
        if !self.has_failed() {
            let detail = detail();
            self.say(Who::World, || format!("FAILED: {kind:?}: {detail}"));
            self.failure.with(|failure| *failure = Some(Failure { kind, detail }));
        }
    }

    /// All that a generation says is heard soon, and is since `at`, by the time that the machine was awake.
    pub(crate) fn is_heard(&self, generation: u64, at: Duration) -> bool {
        let Mood { stalls, cuts, corrupts, narrow, .. } = self.mood;
        let is_over = self.marks.with(|marks| {
            marks.revoked.contains_key(&generation)
                || marks.retired.contains(&generation)
                || marks.driver_dropped.is_some()
        });
        let is_live = self.books.with(|books| books.live.get(&generation).is_some_and(|live| *live <= at));
        self.mood.web.is_none()
            && self.limits.roomy
            && !(stalls || cuts || corrupts || narrow)
            && !is_over
            && is_live
    }

    pub(crate) fn is_recorded(&self) -> bool {
        self.log.with(|log| log.is_some())
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failure.with(|failure| failure.is_some())
    }

    pub(crate) fn number(&self) -> u64 {
        self.marks.with(|marks| {
            marks.numbers = marks.numbers.wrapping_add(1);
            marks.numbers
        })
    }

    /// Takes its results, once the world has ended.
    pub(crate) fn results(&self) -> (Option<Failure>, Tally, Vec<Entry>, Vec<u32>) {
        let choices = self.choices.with(|choices| std::mem::replace(choices, Choices::of_tape(Vec::new())));
        let log = self.log.with(Option::take).unwrap_or_default();
        let tally = self.tally.with(std::mem::take);
        (self.failure.with(Option::take), tally, log, choices.into_tape())
    }
}
