//! With the feature `tracing`.
//!
//! Nothing secret: events have the machine's own words, which are numbers, states and causes. Of a failure they have
//! the error's own text, unless it is [confidential](Failure::confidential); never a [note](Failure::note), and never
//! the message of a panic.

use std::sync::atomic::{AtomicU64, Ordering};

use tenure::{Action, ExitKind, Generation, Input, LeaseData, Reply, Status};
pub(crate) use tracing::Span;
use tracing::instrument::{Instrument as _, Instrumented};
use tracing::{Level, debug, error_span, field, info, trace};

use crate::error::Failure;
use crate::interest::{of_action, of_input};
use crate::trace::TraceEvent;

pub(crate) type Spanned<F> = Instrumented<F>;

/// Numbers the sessions of a program, so that their spans can be told apart. Nothing else depends on it.
static SESSIONS: AtomicU64 = AtomicU64::new(1);

/// The spans of one session.
#[derive(Debug)]
pub(crate) struct Spans {
    session: u64,
    /// The span around all of them; `None`: the one in which the driver is polled.
    parent: Option<Span>,
    /// Of the generations that aren't over yet, and of orphans.
    open: Vec<(Generation, Span)>,
    /// The generation that was told to be draining.
    draining: Option<Generation>,
    closed: bool,
}

/// Starts a runner inside of its span, and keeps it there.
pub(crate) fn start_in<F>(span: &Span, start: impl FnOnce() -> F) -> Spanned<F> {
    span.in_scope(start).instrument(span.clone())
}

impl Spans {
    pub(crate) const ARE_ON: bool = true;

    pub(crate) fn new(parent: Option<Span>) -> Self {
        let session = SESSIONS.fetch_add(1, Ordering::Relaxed);
        Self { session, parent, open: Vec::new(), draining: None, closed: false }
    }

    /// The span of a generation that is not over.
    pub(crate) fn of(&mut self, generation: Generation) -> Span {
        if let Some(span) = self.find(generation) {
            return span;
        }
        let span = self.make(generation);
        if !span.is_disabled() {
            self.open.push((generation, span.clone()));
        }
        span
    }

    fn find(&self, generation: Generation) -> Option<Span> {
        self.open.iter().find(|(of, _)| *of == generation).map(|(_, span)| span.clone())
    }

    /// Of the level of errors: whoever hears anything of a session hears which one it is.
    fn make(&self, generation: Generation) -> Span {
        let make = || {
            error_span!(
                target: "tenure_driver",
                "generation",
                session = self.session,
                generation = generation.number(),
                server.name = field::Empty,
                server.version = field::Empty,
                server.protocol = field::Empty,
                server.pid = field::Empty,
            )
        };
        self.inside(make)
    }

    fn inside<R>(&self, work: impl FnOnce() -> R) -> R {
        match &self.parent {
            Some(parent) => parent.in_scope(work),
            None => work(),
        }
    }

    /// In the span of the generation, if that is open.
    fn within<R>(&self, generation: Option<Generation>, work: impl FnOnce() -> R) -> R {
        match generation.and_then(|generation| self.find(generation)) {
            Some(span) => span.in_scope(work),
            None => self.inside(work),
        }
    }

    /// Tells what happened; `failure` is that of the generation that is over by it.
    pub(crate) fn write(&mut self, event: &TraceEvent, failure: Option<&Failure>) {
        for action in &event.output.actions {
            if let Action::Connect { generation } = action {
                self.of(*generation);
            }
        }
        self.write_input(&event.input, &event.output.reply, event.status);
        for action in &event.output.actions {
            self.write_action(action, failure);
        }
        self.write_state(event.status);
        if let Input::RunnerEnded { generation, .. } = event.input {
            self.open.retain(|(of, _)| *of != generation);
        }
    }

    fn write_input(&self, input: &Input, reply: &Reply, state: Status) {
        self.within(input.generation().or(state.generation()), || match (input, reply) {
            // What it leads to is told.
            (Input::Timeout, _) => {}
            (Input::RunnerReady { .. }, Reply::Applied) => info!(target: "tenure_driver", "live"),
            _ if of_input(input, reply) == Level::DEBUG => {
                debug!(target: "tenure_driver", %state, %reply, "{input:#}");
            }
            _ => trace!(target: "tenure_driver", %state, %reply, "{input:#}"),
        });
    }

    fn write_action(&self, action: &Action<LeaseData>, failure: Option<&Failure>) {
        self.within(generation_of(action), || match *action {
            Action::Connect { .. } => info!(target: "tenure_driver", "connecting"),
            Action::Ended { cause, exit, .. } => {
                let (cause, failure) = (format_args!("{cause:#}"), failure.and_then(shown));
                info!(target: "tenure_driver", %cause, %exit, failure = failure.as_deref(), "over");
            }
            _ if of_action(action) == Level::DEBUG => debug!(target: "tenure_driver", "{action:#}"),
            _ => trace!(target: "tenure_driver", "{action:#}"),
        });
    }

    /// The states that no action tells of, once each.
    fn write_state(&mut self, state: Status) {
        match state {
            Status::Draining { generation, step, cause, .. } if self.draining != Some(generation) => {
                self.draining = Some(generation);
                let cause = format_args!("{cause:#}");
                self.within(Some(generation), || info!(target: "tenure_driver", %cause, %step, "draining"));
            }
            _ if state.is_closed() && !self.closed => {
                self.closed = true;
                self.inside(|| info!(target: "tenure_driver", session = self.session, "closed for good"));
            }
            _ => {}
        }
    }
}

const fn generation_of(action: &Action<LeaseData>) -> Option<Generation> {
    match action {
        Action::Connect { generation }
        | Action::Stop { generation }
        | Action::Abort { generation }
        | Action::Discard { generation }
        | Action::Revoke { generation, .. }
        | Action::Probe { generation, .. }
        | Action::Ended { generation, .. } => Some(*generation),
        Action::Grant { lease, .. } => Some(lease.generation),
        Action::Reject { .. } => None,
    }
}

/// What may be said of a failure.
fn shown(failure: &Failure) -> Option<String> {
    let is_own = !failure.is_confidential() && failure.kind() != ExitKind::Panicked;
    failure.error().filter(|_| is_own).map(ToString::to_string)
}
