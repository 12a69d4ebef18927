//! Credentials that a server refuses: others are asked for, once for all who wait (MCP 2025-11-25,
//! basic/authorization; RFC 9110, section 11).

use crate::delivery::Delivery;
use crate::http::Exchanges;
use crate::http::challenge::Challenge;
use crate::http::credentials::Asking;
use crate::http::error::{HttpError, HttpErrorKind};
use crate::http::look::Look;
use crate::http::output::Output;
use crate::http::task::{Phase, Purpose, Refusal, Task, TaskId};

/// A request goes out with other credentials so often, where the server knows none of those it had...
const MOST_RENEWALS: u32 = 1;
/// ...and so often for more scope, for each method and what it is about.
const MOST_SCOPES: u32 = 2;

impl Exchanges {
    /// A 401, 403 or 407.
    pub(super) fn judge_refusal(&mut self, id: TaskId, status: u16, challenges: Vec<Challenge>) {
        if !self.may_renew(id, status, &challenges) {
            return self.refused_for_good(id, status, &challenges, None);
        }
        let Some(mut task) = self.tasks.remove(&id) else {
            return;
        };
        self.let_go(&task);
        task.renewals = task.renewals.saturating_add(1);
        task.ended_before(Delivery::Refused);
        task.phase = Phase::Refused(Refusal { status, challenges: challenges.clone() });
        // Control has a deadline of its own each time that it goes out.
        task.deadline = None;
        let refused = task.credentials;
        self.tasks.insert(id, task);
        if self.authorization.asking.is_some() {
            return;
        }
        if self.authorization.latest > refused {
            // Newer ones are there already.
            return self.reopen(id);
        }
        self.authorization.asking = Some(Asking { refused });
        self.outputs.push_back(Output::AskCredentials { challenges, refused });
    }

    fn may_renew(&mut self, id: TaskId, status: u16, challenges: &[Challenge]) -> bool {
        let Some(task) = self.tasks.get(&id) else {
            return false;
        };
        match status {
            401 => task.renewals < MOST_RENEWALS,
            403 if wants_scope(challenges) => {
                let asked = self.authorization.scopes.entry(subject(task)).or_default();
                *asked = asked.saturating_add(1);
                *asked <= MOST_SCOPES
            }
            _ => false,
        }
    }

    /// `why_not`: why there are no others.
    fn refused_for_good(&mut self, id: TaskId, status: u16, challenges: &[Challenge], why_not: Option<&str>) {
        let said = challenges.iter().find_map(words);
        let words: Vec<&str> = [said.as_deref(), why_not].into_iter().flatten().collect();
        let challenge = (!words.is_empty()).then(|| words.join("; "));
        let kind = HttpErrorKind::Unauthorized { challenge };
        let error = HttpError { status: Some(status), ..HttpError::new(kind, Delivery::Refused) };
        let is_in_doubt = status == 401 && self.has_session() && self.is_call(id);
        if is_in_doubt { self.suspect(id, status, error, None) } else { self.fail_task(id, error) }
    }

    fn is_call(&self, id: TaskId) -> bool {
        self.tasks.get(&id).is_some_and(|task| matches!(task.purpose, Purpose::Call(_)))
    }

    /// What became of the question for others.
    pub(super) fn judge_credentials(&mut self, answer: Result<u64, String>) {
        let Some(asked) = self.authorization.asking.take() else {
            return;
        };
        let waiting = self.tasks.iter().filter(|(_, task)| matches!(task.phase, Phase::Refused(_)));
        let waiting: Vec<TaskId> = waiting.map(|(id, _)| *id).collect();
        let why_not = match answer {
            Ok(version) if Some(version) > asked.refused => {
                self.authorization.saw(version);
                for id in waiting {
                    if let Some(task) = self.tasks.get_mut(&id) {
                        task.phase = Phase::Queued;
                    }
                }
                return;
            }
            Ok(_) => None,
            Err(why_not) => Some(why_not),
        };
        for id in waiting {
            let refusal =
                self.tasks.get_mut(&id).map(|task| std::mem::replace(&mut task.phase, Phase::Queued));
            if let Some(Phase::Refused(Refusal { status, challenges })) = refusal {
                self.refused_for_good(id, status, &challenges, why_not.as_deref());
            }
        }
    }
}

/// What a request for more scope is about.
fn subject(task: &Task) -> String {
    match (&task.purpose, Look::of(&task.body)) {
        (Purpose::Call(_), Look::Request(asked)) => {
            format!("{} {}", asked.method, asked.name().unwrap_or_default())
        }
        _ => String::new(),
    }
}

fn wants_scope(challenges: &[Challenge]) -> bool {
    challenges.iter().any(|challenge| challenge.error.as_deref() == Some("insufficient_scope"))
}

/// What a challenge says of why.
fn words(challenge: &Challenge) -> Option<String> {
    let error = challenge.error.as_deref()?;
    let words = match &challenge.error_description {
        Some(description) => format!("{error}: {description}"),
        None => error.to_owned(),
    };
    Some(crate::jsonrpc::shown::shown(&words))
}
