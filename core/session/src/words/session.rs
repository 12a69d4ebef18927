//! What is put in and what comes out.

use core::fmt;

use crate::{
    Action, DeadlineKind, Input, Lease, LeaseData, Outcome, Output, Refusal, Rejection, Reply, Status,
};

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acquire => f.write_str("a caller acquires"),
            Self::TryAcquire => f.write_str("a caller acquires if it need not wait"),
            Self::Cancel { ticket } => write!(f, "caller {ticket} gives up"),
            Self::Release { lease } => write!(f, "lease {lease} is released"),
            Self::Close { mode } => write!(f, "close ({mode})"),
            Self::Shutdown { mode } => write!(f, "shutdown ({mode})"),
            Self::RunnerReady { generation } => write!(f, "runner {generation:#} is ready"),
            Self::RunnerRetiring { generation, exit } if f.alternate() => {
                write!(f, "runner {generation:#} retires ({exit})")
            }
            Self::RunnerDone { generation, exit } if f.alternate() => {
                write!(f, "runner {generation:#} is done ({exit})")
            }
            Self::RunnerEnded { generation, exit } if f.alternate() => {
                write!(f, "runner {generation:#} has ended ({exit})")
            }
            Self::RunnerRetiring { generation, .. } => write!(f, "runner {generation:#} retires"),
            Self::RunnerDone { generation, .. } => write!(f, "runner {generation:#} is done"),
            Self::RunnerEnded { generation, .. } => write!(f, "runner {generation:#} has ended"),
            Self::ProbeAnswered { generation, number } => {
                write!(f, "probe {number} of {generation:#} is answered")
            }
            Self::Timeout => f.write_str("time passes"),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Applied => "applied",
            Self::NoOp => "nothing to do",
            Self::Stale => "stale",
        })
    }
}

/// What is wrong and what to do, and in the short form (`{:#}`) only what is wrong.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shutdown if f.alternate() => f.write_str("shut down"),
            Self::QueueFull { limit } if f.alternate() => write!(f, "{limit} wait already"),
            Self::TooManyOrphans { limit } if f.alternate() => write!(f, "{limit} orphans"),
            Self::NotLive if f.alternate() => f.write_str("not live"),
            Self::Shutdown => f.write_str("the session was shut down: open another"),
            Self::QueueFull { limit } => write!(f, "{limit} callers wait already: try again later"),
            Self::TooManyOrphans { limit } => {
                write!(f, "{limit} discarded connections have not ended yet: try again later")
            }
            Self::NotLive => f.write_str("the session is not live: acquire and wait for it"),
        }
    }
}

/// What is wrong and what to do, and in the short form (`{:#}`) only what is wrong.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed if f.alternate() => f.write_str("closed"),
            Self::Shutdown if f.alternate() => f.write_str("shut down"),
            Self::ConnectFailed { generation, exit } if f.alternate() => write!(f, "{generation:#} {exit}"),
            Self::ConnectTimeout { generation } if f.alternate() => {
                write!(f, "{generation:#} not ready in time")
            }
            Self::AcquireTimeout if f.alternate() => f.write_str("waited too long"),
            Self::Closed => f.write_str("the session was closed while the caller waited: acquire again"),
            Self::Shutdown => f.write_str("the session was shut down while the caller waited"),
            Self::ConnectFailed { exit, .. } => write!(f, "the connect failed: runner {}", exit.kind),
            Self::ConnectTimeout { .. } => write!(f, "the {} deadline passed", DeadlineKind::Connect),
            Self::AcquireTimeout => write!(f, "the {} deadline passed", DeadlineKind::Acquire),
            // In either form.
            Self::TooManyOrphans { limit } => Refusal::TooManyOrphans { limit: *limit }.fmt(f),
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applied => Outcome::Applied.fmt(f),
            Self::NoOp => Outcome::NoOp.fmt(f),
            Self::Stale => Outcome::Stale.fmt(f),
            Self::Granted(lease) => lease.fmt(f),
            Self::Waiting { ticket } => write!(f, "caller {ticket} waits"),
            Self::Refused(refusal) => write!(f, "refused: {refusal:#}"),
            Self::Closing(closing) if f.alternate() => match closing.watch {
                Some(generation) => write!(f, "{}, watch {generation:#}", closing.outcome),
                None => write!(f, "{}, done", closing.outcome),
            },
            Self::Closing(closing) => closing.outcome.fmt(f),
        }
    }
}

