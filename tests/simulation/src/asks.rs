//! What a server of the legacy era asks of the client, and what it hears of that.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tenure_mcp::Era;

use crate::failure::Kind;
use crate::ground::Ground;
use crate::handlers::{OWN, mark};
use crate::replies::{Deed, Thought, line};
use crate::tally::Seen;
use crate::timeline::Who;

/// So much a server asks at most.
const MOST: usize = 12;
/// By then an answer has come, unless a handler works on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(6);
/// So long an answer takes that is there already.
const WAY: Duration = Duration::from_secs(2);

/// What one server asked, by the ids.
pub(crate) struct Asks {
    ground: Arc<Ground>,
    generation: u64,
    asked: BTreeMap<String, Asked>,
}

struct Asked {
    question: u64,
    /// When, by the time that the machine was awake.
    at: Duration,
    /// How often it was asked under this id.
    times: u32,
    answers: u32,
    cancelled: bool,
    /// What was known of the connection's era.
    era: Option<Era>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Way {
    #[default]
    Plain,
    Repeated,
    Many,
    CancelledAtOnce,
    CancelledLater,
}

/// Params of a request that a server makes, or of an input that it wants.
pub(crate) fn question(ground: &Ground, question: u64) -> (&'static str, Value) {
    let meta = json!({ "nonce": question });
    let schema = json!({ "type": "object", "properties": { "mark": { "type": "string" } } });
    match ground.below(5) {
        0 => ("roots/list", json!({ "_meta": meta })),
        1 => {
            let said = json!({ "role": "user", "content": { "type": "text", "text": "who?" } });
            ("sampling/createMessage", json!({ "messages": [said], "maxTokens": 9, "_meta": meta }))
        }
        2 => ("elicitation/create", json!({ "message": "who?", "requestedSchema": schema, "_meta": meta })),
        3 => {
            let page = json!({ "mode": "url", "message": "go", "url": "https://a.example", "elicitationId": "e", "_meta": meta });
            ("elicitation/create", page)
        }
        _ => (OWN, json!({ "_meta": meta })),
    }
}

/// The same, but some of it is not offered or can't be read.
fn perhaps_odd(ground: &Ground, number: u64) -> (&'static str, Value) {
    let (method, params) = question(ground, number);
    match ground.pick(ground.mood.odd_asks, &[(6, 0_u8), (1, 1), (1, 2), (1, 3)]) {
        1 => ("nobody/offers", params),
        2 => ("elicitation/create", json!({ "mode": "seance", "_meta": { "nonce": number } })),
        3 => ("sampling/createMessage", json!({ "messages": 5, "_meta": { "nonce": number } })),
        _ => (method, params),
    }
}

impl Asks {
    pub(crate) fn new(ground: &Arc<Ground>, generation: u64) -> Self {
        Self { ground: ground.clone(), generation, asked: BTreeMap::new() }
    }

    /// The server asks for something, in one way or another.
    pub(crate) fn ask(&mut self, era: Option<Era>) -> Vec<(Duration, Deed)> {
        use Way::{CancelledAtOnce, CancelledLater, Many, Plain, Repeated};
        let ground = self.ground.clone();
        let ways = [(8, Plain), (2, Repeated), (1, Many), (2, CancelledAtOnce), (2, CancelledLater)];
        let way = ground.pick(ground.mood.odd_asks, &ways);
        let now = Duration::ZERO;
        let count = if matches!(way, Many) { 5 } else { 1 };
        let mut deeds = Vec::new();
        for _ in 0..count {
            if self.asked.len() >= MOST {
                break;
            }
            let (id, line) = self.request(era);
            deeds.push((now, Deed::Say(line.clone())));
            deeds.push((PATIENCE, Deed::Think(Thought::LookForAnswer(id.to_string()))));
            match way {
                Plain => {}
                Many => ground.saw(Seen::AskedMany),
                Repeated => {
                    ground.saw(Seen::AskedTwice);
                    self.again(&id);
                    deeds.push((ground.up_to(2000), Deed::Say(line)));
                }
                CancelledAtOnce | CancelledLater => {
                    ground.saw(Seen::AskCancelled);
                    let after = if matches!(way, CancelledLater) { ground.up_to(4000) } else { now };
                    deeds.push((after, Deed::Say(self.cancel(&id))));
                }
            }
        }
        deeds
    }

    fn request(&mut self, era: Option<Era>) -> (Value, Vec<u8>) {
        let ground = &self.ground;
        ground.saw(Seen::ServerAsked);
        let number = ground.number();
        let id = if ground.chance(30) { json!(format!("q{number}")) } else { json!(number) };
        let (method, params) = perhaps_odd(ground, number);
        ground.books.with(|books| books.questions.entry(number).or_default().asked = 1);
        let at = ground.clock.awake();
        let asked = Asked { question: number, at, times: 1, answers: 0, cancelled: false, era };
        self.asked.insert(id.to_string(), asked);
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        (id, line(&request))
    }

    /// It is asked once more, under the same id.
    fn again(&mut self, id: &Value) {
        if let Some(asked) = self.asked.get_mut(&id.to_string()) {
            asked.times = asked.times.saturating_add(1);
            self.ground.books.with(|books| {
                let question = books.questions.entry(asked.question).or_default();
                question.asked = question.asked.saturating_add(1);
            });
        }
    }

    fn cancel(&mut self, id: &Value) -> Vec<u8> {
        if let Some(asked) = self.asked.get_mut(&id.to_string()) {
            asked.cancelled = true;
        }
        let params = json!({ "requestId": id, "reason": "never mind" });
        line(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params }))
    }

    /// The client answers.
    pub(crate) fn answered(&mut self, message: &Value) {
        let Some(asked) = message.get("id").and_then(|id| self.asked.get_mut(&id.to_string())) else {
            return;
        };
        let (ground, generation) = (&self.ground, self.generation);
        ground.saw(Seen::AskAnswered);
        asked.answers = asked.answers.saturating_add(1);
        let marked =
            message.get("result").is_none_or(|result| result.to_string().contains(&mark(asked.question)));
        let corrupted = ground.marks.with(|marks| marks.corrupted.contains(&generation));
        if !corrupted && (asked.answers > asked.times || asked.era == Some(Era::Modern) || !marked) {
            ground.fail(Kind::WrongAnswer, || {
                let Asked { question, times, answers, .. } = asked;
                format!("g{generation} asked {question} {times} times, and was answered {answers} times: {message}")
            });
        }
    }

    /// Whether an answer has come that must have come by now; when to look again if not.
    pub(crate) fn look(&self, id: &str) -> Option<Duration> {
        let asked = self.asked.get(id)?;
        let (ground, generation) = (&self.ground, self.generation);
        let is_settled = asked.answers > 0 || asked.cancelled || asked.era != Some(Era::Legacy);
        if is_settled || !ground.is_heard(generation, asked.at) {
            return None;
        }
        let now = ground.clock.awake();
        let question = ground.books.with(|books| books.questions.get(&asked.question).copied())?;
        let due = match question.ended {
            Some(ended) => ended.saturating_add(WAY).max(asked.at.saturating_add(PATIENCE)),
            // A handler may take as long as it likes.
            None if question.begun > 0 => return Some(PATIENCE),
            None => asked.at.saturating_add(PATIENCE),
        };
        if now < due {
            return Some(due.saturating_sub(now).max(Duration::from_millis(1)));
        }
        ground.say(Who::Server(generation), || format!("has no answer to {question:?}"));
        ground.fail(Kind::Unanswered, || format!("what g{generation} asked with {id} is never answered"));
        None
    }
}
