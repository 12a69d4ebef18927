//! What the machine was told and what came of it, for a recorder or a timeline.

use std::collections::VecDeque;

use tenure::{
    Acquired, Action, Closing, ForeignLease, Input, Lease, LeaseData, Outcome, Output, Refusal, Reply,
    Status, Time,
};

/// One input of the machine and what came of it, in the order in which they happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TraceEvent {
    /// When. Only a timeout's time is known to the machine; of other inputs it is the time at which the
    /// driver took notice of it, since callers have no clock.
    pub time: Time,
    /// What the machine was told.
    pub input: Input,
    /// What it said and wants done.
    pub output: Output,
    /// Its state after that.
    pub status: Status,
}

/// Events between the lock and the driver, which gives them to the sink.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    events: VecDeque<(Option<Time>, TraceEvent)>,
}

pub(crate) type Sink = Box<dyn FnMut(&TraceEvent) + Send>;

impl Trace {
    pub(crate) fn push(
        &mut self,
        time: Option<Time>,
        input: Input,
        reply: Reply,
        actions: Vec<Action<LeaseData>>,
        status: Status,
    ) {
        if let Some(time) = time {
            // What waits for its time happened before this.
            for (waiting, _) in &mut self.events {
                waiting.get_or_insert(time);
            }
        }
        let output = Output::new(reply, actions);
        self.events.push_back((time, TraceEvent { time: Time::ZERO, input, output, status }));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// All events so far; those without a time happened by `now`.
    pub(crate) fn take(&mut self, now: Time) -> VecDeque<TraceEvent> {
        let stamp =
            |(time, event): (Option<Time>, TraceEvent)| TraceEvent { time: time.unwrap_or(now), ..event };
        std::mem::take(&mut self.events).into_iter().map(stamp).collect()
    }
}

/// What an input said at once, as data.
pub(crate) trait AsReply {
    fn reply(&self) -> Reply;
}

impl AsReply for Reply {
    fn reply(&self) -> Reply {
        *self
    }
}

impl AsReply for Outcome {
    fn reply(&self) -> Reply {
        (*self).into()
    }
}

impl AsReply for Closing {
    fn reply(&self) -> Reply {
        Reply::Closing(*self)
    }
}

impl AsReply for Result<Acquired, Refusal> {
    fn reply(&self) -> Reply {
        match self {
            Ok(Acquired::Granted(lease)) => Reply::Granted(LeaseData::of(lease)),
            Ok(Acquired::Waiting(ticket)) => Reply::Waiting { ticket: ticket.number() },
            Err(refusal) => Reply::Refused(*refusal),
        }
    }
}

impl AsReply for Result<Lease, Refusal> {
    fn reply(&self) -> Reply {
        match self {
            Ok(lease) => Reply::Granted(LeaseData::of(lease)),
            Err(refusal) => Reply::Refused(*refusal),
        }
    }
}

impl AsReply for Result<Outcome, ForeignLease> {
    fn reply(&self) -> Reply {
        self.as_ref().map_or(Reply::Stale, |outcome| (*outcome).into())
    }
}
