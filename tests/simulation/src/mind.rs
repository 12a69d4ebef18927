//! What a server makes of what it hears, and what it has in mind beside that.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tenure_mcp::Era;

use crate::asks::Asks;
use crate::era::{Knows, Opening, is_marked};
use crate::failure::Kind;
use crate::ground::Ground;
use crate::listens::Listens;
use crate::replies::{Deed, Thought, answer, meant, opening, refusal};
use crate::rounds::Rounds;
use crate::tally::Seen;
use crate::tells::Tells;

/// When it looks whether it has heard all wishes, in seconds.
const LOOKS: [u64; 6] = [6, 9, 12, 16, 21, 27];

type Deeds = Vec<(Duration, Deed)>;

pub(crate) struct Mind {
    ground: Arc<Ground>,
    generation: u64,
    knows: Knows,
    /// It has opened the connection.
    is_open: bool,
    /// That of the connection, as far as it is known for sure.
    era: Option<Era>,
    asks: Asks,
    rounds: Rounds,
    tells: Tells,
    listens: Listens,
}

impl Mind {
    pub(crate) fn new(ground: &Arc<Ground>, generation: u64, knows: Knows) -> Self {
        Self {
            ground: ground.clone(),
            generation,
            knows,
            is_open: false,
            era: None,
            asks: Asks::new(ground, generation),
            rounds: Rounds::new(ground, generation),
            tells: Tells::new(ground),
            listens: Listens::new(ground, generation),
        }
    }

    /// What it will do by itself.
    pub(crate) fn plans(&self) -> Deeds {
        let ground = &self.ground;
        let mut plans = Vec::new();
        for (there, percent, thought) in
            [(ground.mood.asks, 50, Thought::Ask), (ground.mood.tells, 60, Thought::Tell)]
        {
            let mut at = Duration::ZERO;
            while ground.fault(there, percent) {
                at = at.saturating_add(ground.up_to(5000));
                plans.push((at, Deed::Think(thought.clone())));
            }
        }
        if ground.mood.tells {
            let look = |at| (Duration::from_secs(at), Deed::Think(Thought::LookForWishes));
            plans.extend(LOOKS.map(look));
        }
        plans
    }

    /// What comes of a thought.
    pub(crate) fn think(&mut self, thought: Thought, deaf: bool) -> Deeds {
        let say = |line: Vec<u8>| vec![(Duration::ZERO, Deed::Say(line))];
        let again = match &thought {
            Thought::Ask => return self.asks.ask(self.era),
            Thought::Tell => {
                let (uris, subscription) = self.listens.heard();
                return say(self.tells.change(&uris, subscription));
            }
            Thought::EndListening(id, cancels) => return say(self.listens.end(*id, *cancels)),
            _ if deaf => None,
            Thought::LookForAnswer(id) => self.asks.look(id),
            Thought::LookForRound(call, count) => self.rounds.look(*call, *count),
            Thought::LookForWishes => {
                self.listens.look(self.era);
                None
            }
        };
        again.map(|after| (after, Deed::Think(thought))).into_iter().collect()
    }

    /// What it does about a message, and after how long.
    pub(crate) fn hear(&mut self, line: &str, message: &Value) -> Deeds {
        let Some(method) = message.get("method").and_then(Value::as_str) else {
            self.asks.answered(message);
            return Vec::new();
        };
        let Some(id) = message.get("id") else {
            if method == "notifications/cancelled" {
                self.listens.cancelled(message);
            }
            return Vec::new();
        };
        let ground = self.ground.clone();
        if method == "server/discover" && !self.is_open {
            ground.saw(Seen::Asked);
        }
        let capabilities = if ground.mood.tells { able() } else { Value::Object(Map::new()) };
        let opens = self.knows.opening(method, &capabilities);
        self.note_era(method, opens.as_ref());
        match opens {
            // Who is open is asked for a sign of life.
            Some(Opening::Open(meant)) if self.is_open => answer(&ground, id, &meant),
            Some(Opening::Open(meant)) => {
                self.is_open = true;
                opening(&ground, id, meant)
            }
            Some(Opening::Refuse(error)) => vec![(Duration::ZERO, refusal(id, &error))],
            Some(Opening::Silence) => Vec::new(),
            Some(Opening::Death) => vec![(Duration::ZERO, Deed::Die)],
            None => {
                self.judge_mark(method, message);
                self.reply(method, line, message)
            }
        }
    }

    /// Nothing is sure between the eras.
    fn note_era(&mut self, method: &str, opens: Option<&Opening>) {
        match (method, opens) {
            ("initialize", Some(Opening::Open(_))) => self.era = Some(Era::Legacy),
            ("server/discover", _) if self.era == Some(Era::Legacy) => self.era = None,
            _ => {}
        }
    }

    fn reply(&mut self, method: &str, line: &str, message: &Value) -> Deeds {
        let ground = self.ground.clone();
        let id = message.get("id").cloned().unwrap_or_default();
        self.era = Some(if is_marked(message) { Era::Modern } else { Era::Legacy });
        if let Some(deeds) = self.listens.take(method, message) {
            return deeds;
        }
        if method != "tools/call"
            && self.era == Some(Era::Modern)
            && let Some(deeds) = self.rounds.want_wrongly(line, message)
        {
            return deeds;
        }
        let mut deeds = Vec::new();
        if method == "tools/call" {
            self.note_call(message);
            if ground.mood.asks && self.era == Some(Era::Modern) {
                if let Some(wish) = self.rounds.take(line, message) {
                    deeds = self.tells.progress(message, &wish);
                    deeds.extend(wish);
                    return deeds;
                }
            } else if ground.fault(ground.mood.asks, 30) {
                ground.saw(Seen::AskedInCall);
                deeds = self.asks.ask(self.era);
            }
        }
        let mut answer = answer(&ground, &id, &meant(self.generation, method, message));
        if !deeds.is_empty() && ground.chance(50) {
            let more = ground.up_to(10_000);
            for (after, _) in &mut answer {
                *after = after.saturating_add(more);
            }
        }
        if method == "tools/call" {
            deeds.extend(self.tells.progress(message, &answer));
        }
        deeds.extend(answer);
        deeds
    }

    /// Where this call is, so that others know.
    fn note_call(&self, message: &Value) {
        let id = message.get("id").and_then(Value::as_u64);
        let call = message.pointer("/params/arguments/nonce").and_then(Value::as_u64);
        if let (Some(id), Some(call)) = (id, call) {
            self.ground.books.with(|books| *books.places.entry(call).or_insert((self.generation, id)));
        }
    }

    /// A server of the modern era alone is not asked without the marks of that era.
    fn judge_mark(&self, method: &str, message: &Value) {
        let ground = &self.ground;
        let corrupted = ground.marks.with(|marks| marks.corrupted.contains(&self.generation));
        if self.knows == Knows::Modern && !corrupted {
            ground.saw(Seen::Modern);
            if !is_marked(message) {
                ground.fail(Kind::WrongAnswer, || format!("{method} has no version"));
            }
        }
    }
}

/// What a server can do that tells of changes.
fn able() -> Value {
    let lists = json!({ "listChanged": true });
    let resources = json!({ "listChanged": true, "subscribe": true });
    json!({ "logging": {}, "tools": lists, "prompts": lists, "resources": resources })
}
