//! What kind of world it is: which faults there are in it at all, and how the client is configured.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use tenure::{Config, KeepAlive, Probe, Retry};

use crate::choices::Choices;
use crate::era::{self, Knows};
use crate::web::Web;

/// The faults of a world. Each world has some of them: with all in each, they would hide one another.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is there or not, independent of the others")]
pub(crate) struct Mood {
    // The pipe.
    pub(crate) splits: bool,
    pub(crate) delays: bool,
    pub(crate) stalls: bool,
    pub(crate) cuts: bool,
    pub(crate) corrupts: bool,
    pub(crate) hiccups: bool,
    pub(crate) narrow: bool,
    // The server.
    pub(crate) bad_opens: bool,
    pub(crate) bad_handshakes: bool,
    pub(crate) bad_answers: bool,
    pub(crate) chatter: bool,
    pub(crate) deaths: bool,
    pub(crate) stubborn: bool,
    /// It asks.
    pub(crate) asks: bool,
    /// It asks in ways it should not.
    pub(crate) odd_asks: bool,
    /// It tells of progress and of changes.
    pub(crate) tells: bool,
    /// And of what is not so.
    pub(crate) odd_tells: bool,
    /// Servers know other eras than the legacy one.
    pub(crate) eras: bool,
    /// What they know, unless another takes their place.
    pub(crate) knows: Knows,
    // Those whom it asks.
    pub(crate) odd_handlers: bool,
    // The callers.
    pub(crate) impatient: bool,
    pub(crate) closes: bool,
    pub(crate) meddles: bool,
    // The runtime.
    pub(crate) oversleeps: bool,
    pub(crate) spurious: bool,
    pub(crate) early: Duration,
    pub(crate) drops_driver: bool,
    /// It is reached over HTTP, with these faults.
    pub(crate) web: Option<Web>,
}

impl Mood {
    pub(crate) fn draw(choices: &mut Choices) -> Self {
        let mut fault = |percent| choices.chance(percent);
        let mut mood = Self {
            splits: fault(40),
            delays: fault(40),
            stalls: fault(20),
            cuts: fault(25),
            corrupts: fault(20),
            hiccups: fault(20),
            narrow: fault(20),
            bad_opens: fault(25),
            bad_handshakes: fault(25),
            bad_answers: fault(50),
            chatter: fault(40),
            deaths: fault(40),
            stubborn: fault(40),
            asks: fault(35),
            odd_asks: fault(60),
            tells: fault(45),
            odd_tells: fault(50),
            odd_handlers: fault(60),
            eras: fault(40),
            knows: Knows::default(),
            impatient: fault(60),
            closes: fault(50),
            meddles: fault(20),
            oversleeps: fault(20),
            spurious: fault(15),
            early: if fault(10) { Duration::from_micros(700) } else { Duration::ZERO },
            drops_driver: fault(8),
            web: None,
        };
        // What they ask and tell is not the same in both eras.
        mood.eras |= (mood.asks || mood.tells) && choices.chance(50);
        if mood.eras {
            mood.knows = Knows::draw(choices);
        }
        mood
    }

    /// The same, over HTTP: there is no pipe.
    pub(crate) fn over_http(mut self, choices: &mut Choices) -> Self {
        for of_pipes in [
            &mut self.splits,
            &mut self.stalls,
            &mut self.cuts,
            &mut self.corrupts,
            &mut self.hiccups,
            &mut self.narrow,
        ] {
            *of_pipes = false;
        }
        self.web = Some(Web::draw(choices));
        self
    }
}

impl fmt::Display for Mood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = format!("{self:?}");
        let there = fields
            .split([',', '{', '}'])
            .filter_map(|field| field.trim().strip_suffix(": true"))
            .collect::<Vec<_>>();
        let early = if self.early > Duration::ZERO { " early" } else { "" };
        write!(f, "faults: {}{early}; servers know {:?}", there.join(" "), self.knows)
    }
}

