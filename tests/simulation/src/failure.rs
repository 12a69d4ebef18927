//! The ways in which a run can fail.

use std::fmt;

/// What doesn't hold, and of what kind that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A shrunk run must fail in the same way.
    pub kind: Kind,
    /// What was seen.
    pub detail: String,
}

/// The ways in which a run can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An invariant of the machine, by its number.
    Invariant(u8),
    /// The machine does something else when the trace is played again.
    Replay,
    /// Somebody waits for ever.
    Hang,
    /// Something took longer than its bound.
    Late,
    /// A call was ended before its time.
    Early,
    /// The processor is burnt.
    HotLoop,
    /// A panic that nobody planned.
    Panic,
    /// Something is left that should be gone.
    Leak,
    /// The machine counts other leases than callers hold.
    Miscounted,
    /// An answer that belongs to another call, or to another generation.
    WrongAnswer,
    /// Something that was asked of the client has no answer.
    Unanswered,
    /// A call was made with a lease that was revoked.
    UsedRevoked,
    /// Something worked that was over.
    NotOver,
    /// The machine was told twice of one end.
    EndedTwice,
    /// More servers live at the same time than the config allows.
    Overlap,
    /// A call was done twice.
    Twice,
    /// A call was done of which its caller was told that it was not.
    Done,
    /// What belongs to the server was sent to another one.
    SentAway,
    /// A claim that the run was made with.
    Claim,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.detail)
    }
}
