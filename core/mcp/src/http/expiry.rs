//! Sessions that the server knows no more: how that is noticed, and what becomes of the requests under way.
//!
//! A 404 or 410 to a session's id says it (MCP 2025-11-25, basic/transports, "Session Management"). What only looks
//! like it (a 400, an error that names no request) is settled by one question: a ping, or in the modern era whether
//! the server still knows `server/discover`. What was refused waits for that.

use std::sync::Arc;

use http::HeaderMap;

use crate::delivery::Delivery;
use crate::era::discover;
use crate::era::versions::Era;
use crate::error::CallError;
use crate::http::compose;
use crate::http::error::{HttpError, HttpErrorKind};
use crate::http::life::Life;
use crate::http::look::{Asked, Heard, Look};
use crate::http::output::Output;
use crate::http::suspicion::{Held, Suspicion};
use crate::http::task::{Phase, Purpose, Task, TaskId};
use crate::http::{Exchanges, Given, meaning};
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::json;

/// The ids of questions begin so. Those of the dialogue are numbers.
const QUESTION: &str = "tenure-";

impl Exchanges {
    /// A request ends with something that only looks like the end of its session. `error` is for when it is: the server
    /// did not take the request then.
    pub(super) fn suspect(&mut self, id: TaskId, status: u16, error: HttpError, answer: Option<String>) {
        let Some(task) = self.drop_task(id) else {
            return;
        };
        let Some(request) = task.request() else {
            return self.fault(error.to_string());
        };
        // What was taken before, was.
        let if_lost = HttpError { kind: HttpErrorKind::Expired, ..error.clone() };
        let held = Held { request, if_lost: task.in_all(if_lost), error: task.in_all(error), answer };
        if let Life::Retiring { held: refused, .. } = &mut self.life {
            return refused.push((request, held.if_lost));
        }
        if let Some(suspicion) = &mut self.suspicion {
            return suspicion.held.push(held);
        }
        self.suspicion = Some(Suspicion { status, held: vec![held] });
        self.ask_whether_known(&task);
    }

    /// The stream of notifications was refused in a way that looks so.
    pub(super) fn suspect_quietly(&mut self, status: u16) {
        if self.suspicion.is_none() && self.life.takes_messages() {
            self.suspicion = Some(Suspicion { status, held: Vec::new() });
            let task = Task::new(Purpose::Question, http::Method::POST, self.address());
            self.ask_whether_known(&task);
        }
    }

