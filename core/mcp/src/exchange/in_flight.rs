//! What is known of a request in flight.

use crate::exchange::request_deadline::RequestDeadline;
use crate::jsonrpc::id::RequestId;

/// A request in flight: its caller waits for its answer. It may go out more than once, each time under an id of
/// its own: as rounds (MCP 2026-07-28, basic/patterns/mrtr).
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(super) deadline: RequestDeadline,
    /// The JSON-RPC id of its latest round. That of the first one is the request's own.
    pub(crate) wire_id: RequestId,
    /// How far that round is.
    pub(crate) round: Round,
    /// Where that round stood in what waits to be sent.
    pub(crate) place: u64,
    /// An earlier round was answered.
    pub(super) was_answered: bool,
    /// In a box: few have one.
    pub(super) token: Option<Box<Told>>,
    /// It asks for a sign of life and for nothing else.
    pub(super) is_about_life: bool,
    /// The connection makes it for itself; no caller waits for its answer.
    pub(super) is_own: bool,
}

/// The token of progress of a request's round.
#[derive(Debug)]
pub(crate) struct Told {
    pub(super) token: String,
    pub(super) progress: Reports,
}

/// How far a round of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    Queued,
    /// Handed to the writer: from here on the server may know of it.
    Sent,
    /// Answered, though not for good: the next one is not made yet.
    Answered,
}

impl InFlight {
    pub(super) fn new(id: RequestId, deadline: RequestDeadline, place: u64) -> Self {
        Self {
            deadline,
            wire_id: id,
            round: Round::Queued,
            place,
            was_answered: false,
            token: None,
            is_about_life: false,
            is_own: false,
        }
    }

    /// Returns whether the connection made it for itself.
    pub(crate) fn is_own(&self) -> bool {
        self.is_own
    }

    /// Returns whether the server has answered an earlier round.
    pub(crate) const fn was_wanted_again(&self) -> bool {
        self.was_answered
    }

    /// Returns whether the server may know of the request.
    pub(crate) fn may_be_known(&self) -> bool {
        self.was_answered || self.round != Round::Queued
    }
}

/// What becomes of the progress of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reports {
    /// Nobody asked, or whoever did does with it as he likes.
    Passed,
    /// It is told as that of the request, which is so far.
    Told(Option<f64>),
}

/// What a token of progress means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    /// The request is farther.
    Forward(RequestId),
    /// It is not.
    Back(RequestId),
    /// The request's caller sees to it.
    Passed,
    /// No request that the server can know has this token.
    Unknown,
}

/// Whom a response concerns.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Concerns {
    /// The request is in flight.
    InFlight(RequestId),
    /// A request that was given up here; its answer is late.
    GivenUp,
    /// A request, or a round of one, that was answered before.
    Answered,
    /// No request that the server can know.
    Nobody,
}
