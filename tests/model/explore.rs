//! Breadth first through all canonical states, so that the first counterexample is a shortest one.

use std::collections::HashSet;
use std::fmt::{self, Write as _};
use std::time::{Duration, Instant};

use tenure::check::{Checker, Subject as _};
use tenure::{Generation, Input, Output, Script, Status, Time, Wake};

use crate::inputs;
use crate::scopes::{CLOCK, Scope};

/// The steps that time alone may need to bring a session to rest.
const REST: usize = 64;

pub(crate) struct Explored {
    pub(crate) states: usize,
    pub(crate) steps: usize,
    pub(crate) depth: usize,
    pub(crate) longest_rest: usize,
    pub(crate) took: Duration,
}

impl fmt::Display for Explored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { states, steps, depth, longest_rest, took } = self;
        write!(f, "{states} states, {steps} steps, depth {depth}, ")?;
        write!(f, "at most {longest_rest} deadlines to rest, {:.1} s", took.as_secs_f64())
    }
}

/// How a state was reached first.
struct Reached {
    state: Script,
    from: usize,
    by: Option<(Time, Input)>,
    depth: usize,
}

pub(crate) fn explore(scope: &Scope) -> Result<Explored, String> {
    let begin = Instant::now();
    let first = origin(scope);
    let mut known: HashSet<Script> = HashSet::from([first.canonical()]);
    let mut reached = vec![Reached { state: first, from: 0, by: None, depth: 0 }];
    let (mut next, mut steps, mut longest_rest) = (0, 0, 0);
    while next < reached.len() {
        let (state, depth) = (reached[next].state.clone(), reached[next].depth);
        let rest = to_rest(&state).map_err(|why| told(&reached, next, None, &why))?;
        longest_rest = longest_rest.max(rest);
        cancelled_at_ready(&state).map_err(|why| told(&reached, next, None, &why))?;
        for (time, input) in inputs::all(&state, scope) {
            steps += 1;
            let after =
                step(&state, time, input).map_err(|why| told(&reached, next, Some((time, input)), &why))?;
            if known.insert(after.canonical()) {
                reached.push(Reached { state: after, from: next, by: Some((time, input)), depth: depth + 1 });
            }
        }
        next += 1;
    }
    let depth = reached.iter().map(|reached| reached.depth).max().unwrap_or(0);
    Ok(Explored { states: reached.len(), steps, depth, longest_rest, took: begin.elapsed() })
}

/// The first state, at a time from which a clock can go back.
pub(crate) fn origin(scope: &Scope) -> Script {
    let mut script = Script::new(scope.config.clone());
    script.apply(Time::from_nanos(CLOCK), Input::Timeout);
    script
}

/// One input, with all that comes of it held against the invariants.
pub(crate) fn step(state: &Script, time: Time, input: Input) -> Result<Script, String> {
    follow(&mut Checker::resume(state), state, time, input)
}

/// The same with a checker that knows more than the state tells.
fn follow(checker: &mut Checker, state: &Script, time: Time, input: Input) -> Result<Script, String> {
    let mut after = state.clone();
    let output = after.apply(time, input);
    if !output.reply.is_change() && !after.is_unchanged(state) {
        return Err(format!("{input:?} was {:?} and changed the machine", output.reply));
    }
    checker.step(time, &input, &output, Some(&after.view())).map_err(|violation| violation.to_string())?;
    // What the state itself forgot no checker could miss that begins with the next one.
    if last(&after) < last(state) {
        return Err(format!("{input:?} made it forget {:?}", last(state)));
    }
    Ok(after)
}

fn last(script: &Script) -> Option<Generation> {
    script.session().status().generation()
}

/// A caller is cancelled between ready and the grant that nobody has polled yet. Where that leads.
pub(crate) fn cancelled_at_ready(state: &Script) -> Result<Vec<Script>, String> {
    let Status::Connecting { generation } = state.view().status else { return Ok(Vec::new()) };
    let ready = Input::RunnerReady { generation };
    let cancelled = state.waiting().map(|ticket| {
        let (mut after, mut checker) = (state.clone(), Checker::resume(state));
        let (now, cancel) = (state.clock(), Input::Cancel { ticket });
        let said = [after.feed(now, ready), after.feed(now, cancel)];
        let actions = std::iter::from_fn(|| after.poll()).collect();
        let outputs = [Output::new(said[0], Vec::new()), Output::new(said[1], actions)];
        let view = after.view();
        checker.step(now, &ready, &outputs[0], None).map_err(|violation| violation.to_string())?;
        checker.step(now, &cancel, &outputs[1], Some(&view)).map_err(|violation| violation.to_string())?;
        Ok(after)
    });
    cancelled.collect()
}

/// Nothing but its own deadlines: every ticket ends, and it comes to rest. How many it took.
pub(crate) fn to_rest(state: &Script) -> Result<usize, String> {
    let (mut script, mut checker) = (state.clone(), Checker::resume(state));
    for steps in 0..REST {
        let status = script.view().status;
        let waiting = script.waiting().next().is_some();
        let resting = match status {
            Status::Idle { .. } | Status::Live { .. } | Status::Closed { .. } => !waiting,
            Status::Connecting { .. } | Status::Draining { .. } => false,
        };
        let time = match script.session().poll_timeout() {
            _ if resting => return Ok(steps),
            Wake::Never => return Err(format!("nothing wakes it: {status:?}")),
            Wake::Now(_) => script.clock(),
            Wake::At(time, _) => time,
        };
        script = follow(&mut checker, &script, time, Input::Timeout)?;
    }
    Err(format!("no rest after {REST} deadlines: {:?}", script.view()))
}

/// The shortest way there, as a timeline.
fn told(reached: &[Reached], at: usize, last: Option<(Time, Input)>, why: &str) -> String {
    let mut way: Vec<(Time, Input)> = last.into_iter().collect();
    let mut index = at;
    while let Some(by) = reached[index].by {
        way.push(by);
        index = reached[index].from;
    }
    let mut text = format!("{why}\nthe shortest way there:\n");
    for (time, input) in way.iter().rev() {
        let _ = writeln!(text, "  {:>3} ns  {input:?}", time.as_nanos());
    }
    let _ = write!(text, "  state before the last: {:?}", reached[at].state.view());
    text
}