    fn ask_whether_known(&mut self, about: &Task) {
        let id = json::quoted(&format!("{QUESTION}{}", self.last_task));
        let method = self.rules().sign_of_life();
        let (headers, params) = match self.era {
            Era::Legacy => (self.session.posted(), String::new()),
            Era::Modern => marked(method, about),
        };
        let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}"{params}}}"#);
        self.add(compose::post(Purpose::Question, self.address(), headers, body.into_bytes()));
    }

    /// Returns whether a message is the answer to the question, which it then was.
    pub(super) fn takes_question_answer(&mut self, text: &str) -> bool {
        let names_it = |heard: &Heard<'_>| heard.id.is_some_and(|id| id.get().contains(QUESTION));
        if !Heard::of(text.trim_ascii()).is_some_and(|heard| heard.is_response && names_it(&heard)) {
            return false;
        }
        if let Some(id) = self.question() {
            self.drop_task(id);
            self.question_answered();
        }
        true
    }

    fn question(&self) -> Option<TaskId> {
        self.tasks.iter().find(|(_, task)| task.purpose == Purpose::Question).map(|(id, _)| *id)
    }

    /// It was answered with a response that names it: the session lives, whatever it says.
    pub(super) fn question_answered(&mut self) {
        let Some(Suspicion { held, .. }) = self.suspicion.take() else {
            return;
        };
        for Held { request, error, answer, .. } in held {
            self.given.push_back(match answer {
                Some(answer) => Given::Answer(request, answer.into_bytes(), None),
                None => Given::Failed(request, error.into()),
            });
        }
    }

    /// It was answered with this status, or with a body.
    pub(super) fn question_refused(&mut self, status: u16, body: &[u8]) {
        let text = String::from_utf8_lossy(body);
        let heard = Heard::of(text.trim_ascii()).filter(|heard| heard.is_response);
        let names_it =
            heard.as_ref().is_some_and(|heard| heard.id.is_some_and(|id| id.get().contains(QUESTION)));
        // Where no session could be lost, what is doubted is whether this is still a server of that era.
        let is_known = match self.era {
            Era::Legacy => names_it,
            Era::Modern => heard.and_then(|heard| heard.result).is_some_and(discover::names_versions),
        };
        let is_same = self.suspicion.as_ref().is_some_and(|suspicion| suspicion.status == status);
        let says_no = match self.era {
            Era::Legacy => is_same || meaning::is_gone(status),
            Era::Modern => is_same || matches!(status, 200 | 400 | 404 | 405),
        };
        if is_known || !says_no {
            return self.question_answered();
        }
        let kind = match self.era {
            Era::Legacy => HttpErrorKind::Expired,
            Era::Modern => HttpErrorKind::OtherEra,
        };
        let suspected = self.suspicion.as_ref().and_then(|suspicion| suspicion.held.first());
        let excerpt = suspected.map(|held| held.error.excerpt.clone()).unwrap_or_default();
        let error = HttpError { status: Some(status), excerpt, ..HttpError::new(kind, Delivery::Refused) };
        self.expire(error);
    }

    /// Nothing came of it. Only what is certain ends a session.
    pub(super) fn question_unanswered(&mut self) {
        if let Some(id) = self.question() {
            self.drop_task(id);
        }
        self.question_answered();
    }

    /// A request was refused because the server knows the session no more.
    pub(super) fn lost(&mut self, id: TaskId, error: HttpError) {
        let task = self.drop_task(id);
        self.expire(error.clone());
        let refused = task.and_then(|task| Some((task.request()?, task.in_all(error))));
        if let (Some(refused), Life::Retiring { held, .. }) = (refused, &mut self.life) {
            held.push(refused);
        }
    }

    /// The server knows the session no more: it takes no new exchange. What was sent may still be answered for a
    /// moment, when nobody can acquire the session any more.
    pub(super) fn expire(&mut self, error: HttpError) {
        if !matches!(self.life, Life::Running) {
            return;
        }
        let suspicion = self.suspicion.take();
        let held = suspicion.into_iter().flat_map(|suspicion| suspicion.held);
        let held = held.map(|held| (held.request, held.if_lost)).collect();
        self.outputs.push_back(Output::Retiring(error.clone()));
        self.life = Life::Retiring { error, held, until: None };
        let useless: Vec<TaskId> =
            self.tasks.iter().filter(|(_, task)| !is_awaited(task)).map(|(id, _)| *id).collect();
        for id in useless {
            let Some(task) = self.drop_task(id) else {
                continue;
            };
            if let (Some(request), Life::Retiring { held, .. }) = (task.request(), &mut self.life) {
                let error = HttpError::new(HttpErrorKind::Retired, delivery(&task.phase));
                held.push((request, task.in_all(error)));
            }
        }
    }

    /// Now those who were refused may be told.
    pub(super) fn let_settle(&mut self) {
        let Life::Retiring { held, until, .. } = &mut self.life else {
            return;
        };
        *until = Some(self.now.saturating_add(self.settings.settle));
        let held = std::mem::take(held);
        self.given.extend(held.into_iter().map(|(request, error)| Given::Failed(request, error.into())));
    }

    /// A session that retires is over when nothing of it can be answered any more.
    pub(super) fn look_whether_settled(&mut self) {
        let Life::Retiring { held, until, error } = &mut self.life else {
            return;
        };
        if until.is_none() {
            return;
        }
        // Those that were refused meanwhile.
        let refused = std::mem::take(held);
        let error = error.clone();
        self.given.extend(refused.into_iter().map(|(request, error)| Given::Failed(request, error.into())));
        let is_awaited = self.tasks.values().any(|task| task.request().is_some());
        if !is_awaited {
            self.end_all(Some(error));
        }
    }

    /// The moment is over: what is still unanswered may have been done.
    pub(super) fn stop_settling(&mut self) {
        let Life::Retiring { error, .. } = &self.life else {
            return;
        };
        let error = error.clone();
        let open: Vec<RequestId> = self.tasks.values().filter_map(|task| task.request()).collect();
        for request in open {
            let unknown = HttpError { delivery: Delivery::Unknown, ..error.clone() };
            self.given.push_back(Given::Failed(request, CallError::from(unknown)));
        }
        self.end_all(Some(error));
    }
}

/// Returns whether a task may still be answered when its session is lost.
fn is_awaited(task: &Task) -> bool {
    task.request().is_some() && task.exchange().is_some()
}

/// What has become of a request that no exchange carries.
const fn delivery(phase: &Phase) -> Delivery {
    match phase {
        Phase::Queued => Delivery::NotSent,
        Phase::Refused(_) => Delivery::Refused,
        Phase::Waiting(_) | Phase::Open(..) | Phase::Elsewhere => Delivery::Unknown,
    }
}

/// The headers and params of a question of the modern era, with the marks of the request that makes one ask it.
fn marked(method: &str, about: &Task) -> (Arc<HeaderMap>, String) {
    let meta = match Look::of(&about.body) {
        Look::Request(Asked { params: Some(params), .. }) => json::fields(params.get(), ["_meta"])
            .ok()
            .and_then(|[meta]| meta.map(|meta| meta.get().to_owned())),
        Look::Request(_) | Look::Notification { .. } | Look::Reply => None,
    };
    let meta = meta.unwrap_or_else(|| "{}".to_owned());
    let headers = compose::mirrored_note(method, about.headers.get(compose::PROTOCOL_VERSION));
    (compose::posted(headers), format!(r#","params":{{"_meta":{meta}}}"#))
}
