//! What the head of an answer decides, and what becomes of exchanges that break.

use std::time::Duration;

use http::header::{CONTENT_ENCODING, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};

use crate::delivery::Delivery;
use crate::http::compose::session_id;
use crate::http::error::{HttpError, HttpErrorKind};
use crate::http::failure::{Failure, Stage};
use crate::http::reader::{Media, Reader};
use crate::http::retry_after::retry_after;
use crate::http::sse::Sse;
use crate::http::task::{At, Phase, Purpose, Task, TaskId};
use crate::http::{Exchanges, meaning};
use crate::jsonrpc::shown::shown;

/// A request is followed elsewhere so often.
const MOST_REDIRECTS: u32 = 3;
/// A body in which nothing matters is read for so long, so that its connection can be used again.
const REST: Duration = Duration::from_secs(1);
/// So many of them at once.
const MOST_RESTS: usize = 8;

impl Exchanges {
    /// A head came for a task that waits for one.
    pub(super) fn judge_head(&mut self, id: TaskId, status: StatusCode, headers: &HeaderMap) {
        let Some(task) = self.tasks.get(&id).filter(|task| matches!(task.phase, Phase::Open(_, At::Sent)))
        else {
            return;
        };
        let is_resumed = task.resume.is_again;
        if self.is_stopping() {
            return self.judge_last_head(id, status, headers);
        }
        match (status.as_u16(), &task.purpose) {
            (301 | 302 | 303 | 307 | 308, _) => self.redirect(id, status, headers),
            (status @ (401 | 403 | 407), Purpose::Question) => {
                self.read_rest(id);
                self.question_refused(status, &[]);
            }
            (401 | 403 | 407, _) => self.refused(id, status.as_u16(), headers),
            (_, Purpose::Listen) => self.judge_listening(id, status, headers),
            (_, Purpose::OldStream) => self.judge_old_stream(id, status, headers),
            (_, Purpose::Confirm) => self.confirmed(id, status.as_u16()),
            // The end is judged above, and of the rest nothing matters.
            (_, Purpose::Rest | Purpose::End) => {}
            (_, Purpose::Note | Purpose::Control) => self.noted(id, status, headers),
            (_, Purpose::Call(_) | Purpose::Opening { .. }) if is_resumed => {
                self.judge_resumed(id, status, headers);
            }
            (_, Purpose::Opening { .. } | Purpose::Call(_) | Purpose::Question) => {
                self.read_answer(id, status, headers);
            }
        }
    }

    /// The answer to a request begins.
    fn read_answer(&mut self, id: TaskId, status: StatusCode, headers: &HeaderMap) {
        let is_success = status.is_success();
        if is_success && let Err(what) = self.take_session_id(id, headers) {
            return self.fail_as(id, HttpErrorKind::NoAnswer { what: what.to_owned() }, Delivery::Unknown);
        }
        if is_success && self.is_old_transport() {
            return self.answered_elsewhere(id);
        }
        if let Some(encoding) = encoding(headers) {
            let what = format!("it is encoded as {encoding}, which nobody asked for");
            return self.fail_as(id, HttpErrorKind::NoAnswer { what }, Delivery::Unknown);
        }
        if matches!(status.as_u16(), 202 | 204) {
            let what = format!("{status} to a request");
            return self.fail_as(id, HttpErrorKind::NoAnswer { what }, Delivery::Unknown);
        }
        let max = self.settings.max_message;
        let reader = match Media::of(headers) {
            _ if !is_success => Reader::refusal(status.as_u16(), retry_after(headers)),
            Media::Json => Reader::whole(max, None),
            Media::Events => Reader::Events(Box::new(Sse::new(max))),
            Media::Other(kind) => Reader::whole(max, Some(kind)),
        };
        self.set_reader(id, reader);
    }

    pub(super) fn set_reader(&mut self, id: TaskId, reader: Reader) {
        if let Some(task) = self.tasks.get_mut(&id)
            && let Phase::Open(_, at) = &mut task.phase
        {
            *at = At::Body(reader);
        }
    }

