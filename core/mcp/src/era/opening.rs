//! How a connection is opened to a server of which nobody knows yet what it speaks: which request is sent
//! first, and what comes of each answer (MCP 2026-07-28, basic/transports/stdio, "Backward Compatibility", and
//! basic/versioning).

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::era::error::HandshakeError;
use crate::era::rules::{Answer, Finding, Rules};
use crate::era::rules_of;
use crate::era::versions::{Era, Version};
#[cfg(feature = "http")]
use crate::error::CallError;
use crate::jsonrpc::id::RequestId;
use crate::options::Options;
use crate::seldom::{Empty, Seldom};
use crate::server::Server;

/// A server is asked for a modern version so often: for the one we like best, and for one that it named then.
const MOST_PROBES: u32 = 2;

/// An opening request: one of the version's era.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) version: Version,
}

impl Step {
    pub(crate) fn era(&self) -> Era {
        Era::of(&self.version)
    }
}

/// What comes of an answer.
#[derive(Debug)]
pub(crate) enum Outcome {
    Open(Arc<Server>),
    Ask(Step),
    Failed(HandshakeError),
}

/// How far the opening of a connection is, and what is remembered of it.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    pub(crate) step: Step,
    /// When all of it must be over.
    deadline: Option<Duration>,
    /// When the first question of the modern era must be answered.
    window: Option<Duration>,
    probes: u32,
    /// The server has answered since as one of the other era does.
    is_refuted: bool,
    left: Seldom<Left>,
}

/// What is left of the question of the modern era, where it was not answered in time, or not at all.
#[derive(Debug, Default)]
struct Left {
    /// The question, which nobody waits for any more; it may be answered still.
    abandoned: Option<RequestId>,
    /// The answer to it.
    late: Option<Arc<Server>>,
    /// What came of it, where that was no answer.
    finding: Option<String>,
}

impl Empty for Left {
    const EMPTY: &'static Self = &Self { abandoned: None, late: None, finding: None };
}

impl Opening {
    /// The first step.
    pub(crate) fn begin(&mut self, options: &Options, now: Duration) -> Step {
        self.deadline = options.handshake_timeout.map(|timeout| now.saturating_add(timeout));
        let legacy = options.best(Era::Legacy);
        let expected = options.expected_era.and_then(|era| options.best(era));
        // Silence means nothing where there is no other step to take, nor of a server that is known.
        let window = options.discover_window.filter(|_| legacy.is_some() && expected.is_none());
        self.window = window.map(|window| now.saturating_add(window));
        let version = expected.or_else(|| options.best(Era::Modern)).or(legacy);
        // There always is one: options are made with at least one version.
        Step { version: version.cloned().unwrap_or_default() }
    }

    /// A step is made; returns when its answer must be there.
    pub(crate) fn made(&mut self, step: Step) -> Option<Duration> {
        self.step = step;
        // Whoever is asked a second time has answered before: silence is no sign then.
        let window = self.window.take();
        match self.step.era() {
            Era::Legacy => self.deadline,
            Era::Modern => {
                self.probes = self.probes.saturating_add(1);
                [window, self.deadline].into_iter().flatten().min()
            }
        }
    }

    /// The version that the opening came to.
    pub(crate) fn settle(&self, version: &str) -> Version {
        if self.step.version == version { self.step.version.clone() } else { Cow::Owned(version.to_owned()) }
    }

