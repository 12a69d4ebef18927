//! Those who use the client, and change their minds.

use std::sync::Arc;
use std::time::Duration;

use futures_lite::{StreamExt, future};
use serde_json::value::RawValue;
use tenure::Mode;
use tenure_mcp::proto::types::LogLevel;
use tenure_mcp::{Client, Subscriptions, WeakClient};

use crate::acts::{Act, Ask, Patience, patiently};
use crate::call::{Call, Right, arguments, note_undone, told_in_time};
use crate::failure::Kind;
use crate::ground::Ground;
use crate::operation::Operation;
use crate::tally::Seen;
use crate::timeline::Who;

/// One task that uses the client.
pub(crate) struct Caller {
    ground: Arc<Ground>,
    who: Who,
    client: Option<Client>,
    weak: WeakClient,
    leases: Vec<Right>,
    /// How long its calls may take.
    timeout: Option<Duration>,
}

impl Caller {
    pub(crate) fn new(ground: &Arc<Ground>, number: u64, client: Client, timeout: Option<Duration>) -> Self {
        let weak = client.downgrade();
        let who = Who::Caller(number);
        Self { ground: ground.clone(), who, client: Some(client), weak, leases: Vec::new(), timeout }
    }

    pub(crate) async fn live(mut self, acts: Vec<Act>) {
        for act in acts {
            self.act(act).await;
        }
        self.ground.say(self.who, || format!("leaves, with {} leases", self.leases.len()));
    }

    async fn act(&mut self, act: Act) {
        self.drop_revoked();
        match act {
            Act::Acquire(patience) => self.acquire(patience).await,
            Act::TryAcquire => self.try_acquire(),
            Act::Wait(time) => self.ground.sleep(time).await,
            Act::Release => {
                self.ground.say(self.who, || format!("releases one of {} leases", self.leases.len()));
                self.leases.pop();
            }
            Act::Timeout(timeout) => self.timeout = timeout,
            Act::Call(what, patience) => match self.leases.last() {
                Some(right) => {
                    let call = Call::new(self.who, right);
                    call.ask(what, patience).await;
                }
                None => self.one_shot(what, patience).await,
            },
            Act::Pair(one, other) => {
                if let Some(right) = self.leases.last() {
                    let (first, second) = (Call::new(self.who, right), Call::new(self.who, right));
                    let both =
                        future::zip(first.ask(one, Patience::Endless), second.ask(other, Patience::Endless));
                    both.await;
                }
            }
            Act::OneShot(what, patience) => self.one_shot(what, patience).await,
            Act::Close(mode, patience) => self.close(mode, patience, false).await,
            Act::Shutdown(mode, patience) => self.close(mode, patience, true).await,
            Act::Watch(count, patience) => self.watch(count, patience).await,
            Act::Revoked(patience) => self.revoked(patience).await,
            Act::Wish(which) => self.wish(which),
            Act::LogLevel(level) => self.log_level(level),
            Act::Strengthen => self.strengthen(),
            Act::Weaken => {
                self.ground.say(self.who, || "drops its client".to_owned());
                drop(self.client.take());
            }
        }
    }

    /// Most callers don't go on with a lease that was revoked.
    fn drop_revoked(&mut self) {
        let over = self.leases.last().is_some_and(|right| right.lease.check().is_err());
        if over && self.ground.chance(70) {
            self.leases.clear();
        }
    }

    async fn acquire(&mut self, patience: Patience) {
        let Some(client) = self.client.clone() else {
            return;
        };
        let ground = self.ground.clone();
        let bound = Some(ground.limits.acquire);
        let operation = Operation::begin(&ground, self.who, "acquire", bound);
        match patiently(&ground, patience, client.acquire()).await {
            Some(Ok(lease)) => {
                let right = Right::new(&ground, lease, self.timeout);
                operation.end(|| format!("a lease of g{}", right.lease.generation().number()));
                self.leases.push(right);
            }
            Some(Err(error)) => operation.end(|| error.to_string()),
            None => {
                ground.saw(Seen::QuitWaiting);
                operation.end(|| "given up".to_owned());
            }
        }
    }

    fn try_acquire(&mut self) {
        let Some(client) = &self.client else {
            return;
        };
        match client.try_acquire() {
            Ok(lease) => {
                self.ground.say(self.who, || "tries to acquire: a lease".to_owned());
                self.leases.push(Right::new(&self.ground, lease, self.timeout));
            }
            Err(error) => self.ground.say(self.who, || format!("tries to acquire: {error}")),
        }
    }

    /// A call on a lease of its own.
    async fn one_shot(&mut self, what: Ask, patience: Patience) {
        let Some(client) = self.client.clone() else {
            return;
        };
        let ground = self.ground.clone();
        let operation = Operation::begin(&ground, self.who, "call on a lease of its own", None);
        let nonce = ground.number();
        let work = async {
            match what {
                Ask::List => client.list_tools().await.map(drop),
                Ask::Ping => client.ping().await,
                Ask::Echo | Ask::Tool | Ask::Watched(_) => {
                    let result = client.call_tool("echo", Some(&arguments(nonce))).await?;
                    judge_nonce(&ground, self.who, nonce, &result.raw);
                    Ok(())
                }
            }
        };
        match patiently(&ground, patience, work).await {
            Some(Ok(())) => operation.end(|| "answered".to_owned()),
            Some(Err(error)) => {
                if !matches!(what, Ask::Ping | Ask::List) {
                    note_undone(&ground, nonce, &error);
                }
                operation.end(|| error.to_string());
            }
            None => operation.end(|| "given up".to_owned()),
        }
    }

