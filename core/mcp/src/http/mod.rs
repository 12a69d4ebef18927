//! MCP over HTTP, without a socket and without a clock (MCP 2025-11-25, basic/transports, "Streamable HTTP"; MCP
//! 2026-07-28, basic/transports/streamable-http).
//!
//! [`Exchanges`] stands between a [`Connection`](crate::Connection) and whatever speaks HTTP. It takes the messages of
//! the connection, says which requests are to be sent, hears what comes of each, and gives the connection its
//! messages. One is the life of one session: a new connection gets a new one.
//!
//! # How to drive it
//! - from above: [`send`](Exchanges::send) what [`Connection::poll_message`](crate::Connection::poll_message) gives
//!   while it [takes calls](Exchanges::takes_calls), else what [`poll_reply`](crate::Connection::poll_reply) gives;
//!   [`withdraw`](Exchanges::withdraw) what [`poll_withdrawn`](crate::Connection::poll_withdrawn) gives;
//! - from below: [`head`](Exchanges::head), [`body`](Exchanges::body), [`end`](Exchanges::end) and
//!   [`failed`](Exchanges::failed) of each exchange that [`Output::Open`] began;
//! - when [`poll_timeout`](Exchanges::poll_timeout) has come: [`handle_timeout`](Exchanges::handle_timeout).
//!
//! After **each** of these poll [`poll`](Exchanges::poll) and [`poll_incoming`](Exchanges::poll_incoming) until `None`.
//!
//! # How it works
//! What is to be done is a task: one message to be carried, or one stream to be held, over as many exchanges as
//! that takes. An exchange is named by a number that is never used again, and what comes of one that nobody knows any
//! more is ignored: nothing of an old exchange can touch a new one.
//!
//! ```text
//!            ┌─────────┐  its turn   ┌──────┐  head   ┌──────┐  the answer
//!   send ───►│ Queued  ├────────────►│ Open ├────────►│ Body ├─────────────► done
//!            └─────────┘             └┬──▲─┬┘         └──┬───┘
//!                        401, 403     │  │ │  redirect,  │ the stream broke
//!                   ┌─────────┐◄──────┘  │ │  once more  │
//!                   │ Refused ├──────────┘ └─────►(Open) │
//!                   └─────────┘  others are there        ▼
//!                                        ▲          ┌─────────┐
//!                                        └──────────┤ Waiting │
//!                                         its time  └─────────┘
//! ```
//!
//! What an era decides is asked of its rules. What only HTTP makes of it stands here, where the session's `era` is
//! looked at: which headers a message has (those of the session, or those that repeat what its body says), whether a
//! stream that broke is taken up again, and what a status says of a session or, where there is none, of the era.
//!
//! | file | what it knows |
//! |---|---|
//! | `meaning` | the one table of what an answer means |
//! | `begin`, `compose`, `look` | what goes out, and when |
//! | `idempotent` | what may go out twice |
//! | `heads`, `bodies`, `events`, `reader`, `sse` | what comes in |
//! | `given` | what the connection hears of it |
//! | `resume`, `listening` | streams that break, and the one that is held |
//! | `expiry` | a session that the server knows no more |
//! | `authorization`, `challenge` | other credentials |
//! | `ending` | how a session ends in order |
//! | `params` | headers that tools want |
//! | `old` | the transport of 2024-11-05 |

mod authorization;
mod begin;
mod bodies;
mod challenge;
mod compose;
mod credentials;
mod ending;
mod endpoint;
mod error;
mod events;
mod expiry;
mod failure;
mod given;
mod heads;
mod idempotent;
mod life;
mod listener;
mod listening;
mod look;
mod meaning;
mod old;
mod old_transport;
mod output;
pub(crate) mod params;
mod reader;
mod reference;
mod resume;
mod retry_after;
mod settings;
mod sse;
mod suspicion;
mod task;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode};

pub use challenge::Challenge;
pub use compose::is_reserved;
pub use endpoint::{Endpoint, InvalidUrl};
pub use error::{HttpError, HttpErrorKind};
pub use failure::{Failure, Stage};
pub use idempotent::is_idempotent;
pub use output::{ExchangeId, Output, Reuse};
pub use settings::Settings;

