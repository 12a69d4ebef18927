//! Breadth first through all canonical states, so that the first counterexample is a shortest one.

use std::collections::HashSet;
use std::fmt::{self, Write as _};
use std::time::{Duration, Instant};

use tenure::check::SystemUnderTest as _;
use tenure::{Input, Script, Time};

use crate::inputs;
use crate::scopes::Scope;
use crate::step::Followed;
use crate::table::Seen;

pub(crate) struct Explored {
    pub(crate) states: usize,
    pub(crate) steps: usize,
    pub(crate) depth: usize,
    pub(crate) longest_rest: usize,
    pub(crate) took: Duration,
    /// Of the table of transitions.
    pub(crate) seen: Seen,
}

impl fmt::Display for Explored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { states, steps, depth, longest_rest, took, .. } = self;
        write!(f, "reachable:   {states} states, {steps} steps, depth {depth}, ")?;
        write!(f, "at most {longest_rest} deadlines to rest, {:.1} s", took.as_secs_f64())
    }
}

/// How a state was reached first.
struct Reached {
    followed: Followed,
    from: usize,
    by: Option<Way>,
    depth: usize,
}

/// An input, and who gave up before what came of it was polled.
#[derive(Clone, Copy)]
struct Way {
    time: Time,
    input: Input,
    cancelled: Option<u64>,
}

struct Exploration {
    known: HashSet<Script>,
    reached: Vec<Reached>,
    steps: usize,
    seen: Seen,
}

impl Exploration {
    fn reach(&mut self, followed: Followed, from: usize, by: Way) {
        self.steps += 1;
        if self.known.insert(followed.state.canonical()) {
            let depth = self.reached[from].depth + 1;
            self.reached.push(Reached { followed, from, by: Some(by), depth });
        }
    }

    /// Every input in the state at `at`, and every input cut short by each caller that waits.
    fn leave(&mut self, at: usize, scope: &Scope) -> Result<(), String> {
        let here = self.reached[at].followed.clone();
        for (time, input) in inputs::all(&here.state, scope) {
            let way = Way { time, input, cancelled: None };
            let after = here.step(time, input).and_then(|(after, output)| {
                self.seen.follow(&here.state, (time, input), &output, &after.state)?;
                Ok(after)
            });
            let after = after.map_err(|why| way_there(&self.reached, at, Some(way), &why))?;
            self.reach(after, at, way);
            self.give_up_before_the_grant(&here.state, time, input)
                .map_err(|why| way_there(&self.reached, at, Some(way), &why))?;
            for after in here.cancelled_meanwhile(time, input) {
                let (ticket, after) = after.map_err(|why| way_there(&self.reached, at, Some(way), &why))?;
                self.reach(after, at, Way { cancelled: Some(ticket), ..way });
            }
        }
        Ok(())
    }
}

impl Exploration {
    /// A caller who gives up when it is live and the grant isn't polled leaves a live session that nobody uses.
    fn give_up_before_the_grant(&mut self, here: &Script, time: Time, input: Input) -> Result<(), String> {
        let mut callers = here.waiting();
        let (Input::RunnerReady { .. }, Some(ticket), None) = (input, callers.next(), callers.next()) else {
            return Ok(());
        };
        let (mut after, cancel) = (here.clone(), Input::Cancel { ticket });
        after.feed(time, input);
        let before = after.clone();
        let output = after.apply(time, cancel);
        self.seen.follow(&before, (time, cancel), &output, &after)
    }
}

pub(crate) fn explore(scope: &Scope) -> Result<Explored, String> {
    let begin = Instant::now();
    let followed = Followed::origin(scope)?;
    let known = HashSet::from([followed.state.canonical()]);
    let reached = vec![Reached { followed, from: 0, by: None, depth: 0 }];
    let mut exploration = Exploration { known, reached, steps: 0, seen: Seen::default() };
    let (mut next, mut longest_rest) = (0, 0);
    while next < exploration.reached.len() {
        let rest = exploration.reached[next].followed.to_rest();
        let rest = rest.map_err(|why| way_there(&exploration.reached, next, None, &why))?;
        longest_rest = longest_rest.max(rest);
        exploration.leave(next, scope)?;
        next += 1;
    }
    let Exploration { reached, steps, seen, .. } = exploration;
    let depth = reached.iter().map(|reached| reached.depth).max().unwrap_or(0);
    Ok(Explored { states: reached.len(), steps, depth, longest_rest, took: begin.elapsed(), seen })
}

/// The shortest way there, as a timeline.
fn way_there(reached: &[Reached], at: usize, last: Option<Way>, why: &str) -> String {
    let mut ways: Vec<Way> = last.into_iter().collect();
    let mut index = at;
    while let Some(by) = reached[index].by {
        ways.push(by);
        index = reached[index].from;
    }
    let mut text = format!("{why}\nthe shortest way there:\n");
    for Way { time, input, cancelled } in ways.iter().rev() {
        let _ = write!(text, "  {:>3} ns  {input:#}", time.as_nanos());
        let _ = match cancelled {
            Some(ticket) => writeln!(text, ", and before all of it is polled ticket {ticket} is cancelled"),
            None => writeln!(text),
        };
    }
    let _ = write!(text, "  state before the last: {:?}", reached[at].followed.state.view());
    text
}