    async fn close(&mut self, mode: Mode, patience: Patience, for_good: bool) {
        if let Some(client) = &self.client {
            close(&self.ground, self.who, client, mode, patience, for_good).await;
        }
    }

    async fn watch(&mut self, count: u32, patience: Patience) {
        let Some(client) = &self.client else {
            return;
        };
        let ground = self.ground.clone();
        let operation = Operation::begin(&ground, self.who, "watch", None);
        let mut states = client.states();
        let work = async {
            for _ in 0..count {
                match states.next().await {
                    Some(state) => {
                        ground.saw(Seen::Watched);
                        ground.say(self.who, || format!("sees {state}"));
                    }
                    None => break,
                }
            }
        };
        patiently(&ground, patience, work).await;
        operation.end(|| "enough".to_owned());
    }

    async fn revoked(&mut self, patience: Patience) {
        let Some(right) = self.leases.last() else {
            return;
        };
        // The leases of this task keep a graceful close waiting; the deadline comes to it.
        let operation = Operation::begin(&self.ground, self.who, "wait for the revoke", None);
        let generation = right.lease.generation().number();
        if let Some(error) = patiently(&self.ground, patience, right.lease.revoked()).await {
            told_in_time(&self.ground, &operation, generation);
            operation.end(|| error.to_string());
        }
    }

    fn wish(&self, which: u32) {
        let Some(client) = &self.client else {
            return;
        };
        let (ground, changed) = (&self.ground, self.ground.clock.awake());
        ground.saw(Seen::Wished);
        client.subscribe(|wished| change(wished, which));
        let wished = client.subscriptions();
        ground.say(self.who, || format!("wishes to hear of {wished:?}"));
        let lists = [("tools", wished.tools), ("prompts", wished.prompts), ("resources", wished.resources)];
        let lists = lists.into_iter().filter(|(_, is_there)| *is_there).map(|(list, _)| list.to_owned());
        let what = lists.chain(wished.uris.iter().cloned()).collect();
        ground.books.with(|books| (books.wished.what, books.wished.changed) = (what, changed));
    }

    fn log_level(&self, level: LogLevel) {
        let Some(client) = &self.client else {
            return;
        };
        self.ground.say(self.who, || format!("wishes for log messages from {level} on"));
        client.set_log_level(level);
        let (level, changed) = (Some(level.as_str()), self.ground.clock.awake());
        self.ground.books.with(|books| (books.wished.level, books.wished.changed) = (level, changed));
    }

    fn strengthen(&mut self) {
        match self.weak.upgrade() {
            Some(client) => {
                self.ground.saw(Seen::WeakUpgrade);
                self.client = Some(client);
            }
            None => self.ground.say(self.who, || "has a weak client of nobody".to_owned()),
        }
    }
}

/// Other wishes than before.
fn change(wished: Subscriptions, which: u32) -> Subscriptions {
    let Subscriptions { tools, prompts, .. } = wished;
    match which {
        0 => wished.tools(!tools),
        1 => wished.prompts(!prompts),
        2 => Subscriptions::default(),
        _ => {
            let uri = format!("file:///{which}");
            let mut less = wished.clone();
            if less.uris.remove(&uri) { less } else { wished.resource(uri) }
        }
    }
}

/// Whoever asks, a close acts at once and ends within its deadlines.
pub(crate) async fn close(
    ground: &Arc<Ground>,
    who: Who,
    client: &Client,
    mode: Mode,
    patience: Patience,
    for_good: bool,
) {
    let what = if for_good { "shutdown" } else { "close" };
    let operation = Operation::begin(ground, who, what, Some(ground.limits.close(mode)));
    ground.say(who, || format!("{what} {mode:?}"));
    let closing = if for_good { client.shutdown(mode) } else { client.close(mode) };
    if for_good {
        let now = ground.clock.awake();
        ground.marks.with(|marks| *marks.shut_down.get_or_insert(now));
    }
    match patiently(ground, patience, closing).await {
        Some(()) => operation.end(|| "done".to_owned()),
        None => operation.end(|| "not waited for any longer".to_owned()),
    }
}

/// The answer has the number of the question. Nobody knows of which generation it is.
fn judge_nonce(ground: &Ground, who: Who, nonce: u64, answer: &RawValue) {
    let changed = ground.mood.bad_answers || ground.mood.corrupts;
    if !changed && !answer.get().contains(&format!("\"nonce\":{nonce}}}")) {
        ground.fail(Kind::WrongAnswer, || format!("{who}: asked with {nonce}, answered {answer}"));
    }
}
