//! The far side: what it answers to a request that reaches it, and what it does for that.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;

use crate::era::Knows;
use crate::failure::Kind;
use crate::ground::Ground;
use crate::held::Held;
use crate::tally::Seen;
use crate::web::Web;
use crate::web::feed::Feed;
use crate::web::visit::Visit;

pub(crate) struct Site {
    ground: Arc<Ground>,
    visits: Held<BTreeMap<u64, Arc<Visit>>>,
}

/// What a request is answered with.
pub(crate) enum Reply {
    /// Nothing but a status, and perhaps some words.
    Status(u16, &'static str),
    /// A status, and this in JSON.
    Json(u16, String),
    /// What comes on a stream, from there on; and the name of a session that began.
    Stream { number: u64, feed: Arc<Feed>, from: usize, session: Option<String>, is_call: bool },
    /// Nothing, ever.
    Silence,
}

impl Site {
    pub(crate) fn new(ground: &Arc<Ground>) -> Arc<Self> {
        Arc::new(Self { ground: ground.clone(), visits: Held::default() })
    }

    pub(crate) fn visit(&self, generation: u64, knows: Knows) -> Arc<Visit> {
        let visit = Visit::new(&self.ground, generation, knows);
        self.visits.with(|visits| visits.insert(generation, visit.clone()));
        visit
    }

    /// The generations whose clients left their sessions as they are.
    pub(crate) fn left(&self) -> Vec<u64> {
        let visits = self.visits.with(|visits| visits.values().cloned().collect::<Vec<_>>());
        visits.iter().filter(|visit| visit.is_left()).map(|visit| visit.generation).collect()
    }
}

/// A request reaches the server.
pub(crate) fn serve(visit: &Arc<Visit>, web: Web, request: &Request<Bytes>) -> Reply {
    let ground = &visit.ground;
    let named = request.headers().get("mcp-session-id").and_then(|name| name.to_str().ok());
    let known = visit.session();
    if let Some(named) = named
        && !named.starts_with(&format!("s-{}-", visit.generation))
    {
        ground.fail(Kind::WrongAnswer, || format!("g{} names session {named}", visit.generation));
    }
    let line = String::from_utf8_lossy(request.body()).into_owned();
    let message: Value = serde_json::from_str(&line).unwrap_or_default();
    let method = message.get("method").and_then(Value::as_str).unwrap_or_default();
    let opens = matches!(method, "initialize" | "server/discover");
    if !opens && known.is_some() && named.is_some() && ground.fault(web.expires, 5) {
        visit.forget("");
    }
    let is_unknown = named.is_some() && (visit.is_forgotten() || named != known.as_deref());
    if is_unknown && !opens {
        ground.saw(Seen::Unknown);
        ground.say(visit.who(), || "knows no such session".to_owned());
        return unknown(ground, web);
    }
    match *request.method() {
        Method::POST => posted(visit, web, &line, &message),
        Method::GET => asked_for(visit, web, request),
        _ => ended(visit, web),
    }
}

/// The ways in which servers say that they know no such session.
fn unknown(ground: &Ground, web: Web) -> Reply {
    let nameless = |code: i64| {
        format!(r#"{{"jsonrpc":"2.0","id":null,"error":{{"code":{code},"message":"no session"}}}}"#)
    };
    match ground.pick(web.vague, &[(4, 0_u8), (2, 1), (2, 2), (1, 3)]) {
        0 => Reply::Status(404, "Session not found"),
        1 => Reply::Json(400, nameless(-32000)),
        2 => Reply::Json(200, nameless(-32600)),
        _ => Reply::Status(410, ""),
    }
}

fn posted(visit: &Arc<Visit>, web: Web, line: &str, message: &Value) -> Reply {
    let ground = &visit.ground;
    ground.say(visit.who(), || format!("hears {}", line.trim_end()));
    let method = message.get("method").and_then(Value::as_str);
    if method.is_none() || message.get("id").is_none() {
        visit.hear(line, message);
        return Reply::Status(202, "");
    }
    note(visit, method.unwrap_or_default(), message);
    let (number, feed, opens) = visit.ask(line, message);
    let session = if method == Some("initialize") && opens { visit.begin(web.has_sessions) } else { None };
    let is_call = method == Some("tools/call");
    Reply::Stream { number, feed, from: 0, session, is_call }
}

/// What is done, is done once.
fn note(visit: &Visit, method: &str, message: &Value) {
    let ground = &visit.ground;
    let is_round = ["requestState", "inputResponses"]
        .iter()
        .any(|name| message.pointer(&format!("/params/{name}")).is_some());
    let nonce = message.pointer("/params/arguments/nonce").and_then(Value::as_u64);
    let Some(nonce) = nonce.filter(|_| method == "tools/call") else {
        return;
    };
    let done = ground.books.with(|books| {
        let done = books.done.entry(nonce).or_default();
        *done = done.saturating_add(u32::from(!is_round));
        *done
    });
    ground.saw(Seen::Done);
    if done > 1 {
        ground.fail(Kind::Twice, || format!("call {nonce} was done {done} times"));
    }
}

/// A stream to listen on, or one that is taken up again.
fn asked_for(visit: &Arc<Visit>, web: Web, request: &Request<Bytes>) -> Reply {
    let ground = &visit.ground;
    let cursor = request.headers().get("last-event-id").and_then(|cursor| cursor.to_str().ok());
    let place = cursor.and_then(|cursor| cursor.split_once('.'));
    let place = place.and_then(|(number, from)| Some((number.parse().ok()?, from.parse::<usize>().ok()?)));
    if let Some((number, from)) = place {
        let Some(feed) = visit.feed(number) else {
            return Reply::Status(400, "no such stream");
        };
        ground.saw(Seen::TakenUp);
        return Reply::Stream { number, feed, from, session: None, is_call: false };
    }
    if !web.listens {
        return Reply::Status(405, "");
    }
    let (number, feed) = visit.listen();
    Reply::Stream { number, feed, from: 0, session: None, is_call: false }
}

fn ended(visit: &Visit, web: Web) -> Reply {
    let ground = &visit.ground;
    ground.saw(Seen::Deleted);
    visit.ended();
    if ground.fault(web.slow_end, 60) {
        return Reply::Silence;
    }
    if ground.chance(25) {
        return Reply::Status(405, "");
    }
    visit.forget("");
    Reply::Status(200, "")
}
