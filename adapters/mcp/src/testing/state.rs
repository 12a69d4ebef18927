//! What a scripted server, its connections and the test have in common.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use serde_json::{Map, Value, json};
use tenure_driver::Failure;
use tenure_driver::wake::{Key, Waiters};

use crate::testing::answer::{Answer, Kind};
use crate::testing::script::{Plan, Script};

#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Waiters,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) script: Script,
    /// Why no connection is taken.
    pub(super) refusal: Option<Failure>,
    pub(super) holds: Vec<Hold>,
    pub(super) holds_made: u64,
    /// Those that are open, and those that died and are not dropped yet.
    connections: Vec<Connection>,
    pub(super) opened: u64,
    /// How often something was asked of a client.
    pub(super) asked: u64,
    /// What was asked of clients, on which connection, and what they answered.
    asks: Vec<Ask>,
    /// Method and params of all that came.
    received: Vec<(String, Value)>,
}

struct Ask {
    id: String,
    connection: u64,
    answer: Option<Value>,
}

struct Connection {
    number: u64,
    /// The handshake is complete.
    is_ready: bool,
    /// What is said and not received yet.
    said: VecDeque<Vec<u8>>,
    death: Option<String>,
}

/// Requests of one method that wait until the test says so.
pub(super) struct Hold {
    pub(super) number: u64,
    pub(super) method: String,
    pub(super) arrived: usize,
    pub(super) requests: Vec<Request>,
}

pub(super) struct Request {
    connection: u64,
    id: Value,
    method: String,
    params: Value,
}

/// What there is to receive.
pub(super) enum Said {
    Message(Vec<u8>),
    End,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.wake_all();
        result
    }

    /// Waits until `found` finds something.
    pub(super) fn until<T, F: FnMut(&mut State) -> Option<T>>(&self, found: F) -> Until<'_, F> {
        Until { shared: self, found, key: None }
    }

    /// Waits no more.
    pub(super) fn leave(&self, key: &mut Option<Key>) {
        self.changed.deregister(key);
    }

    fn poll<T>(
        &self,
        key: &mut Option<Key>,
        cx: &Context<'_>,
        found: impl FnOnce(&mut State) -> Option<T>,
    ) -> Poll<T> {
        self.changed.register(key, cx.waker());
        found(&mut self.lock()).map_or(Poll::Pending, Poll::Ready)
    }

    /// A new connection, by its number.
    pub(super) fn open(&self) -> Result<u64, Failure> {
        self.change(|state| {
            if let Some(refusal) = &state.refusal {
                return Err(refusal.clone());
            }
            state.opened = state.opened.saturating_add(1);
            let number = state.opened;
            state.connections.push(Connection {
                number,
                is_ready: false,
                said: VecDeque::new(),
                death: None,
            });
            Ok(number)
        })
    }

    pub(super) fn close(&self, connection: u64) {
        self.change(|state| state.connections.retain(|it| it.number != connection));
    }

    pub(super) fn poll_said(&self, connection: u64, key: &mut Option<Key>, cx: &Context<'_>) -> Poll<Said> {
        self.poll(key, cx, |state| {
            let Some(connection) = state.connection(connection) else {
                return Some(Said::End);
            };
            let message = connection.said.pop_front().map(Said::Message);
            message.or_else(|| connection.death.as_ref().map(|_| Said::End))
        })
    }

    pub(super) async fn death(&self, connection: u64) -> String {
        self.until(|state| state.connection(connection)?.death.clone()).await
    }

    /// The client sent a message.
    pub(super) fn receive(&self, connection: u64, message: &[u8]) {
        let Ok(Value::Object(mut message)) = serde_json::from_slice(message) else {
            return;
        };
        let Some(Value::String(method)) = message.remove("method") else {
            return self.change(|state| state.hear_answer(message));
        };
        let params = message.remove("params").unwrap_or_default();
        let id = message.remove("id");
        let request = self.change(|state| {
            state.received.push((method.clone(), params.clone()));
            let Some(id) = id else {
                state.notice(connection, &method);
                return None;
            };
            state.hold(Request { connection, id, method, params })
        });
        if let Some(request) = request {
            self.answer(&request);
        }
    }

    /// Answers as the script says. The test's closures are called without the lock.
    pub(super) fn answer(&self, request: &Request) {
        let Answer(kind) = match self.look(|state| state.script.plan(&request.method, &request.params)) {
            Plan::Answer(answer) => answer,
            Plan::Ask(handler, given) => handler(&given),
        };
        let id = &request.id;
        let message = match kind {
            Kind::Result(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string(),
            Kind::Error { code, message } => {
                json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
                    .to_string()
            }
            Kind::Raw(message) => message.replace("$id", &id.to_string()),
            Kind::Silence => return,
            Kind::Death(why) => return self.with_connection(request.connection, |it| it.die(&why)),
        };
        self.with_connection(request.connection, |it| it.say(message.into_bytes()));
    }

    /// Changes a connection, if it is still there.
    fn with_connection(&self, number: u64, change: impl FnOnce(&mut Connection)) {
        self.change(|state| {
            if let Some(connection) = state.connection(number) {
                change(connection);
            }
        });
    }
}

