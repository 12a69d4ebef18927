//! Where a generation is, and what leads on from there; [`runner`](super::runner) draws the way that most of them go,
//! and says how.
//!
//! | state | what comes | next |
//! |---|---|---|
//! | Talking | it is told to stop | Unwinding |
//! | | the handshake fails | Ended; over HTTP Parting |
//! | | the server takes nothing more | Deaf; over HTTP Listening, and before it was ready Lost |
//! | | the server answers as one of the other era does | Talking, while nobody new is given it |
//! | | the wire ends | Broken |
//! | | the server ends | Lost |
//! | Deaf | it is told to stop | Unwinding |
//! | | the handshake fails | Ended |
//! | | the wire ends | Broken |
//! | | the server ends | Lost |
//! | | a moment has passed | Listening; before it was ready Lost |
//! | Listening | it is told to stop | Unwinding |
//! | | the wire ends | Retiring |
//! | | the server ends | Lost |
//! | Broken | it is told to stop | Unwinding |
//! | | the server ends | Lost |
//! | | nothing can be known of the server's end | Lost |
//! | | a moment has passed | Retiring; before it was ready, or if what is left fails the handshake, Ended |
//! | Lost | all that the server said is told | Ended; if it ended at the question of its era Leaving |
//! | Retiring | it is told to stop | Unwinding |
//! | | the server ends | Ended |
//! | | over HTTP: a moment has passed | Ended |
//! | Parting | the server was told goodbye, or it is told to hurry | Ended |
//! | Leaving | it is told to stop | Unwinding |
//! | | the server has let go | Ended, and opened again |
//! | Unwinding | it is told to hurry | Hurried |
//! | | the server has let go | Ended |
//! | Hurried | the server has let go | Ended |

use tenure::Time;
use tenure_driver::{Failure, Life};
use tenure_mcp_proto::{Era, Event};

use crate::session::dialogue::Next;
use crate::session::handle::Handle;
use crate::session::progress::Progress;

/// Where a generation is. Each state is consumed by the one function that leads on from it.
pub(crate) enum State {
    /// The wire holds.
    Talking(Progress),
    /// The server takes nothing more, for that reason, and what it says is heard. Until that time it may be known how
    /// it ended.
    Deaf(Progress, Failure, Time),
    /// The server takes nothing more, and lives: nobody new is given it, and what it says is heard.
    Listening(Progress),
    /// The wire ended, with that; how the server ended is not known yet.
    Broken(Progress, Failure),
    /// The session is lost, for that reason; what the server said before is still to be told.
    Lost(Progress, Failure),
    /// The server says nothing more, and lives: it is let go in order, while nobody new is given it. If there is
    /// nothing to let go, it ends so at that time.
    Retiring(Progress, Option<(Failure, Time)>),
    /// The handshake failed, for that reason, and the server is told goodbye.
    Parting(Failure),
    /// Told to stop.
    Unwinding,
    /// Told to hurry, too.
    Hurried,
    /// The server ended at its first message, or took no more: it is to be started again, of that era.
    Leaving(Life<Handle>, Era, Failure),
    /// The runner ends like this.
    Ended(Result<End, Failure>),
}

/// How a runner ends that did not fail.
pub(crate) enum End {
    InOrder,
    /// What it ran is gone, and was not ready: the server may be ready if it is started again, and spoken to as one of
    /// that era. Else it ends with that failure.
    Again(Life<Handle>, Era, Failure),
}

/// What ends a wait while the session is talking.
pub(crate) enum Heard {
    Stop,
    Event(Event),
    Deaf(Failure),
    WireEnded(Failure),
    ServerEnded(Failure),
}

impl From<Next> for Heard {
    fn from(next: Next) -> Self {
        match next {
            Next::Event(event) => Self::Event(event),
            Next::Deaf(failure) => Self::Deaf(failure),
            Next::End(failure) => Self::WireEnded(failure),
        }
    }
}

/// What ends the wait for how a server ended whose wire has.
pub(crate) enum LastWords {
    Stop,
    /// It ended, or nothing can be known of its end.
    Ended(Option<Failure>),
    /// It lives on.
    None,
}
