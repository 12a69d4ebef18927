//! What the machine was told and what came of it, for a recorder or a timeline.

use std::collections::VecDeque;

use tenure::timeline::{self, Line};
use tenure::{
    Acquired, Action, Closing, ForeignLease, Generation, Input, Lease, LeaseData, Outcome, Output, Refusal,
    Reply, Status, Time,
};

use crate::error::Failure;
use crate::interest;

/// One input of the machine and what came of it, in the order in which they happened.
///
/// # Examples
/// A session that tells its life, in [lines](Self::lines) that people read:
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use tenure::{Config, Mode};
/// use tenure_driver::{Builder, Failure, Life, from_fn};
///
/// let connector = from_fn(|life: Life<u32>| async move {
///     life.ready(7).stopped().await;
///     Ok::<(), Failure>(())
/// });
/// let told = Arc::new(Mutex::new(String::new()));
/// let text = told.clone();
/// let builder = Builder::new(Config::default()).trace(move |event| {
///     for line in event.lines() {
///         *text.lock().unwrap() += &format!("{line}\n"); // `println!("{line}")`, in a program
///     }
/// });
/// # struct Still;
/// # impl tenure_driver::Timer for Still {
/// #     type Sleep = std::future::Pending<()>;
/// #     fn now(&self) -> tenure::Time { tenure::Time::ZERO }
/// #     fn sleep_until(&self, _: tenure::Time) -> Self::Sleep { std::future::pending() }
/// # }
/// # let timer = Still;
/// let (client, driver) = builder.build(connector, timer);
/// # futures_lite::future::block_on(futures_lite::future::zip(driver, async move {
/// drop(client.acquire().await?);
/// client.shutdown(Mode::Graceful).await;
/// # Ok::<(), tenure_driver::Error>(())
/// # })).1.unwrap();
/// assert_eq!(*told.lock().unwrap(), concat!(
///     " 0.000s  g1  Connecting       caller 1 waits              not live yet\n",
///     " 0.000s  g1  Connecting       connect g1                  somebody waits\n",
///     " 0.000s  g1  Live, 1 held     runner g1 is ready          handshake complete\n",
///     " 0.000s  g1  Live, 1 held     caller 1 gets lease 1 of g1 it waited for this\n",
///     " 0.000s  g1  Draining/stop    lease 1 is released\n",
///     " 0.000s  g1  Draining/stop    revoke g1                   keep-alive\n",
///     " 0.000s  g1  Draining/stop    stop g1                     unwind in order\n",
///     " 0.000s  g1  Draining/stop    shutdown (graceful)         asked for\n",
///     " 0.000s  g1  Closed           runner g1 has ended         finished\n",
///     " 0.000s  g1  Closed           g1 is over                  keep-alive; finished\n",
/// ));
/// ```
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

impl TraceEvent {
    /// What is worth telling of it, in lines that people read; see [`timeline`]. None if it changed nothing.
    pub fn lines(&self) -> Vec<Line> {
        timeline::lines(self.time, &self.input, &self.output, self.status)
    }
}

/// Events between the lock and the driver, which gives them to the sink.
#[derive(Debug)]
pub(crate) struct Trace {
    /// All are wanted; else those that are of interest to `tracing`.
    has_sink: bool,
    events: VecDeque<(Option<Time>, TraceEntry)>,
}

/// An event, and how the generation failed that is over by it.
#[derive(Debug)]
pub(crate) struct TraceEntry {
    pub(crate) event: TraceEvent,
    pub(crate) failure: Option<Failure>,
}

/// The generation that is over by it.
pub(crate) fn ended_by(output: &Output) -> Option<Generation> {
    output.actions.iter().find_map(|action| match action {
        Action::Ended { generation, .. } => Some(*generation),
        _ => None,
    })
}

pub(crate) type Sink = Box<dyn FnMut(&TraceEvent) + Send>;

impl Trace {
    pub(crate) const fn new(has_sink: bool) -> Self {
        Self { has_sink, events: VecDeque::new() }
    }

    /// Returns whether anything may be wanted now.
    pub(crate) fn is_on(&self) -> bool {
        self.has_sink || interest::is_any()
    }

    /// Returns whether what an input did in the state `before` is wanted.
    pub(crate) fn wants(&self, before: Status, input: &Input, output: &Output, status: Status) -> bool {
        self.has_sink || interest::is_wanted(before, input, output, status)
    }

    pub(crate) fn push(&mut self, time: Option<Time>, entry: TraceEntry) {
        if let Some(time) = time {
            // What waits for its time happened before this.
            for (waiting, _) in &mut self.events {
                waiting.get_or_insert(time);
            }
        }
        self.events.push_back((time, entry));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// All events so far; those without a time happened by `now`.
    pub(crate) fn take(&mut self, now: Time) -> VecDeque<TraceEntry> {
        let stamp = |(time, mut entry): (Option<Time>, TraceEntry)| {
            entry.event.time = time.unwrap_or(now);
            entry
        };
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

/// A reply, and what else comes of the input.
impl<T> AsReply for (Reply, T) {
    fn reply(&self) -> Reply {
        self.0
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
