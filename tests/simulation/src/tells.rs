//! What a server tells: how far calls are, what has changed, and what is not so.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::failure::Kind;
use crate::ground::Ground;
use crate::replies::{Deed, line};
use crate::tally::Seen;

/// Of this nobody may hear: what tells of it is of no subscription.
pub(crate) const LIE: &str = "file:///lie";
/// Where the id of a subscription stands.
pub(crate) const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";
const TICK: Duration = Duration::from_millis(1);
/// So often a server tells of progress at most.
const MOST: usize = 10;

/// What the report of a call says to whoever is told.
fn report(call: u64, id: &str) -> String {
    format!("m-{call}-{id}")
}

pub(crate) struct Tells {
    ground: Arc<Ground>,
    /// The tokens of calls: whose they are, and the id of the request.
    tokens: Vec<(Value, u64, String)>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Report {
    #[default]
    Further,
    /// As far as before.
    Still,
    /// With the token of another call.
    Others,
    /// With a token that nobody has.
    Nobodys,
    /// Behind the answer.
    Late,
}

impl Tells {
    pub(crate) fn new(ground: &Arc<Ground>) -> Self {
        Self { ground: ground.clone(), tokens: Vec::new() }
    }

    /// Progress of a call that is answered by `answer`.
    pub(crate) fn progress(&mut self, message: &Value, answer: &[(Duration, Deed)]) -> Vec<(Duration, Deed)> {
        use Report::{Further, Late, Nobodys, Others, Still};
        let ground = self.ground.clone();
        let token = message.pointer("/params/_meta/progressToken").cloned();
        let call = message.pointer("/params/arguments/nonce").and_then(Value::as_u64);
        let (Some(token), Some(call), Some(id)) = (token, call, message.get("id")) else {
            return Vec::new();
        };
        let whole = answer.first().map_or(Duration::from_secs(4), |(after, _)| *after);
        let (mut deeds, mut late, mut so_far) = (Vec::new(), Vec::new(), 0_u32);
        if let Some(token) = self.earlier(call)
            && ground.fault(ground.mood.tells && ground.mood.odd_tells, 70)
        {
            ground.saw(Seen::ProgressEarlier);
            deeds.push((part(&ground, whole), Deed::Say(progress(&token, 99, "late"))));
        }
        while self.tokens.len() < MOST && deeds.len() + late.len() < 5 && ground.fault(ground.mood.tells, 70)
        {
            let reports = [(5, Further), (2, Still), (1, Others), (1, Nobodys), (2, Late)];
            let report_kind = ground.pick(ground.mood.odd_tells, &reports);
            let after = part(&ground, whole);
            let report = match report_kind {
                // Nothing came before it.
                Still if so_far == 0 => continue,
                Further => {
                    so_far = so_far.saturating_add(1);
                    ground.saw(Seen::ProgressSaid);
                    ground.books.with(|books| books.reports.entry(call).or_default().said += 1);
                    progress(&token, so_far, &report(call, &id.to_string()))
                }
                Still => progress(&token, so_far, &report(call, &id.to_string())),
                Others => match self.tokens.first() {
                    Some((token, other, id)) => {
                        ground.saw(Seen::ProgressOdd);
                        ground.books.with(|books| books.reports.entry(*other).or_default().muddled = true);
                        progress(token, 77, &report(*other, id))
                    }
                    None => continue,
                },
                Nobodys => {
                    ground.saw(Seen::ProgressOdd);
                    progress(&json!("nobody's"), 1, "nobody")
                }
                // There is nothing behind it.
                Late if answer.is_empty() => continue,
                Late => {
                    ground.saw(Seen::ProgressOdd);
                    let behind = whole.saturating_add(ground.up_to(1000)).saturating_add(TICK);
                    late.push((behind, Deed::Say(progress(&token, 99, "late"))));
                    continue;
                }
            };
            deeds.push((after, Deed::Say(report)));
        }
        // What is further comes later.
        let mut times: Vec<Duration> = deeds.iter().map(|(after, _)| *after).collect();
        times.sort();
        deeds.iter_mut().zip(times).for_each(|((after, _), time)| *after = time);
        deeds.extend(late);
        self.tokens.push((token, call, id.to_string()));
        deeds
    }