    /// The session's id comes with the answer to `initialize`, and nowhere else.
    fn take_session_id(&mut self, id: TaskId, headers: &HeaderMap) -> Result<(), &'static str> {
        let opens = self.tasks.get(&id).and_then(|task| task.opens());
        if opens == Some(self.era) && self.rules().has_session() {
            self.session.set_id(session_id(headers)?);
        }
        Ok(())
    }

    /// What is not answered was taken, or not.
    fn noted(&mut self, id: TaskId, status: StatusCode, headers: &HeaderMap) {
        if status.is_success() {
            return self.read_rest(id);
        }
        let error = status_error(status.as_u16(), Delivery::Refused, headers);
        if meaning::is_gone(status.as_u16()) && self.has_session() {
            self.drop_task(id);
            return self.expire(HttpError { kind: HttpErrorKind::Expired, ..error });
        }
        self.fail(id, error);
    }

    /// A task is done, and the body of its answer doesn't matter.
    pub(super) fn read_rest(&mut self, id: TaskId) {
        if let Some(task) = self.tasks.get_mut(&id)
            && let Some(exchange) = task.exchange()
        {
            **task = Task::rest(task.endpoint.clone(), exchange, self.now.saturating_add(REST));
        }
        self.bound_rests();
    }

    /// Few connections are worth being waited for.
    pub(super) fn bound_rests(&mut self) {
        let rests = || self.tasks.iter().filter(|(_, task)| task.purpose == Purpose::Rest).map(|(id, _)| *id);
        if rests().count() > MOST_RESTS
            && let Some(oldest) = rests().next()
        {
            self.drop_task(oldest);
        }
    }

    /// `notifications/initialized` was taken. Whatever the server says of it, it may take requests now.
    fn confirmed(&mut self, id: TaskId, status: u16) {
        let is_taken = (200..300).contains(&status);
        if meaning::is_gone(status) && self.has_session() {
            self.drop_task(id);
            let mut error = HttpError::new(HttpErrorKind::Expired, Delivery::Refused);
            error.status = Some(status);
            return self.expire(error);
        }
        if is_taken {
            self.read_rest(id);
        } else {
            let mut error = HttpError::new(HttpErrorKind::Status, Delivery::Refused);
            error.status = Some(status);
            self.fail(id, error);
        }
        self.begin_to_listen();
    }

    fn redirect(&mut self, id: TaskId, status: StatusCode, headers: &HeaderMap) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
        let target = location.map(|location| task.endpoint.resolve(location));
        let why_not = match target {
            None => "nowhere".to_owned(),
            Some(Err(error)) => error.to_string(),
            Some(Ok(target)) if !target.has_origin_of(&task.endpoint) => target.origin(),
            Some(Ok(_)) if status.as_u16() == 303 => "to what is to be read instead".to_owned(),
            Some(Ok(_)) if task.redirects >= MOST_REDIRECTS => "again and again".to_owned(),
            Some(Ok(target)) => {
                task.redirects = task.redirects.saturating_add(1);
                task.ended_before(Delivery::Refused);
                task.endpoint = target;
                self.reopen(id);
                return;
            }
        };
        let delivery = if status.as_u16() == 303 { Delivery::Unknown } else { Delivery::Refused };
        let mut error = HttpError::new(HttpErrorKind::Redirected { to: why_not }, delivery);
        error.status = Some(status.as_u16());
        self.fail_task(id, error);
    }

    /// The task goes out again, now.
    pub(super) fn reopen(&mut self, id: TaskId) {
        let Some(mut task) = self.tasks.remove(&id) else {
            return;
        };
        self.let_go(&task);
        task.phase = Phase::Queued;
        self.tasks.insert(id, task);
        self.open(id);
    }

    /// The server refuses the credentials.
    fn refused(&mut self, id: TaskId, status: u16, headers: &HeaderMap) {
        let challenges = if headers.contains_key(WWW_AUTHENTICATE) {
            crate::http::challenge::Challenge::all(headers)
        } else {
            Vec::new()
        };
        self.judge_refusal(id, status, challenges);
    }

    /// An exchange broke.
    pub(super) fn judge_failure(&mut self, id: TaskId, failure: Failure) {
        if self.is_stopping() {
            return self.last_words_failed(id);
        }
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        let had_events = matches!(&task.phase, Phase::Open(_, At::Body(Reader::Events(_))));
        if matches!(task.phase, Phase::Open(_, At::Body(Reader::Rest { .. }))) {
            self.tasks.remove(&id);
            return;
        }
        if had_events {
            return self.stream_broke(id, &failure.to_string());
        }
        // A connection that was closed while nobody looked costs nothing that may be done twice.
        let is_stale = failure.was_reused && matches!(failure.stage, Stage::Sent | Stage::Unwritten);
        let is_repeatable = failure.stage == Stage::Unwritten || task.is_safe();
        if is_stale && is_repeatable && task.repeats == 0 {
            task.repeats = 1;
            task.ended_before(delivery(&failure));
            return self.reopen(id);
        }
        let is_resuming = task.resume.is_again;
        match task.purpose {
            Purpose::Listen => return self.listening_broke(id),
            Purpose::OldStream => return self.old_stream_broke(&failure.to_string()),
            Purpose::Call(_) | Purpose::Opening { .. } if is_resuming => {
                return self.stream_broke(id, &failure.to_string());
            }
            Purpose::Question => return self.question_unanswered(),
            Purpose::Confirm => {
                let delivery = delivery(&failure);
                self.fail(id, HttpError::new(HttpErrorKind::Broken(failure), delivery));
                return self.begin_to_listen();
            }
            Purpose::Opening { .. }
            | Purpose::Call(_)
            | Purpose::Note
            | Purpose::Control
            | Purpose::Rest
            | Purpose::End => {}
        }
        let delivery = delivery(&failure);
        self.fail(id, HttpError::new(HttpErrorKind::Broken(failure), delivery));
    }

    pub(super) fn fail_as(&mut self, id: TaskId, kind: HttpErrorKind, delivery: Delivery) {
        self.fail_task(id, HttpError::new(kind, delivery));
    }

    /// A task of any kind comes to nothing.
    pub(super) fn fail_task(&mut self, id: TaskId, error: HttpError) {
        match self.tasks.get(&id).map(|task| task.purpose.clone()) {
            // The server tells nothing.
            Some(Purpose::Listen) => drop(self.drop_task(id)),
            Some(Purpose::OldStream) => self.old_stream_broke(&error.to_string()),
            Some(Purpose::Question) => self.question_unanswered(),
            Some(Purpose::End) => self.end_all(None),
            Some(Purpose::Confirm) => {
                self.fail(id, error);
                self.begin_to_listen();
            }
            Some(
                Purpose::Opening { .. } | Purpose::Call(_) | Purpose::Note | Purpose::Control | Purpose::Rest,
            )
            | None => {
                self.fail(id, error);
            }
        }
    }

    pub(super) fn has_session(&self) -> bool {
        self.rules().has_session() && self.session.id().is_some()
    }
}

/// How a body is encoded that isn't itself.
fn encoding(headers: &HeaderMap) -> Option<String> {
    let encoding = headers.get(CONTENT_ENCODING)?.to_str().unwrap_or("something");
    (!encoding.eq_ignore_ascii_case("identity")).then(|| shown(encoding))
}

const fn delivery(failure: &Failure) -> Delivery {
    if failure.stage.is_unsent() { Delivery::NotSent } else { Delivery::Unknown }
}

fn status_error(status: u16, delivery: Delivery, headers: &HeaderMap) -> HttpError {
    let error = HttpError::new(HttpErrorKind::Status, delivery);
    HttpError { status: Some(status), retry_after: retry_after(headers), ..error }
}
