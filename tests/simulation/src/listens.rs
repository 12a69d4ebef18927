//! What a server heard of the client's wishes, and whether that is all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tenure_mcp::Era;

use crate::books::Wished;
use crate::failure::Kind;
use crate::ground::Ground;
use crate::replies::{Deed, Thought, error, line, refusal, result};
use crate::tally::Seen;
use crate::tells::SUBSCRIPTION;
use crate::timeline::Who;

/// By then a server has heard of a wish.
const WAY: Duration = Duration::from_secs(4);

/// What one server was asked to tell of.
pub(crate) struct Listens {
    ground: Arc<Ground>,
    generation: u64,
    /// Resources, one by one.
    uris: BTreeSet<String>,
    level: Option<String>,
    /// All at once: what each request asks for that is open.
    open: BTreeMap<u64, BTreeSet<String>>,
    /// When the server itself changed something about that.
    changed: Duration,
    ends: u32,
    /// It did something after which nobody knows what it hears.
    excused: bool,
}

#[derive(Clone, Copy, Debug, Default)]
enum Manner {
    #[default]
    Plain,
    InPart,
    Never,
    Refuse,
    End,
    Cancel,
}

impl Listens {
    pub(crate) fn new(ground: &Arc<Ground>, generation: u64) -> Self {
        Self {
            ground: ground.clone(),
            generation,
            uris: BTreeSet::new(),
            level: None,
            open: BTreeMap::new(),
            changed: Duration::ZERO,
            ends: 0,
            excused: false,
        }
    }

    /// What a server does about a request that is a wish; `None` if it is none.
    pub(crate) fn take(&mut self, method: &str, message: &Value) -> Option<Vec<(Duration, Deed)>> {
        let ground = self.ground.clone();
        let id = message.get("id")?;
        let text = |name: &str| message.pointer(name).and_then(Value::as_str).map(str::to_owned);
        let level = text("/params/_meta/io.modelcontextprotocol~1logLevel");
        self.judge_level(method, message, level.as_deref());
        match method {
            "resources/subscribe" => self.uris.extend(text("/params/uri")),
            "resources/unsubscribe" => drop(text("/params/uri").map(|uri| self.uris.remove(&uri))),
            "logging/setLevel" => self.level = text("/params/level"),
            "subscriptions/listen" => return Some(self.listen(id, message)),
            _ => return None,
        }
        ground.saw(Seen::WishHeard);
        let now = Duration::ZERO;
        Some(match ground.pick(ground.mood.odd_tells, &[(8, 0_u8), (1, 1), (1, 2)]) {
            0 => vec![(now, Deed::Say(result(id, &json!({}))))],
            1 => {
                self.excused = true;
                vec![(now, Deed::Say(error(id)))]
            }
            _ => {
                self.excused = true;
                Vec::new()
            }
        })
    }

