//! What one client, that of a generation, has at the far side.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_lite::future;
use serde_json::Value;
use tenure::Time;

use crate::era::Knows;
use crate::ground::Ground;
use crate::held::{Held, Thing, Token};
use crate::mind::Mind;
use crate::replies::Deed;
use crate::tally::Seen;
use crate::timeline::Who;
use crate::web::feed::Feed;

pub(crate) struct Visit {
    pub(crate) ground: Arc<Ground>,
    pub(crate) generation: u64,
    mind: Held<Mind>,
    state: Held<State>,
}

#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each may be so or not, whatever the others are")]
struct State {
    /// The name of its session, once it has one.
    session: Option<String>,
    /// The client has heard of it.
    is_told: bool,
    /// The server knows it no more.
    is_forgotten: bool,
    /// The client wanted it to end.
    is_ended: bool,
    feeds: BTreeMap<u64, Arc<Feed>>,
    /// Where it tells what concerns no call.
    own: Option<Arc<Feed>>,
    has_plans: bool,
}

impl Visit {
    pub(crate) fn new(ground: &Arc<Ground>, generation: u64, knows: Knows) -> Arc<Self> {
        let mind = Held::new(Mind::new(ground, generation, knows));
        Arc::new(Self { ground: ground.clone(), generation, mind, state: Held::default() })
    }

    pub(crate) fn who(&self) -> Who {
        Who::Server(self.generation)
    }

    /// The session begins; its name.
    pub(crate) fn begin(&self, is_named: bool) -> Option<String> {
        let name = is_named.then(|| format!("s-{}-{}", self.generation, self.ground.number()));
        self.state.with(|state| {
            state.session.clone_from(&name);
            (state.is_forgotten, state.is_told) = (false, false);
        });
        name
    }

    pub(crate) fn session(&self) -> Option<String> {
        self.state.with(|state| state.session.clone())
    }

    pub(crate) fn is_forgotten(&self) -> bool {
        self.state.with(|state| state.is_forgotten)
    }

    pub(crate) fn mark_told(&self) {
        self.state.with(|state| state.is_told = true);
    }

    pub(crate) fn ended(&self) {
        self.state.with(|state| state.is_ended = true);
    }

    /// Returns whether the client knows a session here, and left it as it is.
    pub(crate) fn is_left(&self) -> bool {
        self.state
            .with(|state| state.session.is_some() && state.is_told && !state.is_forgotten && !state.is_ended)
    }

    /// The server forgets the session, as one that was started anew does; its streams break off.
    pub(crate) fn forget(&self, beginning: &str) {
        let ground = &self.ground;
        ground.say(self.who(), || "forgets the session".to_owned());
        let feeds = self.state.with(|state| {
            state.is_forgotten = true;
            let feeds = std::mem::take(&mut state.feeds).into_values();
            feeds.chain(state.own.take()).collect::<Vec<_>>()
        });
        for feed in feeds {
            feed.cut(beginning.to_owned());
        }
    }

    /// A stream, by its number.
    pub(crate) fn feed(&self, number: u64) -> Option<Arc<Feed>> {
        self.state.with(|state| state.feeds.get(&number).cloned())
    }

    fn new_feed(&self) -> (u64, Arc<Feed>) {
        let (number, feed) = (self.ground.number(), Arc::new(Feed::default()));
        self.state.with(|state| state.feeds.insert(number, feed.clone()));
        (number, feed)
    }

    /// A new stream on which the server tells what concerns no call.
    pub(crate) fn listen(self: &Arc<Self>) -> (u64, Arc<Feed>) {
        let (number, feed) = self.new_feed();
        self.tell_on(&feed);
        (number, feed)
    }

    fn tell_on(self: &Arc<Self>, feed: &Arc<Feed>) {
        let is_first = self.state.with(|state| {
            state.own = Some(feed.clone());
            !std::mem::replace(&mut state.has_plans, true)
        });
        if is_first {
            let deeds = self.mind.with(|mind| mind.plans());
            self.ground.spawn(self.who(), self.clone().carry_out(deeds, None, Value::Null));
        }
    }