    /// The rules for what the server asks meanwhile. As long as nobody knows its era it may be of the legacy one.
    pub(crate) fn rules_for_server(&self, options: &Options) -> &'static dyn Rules {
        rules_of(options.best(Era::Legacy).map_or(self.step.era(), |version| Era::of(version)))
    }

    /// The step's request is given up, though it may be answered still.
    pub(crate) fn abandon(&mut self, id: RequestId) {
        if self.step.era() == Era::Modern {
            self.left.make().abandoned = Some(id);
        }
    }

    pub(crate) fn is_abandoned(&self, id: RequestId) -> bool {
        self.left.abandoned == Some(id)
    }

    /// The abandoned question was answered in a way that says nothing. Returns whether there was one.
    pub(crate) fn forget_abandoned(&mut self) -> bool {
        self.left.there().is_some_and(|left| left.abandoned.take().is_some())
    }

    /// The abandoned question was answered after all.
    pub(crate) fn hear_late(&mut self, options: &Options, answer: Answer) {
        let left = self.left.make();
        left.abandoned = None;
        // Only questions of that era are abandoned.
        if let Finding::Open(server) = rules_of(Era::Modern).judge_opening(options, answer) {
            left.late = Some(server);
        }
    }

    /// Returns whether what the opening found out of the server's era will hold for its next connection: not if
    /// a server was taken for legacy because it was slow, nor if it has answered since as one of the other era does.
    pub(crate) fn is_certain(&self) -> bool {
        self.left.late.is_none() && !self.is_refuted
    }

    /// The server answers as one of the other era does. Returns whether that is news.
    pub(crate) fn refute(&mut self) -> bool {
        !std::mem::replace(&mut self.is_refuted, true)
    }

    /// The server ended before the opening was answered. Returns the era to begin with when it is started again: one
    /// of the legacy era may end at any first message but its own, and it was asked whether it is modern.
    pub(crate) fn era_to_begin_with(&self, options: &Options) -> Option<Era> {
        let was_probed = self.probes > 0;
        (was_probed && options.best(Era::Legacy).is_some()).then_some(Era::Legacy)
    }

    /// What comes of the answer to the present step.
    pub(crate) fn judge(&mut self, options: &Options, finding: Finding) -> Outcome {
        match finding {
            Finding::Open(server) => Outcome::Open(server),
            Finding::Speaks(versions, error) => self.speaks(options, &versions, error),
            // Found of a question of the modern era alone.
            Finding::OtherEra(error) => match options.best(Era::Legacy) {
                Some(version) => {
                    if let Some(finding) = exchange_finding(&error) {
                        self.left.make().finding = Some(finding);
                    }
                    ask(version)
                }
                None => Outcome::Failed(error),
            },
            Finding::Refused(error) => self.refused(error),
        }
    }

    /// The server named its versions.
    fn speaks(&mut self, options: &Options, versions: &[String], error: HandshakeError) -> Outcome {
        match options.common(Era::Modern, versions) {
            Some(version) if self.probes < MOST_PROBES => ask(version),
            Some(_) => self.refused(error),
            None => match options.common(Era::Legacy, versions) {
                Some(version) if self.step.era() == Era::Modern => ask(version),
                Some(_) | None => self.refused(error),
            },
        }
    }

    /// An answer that came late is better than none.
    fn refused(&mut self, error: HandshakeError) -> Outcome {
        let Some(left) = self.left.there() else {
            return Outcome::Failed(error);
        };
        match left.late.take() {
            Some(server) => Outcome::Open(server),
            None => Outcome::Failed(with_finding(error, left.finding.take())),
        }
    }
}

/// What is to be told of an exchange that failed, if the next step fails too.
fn exchange_finding(error: &HandshakeError) -> Option<String> {
    match error {
        #[cfg(feature = "http")]
        HandshakeError::Failed(CallError::Http(error)) => Some(error.to_string()),
        _ => None,
    }
}

fn with_finding(error: HandshakeError, finding: Option<String>) -> HandshakeError {
    match (error, finding) {
        #[cfg(feature = "http")]
        (HandshakeError::Failed(CallError::Http(error)), Some(finding)) if finding != error.to_string() => {
            let note = Some(format!("before, to server/discover: {finding}"));
            HandshakeError::Failed(CallError::Http(crate::http::HttpError { note, ..error }))
        }
        (error, _) => error,
    }
}

fn ask(version: &Version) -> Outcome {
    Outcome::Ask(Step { version: version.clone() })
}
