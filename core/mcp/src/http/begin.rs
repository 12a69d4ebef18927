//! What goes out, and when its turn is.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method};

use crate::era::methods::CANCELLED;
use crate::era::opened_by;
use crate::era::versions::Era;
use crate::exchange::outbound::Outgoing;
use crate::http::Exchanges;
use crate::http::compose::{self, Session};
use crate::http::error::HttpErrorKind;
use crate::http::look::{Asked, Look};
use crate::http::output::{ExchangeId, Output, Reuse};
use crate::http::task::{At, Call, Phase, Purpose, Task, TaskId};

/// So many answers to the server and cancel notices are under way at once.
const CONTROL: usize = 4;
/// How long the server may take for one of them, and for `notifications/initialized`.
const CONTROL_TIMEOUT: Duration = Duration::from_secs(5);
/// How long it may take for a notification.
const NOTE_TIMEOUT: Duration = Duration::from_secs(60);

impl Exchanges {
    /// A message of the dialogue begins its way.
    pub(super) fn begin(&mut self, message: Outgoing) {
        let (era, left) = (message.era, message.left);
        self.is_open |= era.is_some();
        let body = message.into_bytes();
        let look = Look::of(&body);
        if !self.life.takes_messages() {
            if let Look::Request(asked) = look {
                self.refuse_unsent(asked.id, HttpErrorKind::Retired);
            }
            return;
        }
        match look {
            Look::Request(asked) => match self.begin_request(&asked, era) {
                Ok((purpose, headers)) => self.post(purpose, headers, body, left),
                Err(what) => self.refuse_unsent(asked.id, HttpErrorKind::Unsendable { what }),
            },
            Look::Notification { method } => {
                let (purpose, headers) = self.begin_note(&method);
                self.post(purpose, headers, body, None);
            }
            Look::Reply => self.begin_control(body),
        }
        self.pump();
    }

    fn post(&mut self, purpose: Purpose, headers: Arc<HeaderMap>, body: Vec<u8>, left: Option<Duration>) {
        let mut task = compose::post(purpose, self.address(), headers, body);
        task.resume.end = left.map(|left| self.now.saturating_add(left));
        self.add(task);
    }

    /// What a request is, and its headers.
    ///
    /// # Errors
    /// Why it can't be sent.
    fn begin_request(
        &mut self,
        asked: &Asked<'_>,
        settled: Option<Era>,
    ) -> Result<(Purpose, Arc<HeaderMap>), String> {
        // Until the dialogue knows the era, its requests open the connection.
        let opens = if settled.is_none() { opened_by(&asked.method) } else { None };
        if let Some(era) = opens {
            let headers = compose::posted(self.begin_opening(asked, era));
            return Ok((Purpose::Opening { id: asked.id, era }, headers));
        }
        self.note_late_answer(asked, settled);
        let headers = self.headers_of(asked)?;
        self.note_version(&headers);
        Ok((Purpose::Call(call(asked)), headers))
    }

    /// A request opens a session of this era. Returns its headers.
    fn begin_opening(&mut self, asked: &Asked<'_>, era: Era) -> HeaderMap {
        self.era = era;
        match era {
            Era::Legacy => {
                self.session = Session::default();
                HeaderMap::new()
            }
            Era::Modern => {
                self.version = asked.version().and_then(|version| version.parse().ok());
                compose::mirrored(asked)
            }
        }
    }

    /// The answer to `server/discover` came late, and counts since `initialize` failed, or since what it was answered
    /// with is none: which one counts is for the dialogue to say.
    fn note_late_answer(&mut self, asked: &Asked<'_>, settled: Option<Era>) {
        if self.era == Era::Legacy && settled == Some(Era::Modern) {
            self.era = Era::Modern;
            self.version = asked.version().and_then(|version| version.parse().ok());
        }
    }

    /// Requests of the modern era say which version they are of, and it may change; notifications are of the same.
    fn note_version(&mut self, headers: &HeaderMap) {
        if self.rules().may_change_version() {
            self.version = headers.get(compose::PROTOCOL_VERSION).cloned();
        }
    }

    /// The headers say which session a call is of, or what its body says; see [`compose`].
    ///
    /// # Errors
    /// Why the call can't be sent.
    fn headers_of(&mut self, asked: &Asked<'_>) -> Result<Arc<HeaderMap>, String> {
        if self.era == Era::Legacy {
            return Ok(self.session.posted());
        }
        let mut headers = compose::mirrored(asked);
        if asked.method == "tools/call"
            && let Some(params) = asked.params
        {
            headers.extend(self.tools.headers(params).map_err(|error| error.to_string())?);
        }
        Ok(compose::posted(headers))
    }

