//! Streams that are held: that of a call until its answer, and the one on which a legacy server tells what concerns no
//! call (MCP 2025-11-25, basic/transports, "Listening for Messages from the Server").
//!
//! A server that offers none says so with a status, 405 (or what many say instead). A stream that ends, be it without a
//! word, is none of that: a server may end it at any time, and is to be asked anew then. So it is, later and later.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};

use crate::delivery::Delivery;
use crate::era::versions::Era;
use crate::http::compose;
use crate::http::error::{HttpError, HttpErrorKind};
use crate::http::life::Life;
use crate::http::reader::{Media, Reader};
use crate::http::resume::doubled;
use crate::http::sse::Sse;
use crate::http::task::{At, Phase, Purpose, Task, TaskId};
use crate::http::{Exchanges, Given, meaning};

/// The pauses before the stream is asked for again: the first, the longest, and, after so many that were in vain, that.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
const IN_VAIN: u32 = 10;
const RARELY: Duration = Duration::from_secs(300);

/// A stream that was open for that long was not in vain.
const WORTHWHILE: Duration = Duration::from_secs(30);

impl Exchanges {
    /// The session is confirmed: requests may be made, and the server may tell.
    pub(super) fn begin_to_listen(&mut self) {
        self.given.push_back(Given::Confirmed);
        // Else a request asks for what the server is to tell.
        let has_stream = !self.rules().has_listening() && !self.is_old_transport();
        if has_stream && matches!(self.life, Life::Running) {
            let mut task = Task::new(Purpose::Listen, Method::GET, self.address());
            task.headers = Arc::new(compose::asked_for(self.session.headers(), None));
            self.add(task);
        }
    }

    /// The head of the stream on which the server tells.
    pub(super) fn judge_listening(&mut self, id: TaskId, status: StatusCode, headers: &HeaderMap) {
        match status.as_u16() {
            200 if Media::of(headers) == Media::Events => self.listen(id),
            404 => {
                self.drop_task(id);
                self.suspect_quietly(404);
            }
            410 if self.has_session() => {
                self.drop_task(id);
                let mut error = HttpError::new(HttpErrorKind::Expired, Delivery::Refused);
                error.status = Some(410);
                self.expire(error);
            }
            // 409, and 400 later on: the server has not noticed yet that the last one ended.
            400 if !self.listening.was_open => self.read_rest(id),
            400 | 408 | 409 | 429 | 500 | 502..=599 => self.listening_broke(id),
            // None is offered.
            _ => self.read_rest(id),
        }
    }

    fn listen(&mut self, id: TaskId) {
        if self.listening.was_open {
            self.given.push_back(Given::Gap);
        }
        self.listening.was_open = true;
        self.listening.opened_at = self.now;
        let idle = self.settings.listen_idle;
        if let Some(task) = self.tasks.get_mut(&id) {
            task.deadline = Some(self.now.saturating_add(idle));
        }
        self.set_reader(id, self.events_again(id));
    }

    /// Events from where the task's stream broke off.
    fn events_again(&self, id: TaskId) -> Reader {
        let known = self.tasks.get(&id).map(|task| (task.resume.cursor.clone(), task.resume.retry));
        let (cursor, retry) = known.unwrap_or_default();
        Reader::Events(Box::new(Sse::new(self.settings.max_message).taken_up(cursor, retry)))
    }

    /// The stream on which the server tells has ended, or could not be opened: it is asked for again later.
    pub(super) fn listening_broke(&mut self, id: TaskId) {
        let Some(mut task) = self.tasks.remove(&id) else {
            return;
        };
        self.let_go(&task);
        let was_open = matches!(task.phase, Phase::Open(_, At::Body(_)));
        let lasted = self.now.saturating_sub(self.listening.opened_at);
        let was_worthwhile =
            was_open && (std::mem::take(&mut task.resume.has_brought) || lasted >= WORTHWHILE);
        self.listening.in_vain = if was_worthwhile { 0 } else { self.listening.in_vain.saturating_add(1) };
        let pause = match self.listening.in_vain {
            0 => FIRST,
            tries if tries > IN_VAIN => RARELY,
            tries => jittered(doubled(FIRST, tries.saturating_sub(1)).min(LONGEST), self.last_exchange),
        };
        task.headers = Arc::new(compose::asked_for(self.session.headers(), task.resume.cursor.as_ref()));
        task.deadline = None;
        task.phase =
            Phase::Waiting(self.now.saturating_add(task.resume.retry.unwrap_or_default().max(pause)));
        self.tasks.insert(id, task);
    }

