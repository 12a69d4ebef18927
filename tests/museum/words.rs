//! Inputs and what comes of them, in words.

use tenure::{Action, Input, LeaseData, Output, Reply, Status};

pub(crate) fn input(input: &Input) -> String {
    match input {
        Input::Acquire => "a caller acquires".to_owned(),
        Input::Cancel { ticket } => format!("caller #{ticket} is cancelled"),
        Input::Release { lease } => format!("lease {lease} is released"),
        Input::Close { .. } => "forced close, its caller is cancelled".to_owned(),
        Input::RunnerReady { generation } => format!("runner {} says ready", generation.number()),
        Input::RunnerEnded { generation, .. } => format!("runner {} ends", generation.number()),
        Input::Timeout => "the time limits pass".to_owned(),
        other => format!("{other:?}"),
    }
}

/// What came of it, and the state after it.
pub(crate) fn output(output: &Output, after: Status) -> String {
    let mut words: Vec<String> = reply(output.reply).into_iter().collect();
    words.extend(output.actions.iter().map(action));
    format!("{} \u{2192} {}", words.join(", "), after.name()).trim_start().to_owned()
}

fn reply(reply: Reply) -> Option<String> {
    match reply {
        Reply::Granted(lease) => Some(granted(lease)),
        Reply::Waiting { ticket } => Some(format!("#{ticket} waits")),
        Reply::NoOp => Some("nothing to do".to_owned()),
        Reply::Stale => Some("stale".to_owned()),
        _ => None,
    }
}

fn granted(lease: LeaseData) -> String {
    format!("lease {} of session {}", lease.number, lease.generation.number())
}

fn action(action: &Action<LeaseData>) -> String {
    match action {
        Action::Connect { generation } => format!("connect {}", generation.number()),
        Action::Stop { generation } => format!("stop {}", generation.number()),
        Action::Abort { generation } => format!("abort {}", generation.number()),
        Action::Discard { generation } => format!("discard {}", generation.number()),
        Action::Grant { ticket, lease } => format!("#{} gets {}", ticket.number(), granted(*lease)),
        Action::Reject { ticket, .. } => format!("#{} is rejected", ticket.number()),
        Action::Revoke { generation, .. } => format!("revoke {}", generation.number()),
        Action::Probe { generation, .. } => format!("probe {}", generation.number()),
        Action::Ended { generation, .. } => format!("{} is over", generation.number()),
    }
}