    fn begin_note(&mut self, method: &str) -> (Purpose, Arc<HeaderMap>) {
        let headers = match self.era {
            Era::Legacy => self.session.posted(),
            Era::Modern => compose::posted(compose::mirrored_note(method, self.version.as_ref())),
        };
        let purpose = match method {
            confirmation if self.rules().confirmation() == Some(confirmation) => Purpose::Confirm,
            CANCELLED => Purpose::Control,
            _ => Purpose::Note,
        };
        (purpose, headers)
    }

    /// An answer to a request of the server; there are none in the modern era (MCP 2026-07-28,
    /// basic/transports/streamable-http).
    fn begin_control(&mut self, body: Vec<u8>) {
        if self.rules().has_server_requests() {
            let headers = self.session.posted();
            self.post(Purpose::Control, headers, body, None);
        }
    }

    pub(super) fn add(&mut self, task: Task) -> TaskId {
        self.last_task = self.last_task.saturating_add(1);
        let id = TaskId(self.last_task);
        self.tasks.insert(id, Box::new(task));
        id
    }

    /// Opens what may be opened now.
    pub(super) fn pump(&mut self) {
        while let Some(id) = self.next_queued() {
            self.open(id);
        }
        self.look_whether_settled();
        self.look_whether_all_is_said();
    }

    fn next_queued(&self) -> Option<TaskId> {
        let mut queued = self.tasks.iter().filter(|(_, task)| matches!(task.phase, Phase::Queued)).peekable();
        // Mostly there is none.
        queued.peek()?;
        let open = |wanted: fn(&Task) -> bool| {
            self.tasks.values().filter(|task| task.exchange().is_some() && wanted(task)).count()
        };
        let controls = open(|task| task.purpose == Purpose::Control);
        let calls = open(Task::is_counted);
        let has_turn = |task: &Task| {
            let is_control = task.purpose == Purpose::Control;
            (!is_control || controls < CONTROL) && (!task.is_counted() || calls < self.settings.max_exchanges)
        };
        queued.find(|(_, task)| has_turn(task)).map(|(id, _)| *id)
    }

    /// Opens an exchange for a task.
    pub(super) fn open(&mut self, id: TaskId) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        self.last_exchange = self.last_exchange.saturating_add(1);
        let exchange = ExchangeId(self.last_exchange);
        let reuse = match (&task.purpose, task.repeats) {
            (_, 1..) => Reuse::Fresh,
            (Purpose::Call(call), 0) if !call.is_safe => Reuse::Youngest,
            _ => Reuse::Any,
        };
        if let Some(timeout) = timeout(&task.purpose, self.settings.end_timeout) {
            task.deadline = Some(self.now.saturating_add(timeout));
        }
        task.credentials = None;
        task.phase = Phase::Open(exchange, At::Sent);
        let request = if task.resume.is_again {
            stream_again(task, &self.session, &self.settings.headers)
        } else {
            compose::request(task, &self.settings.headers)
        };
        self.owners.insert(exchange, id);
        self.outputs.push_back(Output::Open { exchange, request, reuse });
    }
}

/// A stream is asked for where it broke off.
fn stream_again(task: &Task, session: &Session, own: &HeaderMap) -> http::Request<bytes::Bytes> {
    let mut again = Task::new(task.purpose.clone(), Method::GET, task.endpoint.clone());
    again.headers = Arc::new(compose::asked_for(session.headers(), task.resume.cursor.as_ref()));
    compose::request(&again, own)
}

fn timeout(purpose: &Purpose, end: Duration) -> Option<Duration> {
    match purpose {
        Purpose::Confirm | Purpose::Control | Purpose::Question => Some(CONTROL_TIMEOUT),
        Purpose::End => Some(end),
        Purpose::Note => Some(NOTE_TIMEOUT),
        Purpose::Opening { .. } | Purpose::Call(_) | Purpose::Rest | Purpose::Listen | Purpose::OldStream => {
            None
        }
    }
}

fn call(asked: &Asked<'_>) -> Call {
    let (listens, lists_tools) = (asked.method == "subscriptions/listen", asked.method == "tools/list");
    Call { id: asked.id, listens, lists_tools, is_safe: asked.is_safe() }
}