    /// The token of a round before.
    fn earlier(&self, call: u64) -> Option<Value> {
        self.tokens.iter().find(|(_, other, _)| *other == call).map(|(token, ..)| token.clone())
    }

    /// Something that has changed, or not.
    pub(crate) fn change(&self, uris: &[String], subscription: Option<u64>) -> Vec<u8> {
        let ground = &self.ground;
        ground.saw(Seen::ChangeSaid);
        let lists = ["tools", "prompts", "resources"];
        let (method, params) = match ground.below(3) {
            0 => {
                let list = lists.get(ground.below(lists.len())).copied().unwrap_or_default();
                (format!("notifications/{list}/list_changed"), json!({}))
            }
            1 => {
                let uri = uris.get(ground.below(uris.len().max(1))).cloned();
                let uri = uri.unwrap_or_else(|| "file:///of-nobodys-wish".to_owned());
                ("notifications/resources/updated".to_owned(), json!({ "uri": uri }))
            }
            _ => ("notifications/message".to_owned(), json!({ "level": "error", "data": "oh" })),
        };
        let mut params = params.as_object().cloned().unwrap_or_default();
        if let Some(id) = subscription {
            params.extend([("_meta".to_owned(), json!({ SUBSCRIPTION: id }))]);
        }
        // Of a subscription that there is not.
        if subscription.is_some() && ground.fault(ground.mood.odd_tells, 30) {
            ground.saw(Seen::LieSaid);
            let id = if ground.chance(50) { json!("a word") } else { json!(1) };
            params
                .extend([("uri".to_owned(), json!(LIE)), ("_meta".to_owned(), json!({ SUBSCRIPTION: id }))]);
        }
        line(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }
}

fn part(ground: &Ground, whole: Duration) -> Duration {
    let millis = u32::try_from(whole.as_millis()).unwrap_or(u32::MAX);
    ground.up_to(millis).min(whole)
}

fn progress(token: &Value, so_far: u32, message: &str) -> Vec<u8> {
    let params = json!({ "progressToken": token, "progress": so_far, "message": message });
    line(&json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params }))
}

/// Somebody who is told of the progress of one call.
pub(crate) struct ProgressListener {
    ground: Arc<Ground>,
    generation: u64,
    call: u64,
    /// The request that the last report was of, and how far that was.
    last: (String, f64),
}

impl ProgressListener {
    pub(crate) fn new(ground: &Arc<Ground>, generation: u64, call: u64) -> Self {
        Self { ground: ground.clone(), generation, call, last: (String::new(), 0.0) }
    }

    /// A report is of this call, and further than the one before it.
    pub(crate) fn hear(&mut self, so_far: f64, message: &str) {
        let (ground, call) = (self.ground.clone(), self.call);
        ground.saw(Seen::ProgressTold);
        ground.books.with(|books| books.reports.entry(call).or_default().told += 1);
        let is_mine = message.starts_with(&report(call, ""));
        let is_further = self.last.0 != message || so_far > self.last.1;
        self.last = (message.to_owned(), so_far);
        let corrupted = ground.marks.with(|marks| marks.corrupted.contains(&self.generation));
        let holds = is_mine && is_further;
        if !corrupted && !holds {
            ground.fail(Kind::WrongAnswer, || format!("the caller of {call} is told {message:?}, {so_far}"));
        }
    }

    /// The call has its result: all that came before it was told.
    pub(crate) fn end(&self) {
        let (ground, call) = (&self.ground, self.call);
        let reports = ground.books.with(|books| books.reports.get(&call).copied().unwrap_or_default());
        let corrupted = ground.marks.with(|marks| marks.corrupted.contains(&self.generation));
        // An answer over HTTP may come alone.
        let may_be_lost = corrupted || ground.mood.web.is_some() || !ground.limits.roomy;
        if !may_be_lost && !reports.muddled && reports.said != reports.told {
            ground.fail(Kind::Unanswered, || format!("of {call} was told {reports:?}"));
        }
    }
}