    fn listen(&mut self, id: &Value, message: &Value) -> Vec<(Duration, Deed)> {
        use Manner::{Cancel, End, InPart, Never, Plain, Refuse};
        let ground = self.ground.clone();
        ground.saw(Seen::WishHeard);
        let filter = message.pointer("/params/notifications").cloned().unwrap_or_default();
        let number = id.as_u64().unwrap_or_default();
        self.open.insert(number, labels(&filter));
        let manners = [(6, Plain), (2, InPart), (1, Never), (1, Refuse), (3, End), (3, Cancel)];
        let manner = ground.pick(ground.mood.odd_tells, &manners);
        if !matches!(manner, Plain) {
            ground.saw(Seen::ListenOdd);
        }
        let granted = if matches!(manner, InPart) { json!({ "toolsListChanged": true }) } else { filter };
        let params = json!({ "_meta": { SUBSCRIPTION: id }, "notifications": granted });
        let method = "notifications/subscriptions/acknowledged";
        let acknowledged = line(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
        let now = (ground.up_to(300), Deed::Say(acknowledged));
        let later = now.0.saturating_add(ground.up_to(4000));
        match manner {
            Plain | InPart => vec![now],
            Never => {
                self.excused = true;
                Vec::new()
            }
            Refuse => {
                self.excused = true;
                let code = if ground.chance(50) { -32601 } else { -32603 };
                vec![(now.0, refusal(id, &json!({ "code": code, "message": "no" })))]
            }
            End => vec![now, (later, Deed::Think(Thought::EndListening(number, false)))],
            Cancel => vec![now, (later, Deed::Think(Thought::EndListening(number, true)))],
        }
    }

    /// The client doesn't want to hear any more.
    pub(crate) fn cancelled(&mut self, message: &Value) {
        if let Some(id) = message.pointer("/params/requestId").and_then(Value::as_u64) {
            self.open.remove(&id);
        }
    }

    /// The server tells no more; how it says so.
    pub(crate) fn end(&mut self, id: u64, cancels: bool) -> Vec<u8> {
        if self.open.remove(&id).is_none() {
            return Vec::new();
        }
        self.ground.saw(Seen::ListenEnded);
        self.changed = self.ground.clock.awake();
        // Each time the next one comes later.
        self.ends = self.ends.saturating_add(1);
        self.excused |= self.ends > 1;
        if cancels {
            let params = json!({ "requestId": id });
            return line(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params }));
        }
        result(&json!(id), &json!({ "resultType": "complete", "_meta": { SUBSCRIPTION: id } }))
    }

    /// What it may tell of: resources, and the request that asks for them.
    pub(crate) fn heard(&self) -> (Vec<String>, Option<u64>) {
        let open = self.open.last_key_value();
        let uris = self.uris.iter().chain(open.into_iter().flat_map(|(_, filter)| filter));
        let uris = uris.filter(|uri| uri.starts_with("file:")).cloned().collect();
        (uris, open.map(|(id, _)| *id))
    }

    /// In the modern era each request says which log messages are wanted.
    fn judge_level(&self, method: &str, message: &Value, level: Option<&str>) {
        let is_modern = crate::era::is_marked(message);
        let Some(wished) = self.settled().filter(|_| is_modern && method != "server/discover") else {
            return;
        };
        if wished.level != level {
            self.ground.fail(Kind::Unanswered, || {
                format!(
                    "g{}: {method} with the level {level:?}, wished is {:?}",
                    self.generation, wished.level
                )
            });
        }
    }

    /// Looks whether the server has heard just what is wished.
    pub(crate) fn look(&self, era: Option<Era>) {
        let Some(wished) = self.settled().filter(|_| !self.excused) else {
            return;
        };
        let ground = &self.ground;
        let holds = match era {
            Some(Era::Modern) => {
                let open: Vec<_> = self.open.values().collect();
                if wished.what.is_empty() { open.is_empty() } else { open == [&wished.what] }
            }
            Some(_) => {
                let uris = wished.what.iter().filter(|what| what.starts_with("file:"));
                uris.eq(&self.uris) && wished.level == self.level.as_deref()
            }
            None => return,
        };
        if !wished.what.is_empty() {
            ground.saw(Seen::WishesHeard);
        }
        if !holds {
            let Self { uris, level, open, .. } = self;
            let who = Who::Server(self.generation);
            ground.fail(Kind::Unanswered, || {
                format!("{who} heard of {uris:?}, {level:?}, {open:?}; {wished:?}")
            });
        }
    }

    /// What has been wished for some time, where that was surely heard.
    fn settled(&self) -> Option<Wished> {
        let ground = &self.ground;
        let live = ground.books.with(|books| books.live.get(&self.generation).copied())?;
        let wished = ground.books.with(|books| books.wished.clone());
        let since = live.max(self.changed).max(wished.changed);
        let is_long = ground.clock.awake() >= since.saturating_add(WAY);
        (is_long && ground.is_heard(self.generation, since)).then_some(wished)
    }
}

/// What a filter asks for.
fn labels(filter: &Value) -> BTreeSet<String> {
    let lists = [
        ("toolsListChanged", "tools"),
        ("promptsListChanged", "prompts"),
        ("resourcesListChanged", "resources"),
    ];
    let is_there = |(name, _): &(&str, &str)| filter.get(name) == Some(&Value::Bool(true));
    let lists = lists.into_iter().filter(is_there).map(|(_, label)| label.to_owned());
    let uris = filter.get("resourceSubscriptions").and_then(Value::as_array).into_iter().flatten();
    lists.chain(uris.filter_map(Value::as_str).map(str::to_owned)).collect()
}
