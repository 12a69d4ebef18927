//! What is to be done over HTTP: one message to be carried, or one stream to be held, over as many exchanges as
//! that takes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::delivery::Delivery;
use crate::era::rules_of;
use crate::era::versions::Era;
use crate::http::challenge::Challenge;
use crate::http::endpoint::Endpoint;
use crate::http::error::HttpError;
use crate::http::idempotent::is_idempotent;
use crate::http::output::ExchangeId;
use crate::http::reader::Reader;
use crate::http::resume::Resume;
use crate::jsonrpc::id::RequestId;

/// Names a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TaskId(pub(crate) u64);

/// What a task is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The request that opens the session: `server/discover`, or `initialize`.
    Opening { id: RequestId, era: Era },
    /// `notifications/initialized`.
    Confirm,
    /// A request of the dialogue.
    Call(Call),
    /// A notification of the dialogue.
    Note,
    /// An answer to the server, or a cancel notice.
    Control,
    /// Whether the server still knows the session.
    Question,
    /// The stream on which the server tells what concerns no call.
    Listen,
    /// The stream of the transport of 2024-11-05, on which everything comes.
    OldStream,
    /// Nothing: what is left of an answer is read, so that its connection can be used again.
    Rest,
    /// The end of the session.
    End,
}

/// A request of the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) id: RequestId,
    /// Its stream lasts as long as the session does, with nothing in it for long.
    pub(crate) listens: bool,
    /// Its answer says which tools there are.
    pub(crate) lists_tools: bool,
    pub(crate) is_safe: bool,
}

pub(crate) struct Task {
    pub(crate) purpose: Purpose,
    pub(crate) method: Method,
    /// Where it goes; a redirect changes it.
    pub(crate) endpoint: Endpoint,
    pub(crate) headers: Arc<HeaderMap>,
    pub(crate) body: Bytes,
    pub(crate) phase: Phase,
    /// When it is given up, whatever phase it is in.
    pub(crate) deadline: Option<Duration>,
    /// The version of the credentials that it went out with last.
    pub(crate) credentials: Option<u64>,
    pub(crate) redirects: u32,
    /// How often it went out again with other credentials.
    pub(crate) renewals: u32,
    /// How often it went out again because its connection broke, or because the server asked for patience.
    pub(crate) repeats: u32,
    /// What its stream can be taken up from.
    pub(crate) resume: Resume,
    /// What became of the exchanges that it had before, the worst of it.
    pub(crate) before: Delivery,
}

/// What it sends may be secret: a server's `requestState`, say.
impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("purpose", &self.purpose)
            .field("endpoint", &self.endpoint)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("phase", &self.phase)
            .field("deadline", &self.deadline)
            .field("resume", &self.resume)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub(crate) enum Phase {
    /// Its turn has not come.
    Queued,
    /// It goes out again at that time.
    Waiting(Duration),
    /// It goes out again with other credentials, if there are any.
    Refused(Refusal),
    /// An exchange carries it.
    Open(ExchangeId, At),
    /// Its exchange has ended, and its answer comes on the one stream (2024-11-05).
    Elsewhere,
}

/// How the credentials of a task were refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) challenges: Vec<Challenge>,
}

/// How far an exchange is.
#[derive(Debug)]
pub(crate) enum At {
    /// No head has come.
    Sent,
    /// The body is read.
    Body(Reader),
}

impl Task {
    pub(crate) fn new(purpose: Purpose, method: Method, endpoint: Endpoint) -> Self {
        Self {
            purpose,
            method,
            endpoint,
            headers: Arc::default(),
            body: Bytes::new(),
            phase: Phase::Queued,
            deadline: None,
            credentials: None,
            redirects: 0,
            renewals: 0,
            repeats: 0,
            resume: Resume::default(),
            before: Delivery::NotSent,
        }
    }

    /// What is left of an exchange in which nothing matters any more.
    pub(crate) fn rest(endpoint: Endpoint, exchange: ExchangeId, until: Duration) -> Self {
        let mut task = Self::new(Purpose::Rest, Method::GET, endpoint);
        task.phase = Phase::Open(exchange, At::Body(Reader::rest()));
        task.deadline = Some(until);
        task
    }

    /// The request of the dialogue that it is for, if it is for one.
    pub(crate) fn request(&self) -> Option<RequestId> {
        match &self.purpose {
            Purpose::Opening { id, .. } | Purpose::Call(Call { id, .. }) => Some(*id),
            Purpose::Confirm
            | Purpose::Note
            | Purpose::Control
            | Purpose::Question
            | Purpose::Listen
            | Purpose::OldStream
            | Purpose::Rest
            | Purpose::End => None,
        }
    }

    /// The era whose session it opens, if it opens one.
    pub(crate) const fn opens(&self) -> Option<Era> {
        match self.purpose {
            Purpose::Opening { era, .. } => Some(era),
            Purpose::Confirm
            | Purpose::Call(_)
            | Purpose::Note
            | Purpose::Control
            | Purpose::Question
            | Purpose::Listen
            | Purpose::OldStream
            | Purpose::Rest
            | Purpose::End => None,
        }
    }

    /// One of its exchanges ended so, and it goes out again.
    pub(crate) fn ended_before(&mut self, delivery: Delivery) {
        self.before = self.before.or_worse(delivery);
    }

    /// An error of its last exchange as that of all of it.
    pub(crate) fn in_all(&self, error: HttpError) -> HttpError {
        let before = if self.resume.is_again { Delivery::Unknown } else { self.before };
        HttpError { delivery: error.delivery.or_worse(before), ..error }
    }

    pub(crate) fn exchange(&self) -> Option<ExchangeId> {
        match &self.phase {
            Phase::Open(exchange, _) => Some(*exchange),
            Phase::Queued | Phase::Waiting(_) | Phase::Refused(_) | Phase::Elsewhere => None,
        }
    }

    /// Returns whether it counts among the calls that are under way at once.
    pub(crate) fn is_counted(&self) -> bool {
        match &self.purpose {
            Purpose::Call(call) => !call.listens,
            Purpose::Note => true,
            Purpose::Opening { .. }
            | Purpose::Confirm
            | Purpose::Control
            | Purpose::Question
            | Purpose::Listen
            | Purpose::OldStream
            | Purpose::Rest
            | Purpose::End => false,
        }
    }

    /// Returns whether its stream is held for what may come some time.
    pub(crate) fn listens(&self) -> bool {
        match &self.purpose {
            Purpose::Listen | Purpose::OldStream => true,
            Purpose::Call(call) => call.listens,
            Purpose::Opening { .. }
            | Purpose::Confirm
            | Purpose::Note
            | Purpose::Control
            | Purpose::Question
            | Purpose::Rest
            | Purpose::End => false,
        }
    }

    /// Returns whether it may be sent twice.
    pub(crate) fn is_safe(&self) -> bool {
        match &self.purpose {
            Purpose::Call(call) => call.is_safe,
            Purpose::Control | Purpose::Rest | Purpose::End => false,
            Purpose::Opening { era, .. } => is_idempotent(rules_of(*era).opening_method()),
            Purpose::Confirm | Purpose::Note | Purpose::Question | Purpose::Listen | Purpose::OldStream => {
                true
            }
        }
    }

    /// When something is to be done about it.
    pub(crate) fn due(&self) -> Option<Duration> {
        let waiting = match &self.phase {
            Phase::Waiting(until) => Some(*until),
            Phase::Queued | Phase::Refused(_) | Phase::Open(..) | Phase::Elsewhere => None,
        };
        [waiting, self.deadline].into_iter().flatten().min()
    }
}
