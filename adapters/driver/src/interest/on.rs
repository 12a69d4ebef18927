//! Which of the things that happen are of interest to `tracing`, and how much: info for a session's life, debug for its
//! steps, trace for leases, callers and probes.
//!
//! It is asked under the machine's lock, so nobody else's code runs here: the one thing it looks at outside is the
//! level up to which anybody listens, an atomic.

use tenure::{Action, Input, LeaseData, Output, Reply, Status};
use tracing::Level;
use tracing::level_filters::LevelFilter;

/// Returns whether somebody listens to anything of it.
pub(crate) fn is_any() -> bool {
    LevelFilter::current() != LevelFilter::OFF
}

/// Returns whether somebody may want to hear of an input, what came of it, or that the state is another one. The end of
/// a runner is always wanted: its span is closed by it.
pub(crate) fn is_wanted(before: Status, input: &Input, output: &Output, after: Status) -> bool {
    if matches!(input, Input::RunnerEnded { .. }) {
        return is_any();
    }
    let moved = (before.name(), before.generation()) != (after.name(), after.generation());
    let of_state = if moved { Level::INFO } else { Level::TRACE };
    let of_actions = output.actions.iter().map(of_action);
    let most = of_actions.chain([of_state, of_input(input, &output.reply)]).min();
    most.is_some_and(|level| LevelFilter::current() >= level)
}

pub(crate) const fn of_input(input: &Input, reply: &Reply) -> Level {
    match (input, reply) {
        (Input::Close { .. } | Input::Shutdown { .. } | Input::RunnerReady { .. }, _)
        | (
            Input::RunnerRetiring { .. } | Input::RunnerDone { .. } | Input::RunnerEnded { .. },
            Reply::Applied,
        ) => Level::DEBUG,
        _ => Level::TRACE,
    }
}

pub(crate) const fn of_action(action: &Action<LeaseData>) -> Level {
    match action {
        Action::Connect { .. } | Action::Ended { .. } => Level::INFO,
        Action::Stop { .. } | Action::Abort { .. } | Action::Discard { .. } | Action::Revoke { .. } => {
            Level::DEBUG
        }
        Action::Grant { .. } | Action::Reject { .. } | Action::Probe { .. } => Level::TRACE,
    }
}