use crate::era::rules::Rules;
use crate::era::rules_of;
use crate::era::versions::Era;
use crate::error::CallError;
use crate::exchange::inbound::Oversized;
use crate::exchange::outbound::Outgoing;
use crate::http::compose::Session;
use crate::http::credentials::Authorization;
use crate::http::life::Life;
use crate::http::listener::Listening;
use crate::http::old_transport::OldTransport;
use crate::http::params::ToolHeaders;
use crate::http::suspicion::Suspicion;
use crate::http::task::{Phase, Purpose, Task, TaskId};
use crate::jsonrpc::id::RequestId;

/// What a connection is given.
#[derive(Debug)]
enum Given {
    Message(Vec<u8>),
    During(RequestId, Vec<u8>),
    /// With where its result is, if it is known to be one.
    Answer(RequestId, Vec<u8>, Option<Range<usize>>),
    Oversized(Oversized),
    Failed(RequestId, CallError),
    Confirmed,
    Gap,
    Fault(String),
}

/// The exchanges of one session. See the [module](self).
#[derive(Debug)]
pub struct Exchanges {
    settings: Settings,
    /// By whose rules the session goes, as far as it is known.
    era: Era,
    /// The opening is answered, and the dialogue has settled the era by it.
    is_open: bool,
    session: Session,
    /// The version of a session of the modern era.
    version: Option<HeaderValue>,
    tasks: BTreeMap<TaskId, Box<Task>>,
    owners: BTreeMap<ExchangeId, TaskId>,
    last_task: u64,
    last_exchange: u64,
    life: Life,
    suspicion: Option<Suspicion>,
    authorization: Authorization,
    listening: Listening,
    tools: ToolHeaders,
    old: OldTransport,
    outputs: VecDeque<Output>,
    given: VecDeque<Given>,
    /// What was given last.
    current: Vec<u8>,
    /// The latest time that was told.
    now: Duration,
}

