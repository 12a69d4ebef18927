//! Calls that a server of the modern era answers with a wish for input (MCP 2026-07-28, basic/patterns/mrtr), and the
//! same calls when they come again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::asks::{PATIENCE, question};
use crate::failure::Kind;
use crate::ground::Ground;
use crate::handlers::mark;
use crate::replies::{Deed, Thought, result};
use crate::tally::Seen;

/// So often a server wants input at most.
const MOST: usize = 12;

/// State as servers write it.
const STATES: [&str; 5] =
    [r#""s""#, r#""""#, r#""\u0041 \/\n\"""#, r#""{\"a\":1.00}""#, "\"\\ud83d\\ude00 \u{e9}\""];

/// The calls for which one server wanted input, by their numbers.
pub(crate) struct Rounds {
    ground: Arc<Ground>,
    generation: u64,
    open: BTreeMap<u64, Round>,
    wanted: usize,
}

struct Round {
    /// The ids under which the call came.
    ids: Vec<String>,
    params: Value,
    /// As it was written.
    state: Option<&'static str>,
    /// The inputs by name, with the numbers of the questions.
    inputs: Option<BTreeMap<String, u64>>,
    /// It can't be read, or wants what is not offered: the call must not come again.
    is_bad: bool,
    /// How often input was wanted.
    count: usize,
    at: Duration,
}

#[derive(Clone, Copy, Debug, Default)]
enum Want {
    #[default]
    Plain,
    WithoutState,
    StateAlone,
    Nothing,
    NotOffered,
    Malformed,
}

impl Rounds {
    pub(crate) fn new(ground: &Arc<Ground>, generation: u64) -> Self {
        Self { ground: ground.clone(), generation, open: BTreeMap::new(), wanted: 0 }
    }

    /// A call came, or came again; what the server does about it, if it doesn't answer it now.
    pub(crate) fn take(&mut self, line: &str, message: &Value) -> Option<Vec<(Duration, Deed)>> {
        let call = message.pointer("/params/arguments/nonce").and_then(Value::as_u64)?;
        let id = message.get("id")?.to_string();
        let before = self.open.remove(&call);
        self.judge(call, before.as_ref(), &id, line, message);
        let ground = self.ground.clone();
        // Where progress is told, its tokens change with the rounds.
        let is_watched = message.pointer("/params/_meta/progressToken").is_some();
        let chance = if before.is_some() { 40 } else { 50 } + if is_watched { 35 } else { 0 };
        if self.wanted >= MOST || !ground.chance(chance) {
            return None;
        }
        self.wanted = self.wanted.saturating_add(1);
        let mut round = before.unwrap_or_else(|| Round::of(message));
        round.ids.push(id.clone());
        if round.count > 0 {
            ground.saw(Seen::WantedAgain);
        }
        let result = self.want(&mut round);
        let count = round.count;
        self.open.insert(call, round);
        let answer =
            Deed::Say(format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{result}}}\n").into_bytes());
        let mut deeds = vec![
            (Duration::ZERO, answer.clone()),
            (PATIENCE, Deed::Think(Thought::LookForRound(call, count))),
        ];
        // Said twice, it is still one wish.
        if ground.fault(ground.mood.odd_asks, 10) {
            deeds.push((ground.up_to(1000), answer));
        }
        Some(deeds)
    }

    /// A request comes for which no input may be wanted, and sometimes is all the same; it must not come again for
    /// that.
    pub(crate) fn want_wrongly(&self, line: &str, message: &Value) -> Option<Vec<(Duration, Deed)>> {
        let (ground, generation) = (&self.ground, self.generation);
        let corrupted = ground.marks.with(|marks| marks.corrupted.contains(&generation));
        if !corrupted && (line.contains("\"requestState\"") || line.contains("\"inputResponses\"")) {
            ground
                .fail(Kind::WrongAnswer, || format!("input that nobody may want for g{generation}: {line}"));
        }
        if !ground.fault(ground.mood.asks && ground.mood.odd_asks, 10) {
            return None;
        }
        ground.saw(Seen::WantedBadly);
        let wish = json!({ "resultType": "input_required", "requestState": "s" });
        Some(vec![(Duration::ZERO, Deed::Say(result(message.get("id")?, &wish)))])
    }

    /// What the server wants, as JSON.
    fn want(&self, round: &mut Round) -> String {
        use Want::{Malformed, NotOffered, Nothing, Plain, StateAlone, WithoutState};
        let ground = &self.ground;
        let wants =
            [(6, Plain), (3, WithoutState), (3, StateAlone), (1, Nothing), (1, NotOffered), (2, Malformed)];
        let want = ground.pick(ground.mood.odd_asks, &wants);
        ground.saw(Seen::InputWanted);
        let state = STATES.get(ground.below(STATES.len())).copied();
        round.state = if matches!(want, WithoutState | Nothing) { None } else { state };
        round.inputs = None;
        round.is_bad = matches!(want, NotOffered | Malformed);
        round.count = round.count.saturating_add(1);
        round.at = ground.clock.awake();
        let mut fields = vec!["\"resultType\":\"input_required\"".to_owned()];
        if matches!(want, Plain | WithoutState | Nothing | NotOffered) {
            let count = if matches!(want, Nothing) { 0 } else { ground.below(3).saturating_add(1) };
            let (text, inputs) = self.inputs(count, matches!(want, NotOffered));
            fields.push(format!("\"inputRequests\":{{{text}}}"));
            round.inputs = Some(inputs);
        }
        if let Some(state) = round.state {
            fields.push(format!("\"requestState\":{state}"));
        }
        if matches!(want, StateAlone) {
            ground.saw(Seen::StateAlone);
        }
        if round.is_bad {
            ground.saw(Seen::WantedBadly);
        }
        if matches!(want, Malformed) {
            let bad = [
                "{\"resultType\":\"input_required\"}",
                "{\"resultType\":\"input_required\",\"inputRequests\":[5]}",
                "{\"resultType\":\"input_required\",\"requestState\":{\"a\":1}}",
                "{\"resultType\":\"input_required\",\"inputRequests\":{\"k\":{\"params\":{}}}}",
                "{\"resultType\":\"input_required\",\"inputRequests\":{\"k\":\"roots/list\"},\"requestState\":\"s\"}",
                "{\"resultType\":\"some_day\"}",
            ];
            return bad.get(ground.below(bad.len())).copied().unwrap_or_default().to_owned();
        }
        format!("{{{}}}", fields.join(","))
    }

    fn inputs(&self, count: usize, is_bad: bool) -> (String, BTreeMap<String, u64>) {
        let ground = &self.ground;
        let (mut texts, mut inputs) = (Vec::new(), BTreeMap::new());
        for place in 0..count {
            let number = ground.number();
            ground.books.with(|books| books.questions.entry(number).or_default().asked = 1);
            let (method, params) = question(ground, number);
            let method = if is_bad && place == 0 { "nobody/offers" } else { method };
            let (written, name) = if ground.chance(20) {
                (format!("\\u006b{place} \\\""), format!("k{place} \""))
            } else {
                (format!("k{place}"), format!("k{place}"))
            };
            texts.push(format!("\"{written}\":{{\"method\":\"{method}\",\"params\":{params}}}"));
            inputs.insert(name, number);
        }
        (texts.join(","), inputs)
    }

    /// What came is what must come.
    fn judge(&self, call: u64, before: Option<&Round>, id: &str, line: &str, message: &Value) {
        let (ground, generation) = (&self.ground, self.generation);
        let what = match before {
            None => (line.contains("\"requestState\"") || line.contains("\"inputResponses\""))
                .then_some("has input that was not wanted"),
            Some(round) => round.problem(id, line, message),
        };
        if before.is_some() {
            ground.saw(Seen::CameAgain);
        }
        let corrupted = ground.marks.with(|marks| marks.corrupted.contains(&generation));
        if let Some(what) = what.filter(|_| !corrupted) {
            ground.fail(Kind::WrongAnswer, || {
                format!("call {call} of g{generation} {what}: {}", line.trim_end())
            });
        }
    }

    /// Whether a call has come again that must have come again by now; when to look again if not.
    pub(crate) fn look(&self, call: u64, count: usize) -> Option<Duration> {
        let round = self.open.get(&call).filter(|round| round.count == count && !round.is_bad)?;
        let (ground, generation) = (&self.ground, self.generation);
        let is_last = count > ground.limits.rounds;
        if is_last || !ground.is_heard(generation, round.at) {
            return None;
        }
        let numbers: Vec<u64> = round.inputs.iter().flat_map(BTreeMap::values).copied().collect();
        let (waits, questions) = ground.books.with(|books| {
            let questions =
                numbers.iter().map(|number| books.questions.get(number).copied().unwrap_or_default());
            (books.waiting.contains(&call), questions.collect::<Vec<_>>())
        });
        if !waits {
            return None;
        }
        if !questions.iter().all(|question| question.has_result) {
            return Some(PATIENCE);
        }
        let due = questions.iter().filter_map(|question| question.ended).fold(round.at, Duration::max);
        let due = due.saturating_add(PATIENCE);
        let now = ground.clock.awake();
        if now < due {
            return Some(due.saturating_sub(now).max(Duration::from_millis(1)));
        }
        ground.fail(Kind::Unanswered, || format!("call {call} of g{generation} never comes again"));
        None
    }
}

