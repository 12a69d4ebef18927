//! One step of the machine, held against the public checker.

use tenure::check::{Checker, SystemUnderTest as _};
use tenure::{Action, Generation, Input, LeaseData, Output, Script, Status, Time, Wake};

use crate::scopes::{CLOCK, Scope};

/// The steps that time alone may take to bring a session to rest, at most: the scopes need 11.
const REST: usize = 16;

/// A machine, and a checker that has followed it.
#[derive(Clone)]
pub(crate) struct Followed {
    pub(crate) state: Script,
    checker: Checker,
}

impl Followed {
    /// The first state, at a time from which a clock can go back.
    pub(crate) fn origin(scope: &Scope) -> Result<Self, String> {
        let (state, checker) = (Script::new(scope.config.clone()), Checker::new(scope.config.clone()));
        let (origin, _) = Self { state, checker }.step(Time::from_nanos(CLOCK), Input::Timeout)?;
        Ok(origin)
    }

    /// With a checker that knows what the state tells, and nothing of what led there.
    pub(crate) fn resumed(state: Script) -> Self {
        let checker = Checker::resume(&state);
        Self { state, checker }
    }

    /// One input, with all that comes of it held against the invariants. Where it leads, and what it said.
    pub(crate) fn step(&self, time: Time, input: Input) -> Result<(Self, Output), String> {
        let Self { mut state, mut checker } = self.clone();
        let output = state.apply(time, input);
        if !output.reply.is_change() && !state.is_unchanged(&self.state) {
            return Err(format!("\"{input:#}\" was {} and changed the machine", output.reply));
        }
        checker
            .step(time, &input, &output, Some(&state.view()))
            .map_err(|violation| violation.to_string())?;
        // The checker starts anew from the state that follows, so it can't notice that this step forgot the generation.
        if last(&state) < last(&self.state) {
            return Err(format!("{input:#} made it forget {:?}", last(&self.state)));
        }
        Ok((Self { state, checker }, output))
    }

    /// The same step, but a waiting caller gives up before all of its actions are polled. Tries each caller, after
    /// each number of polled actions. Returns the caller and the state it leads to.
    pub(crate) fn cancelled_meanwhile(
        &self,
        time: Time,
        input: Input,
    ) -> impl Iterator<Item = Result<(u64, Self), String>> + '_ {
        let mut fed = self.state.clone();
        let reply = fed.feed(time, input);
        let queued = take_actions(&mut fed.clone()).len();
        let callers: Vec<u64> = if queued > 0 { self.state.waiting().collect() } else { Vec::new() };
        callers.into_iter().flat_map(move |ticket| {
            let fed = fed.clone();
            (0..queued).map(move |polled| {
                let mut followed = Self { state: fed.clone(), checker: self.checker.clone() };
                let first = (0..polled).map_while(|_| followed.state.poll()).collect();
                followed.cancel(time, input, Output::new(reply, first), ticket)?;
                Ok((ticket, followed))
            })
        })
    }

    /// `output` holds the reply to `input` and the actions that were polled so far.
    fn cancel(&mut self, time: Time, input: Input, mut output: Output, ticket: u64) -> Result<(), String> {
        let (now, cancel) = (self.state.clock(), Input::Cancel { ticket });
        let mut left = take_actions(&mut self.state.clone());
        let reply = self.state.feed(now, cancel);
        let mut all = take_actions(&mut self.state);
        // A grant that nobody polled is taken back; all else stays as it was queued.
        left.retain(|action| granted(action) != Some(ticket));
        if all.len() < left.len() || !all.iter().zip(&left).all(|(now, before)| is_same(now, before)) {
            return Err(format!("{cancel} made {all:?} of {left:?}"));
        }
        // The grants of a session that just became live: callers behind the one that gave up are served after it.
        if !(matches!(input, Input::RunnerReady { .. }) && reply.is_change()) {
            output.actions.extend(all.drain(..left.len()));
        }
        let (cancelled, view) = (Output::new(reply, all), self.state.view());
        let checker = &mut self.checker;
        checker.step(time, &input, &output, None).map_err(|violation| violation.to_string())?;
        checker.step(now, &cancel, &cancelled, Some(&view)).map_err(|violation| violation.to_string())
    }

    /// Feeds it nothing but its own deadlines until every ticket has ended and it rests. Returns how many it took.
    pub(crate) fn to_rest(&self) -> Result<usize, String> {
        let mut followed = self.clone();
        for steps in 0..=REST {
            let status = followed.state.view().status;
            let waiting = followed.state.waiting().next().is_some();
            let resting = match status {
                Status::Idle { .. } | Status::Live { .. } | Status::Closed { .. } => !waiting,
                Status::Connecting { .. } | Status::Draining { .. } => false,
            };
            let time = match followed.state.session().poll_timeout() {
                _ if resting => return Ok(steps),
                Wake::Never => return Err(format!("nothing wakes it: {status:?}")),
                Wake::Now(_) => followed.state.clock(),
                Wake::At(time, _) => time,
            };
            (followed, _) = followed.step(time, Input::Timeout)?;
        }
        Err(format!("no rest after {REST} deadlines: {:?}", followed.state.view()))
    }
}

fn take_actions(script: &mut Script) -> Vec<Action<LeaseData>> {
    std::iter::from_fn(|| script.poll()).collect()
}

fn granted(action: &Action<LeaseData>) -> Option<u64> {
    match action {
        Action::Grant { ticket, .. } => Some(ticket.number()),
        _ => None,
    }
}

/// A lease gets its number when its grant is polled.
fn is_same(now: &Action<LeaseData>, before: &Action<LeaseData>) -> bool {
    now == before || granted(now).is_some() && granted(now) == granted(before)
}

fn last(script: &Script) -> Option<Generation> {
    script.session().status().generation()
}
