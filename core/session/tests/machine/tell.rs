//! Replies, actions and states in a few words, so that what is expected fits into one line.

use tenure::{
    Action, Cause, Closing, Exit, ExitKind, LeaseData, Outcome, Output, Refusal, Rejection, Reply, Status,
    Time, Wake,
};

pub(crate) fn output(output: &Output) -> String {
    let mut told = vec![reply(&output.reply)];
    told.extend(output.actions.iter().map(action));
    told.join(" | ")
}

pub(crate) fn reply(reply: &Reply) -> String {
    match *reply {
        Reply::Applied => "applied".into(),
        Reply::NoOp => "no-op".into(),
        Reply::Stale => "stale".into(),
        Reply::Granted(lease) => format!("granted {}", self::lease(lease)),
        Reply::Waiting { ticket } => format!("ticket {ticket}"),
        Reply::Refused(why) => format!("refused: {}", refusal(why)),
        Reply::Closing(closing) => self::closing(closing),
        ref other => format!("{other:?}"),
    }
}

pub(crate) fn closing(closing: Closing) -> String {
    let outcome = match closing.outcome {
        Outcome::Applied => "applied",
        Outcome::NoOp => "no-op",
        Outcome::Stale => "stale",
    };
    let watch = closing.watch.map_or("done".into(), |g| format!("watch g{}", g.number()));
    format!("{outcome}, {watch}")
}

fn refusal(refusal: Refusal) -> String {
    match refusal {
        Refusal::Shutdown => "shut down".into(),
        Refusal::QueueFull { limit } => format!("{limit} wait already"),
        Refusal::TooManyOrphans { limit } => format!("{limit} orphans"),
        Refusal::NotLive => "not live".into(),
        other => format!("{other:?}"),
    }
}

fn rejection(rejection: Rejection) -> String {
    match rejection {
        Rejection::Closed => "closed".into(),
        Rejection::Shutdown => "shut down".into(),
        Rejection::ConnectFailed { generation, exit } => {
            format!("g{} {}", generation.number(), self::exit(exit))
        }
        Rejection::ConnectTimeout { generation } => format!("g{} not ready in time", generation.number()),
        Rejection::AcquireTimeout => "waited too long".into(),
        Rejection::TooManyOrphans { limit } => format!("{limit} orphans"),
        other => format!("{other:?}"),
    }
}

fn lease(lease: LeaseData) -> String {
    format!("lease {} of g{}", lease.number, lease.generation.number())
}

fn exit(exit: Exit) -> String {
    let kind = match exit.kind {
        ExitKind::Finished => "finished",
        ExitKind::Failed => "failed",
        ExitKind::Panicked => "panicked",
        ExitKind::Dropped => "dropped",
        ExitKind::Unconfirmed => "unconfirmed",
        _ => "?",
    };
    if exit.retryable { kind.into() } else { format!("{kind} for good") }
}

fn cause(cause: Cause) -> String {
    match cause {
        Cause::Closed => "closed".into(),
        Cause::Shutdown => "shut down".into(),
        Cause::RunnerEnded => "by itself".into(),
        Cause::NobodyWaiting => "nobody waits".into(),
        Cause::Deadline(kind) => kind.to_string(),
        other => format!("{other:?}"),
    }
}

pub(crate) fn action(action: &Action<LeaseData>) -> String {
    match *action {
        Action::Connect { generation } => format!("connect g{}", generation.number()),
        Action::Stop { generation } => format!("stop g{}", generation.number()),
        Action::Abort { generation } => format!("abort g{}", generation.number()),
        Action::Discard { generation } => format!("discard g{}", generation.number()),
        Action::Grant { ticket, lease } => format!("grant {} to {}", self::lease(lease), ticket.number()),
        Action::Reject { ticket, rejection } => {
            format!("reject {}: {}", ticket.number(), self::rejection(rejection))
        }
        Action::Revoke { generation, cause } => {
            format!("revoke g{} ({})", generation.number(), self::cause(cause))
        }
        Action::Probe { generation, number } => format!("probe g{} no. {number}", generation.number()),
        Action::Ended { generation, cause, exit } => {
            format!("ended g{} ({}; {})", generation.number(), self::cause(cause), self::exit(exit))
        }
    }
}

pub(crate) fn status(status: Status) -> String {
    match status {
        Status::Idle { last, backoff } => {
            let last = last.map_or(String::new(), |ending| format!(" after g{}", ending.generation.number()));
            format!("Idle{last}{}", if backoff { ", backoff" } else { "" })
        }
        Status::Connecting { generation } => format!("Connecting g{}", generation.number()),
        Status::Live { generation, held } => format!("Live g{}, {held} held", generation.number()),
        Status::Draining { generation, step, cause, held, closing } => format!(
            "Draining g{} at {step} ({}){}{}",
            generation.number(),
            self::cause(cause),
            if held > 0 { format!(", {held} held") } else { String::new() },
            if closing { ", for good" } else { "" }
        ),
        Status::Closed { .. } => "Closed".into(),
    }
}

pub(crate) fn wake(wake: Wake) -> String {
    match wake {
        Wake::Never => "never".into(),
        Wake::Now(kind) => format!("now: {kind}"),
        Wake::At(Time::MAX, kind) => format!("at the end of time: {kind}"),
        Wake::At(time, kind) => format!("at {:?}: {kind}", std::time::Duration::from(time)),
    }
}
