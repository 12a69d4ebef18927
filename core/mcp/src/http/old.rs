//! The transport of 2024-11-05, HTTP+SSE: one stream on which everything comes, and an address on it to which
//! everything goes. Tried where it is [asked for](super::Settings::old_transport), when a server doesn't know
//! `initialize` at its own address (MCP 2025-11-25, basic/transports, "Backwards Compatibility").

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};

use crate::delivery::Delivery;
use crate::era::versions::Era;
use crate::http::Exchanges;
use crate::http::compose;
use crate::http::endpoint::Endpoint;
use crate::http::error::{HttpError, HttpErrorKind};
use crate::http::meaning::Said;
use crate::http::old_transport::OldTransport;
use crate::http::reader::{Media, Reader};
use crate::http::sse::Sse;
use crate::http::task::TaskId;
use crate::http::task::{Phase, Purpose, Task};

/// How long the server may take to name its address.
const NAMING: Duration = Duration::from_secs(10);

impl Exchanges {
    pub(super) fn is_old_transport(&self) -> bool {
        matches!(self.old, OldTransport::Known(_))
    }

    /// Where messages go.
    pub(super) fn address(&self) -> Endpoint {
        match &self.old {
            OldTransport::Known(endpoint) => endpoint.clone(),
            OldTransport::None | OldTransport::Asking(..) => self.settings.endpoint.clone(),
        }
    }

    /// `initialize` was refused: perhaps the server is older than that.
    pub(super) fn tries_old_transport(&mut self, id: TaskId, status: u16, text: &str) -> bool {
        let is_sign = matches!(status, 400 | 404 | 405) && Said::of(text.trim_ascii(), None) == Said::Nothing;
        let Some(task) = self.tasks.get_mut(&id) else {
            return false;
        };
        if !(is_sign
            && task.opens() == Some(Era::Legacy)
            && self.settings.old_transport
            && matches!(self.old, OldTransport::None))
        {
            return false;
        }
        self.old = OldTransport::Asking(task.body.clone(), id);
        task.phase = Phase::Elsewhere;
        let mut stream = Task::new(Purpose::OldStream, Method::GET, self.settings.endpoint.clone());
        stream.headers = Arc::new(compose::asked_for(HeaderMap::new(), None));
        stream.deadline = Some(self.now.saturating_add(NAMING));
        self.add(stream);
        true
    }

    pub(super) fn judge_old_stream(&mut self, id: TaskId, status: StatusCode, headers: &HeaderMap) {
        if status == StatusCode::OK && Media::of(headers) == Media::Events {
            return self.set_reader(id, Reader::Events(Box::new(Sse::new(self.settings.max_message))));
        }
        self.drop_task(id);
        self.old_stream_broke(&format!("the server answered {status} to a request for its stream"));
    }

    /// The server names the address to which messages go.
    pub(super) fn take_old_endpoint(&mut self, text: &str) {
        let OldTransport::Asking(body, opening) = &self.old else {
            return;
        };
        let (body, opening) = (body.clone(), *opening);
        let named = self.settings.endpoint.resolve(text.trim());
        let Some(endpoint) = named.ok().filter(|named| named.has_origin_of(&self.settings.endpoint)) else {
            return self.old_stream_broke("the address that it names is of another origin, or none");
        };
        self.old = OldTransport::Known(endpoint.clone());
        if let Some(task) = self.tasks.get_mut(&opening) {
            task.endpoint = endpoint;
            task.body = body;
            task.phase = Phase::Queued;
        }
    }

    /// The message was taken; its answer comes on the stream.
    pub(super) fn answered_elsewhere(&mut self, id: TaskId) {
        if let Some(mut task) = self.tasks.remove(&id) {
            self.let_go(&task);
            task.phase = Phase::Elsewhere;
            self.tasks.insert(id, task);
        }
    }

    /// Without its stream the session is over.
    pub(super) fn old_stream_broke(&mut self, why: &str) {
        let stream =
            self.tasks.iter().find(|(_, task)| task.purpose == Purpose::OldStream).map(|(id, _)| *id);
        if let Some(id) = stream {
            self.drop_task(id);
        }
        let kind = HttpErrorKind::Interrupted { what: why.to_owned() };
        let error = HttpError::new(kind, Delivery::Unknown);
        if self.is_open {
            return self.expire(error);
        }
        self.old = OldTransport::None;
        let opening = self.tasks.iter().find(|(_, task)| matches!(task.purpose, Purpose::Opening { .. }));
        if let Some(id) = opening.map(|(id, _)| *id) {
            self.fail(id, error);
        }
    }
}
