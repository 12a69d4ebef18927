//! What is shown, and what each design got wrong.

use tenure::check::Invariant;

use crate::design::{Client, Design, WaitCut};
use crate::search::{Found, shortest_failure};

/// One design, the failure it is known for, and its story.
pub(crate) struct KnownFailure {
    pub(crate) title: &'static str,
    /// What it did, and what came of it.
    pub(crate) story: &'static str,
    /// Why it can't happen here.
    pub(crate) instead: &'static str,
    pub(crate) expected: Invariant,
    search: fn() -> Option<Found>,
}

impl KnownFailure {
    /// The shortest way to the failure, which is the one it is known for.
    pub(crate) fn found(&self) -> Result<Found, String> {
        let found = (self.search)().ok_or_else(|| format!("{}: no failure was found", self.title))?;
        if found.violation.invariant == self.expected {
            Ok(found)
        } else {
            Err(format!("{}: another failure was found: {}", self.title, found.violation))
        }
    }
}

/// A design that differs from the others in what it names.
macro_rules! designs {
    ($($(#[$doc:meta])* $name:ident { $($item:ident: $kind:ty = $value:expr),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        struct $name;

        impl Design for $name {
            $(const $item: $kind = $value;)+
        }
    )+};
}

designs! {
    /// Counter and task handle; the wait is cut by the caller's cancellation, and the task with it.
    V0 { WAIT_CUT: WaitCut = WaitCut::CancelsTask }
    /// The same design while it connects: the caller that started the connect owns it.
    V0Connect { WAIT_CUT: WaitCut = WaitCut::Waits, STARTER_OWNS_CONNECT: bool = true }
    /// The wait is shielded, the cancellation swallowed, the handle kept.
    V1 { WAIT_CUT: WaitCut = WaitCut::KeepsHandle }
    /// The shielded wait has a time limit; the handle is cleared when it passes.
    V2 { WAIT_CUT: WaitCut = WaitCut::ForgetsHandle }
    /// A counter without generations.
    V3 { WAIT_CUT: WaitCut = WaitCut::Waits, RELEASE_COUNTS_ANY: bool = true }
    /// Each caller that waits for a failed connect tries again by itself.
    V4 { WAIT_CUT: WaitCut = WaitCut::Waits, EACH_WAITER_RETRIES: bool = true }
}

pub(crate) const FAILURES: [KnownFailure; 6] = [
    KnownFailure {
        title: "v0: one cancelled caller takes the others down",
        story: "The connect runs inside the first caller that asks for it, and the others wait for it to say \
                ready. Cancelling that one caller cancels the connect under all of them; nobody tells them.",
        instead: "No caller owns a connect. A cancelled ticket leaves the queue, and the connect goes on as \
                  long as somebody waits.",
        expected: Invariant::TicketEndsOnce,
        search: || shortest_failure(Client::new(V0Connect)),
    },
    KnownFailure {
        title: "v0: a cancelled close cuts the clean-up",
        story: "A close awaits the task that owns the session. Cancelling the close cancels the task in the \
                middle of its clean-up: what it still held, a child process say, is nobody's any more, and \
                the next connect starts beside it.",
        instead: "No caller owns a teardown. Its four steps are the machine's, each with its own deadline, and \
                  a runner that never confirms its end is counted as an orphan.",
        expected: Invariant::OrphansBounded,
        search: || shortest_failure(Client::new(V0)),
    },
    KnownFailure {
        title: "v1: a dying session is reused",
        story: "So the wait was shielded from the cancellation, and the handle kept, since the task isn't done. \
                But the lock is free while it unwinds, and a concurrent acquire finds a task that isn't done, \
                counts itself in and starts nothing. A moment later that session is gone, and its calls fail.",
        instead: "Draining is a state of its own, and there is no way from it to Live: such code does not \
                  compile. Who acquires meanwhile waits for the next generation.",
        expected: Invariant::GrantOnlyLive,
        search: || shortest_failure(Client::new(V1)),
    },
    KnownFailure {
        title: "v2: a late clean-up destroys the new session",
        story: "So the shielded wait got a time limit, after which the handle is forgotten. A new task starts \
                while the old one still unwinds, and the old one's last line, which sets the session to \
                nothing, then destroys the new session.",
        instead: "Everything that acts carries the number of its generation. The end of an old one frees its \
                  place among the orphans and changes nothing else.",
        expected: Invariant::ConnectEndsOnce,
        search: || shortest_failure(Client::new(V2)),
    },
    KnownFailure {
        title: "v3: a stale release stops the new session",
        story: "Users are counted by one counter. Who got in before the session was lost counts out after it \
                was opened again, and so stops it under the only one who uses it.",
        instead: "A lease belongs to one generation and is consumed by its release. One of an older generation \
                  is stale, and stale changes nothing.",
        expected: Invariant::LeasesCounted,
        search: || shortest_failure(Client::new(V3)),
    },
    KnownFailure {
        title: "v4: each waiter makes an attempt of its own",
        story: "Each of the callers that wait for a connect holds the lock in turn. When the connect fails, the \
                next in line finds no task and starts one: five callers make five attempts, one after the \
                other, and the last one waits five times as long for the same error.",
        instead: "A failed connect rejects every caller that waits with the same cause at the same moment. \
                  Trying again is the configuration's to decide, not the length of the queue.",
        expected: Invariant::BoundsHold,
        search: || shortest_failure(Client::new(V4)),
    },
];