impl Round {
    fn of(message: &Value) -> Self {
        let params = essence(message);
        Self {
            ids: Vec::new(),
            params,
            state: None,
            inputs: None,
            is_bad: false,
            count: 0,
            at: Duration::ZERO,
        }
    }

    fn problem(&self, id: &str, line: &str, message: &Value) -> Option<&'static str> {
        let has = |name: &str| message.pointer(&format!("/params/{name}")).is_some();
        let state_is_right = self.state.map_or_else(
            || !has("requestState"),
            |state| line.contains(&format!("\"requestState\":{state}")) && has("requestState"),
        );
        if self.is_bad {
            Some("comes again though what was wanted can't be given")
        } else if self.ids.iter().any(|before| before == id) {
            Some("comes again with the same id")
        } else if essence(message) != self.params {
            Some("comes again with other params")
        } else if !state_is_right {
            Some("comes again with another state")
        } else if !self.is_answered(message) {
            Some("comes again with other answers")
        } else {
            None
        }
    }

    /// There is an answer to each question, and no other.
    fn is_answered(&self, message: &Value) -> bool {
        let answers = message.pointer("/params/inputResponses").and_then(Value::as_object);
        let Some(inputs) = &self.inputs else {
            return answers.is_none();
        };
        let is_mine = |(name, answer): (&String, &Value)| {
            inputs.get(name).is_some_and(|number| answer.to_string().contains(&mark(*number)))
        };
        answers.is_some_and(|answers| answers.len() == inputs.len() && answers.iter().all(is_mine))
    }
}

/// What stays the same in all rounds.
fn essence(message: &Value) -> Value {
    let mut params = message.get("params").cloned().unwrap_or_default();
    if let Some(params) = params.as_object_mut() {
        for name in ["inputResponses", "requestState"] {
            params.remove(name);
        }
        // The token of progress is another one.
        if let Some(meta) = params.get_mut("_meta").and_then(Value::as_object_mut) {
            meta.remove("progressToken");
            meta.remove("io.modelcontextprotocol/logLevel");
        }
    }
    params
}