impl State {
    fn connection(&mut self, number: u64) -> Option<&mut Connection> {
        self.connections.iter_mut().find(|connection| connection.number == number)
    }

    fn notice(&mut self, connection: u64, method: &str) {
        if method == "notifications/initialized"
            && let Some(connection) = self.connection(connection)
        {
            connection.is_ready = true;
        }
    }

    /// Asks on the newest connection whose handshake is complete, if there is one.
    pub(super) fn ask(&mut self, id: &str, message: &Value) {
        let Some(connection) = self.connections.iter_mut().rfind(|it| it.is_ready && it.death.is_none())
        else {
            return;
        };
        connection.say(message.to_string().into_bytes());
        self.asks.push(Ask { id: id.to_owned(), connection: connection.number, answer: None });
    }

    fn hear_answer(&mut self, answer: Map<String, Value>) {
        let ask = self.asks.iter_mut().find(|ask| answer.get("id").is_some_and(|id| *id == ask.id));
        if let Some(ask) = ask {
            ask.answer = Some(Value::Object(answer));
        }
    }

    /// What was answered, as soon as that is known; `None` if no answer can come.
    pub(super) fn answer_to(&self, id: &str) -> Poll<Option<Value>> {
        let ask = self.asks.iter().find(|ask| ask.id == id);
        let is_open =
            |ask: &Ask| self.connections.iter().any(|it| it.number == ask.connection && it.death.is_none());
        match ask {
            Some(Ask { answer: None, .. }) if ask.is_some_and(is_open) => Poll::Pending,
            ask => Poll::Ready(ask.and_then(|ask| ask.answer.clone())),
        }
    }

    /// Takes the request if it is to wait, and hands it back if not.
    fn hold(&mut self, request: Request) -> Option<Request> {
        let Some(hold) = self.holds.iter_mut().find(|hold| hold.method == request.method) else {
            return Some(request);
        };
        hold.arrived = hold.arrived.saturating_add(1);
        hold.requests.push(request);
        None
    }

    pub(super) fn alive(&self) -> usize {
        self.connections.iter().filter(|connection| connection.death.is_none()).count()
    }

    pub(super) fn received(&self, method: &str) -> Vec<Value> {
        let of_it = self.received.iter().filter(|(it, _)| it == method);
        of_it.map(|(_, params)| params.clone()).collect()
    }

    /// Says it on each connection that is open, be it ready or not.
    pub(super) fn say(&mut self, message: &[u8]) {
        self.connections.iter_mut().for_each(|connection| connection.say(message.to_vec()));
    }

    /// Says it on each connection whose handshake is complete.
    pub(super) fn notify(&mut self, method: &str, params: Option<Value>) {
        let mut message = json!({ "jsonrpc": "2.0", "method": method });
        if let (Some(params), Some(fields)) = (params, message.as_object_mut()) {
            fields.insert("params".to_owned(), params);
        }
        let message = message.to_string().into_bytes();
        let ready = self.connections.iter_mut().filter(|connection| connection.is_ready);
        ready.for_each(|connection| connection.say(message.clone()));
    }

    pub(super) fn die(&mut self, why: &str) {
        self.connections.iter_mut().for_each(|connection| connection.die(why));
    }
}

impl Connection {
    fn say(&mut self, message: Vec<u8>) {
        if self.death.is_none() {
            self.said.push_back(message);
        }
    }

    fn die(&mut self, why: &str) {
        self.death.get_or_insert_with(|| why.to_owned());
    }
}

/// See [`Shared::until`].
pub(super) struct Until<'a, F> {
    shared: &'a Shared,
    found: F,
    key: Option<Key>,
}

impl<T, F: FnMut(&mut State) -> Option<T> + Unpin> Future for Until<'_, F> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = &mut *self;
        this.shared.poll(&mut this.key, cx, &mut this.found)
    }
}

impl<F> Drop for Until<'_, F> {
    fn drop(&mut self) {
        self.shared.leave(&mut self.key);
    }
}

/// What all parts hold.
pub(super) type Room = Arc<Shared>;