impl Exchanges {
    /// Nothing has happened yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            era: Era::Modern,
            is_open: false,
            session: Session::default(),
            version: None,
            tasks: BTreeMap::new(),
            owners: BTreeMap::new(),
            last_task: 0,
            last_exchange: 0,
            life: Life::Running,
            suspicion: None,
            authorization: Authorization::default(),
            listening: Listening::default(),
            tools: ToolHeaders::default(),
            old: OldTransport::default(),
            outputs: VecDeque::new(),
            given: VecDeque::new(),
            current: Vec::new(),
            now: Duration::ZERO,
        }
    }

    /// A message may have so many bytes from now on; see [`Connection::max_message`](crate::Connection::max_message).
    pub fn set_max_message(&mut self, bytes: usize) {
        self.settings.max_message = bytes;
    }

    /// So long a server that asks for it is waited for from now on while the session opens; see [`Settings::patience`].
    pub fn set_patience(&mut self, time: Duration) {
        self.settings.patience = time;
    }

    /// Returns whether one more of the connection's messages may come.
    pub fn takes_calls(&self) -> bool {
        let is_confirming = self.tasks.values().any(|task| task.purpose == Purpose::Confirm);
        !is_confirming
            && self.has_fewer(self.settings.max_exchanges, Task::is_counted)
            && self.takes_replies()
    }

    /// Returns whether one more of the connection's [replies](crate::Connection::poll_reply) may come.
    pub fn takes_replies(&self) -> bool {
        const QUEUED: usize = 64;
        self.has_fewer(QUEUED, |task| {
            task.purpose == Purpose::Control && matches!(task.phase, Phase::Queued | Phase::Refused(_))
        })
    }

    /// Returns whether there are fewer of these tasks than so many: mostly there are few of any.
    fn has_fewer(&self, most: usize, are_these: fn(&Task) -> bool) -> bool {
        self.tasks.len() < most || self.tasks.values().filter(|task| are_these(task)).count() < most
    }

    /// Takes a message of the connection.
    pub fn send(&mut self, now: Duration, message: Outgoing) {
        self.tick(now);
        self.begin(message);
    }

    /// Nobody waits for this request any more: its exchange is dropped.
    pub fn withdraw(&mut self, now: Duration, request: RequestId) {
        self.tick(now);
        if let Some(task) = self.task_of(request) {
            self.drop_task(task);
        }
        self.pump();
    }

    /// The head of an answer came. Heads that only say that another one follows (1xx) are not told.
    pub fn head(&mut self, now: Duration, exchange: ExchangeId, status: StatusCode, headers: &HeaderMap) {
        self.tick(now);
        self.outputs.push_back(Output::Piece);
        if let Some(&id) = self.owners.get(&exchange) {
            self.judge_head(id, status, headers);
        }
        self.pump();
    }

    /// A piece of an answer's body came.
    pub fn body(&mut self, now: Duration, exchange: ExchangeId, piece: &[u8]) {
        self.tick(now);
        self.outputs.push_back(Output::Piece);
        if let Some(&id) = self.owners.get(&exchange) {
            self.read(id, piece);
        }
        self.pump();
    }

    /// An answer is complete.
    pub fn end(&mut self, now: Duration, exchange: ExchangeId) {
        self.tick(now);
        if let Some(id) = self.owners.remove(&exchange) {
            self.read_end(id);
        }
        self.pump();
    }

    /// An exchange broke; it is over.
    pub fn failed(&mut self, now: Duration, exchange: ExchangeId, failure: Failure) {
        self.tick(now);
        if let Some(id) = self.owners.remove(&exchange) {
            self.judge_failure(id, failure);
        }
        self.pump();
    }

    /// An exchange goes out with the credentials of this version. Versions count up when what is sent changes.
    pub fn authorized(&mut self, exchange: ExchangeId, version: u64) {
        if let Some(task) = self.owners.get(&exchange).and_then(|id| self.tasks.get_mut(id)) {
            task.credentials = Some(version);
        }
        self.authorization.saw(version);
    }

    /// Answers [`Output::AskCredentials`]: the version that is there now, which is the refused one where there is no
    /// other; or why there is none.
    pub fn credentials(&mut self, now: Duration, answer: Result<u64, String>) {
        self.tick(now);
        self.judge_credentials(answer);
        self.pump();
    }

    /// Nobody can acquire the session any more, after [`Output::Retiring`]: now the requests that the server refused
    /// may be told so.
    pub fn retired(&mut self, now: Duration) {
        self.tick(now);
        self.let_settle();
        self.pump();
    }

    /// Ends the session in order: calls are given up, the server is told what is left to say, and that it ends.
    pub fn stop(&mut self, now: Duration) {
        self.tick(now);
        self.begin_to_stop();
        self.pump();
    }

    /// Ends everything at once.
    pub fn abort(&mut self) {
        self.end_all(None);
    }

    /// When to call [`handle_timeout`](Self::handle_timeout). May be in the past.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let tasks = self.tasks.values().filter_map(|task| task.due()).min();
        [tasks, self.life.due()].into_iter().flatten().min()
    }

    /// Does what is due. No deadline at or before `now` is left.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.tick(now);
        while let Some(id) = self.due_task() {
            self.task_is_due(id);
        }
        self.life_is_due();
        self.pump();
    }

    /// What is to be done next.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The id that a legacy server gave the session. Whoever has it has the session: never print the whole of it.
    pub fn session_id(&self) -> Option<&HeaderValue> {
        self.session.id()
    }

    /// What is known of the headers that tools want; it changes when this does.
    pub fn tools_version(&self) -> u64 {
        self.tools.version()
    }

    fn tick(&mut self, now: Duration) {
        self.now = self.now.max(now);
    }

    fn rules(&self) -> &'static dyn Rules {
        rules_of(self.era)
    }

    fn task_of(&self, request: RequestId) -> Option<TaskId> {
        self.tasks.iter().find(|(_, task)| task.request() == Some(request)).map(|(id, _)| *id)
    }

    /// Forgets a task, and lets go of its exchange. Returns it.
    fn drop_task(&mut self, id: TaskId) -> Option<Box<Task>> {
        let task = self.tasks.remove(&id)?;
        self.let_go(&task);
        Some(task)
    }

    /// The exchange of a task, if one is open, is of no use any more.
    fn let_go(&mut self, task: &Task) {
        if let Some(exchange) = task.exchange()
            && self.owners.remove(&exchange).is_some()
        {
            self.outputs.push_back(Output::Drop(exchange));
        }
    }
}