/// The session's limits and policies.
pub(crate) fn config(choices: &mut Choices) -> Config {
    let some = Config::default();
    let mut config = some.seed(u64::from(choices.below(1000)));
    config.connect_timeout = choose(choices, 16, config.connect_timeout, &[5000, 1000, 100, 0]);
    config.finish_timeout = choose(choices, 4, config.finish_timeout, &[2000, 300, 0]);
    config.stop_timeout = choose(choices, 2, config.stop_timeout, &[1000, 100, 0]);
    config.abort_timeout = choose(choices, 2, config.abort_timeout, &[500, 50, 0]);
    config.discard_timeout = choose(choices, 2, config.discard_timeout, &[200, 20, 0]);
    config.keep_alive = choices
        .pick(&[
            (4, KeepAlive::Never),
            (4, KeepAlive::Always),
            (3, KeepAlive::For(Duration::from_secs(3))),
            (1, KeepAlive::For(Duration::ZERO)),
        ])
        .unwrap_or_default();
    config.max_age = maybe(choices, 9, &[10_000, 2000, 200]);
    config.acquire_timeout = maybe(choices, 9, &[20_000, 3000, 400]);
    config.probe = maybe(choices, 5, &[10_000, 3000, 700]).map(|interval| {
        let timeout = choose(choices, 1, Duration::from_secs(2), &[500, 100]);
        Probe { interval, timeout }
    });
    config.retry = maybe(choices, 3, &[100, 1000]).map(|base| {
        let attempts = NonZeroU32::MIN.saturating_add(3_u32.saturating_sub(choices.below(4)));
        let stable = choose(choices, 1, Duration::from_secs(10), &[1000, 0]);
        Retry::default().base(base).attempts(attempts).max(Duration::from_secs(5)).stable_after(stable)
    });
    config.max_waiting = cap(choices, config.max_waiting);
    config.max_orphans = cap(choices, config.max_orphans);
    config
}

/// The protocol's bounds, and the eras that are offered.
pub(crate) struct Protocol {
    pub(crate) options: tenure_mcp::proto::Options,
    /// How often a server may want input for a call.
    pub(crate) rounds: usize,
    /// None of the queues is short.
    pub(crate) roomy: bool,
}

pub(crate) fn protocol(choices: &mut Choices, mood: Mood) -> Protocol {
    let (mut rounds, mut roomy) = (8, true);
    let mut options = tenure_mcp::proto::Options::default().eras(era::offered(choices));
    let bounds = [(20, None), (1, Some(1)), (1, Some(3))];
    if let Some(limit) = choices.pick(&bounds).flatten() {
        options = options.max_in_flight(limit);
    }
    if choices.chance(15) {
        roomy = false;
        options = options.max_message(700);
    }
    if choices.chance(10) {
        roomy = false;
        options = options.max_events(2).max_replies(1);
    }
    if mood.asks {
        let requests = choices.pick(&[(8, 64), (2, 2), (1, 1)]).unwrap_or(64);
        rounds = choices.pick(&[(4, rounds), (2, 1), (1, 0)]).unwrap_or(rounds);
        options = options.max_server_requests(requests).max_rounds(rounds);
    }
    let options = options.handshake_timeout(maybe(choices, 8, &[2000, 200]));
    Protocol { options, rounds, roomy }
}

/// What is usual, or one of `others` in milliseconds.
fn choose(choices: &mut Choices, usual_weight: u32, usual: Duration, others: &[u64]) -> Duration {
    let others = others.iter().map(|millis| (1, Duration::from_millis(*millis)));
    let options: Vec<_> = std::iter::once((usual_weight, usual)).chain(others).collect();
    choices.pick(&options).unwrap_or(usual)
}

/// Nothing, or one of `others` in milliseconds.
fn maybe(choices: &mut Choices, nothing: u32, others: &[u64]) -> Option<Duration> {
    let others = others.iter().map(|millis| (1, Some(Duration::from_millis(*millis))));
    let options: Vec<_> = std::iter::once((nothing, None)).chain(others).collect();
    choices.pick(&options).flatten()
}

fn cap(choices: &mut Choices, usual: NonZeroU32) -> NonZeroU32 {
    let low = NonZeroU32::MIN;
    choices.pick(&[(14, usual), (1, low.saturating_add(1)), (1, low)]).unwrap_or(usual)
}
