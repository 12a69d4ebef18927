//! What callers, handlers and servers note of one another, so that each can be held against the others. Times are
//! those of [`Clock::awake`](crate::clock::Clock::awake), unless it is said otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A call: the generation, and the id of the request in it.
pub(crate) type Place = (u64, u64);

#[derive(Debug, Default)]
pub(crate) struct Books {
    /// Since when each generation is live.
    pub(crate) live: BTreeMap<u64, Duration>,
    /// Handlers at work, in each generation.
    pub(crate) at_work: BTreeMap<u64, u64>,
    /// What servers asked, by number.
    pub(crate) questions: BTreeMap<u64, Question>,
    /// Where servers heard the calls, by their numbers.
    pub(crate) places: BTreeMap<u64, Place>,
    /// How long handlers worked for each call.
    standing: BTreeMap<Place, Standing>,
    /// What was reported of calls, by their numbers.
    pub(crate) reports: BTreeMap<u64, Reports>,
    /// What the client wishes to hear of.
    pub(crate) wished: Wished,
    /// How often the far side did each call, and what callers were told of those that are said to be undone (HTTP).
    pub(crate) done: BTreeMap<u64, u32>,
    pub(crate) undone: BTreeMap<u64, String>,
    /// Calls whose callers wait, by number.
    pub(crate) waiting: BTreeSet<u64>,
}

/// One thing that a server asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Question {
    /// How often it was asked.
    pub(crate) asked: u32,
    /// How often a handler began with it.
    pub(crate) begun: u32,
    /// When the last handler ended.
    pub(crate) ended: Option<Duration>,
    /// A handler came to a result.
    pub(crate) has_result: bool,
}

/// What was reported of a call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reports {
    pub(crate) said: u32,
    pub(crate) told: u32,
    /// Another call's reports came with its token.
    pub(crate) muddled: bool,
}

/// What the client wishes to hear of: kinds of lists, and URIs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wished {
    pub(crate) what: BTreeSet<String>,
    pub(crate) level: Option<&'static str>,
    /// When that changed.
    pub(crate) changed: Duration,
}

/// A time on both clocks: with what the machine slept, and without.
type Both = (Duration, Duration);

#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    handlers: u32,
    since: Both,
    sum: Both,
}

impl Books {
    /// A handler works for this call from now on.
    pub(crate) fn stand(&mut self, place: Place, now: Both) {
        let standing = self.standing.entry(place).or_default();
        if standing.handlers == 0 {
            standing.since = now;
        }
        standing.handlers = standing.handlers.saturating_add(1);
    }

    /// One of them is done.
    pub(crate) fn go_on(&mut self, place: Place, now: Both) {
        if let Some(standing) = self.standing.get_mut(&place) {
            standing.handlers = standing.handlers.saturating_sub(1);
            if standing.handlers == 0 {
                standing.sum = standing.until(now);
            }
        }
    }

    /// How long handlers worked for a call; `None` if nobody knows.
    pub(crate) fn stood(&self, call: u64, now: Both) -> Option<Both> {
        let place = self.places.get(&call)?;
        Some(self.standing.get(place).map_or_else(Both::default, |standing| standing.in_all(now)))
    }
}

impl Standing {
    fn until(&self, now: Both) -> Both {
        let since = |now: Duration, since| now.saturating_sub(since);
        (
            self.sum.0.saturating_add(since(now.0, self.since.0)),
            self.sum.1.saturating_add(since(now.1, self.since.1)),
        )
    }

    fn in_all(&self, now: Both) -> Both {
        if self.handlers > 0 { self.until(now) } else { self.sum }
    }
}
