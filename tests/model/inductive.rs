//! The inductive argument: the first state is one of the universe's, and every input leads from each
//! state of the universe into the universe again, with nothing on the way that breaks an invariant. So
//! no history within the bounds does, however long it is.

use std::collections::HashSet;
use std::fmt;
use std::time::{Duration, Instant};

use tenure::Script;
use tenure::check::SystemUnderTest as _;

use crate::inputs;
use crate::scopes::Scope;
use crate::step::Followed;
use crate::universe;

pub(crate) struct Inducted {
    pub(crate) states: usize,
    pub(crate) steps: usize,
    pub(crate) longest_rest: usize,
    pub(crate) took: Duration,
}

impl fmt::Display for Inducted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { states, steps, longest_rest, took } = self;
        write!(f, "inductively: {states} states, {steps} steps, ")?;
        write!(f, "at most {longest_rest} deadlines to rest, {:.1} s", took.as_secs_f64())
    }
}

pub(crate) fn induct(scope: &Scope) -> Result<Inducted, String> {
    let begin = Instant::now();
    let mut states = Vec::new();
    let mut known = HashSet::new();
    for state in universe::all(scope) {
        let state = state?;
        if known.insert(state.canonical()) {
            states.push(state);
        }
    }
    if !known.contains(&Followed::origin(scope)?.state.canonical()) {
        return Err("the first state is missing".to_owned());
    }
    let (mut steps, mut longest_rest) = (0, 0);
    for state in states.iter().cloned() {
        let here = Followed::resumed(state);
        longest_rest = longest_rest.max(here.to_rest().map_err(|why| with_state(&here.state, &why))?);
        for (time, input) in inputs::all(&here.state, scope) {
            let cut = here.cancelled_meanwhile(time, input).map(|after| after.map(|(_, after)| after));
            for after in std::iter::once(here.step(time, input).map(|(after, _)| after)).chain(cut) {
                steps += 1;
                let after = after.map_err(|why| with_state(&here.state, &format!("{input:#}: {why}")))?.state;
                if !known.contains(&after.canonical()) {
                    let why = format!("{input:#} at {} leads out of it, to {after:?}", time.as_nanos());
                    return Err(with_state(&here.state, &why));
                }
            }
        }
    }
    Ok(Inducted { states: states.len(), steps, longest_rest, took: begin.elapsed() })
}

fn with_state(state: &Script, why: &str) -> String {
    format!("{why}\nfrom {:?}\nwhich is {state:?}", state.view())
}
