//! What is told of a session: to its trace, and to who listens for ends. It is noted under the lock, in the order in
//! which it happens, and told by the driver.

use tenure::{Cause, Generation, Input, Output, Status, Time};

use super::Inner;
use crate::ended::Ended;
use crate::error::Failure;
use crate::trace::{Trace, TraceEntry, TraceEvent, ended_by};

impl<H> Inner<H> {
    pub(super) fn note_end(&mut self, generation: Generation, cause: Cause) {
        let failure = self.ends.as_ref().and_then(|_| self.failure_of(generation));
        if let Some(ends) = &mut self.ends {
            ends.push(Ended { generation, cause, failure });
        }
    }

    /// How the runner of the generation went wrong, if it did.
    fn failure_of(&self, generation: Generation) -> Option<Failure> {
        let word = self.last_word.as_ref().filter(|word| word.generation == generation)?;
        Some(word.failure.clone()).filter(Failure::is_worth_telling)
    }

    pub(super) fn is_traced(&self) -> bool {
        self.trace.as_deref().is_some_and(Trace::is_on)
    }

    /// Returns whether the trace has something to be written.
    pub(crate) fn has_events(&self) -> bool {
        self.trace.as_ref().is_some_and(|trace| !trace.is_empty())
    }

    pub(super) fn note_input(
        &mut self,
        before: Status,
        (time, input): (Option<Time>, Input),
        output: Output,
    ) {
        let status = self.session.status();
        if self.trace.as_ref().is_some_and(|trace| trace.wants(before, &input, &output, status)) {
            let failure = ended_by(&output).and_then(|generation| self.failure_of(generation));
            let event = TraceEvent { time: Time::ZERO, input, output, status };
            if let Some(trace) = &mut self.trace {
                trace.push(time, TraceEntry { event, failure });
            }
        }
    }
}