    /// The stream of a request ended before its answer.
    pub(super) fn stream_broke(&mut self, id: TaskId, why: &str) {
        let Some(mut task) = self.tasks.remove(&id) else {
            return;
        };
        match task.purpose {
            Purpose::Listen => {
                self.tasks.insert(id, task);
                return self.listening_broke(id);
            }
            Purpose::OldStream => return self.old_stream_broke(why),
            Purpose::Question => return self.question_unanswered(),
            Purpose::Opening { .. }
            | Purpose::Confirm
            | Purpose::Call(_)
            | Purpose::Note
            | Purpose::Control
            | Purpose::Rest
            | Purpose::End => {}
        }
        self.let_go(&task);
        let why_not = match self.era {
            // MCP 2026-07-28, basic/transports/streamable-http: a stream that broke is not taken up again.
            Era::Modern => Some(why.to_owned()),
            Era::Legacy if task.resume.cursor.is_none() => Some(why.to_owned()),
            Era::Legacy if !matches!(self.life, Life::Running) => Some(why.to_owned()),
            Era::Legacy => match task.resume.pause(self.now) {
                Ok(pause) => {
                    task.phase = Phase::Waiting(self.now.saturating_add(pause));
                    None
                }
                Err(why_not) => Some(why_not),
            },
        };
        self.tasks.insert(id, task);
        if let Some(what) = why_not {
            self.fail_as(id, HttpErrorKind::Interrupted { what }, Delivery::Unknown);
        }
    }

    /// The head of a request's stream that is taken up again.
    pub(super) fn judge_resumed(&mut self, id: TaskId, status: StatusCode, headers: &HeaderMap) {
        match status.as_u16() {
            200 if Media::of(headers) == Media::Events => {
                self.set_reader(id, self.events_again(id));
            }
            408 | 409 | 429 | 500..=599 => self.stream_broke(id, &status.to_string()),
            gone if meaning::is_gone(gone) && self.has_session() => {
                let mut error = HttpError::new(HttpErrorKind::Expired, Delivery::Unknown);
                error.status = Some(status.as_u16());
                self.lost(id, error);
            }
            _ => {
                let what = format!("the server answered {status} when it was asked for again");
                self.fail_as(id, HttpErrorKind::Interrupted { what }, Delivery::Unknown);
            }
        }
    }

    /// The time of a task has come.
    pub(super) fn task_is_due(&mut self, id: TaskId) {
        if self.is_stopping() {
            return self.drop_last(id);
        }
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        if let Phase::Waiting(until) = task.phase
            && until <= self.now
        {
            return self.reopen(id);
        }
        task.deadline = None;
        match &task.purpose {
            Purpose::Listen => self.listening_broke(id),
            Purpose::OldStream => self.old_stream_broke("nothing came for a long time"),
            Purpose::Question => self.question_unanswered(),
            Purpose::Rest | Purpose::End => {
                self.drop_task(id);
            }
            Purpose::Confirm => {
                let what = "no answer to notifications/initialized".to_owned();
                self.fail_as(id, HttpErrorKind::NoAnswer { what }, Delivery::Unknown);
            }
            Purpose::Call(_) => {
                let what = "nothing came for a long time".to_owned();
                self.fail_as(id, HttpErrorKind::Interrupted { what }, Delivery::Unknown);
            }
            Purpose::Opening { .. } | Purpose::Note | Purpose::Control => {
                let what = "none came in time".to_owned();
                self.fail_as(id, HttpErrorKind::NoAnswer { what }, Delivery::Unknown);
            }
        }
    }

    pub(super) fn due_task(&self) -> Option<TaskId> {
        let due = |task: &Task| task.due().is_some_and(|due| due <= self.now);
        self.tasks.iter().find(|(_, task)| due(task)).map(|(id, _)| *id)
    }
}

/// Up to a quarter less, so that clients that lost the same server don't come back at once; by a number, since
/// nothing here is random.
fn jittered(pause: Duration, by: u64) -> Duration {
    let part = u32::try_from(by.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60).unwrap_or_default();
    pause.saturating_sub(pause.saturating_mul(part) / 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_up_to_a_quarter_shorter_and_differ() {
        let pauses: std::collections::BTreeSet<_> = (0..100).map(|by| jittered(LONGEST, by)).collect();
        assert!(pauses.len() > 8, "{pauses:?}");
        assert!(pauses.iter().all(|pause| (LONGEST * 3 / 4..=LONGEST).contains(pause)), "{pauses:?}");
    }
}