impl fmt::Display for LeaseData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lease {} of {:#}", self.number, self.generation)
    }
}

impl fmt::Display for Action<LeaseData> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { generation } => write!(f, "connect {generation:#}"),
            Self::Stop { generation } => write!(f, "stop {generation:#}"),
            Self::Abort { generation } => write!(f, "abort {generation:#}"),
            Self::Discard { generation } => write!(f, "discard {generation:#}"),
            Self::Grant { ticket, lease } => write!(f, "caller {} gets {lease}", ticket.number()),
            Self::Reject { ticket, .. } => write!(f, "caller {} is rejected", ticket.number()),
            Self::Revoke { generation, .. } => write!(f, "revoke {generation:#}"),
            Self::Probe { generation, number } => write!(f, "probe {number} of {generation:#}"),
            Self::Ended { generation, .. } => write!(f, "{generation:#} is over"),
        }?;
        match self {
            Self::Reject { rejection, .. } if f.alternate() => write!(f, ": {rejection:#}"),
            Self::Revoke { cause, .. } if f.alternate() => write!(f, " ({cause:#})"),
            Self::Ended { cause, exit, .. } if f.alternate() => write!(f, " ({cause:#}; {exit})"),
            Self::Connect { .. }
            | Self::Stop { .. }
            | Self::Abort { .. }
            | Self::Discard { .. }
            | Self::Grant { .. }
            | Self::Reject { .. }
            | Self::Revoke { .. }
            | Self::Probe { .. }
            | Self::Ended { .. } => Ok(()),
        }
    }
}

impl fmt::Display for Action<Lease> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().map_lease(LeaseData::of).fmt(f)
    }
}

/// The reply, unless it is a mere "applied", and the actions in order.
impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says_more = match self.reply {
            Reply::Applied => false,
            Reply::Closing(closing) => closing.outcome != Outcome::Applied,
            Reply::NoOp | Reply::Stale | Reply::Granted(_) | Reply::Waiting { .. } | Reply::Refused(_) => {
                true
            }
        };
        if says_more {
            self.reply.fmt(f)?;
        }
        for (place, action) in self.actions.iter().enumerate() {
            if says_more || place > 0 {
                f.write_str(", ")?;
            }
            action.fmt(f)?;
        }
        Ok(())
    }
}

/// The state, with what is held or how far it has gone; in the long form with generation and cause.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return in_full(*self, f);
        }
        match self {
            Self::Live { held, .. } => write!(f, "Live, {held} held"),
            Self::Idle { .. } | Self::Connecting { .. } | Self::Draining { .. } | Self::Closed { .. } => {
                self.place().fmt(f)
            }
        }
    }
}

fn in_full(status: Status, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match status {
        Status::Idle { last, backoff } => {
            f.write_str("Idle")?;
            if let Some(last) = last {
                write!(f, " after {:#}", last.generation)?;
            }
            f.write_str(if backoff { ", backoff" } else { "" })
        }
        Status::Connecting { generation } => write!(f, "Connecting {generation:#}"),
        Status::Live { generation, held } => write!(f, "Live {generation:#}, {held} held"),
        Status::Draining { generation, step, cause, held, closing } => {
            write!(f, "Draining {generation:#} at {step} ({cause:#})")?;
            if held > 0 {
                write!(f, ", {held} held")?;
            }
            f.write_str(if closing { ", for good" } else { "" })
        }
        Status::Closed { .. } => f.write_str("Closed"),
    }
}
