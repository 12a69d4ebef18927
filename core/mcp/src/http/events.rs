//! What comes on streams of events: messages of the session, for whomever.

use serde_json::value::RawValue;

use crate::era::versions::Era;
use crate::exchange::inbound::Oversized;
use crate::http::look::Heard;
use crate::http::reader::Reader;
use crate::http::sse::{SseData, SseItem};
use crate::http::task::{At, Phase, Purpose, TaskId};
use crate::http::{Exchanges, Given};
use crate::jsonrpc::{json, shown::shown};

impl Exchanges {
    pub(super) fn read_events(&mut self, id: TaskId, mut piece: &[u8]) {
        loop {
            // Whatever an event says may have ended the task.
            let Some(task) = self.tasks.get_mut(&id) else {
                return;
            };
            let listens = task.listens();
            let Phase::Open(_, At::Body(Reader::Events(events))) = &mut task.phase else {
                return;
            };
            let item = events.next(&mut piece);
            // It counts when it comes, and not with the next event only.
            task.resume.retry = events.retry();
            let Some(item) = item else {
                return;
            };
            if listens {
                task.deadline = Some(self.now.saturating_add(self.settings.listen_idle));
            }
            let SseItem::Event(event) = item else {
                continue;
            };
            task.resume.cursor = events.cursor().cloned();
            task.resume.brought();
            match (event.kind.as_deref(), event.data) {
                (Some("endpoint"), SseData::Text(text)) if task.purpose == Purpose::OldStream => {
                    self.take_old_endpoint(&text);
                }
                (Some(_), _) | (None, SseData::None) => {}
                (None, SseData::Text(text)) => self.hear(id, text),
                (None, SseData::Oversized(oversized)) => self.hear_oversized(oversized),
            }
        }
    }

    /// A message came on the stream of a task.
    pub(super) fn hear(&mut self, id: TaskId, text: String) {
        if text.trim_ascii().starts_with('[') {
            return self.hear_batch(id, &text);
        }
        let Some(heard) = Heard::of(text.trim_ascii()) else {
            let what = format!("an event that is no message: {}", shown(&json::excerpt(text.as_bytes())));
            return self.fault(what);
        };
        if !heard.is_response {
            let is_again = heard.is_request && self.was_asked(id, heard.id);
            if is_again {
                return self.fault("a request of the server that came before on the same stream".to_owned());
            }
            return self.given.push_back(match self.request_of(id) {
                Some(request) => Given::During(request, text.into_bytes()),
                None => Given::Message(text.into_bytes()),
            });
        }
        let (code, result) = (heard.code(), heard.result_in(&text));
        let answered = heard.answers().and_then(|request| self.task_of(request));
        match answered {
            Some(answered) => {
                let is_its_own = answered == id || self.is_old_transport();
                if !is_its_own {
                    self.fault("an answer came on the stream of another request".to_owned());
                }
                // A modern server has no reason to: there each stream is of one request (MCP 2026-07-28,
                // basic/transports, "Sending Messages to the Server").
                if is_its_own || self.era == Era::Legacy {
                    self.answered(answered, (text.into_bytes(), result), code);
                }
            }
            None if heard.id.is_none() && heard.error.is_some() && self.is_answerable(id) => {
                self.answered(id, (text.into_bytes(), result), code);
            }
            None if self.takes_question_answer(&text) => {}
            None => self.given.push_back(Given::Message(text.into_bytes())),
        }
    }

    /// Messages in one event (MCP 2025-03-26, basic, "Batching").
    fn hear_batch(&mut self, id: TaskId, text: &str) {
        let mut messages = Vec::new();
        let read = json::elements(text.trim_ascii(), &mut |element| {
            messages.push(element.get().to_owned());
            Ok(())
        });
        if read.is_err() || messages.is_empty() {
            return self
                .fault(format!("an event that is no message: {}", shown(&json::excerpt(text.as_bytes()))));
        }
        for message in messages {
            // One level: an array in an array is no message.
            if message.starts_with('[') {
                self.fault("an array of messages in another".to_owned());
            } else {
                self.hear(id, message);
            }
        }
    }

    /// The server asks something on the stream of a task. Returns whether it did before: a stream that is taken up may
    /// bring again what came.
    fn was_asked(&mut self, id: TaskId, asked: Option<&RawValue>) -> bool {
        let task = self.tasks.get_mut(&id);
        task.zip(asked).is_some_and(|(task, asked)| task.resume.was_asked(asked.get()))
    }

    /// Returns whether an error that names no request, on this task's stream, is its answer.
    fn is_answerable(&self, id: TaskId) -> bool {
        self.tasks.get(&id).is_some_and(|task| task.request().is_some())
    }

    fn hear_oversized(&mut self, oversized: Oversized) {
        match oversized.answers().and_then(|request| self.task_of(request)) {
            Some(answered) => self.too_large(answered),
            None => self.given.push_back(Given::Oversized(oversized)),
        }
    }
}
