//! How a session ends: in order, at the server's word, or at once.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};

use crate::era::rules_of;
use crate::http::Exchanges;
use crate::http::compose;
use crate::http::error::HttpError;
use crate::http::life::Life;
use crate::http::output::Output;
use crate::http::task::{At, Phase, Purpose, Task, TaskId};

/// So long the last words to the server (cancel notices, answers) are waited for.
const FLUSH: Duration = Duration::from_millis(250);

impl Exchanges {
    pub(super) fn begin_to_stop(&mut self) {
        match self.life {
            Life::Running => self.life = Life::Stopping { until: Some(self.now.saturating_add(FLUSH)) },
            // There is no session to be ended.
            Life::Retiring { .. } => return self.end_all(None),
            Life::Stopping { .. } | Life::Ending | Life::Ended => return,
        }
        self.suspicion = None;
        let useless = self.tasks.iter().filter(|(_, task)| !is_said_at_the_end(task)).map(|(id, _)| *id);
        for id in useless.collect::<Vec<_>>() {
            self.drop_task(id);
        }
        self.look_whether_all_is_said();
    }

    /// When nothing is left to say, or its time is over, the session is ended.
    pub(super) fn look_whether_all_is_said(&mut self) {
        let Life::Stopping { until } = self.life else {
            return;
        };
        // The answer to this one says which session there is to be ended.
        let is_opening = self.tasks.values().any(|task| matches!(task.purpose, Purpose::Opening { .. }));
        let has_words = self.tasks.values().any(|task| task.purpose == Purpose::Control);
        if is_opening || (has_words && until.is_some_and(|until| self.now < until)) {
            return;
        }
        for id in self.tasks.keys().copied().collect::<Vec<TaskId>>() {
            self.drop_task(id);
        }
        // Also one that was made while the server turned out to be of the other era.
        if self.session.id().is_none() {
            return self.end_all(None);
        }
        self.life = Life::Ending;
        let mut task = Task::new(Purpose::End, Method::DELETE, self.address());
        task.headers = Arc::new(self.session.headers());
        let id = self.add(task);
        self.open(id);
    }

    /// A head that comes while the session is to end.
    pub(super) fn judge_last_head(&mut self, id: TaskId, status: StatusCode, headers: &HeaderMap) {
        match self.tasks.get(&id).map(|task| &task.purpose) {
            Some(Purpose::End) => return self.end_all(None),
            // It says which session there is to be ended.
            Some(Purpose::Opening { .. }) if status.is_success() => {
                self.session.set_id(compose::session_id(headers).unwrap_or_default());
            }
            Some(_) | None => {}
        }
        self.drop_task(id);
    }

    /// The time of a task has come while the session is to end.
    pub(super) fn drop_last(&mut self, id: TaskId) {
        let is_end = self.drop_task(id).is_some_and(|task| task.purpose == Purpose::End);
        if is_end {
            self.end_all(None);
        }
    }

    /// An exchange broke while the session is to end.
    pub(super) fn last_words_failed(&mut self, id: TaskId) {
        let is_end = self.tasks.remove(&id).is_some_and(|task| task.purpose == Purpose::End);
        if is_end {
            self.end_all(None);
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        matches!(self.life, Life::Stopping { .. } | Life::Ending)
    }

    /// The time of a step of the session's end has come.
    pub(super) fn life_is_due(&mut self) {
        if self.life.due().is_none_or(|due| due > self.now) {
            return;
        }
        match self.life {
            Life::Retiring { .. } => self.stop_settling(),
            Life::Stopping { .. } => {
                // Only the opening is waited for longer, by whoever can abort that.
                self.life = Life::Stopping { until: None };
                let words =
                    self.tasks.iter().filter(|(_, task)| !matches!(task.purpose, Purpose::Opening { .. }));
                for id in words.map(|(id, _)| *id).collect::<Vec<_>>() {
                    self.drop_task(id);
                }
                self.look_whether_all_is_said();
            }
            Life::Running | Life::Ending | Life::Ended => {}
        }
    }

    /// Everything is over.
    pub(super) fn end_all(&mut self, error: Option<HttpError>) {
        if matches!(self.life, Life::Ended) {
            return;
        }
        self.life = Life::Ended;
        self.suspicion = None;
        for id in self.tasks.keys().copied().collect::<Vec<TaskId>>() {
            self.drop_task(id);
        }
        self.outputs.push_back(Output::Ended(error));
    }
}

/// Returns whether a task is still of use when the session is to end: last words, and an opening of which the answer
/// says what there is to end.
fn is_said_at_the_end(task: &Task) -> bool {
    match task.purpose {
        Purpose::Control => true,
        Purpose::Opening { era, .. } => {
            let has_session = rules_of(era).has_session();
            has_session && !task.resume.is_again && matches!(task.phase, Phase::Open(_, At::Sent))
        }
        Purpose::Confirm
        | Purpose::Call(_)
        | Purpose::Note
        | Purpose::Question
        | Purpose::Listen
        | Purpose::OldStream
        | Purpose::Rest
        | Purpose::End => false,
    }
}
