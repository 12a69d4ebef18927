//! What the bodies of answers say.

use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;

use crate::delivery::Delivery;
use crate::era::initialize;
use crate::era::versions::Era;
use crate::error::CallError;
use crate::http::error::{HttpError, HttpErrorKind};
use crate::http::look::Heard;
use crate::http::meaning::{self, Meaning, Said};
use crate::http::reader::Reader;
use crate::http::task::{At, Phase, Purpose, Task, TaskId};
use crate::http::{Exchanges, Given};
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::{json, shown::shown};

/// So much of a body is shown in an error.
const EXCERPT: usize = 256;
/// How long the end of a stream is waited for when the answer has come.
const END_OF_STREAM: Duration = Duration::from_millis(50);

impl Exchanges {
    /// A piece of a body came.
    pub(super) fn read(&mut self, id: TaskId, piece: &[u8]) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        let Phase::Open(_, At::Body(reader)) = &mut task.phase else {
            return;
        };
        if matches!(reader, Reader::Events(_)) {
            return self.read_events(id, piece);
        }
        if reader.keep(piece) {
            return;
        }
        match reader {
            Reader::Whole { .. } => self.too_large(id),
            // Enough was seen.
            Reader::Refusal { .. } => {
                if let Some(exchange) = task.exchange() {
                    self.owners.remove(&exchange);
                    self.outputs.push_back(crate::http::output::Output::Drop(exchange));
                }
                self.read_end(id);
            }
            Reader::Rest { .. } => {
                self.drop_task(id);
            }
            Reader::Events(_) => {}
        }
    }

    pub(super) fn too_large(&mut self, id: TaskId) {
        let limit = self.settings.max_message;
        match self.tasks.get(&id).and_then(|task| task.request()) {
            Some(request) => {
                self.drop_task(id);
                self.given.push_back(Given::Failed(request, CallError::TooLarge { limit }));
            }
            None => self.fail_as(
                id,
                HttpErrorKind::NoAnswer { what: "it is too large".to_owned() },
                Delivery::Unknown,
            ),
        }
    }

    /// A request is answered with this message, which may be an error of this code, or is a result that stands there.
    pub(super) fn answered(
        &mut self,
        id: TaskId,
        (message, result): (Vec<u8>, Option<Range<usize>>),
        code: Option<i64>,
    ) {
        let Some(task) = self.take_answered(id) else {
            return;
        };
        if task.purpose == Purpose::Question {
            return self.question_answered();
        }
        let Some(request) = task.request() else {
            return;
        };
        self.learn(&task, &message);
        let is_of_other_era = self.is_open && self.is_of_other_era(code);
        self.given.push_back(Given::Answer(request, message, result));
        if is_of_other_era {
            self.expire(HttpError::new(HttpErrorKind::OtherEra, Delivery::Refused));
        }
    }

    /// A task whose answer came. A stream mostly ends with it: its end is waited for a moment, so that its connection
    /// can be used again.
    fn take_answered(&mut self, id: TaskId) -> Option<Box<Task>> {
        let task = self.tasks.get(&id)?;
        let Phase::Open(exchange, At::Body(Reader::Events(_))) = task.phase else {
            return self.drop_task(id);
        };
        let rest = Task::rest(task.endpoint.clone(), exchange, self.now.saturating_add(END_OF_STREAM));
        let answered = self.tasks.insert(id, Box::new(rest));
        self.bound_rests();
        answered
    }

    /// Returns whether no server of the session's era answers with this code.
    fn is_of_other_era(&self, code: Option<i64>) -> bool {
        code.is_some_and(|code| self.rules().errors_of_other_era().contains(&code))
    }

    /// What an answer says of the session, and of its tools.
    fn learn(&mut self, task: &Task, message: &[u8]) {
        let text = || simdutf8::basic::from_utf8(message.trim_ascii()).ok();
        let result = || text().and_then(Heard::of).and_then(|heard| heard.result);
        match &task.purpose {
            // The session's id came before, with the head.
            Purpose::Opening { era: Era::Legacy, .. } => {
                let Some(result) = result() else { return };
                let version = initialize::version(result).and_then(|version| version.parse().ok());
                self.session.set_version(version);
                self.end_other_opening(task.request());
            }
            // In this era alone tools want headers of their calls.
            Purpose::Call(call) if call.lists_tools && self.era == Era::Modern => {
                if let Some(result) = result() {
                    self.tools.learn(result);
                }
            }
            Purpose::Opening { era: Era::Modern, .. }
            | Purpose::Call(_)
            | Purpose::Confirm
            | Purpose::Note
            | Purpose::Control
            | Purpose::Question
            | Purpose::Listen
            | Purpose::OldStream
            | Purpose::Rest
            | Purpose::End => {}
        }
    }

    /// A question of the other era that is still open matters no more.
    fn end_other_opening(&mut self, answered: Option<RequestId>) {
        let other = self
            .tasks
            .iter()
            .find(|(_, task)| matches!(task.purpose, Purpose::Opening { .. }) && task.request() != answered);
        if let Some(id) = other.map(|(id, _)| *id) {
            self.drop_task(id);
        }
    }

    /// A body is complete. Its exchange is over.
    pub(super) fn read_end(&mut self, id: TaskId) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        let Phase::Open(_, At::Body(reader)) = &mut task.phase else {
            // A body without a head.
            return self.fail_as(
                id,
                HttpErrorKind::NoAnswer { what: "it has no head".to_owned() },
                Delivery::Unknown,
            );
        };
        match std::mem::replace(reader, Reader::rest()) {
            Reader::Rest { .. } => {
                self.tasks.remove(&id);
            }
            Reader::Events(_) => self.stream_broke(id, "it ended"),
            Reader::Whole { bytes, kind, .. } => self.judge_whole(id, bytes, kind.as_deref()),
            Reader::Refusal { status, bytes, retry_after } => {
                let error = |bytes: &[u8]| HttpError {
                    status: Some(status),
                    retry_after,
                    excerpt: excerpt(bytes),
                    ..HttpError::new(HttpErrorKind::Status, Delivery::Unknown)
                };
                self.judge_body(id, status, bytes, &error);
            }
        }
    }

    fn judge_whole(&mut self, id: TaskId, bytes: Vec<u8>, kind: Option<&str>) {
        if bytes.trim_ascii().starts_with(b"[") {
            return self.judge_batch(id, &bytes, &|| no_answer(&bytes, kind));
        }
        if let Some(kind) = kind
            && Said::of(&String::from_utf8_lossy(&bytes), self.request_of(id)) != Said::Nothing
        {
            self.fault(format!("an answer that says it is {kind:?}, not JSON"));
        }
        self.judge_body(id, 200, bytes, &|bytes| no_answer(bytes, kind));
    }

    pub(super) fn request_of(&self, id: TaskId) -> Option<RequestId> {
        self.tasks.get(&id).and_then(|task| task.request())
    }

    /// A batch: our own element of it is the answer (MCP 2025-03-26, basic, "Batching").
    fn judge_batch(&mut self, id: TaskId, bytes: &[u8], error: &dyn Fn() -> HttpError) {
        let text = String::from_utf8_lossy(bytes);
        let (request, mut own, mut others) = (self.request_of(id), None, Vec::new());
        let _ = json::elements(text.trim_ascii(), &mut |element| {
            match Said::of(element.get(), request) {
                said @ (Said::Result | Said::Error(_)) => own = Some((element.get().to_owned(), said.code())),
                Said::NamelessError(_) | Said::OtherError(_) | Said::OtherResult | Said::Nothing => {
                    others.push(element.get().to_owned());
                }
            }
            Ok(())
        });
        match own {
            Some((own, code)) => {
                for other in others {
                    self.hear(id, other);
                }
                self.answered(id, (own.into_bytes(), None), code);
            }
            None => self.fail(id, error()),
        }
    }

    /// What a whole body means; `error` makes the error for when it is no answer.
    fn judge_body(
        &mut self,
        id: TaskId,
        status: u16,
        mut bytes: Vec<u8>,
        error: &dyn Fn(&[u8]) -> HttpError,
    ) {
        let Some(task) = self.tasks.get(&id) else {
            return;
        };
        if task.purpose == Purpose::Question {
            self.tasks.remove(&id);
            return self.question_refused(status, &bytes);
        }
        let asked = meaning::Asked {
            is_opening: matches!(task.purpose, Purpose::Opening { .. }),
            is_modern: self.era == Era::Modern && !task.listens(),
            has_session: self.has_session() && !matches!(task.purpose, Purpose::Opening { .. }),
        };
        // Nearly all is UTF-8, which is found out many bytes at a time.
        let text = match simdutf8::basic::from_utf8(&bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(&bytes),
        };
        let heard = Heard::of(text.trim_ascii());
        let said = Said::by(heard, task.request());
        let error = || error(&bytes);
        match meaning::of(status, said, asked) {
            Meaning::Answered => {
                let result = heard.and_then(|heard| heard.result_in(&text));
                if let Cow::Owned(text) = text {
                    bytes = text.into_bytes();
                }
                // It may wait for long to be taken.
                bytes.shrink_to_fit();
                self.answered(id, (bytes, result), said.code());
            }
            Meaning::AnsweredInDoubt => {
                let (error, text) = (error(), text.into_owned());
                self.suspect(id, status, HttpError { delivery: Delivery::Refused, ..error }, Some(text));
            }
            Meaning::RefusedInDoubt => {
                self.suspect(id, status, HttpError { delivery: Delivery::Refused, ..error() }, None);
            }
            Meaning::Lost => {
                let kind = HttpErrorKind::Expired;
                self.lost(id, HttpError { kind, delivery: Delivery::Refused, ..error() });
            }
            Meaning::Failed(delivery) => {
                let error = HttpError { delivery, ..error() };
                if !self.tries_again(id, &error) && !self.tries_old_transport(id, status, &text) {
                    self.fail(id, error);
                }
            }
        }
    }

    /// A server that is busy is asked once more what it speaks, when it says.
    fn tries_again(&mut self, id: TaskId, error: &HttpError) -> bool {
        let Some(task) = self.tasks.get_mut(&id) else {
            return false;
        };
        let is_probe = matches!(task.purpose, Purpose::Opening { .. }) && task.is_safe();
        match error.retry_after {
            Some(after)
                if is_probe
                    && after <= self.settings.patience
                    && task.repeats == 0
                    && matches!(error.status, Some(429 | 503)) =>
            {
                task.repeats = 1;
                task.ended_before(Delivery::Refused);
                task.phase = Phase::Waiting(self.now.saturating_add(after));
                true
            }
            _ => false,
        }
    }
}

/// The error for a body that is no answer, though its status says so; of this media type, if it isn't that of JSON.
fn no_answer(bytes: &[u8], kind: Option<&str>) -> HttpError {
    let what = match kind {
        Some("") => "neither JSON nor a stream of events, but of no type".to_owned(),
        Some(kind) => format!("neither JSON nor a stream of events, but {kind}"),
        None if bytes.trim_ascii().is_empty() => "it is empty".to_owned(),
        None => "it is no answer to the request".to_owned(),
    };
    HttpError {
        status: Some(200),
        excerpt: excerpt(bytes),
        ..HttpError::new(HttpErrorKind::NoAnswer { what }, Delivery::Unknown)
    }
}

/// The beginning of a body, if it is text, safe to print.
fn excerpt(bytes: &[u8]) -> String {
    let head = bytes.get(..EXCERPT).unwrap_or(bytes);
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character that is cut.
        Err(error) if head.len().saturating_sub(error.valid_up_to()) < 4 && head.len() < bytes.len() => head
            .get(..error.valid_up_to())
            .and_then(|head| std::str::from_utf8(head).ok())
            .unwrap_or_default(),
        Err(_) => return String::new(),
    };
    shown(text.trim())
}