    /// A message that wants no answer.
    pub(crate) fn hear(self: &Arc<Self>, line: &str, message: &Value) {
        let deeds = self.mind.with(|mind| mind.hear(line, message));
        self.ground.spawn(self.who(), self.clone().carry_out(deeds, None, Value::Null));
    }

    /// A request: the stream on which it is answered, and whether it opens a session.
    pub(crate) fn ask(self: &Arc<Self>, line: &str, message: &Value) -> (u64, Arc<Feed>, bool) {
        let (number, feed) = self.new_feed();
        let deeds = self.mind.with(|mind| mind.hear(line, message));
        if message.get("method").and_then(Value::as_str) == Some("subscriptions/listen") {
            self.tell_on(&feed);
        }
        let opens = |deed: &Deed| match deed {
            Deed::Say(line) => String::from_utf8_lossy(line).contains("\"protocolVersion\""),
            _ => false,
        };
        let opens = deeds.iter().any(|(_, deed)| opens(deed));
        let id = message.get("id").cloned().unwrap_or_default();
        self.ground.spawn(self.who(), self.clone().carry_out(deeds, Some(feed.clone()), id));
        (number, feed, opens)
    }

    /// Does what it has in mind, each in its time, on this stream or on that of its own.
    async fn carry_out(
        self: Arc<Self>,
        deeds: Vec<(Duration, Deed)>,
        feed: Option<Arc<Feed>>,
        answers: Value,
    ) {
        let token: Token = self.ground.token(Thing::Server);
        let work = self.work(deeds, feed, answers);
        future::or(work, self.ground.doom.wait()).await;
        drop(token);
    }

    async fn work(&self, deeds: Vec<(Duration, Deed)>, feed: Option<Arc<Feed>>, answers: Value) {
        let ground = &self.ground;
        let mut agenda: BTreeMap<(Time, u64), Deed> = BTreeMap::new();
        let plan = |agenda: &mut BTreeMap<_, _>, deeds: Vec<(Duration, Deed)>| {
            for (after, deed) in deeds {
                agenda.insert((ground.clock.now().saturating_add(after), ground.number()), deed);
            }
        };
        plan(&mut agenda, deeds);
        let mut is_answered = false;
        while let Some(((time, _), deed)) = agenda.pop_first() {
            ground.clock.sleep_until(time).await;
            if feed.as_ref().is_some_and(|feed| feed.is_over()) {
                return;
            }
            match deed {
                Deed::Say(line) => {
                    is_answered |= answered(&line, &answers);
                    self.say(feed.as_deref(), &line);
                }
                Deed::SayAndDie(line) => {
                    ground.saw(Seen::ServerDied);
                    let beginning = String::from_utf8_lossy(&line).into_owned();
                    if let Some(feed) = &feed {
                        feed.cut(beginning);
                    }
                    return self.forget("");
                }
                Deed::Die => {
                    ground.saw(Seen::ServerDied);
                    return self.forget("");
                }
                Deed::Think(thought) => {
                    let deeds = self.mind.with(|mind| mind.think(thought, false));
                    plan(&mut agenda, deeds);
                }
            }
            let says_more = agenda.values().any(|deed| !matches!(deed, Deed::Think(_)));
            if is_answered
                && !says_more
                && let Some(feed) = &feed
            {
                feed.end();
            }
        }
    }

    fn say(&self, feed: Option<&Feed>, lines: &[u8]) {
        let text = String::from_utf8_lossy(lines);
        let own = self.state.with(|state| state.own.clone());
        let Some(feed) = feed.or(own.as_deref()) else {
            return;
        };
        for line in text.lines().filter(|line| !line.is_empty()) {
            self.ground.say(self.who(), || format!("says {}", line.chars().take(300).collect::<String>()));
            feed.say(line.to_owned());
        }
    }
}

/// Returns whether a line answers the request of this id.
fn answered(line: &[u8], id: &Value) -> bool {
    let message: Value = serde_json::from_slice(line).unwrap_or_default();
    !id.is_null() && message.get("method").is_none() && message.get("id") == Some(id)
}
