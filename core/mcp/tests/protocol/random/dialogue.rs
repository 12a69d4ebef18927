//! The rules of a dialogue, for random histories: a caller who does what it likes, and a server of either era that
//! answers, asks and wants input as it likes (MCP 2026-07-28, basic/patterns/mrtr and subscriptions). A small model
//! knows what each of them may see.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::eras::*;
use crate::common::*;
use crate::json::{json, object};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde::Deserialize;
use serde_json::value::RawValue;
use tenure_mcp_proto::{
    ClientFeature, ErrorAnswer, Event, Options, RequestId, ServerRequestId, Subscriptions,
};

const CALLS: usize = 4;
const ASKS: usize = 5;

fn options(is_modern: bool) -> Options {
    let options = if is_modern { modern() } else { Options::default() };
    options.offer(ClientFeature::Roots).max_in_flight(CALLS).max_server_requests(ASKS).max_rounds(3)
}

#[derive(Clone, Debug)]
enum Step {
    Call,
    Cancel(Index),
    Write,
    Subscribe(u8),
    Time(u8),
    /// The server answers a request that it has, or has had.
    Answer(Index),
    /// It wants so much input, with a state or without.
    Want(Index, usize, bool),
    /// It asks by a request of its own.
    Ask(u8),
    Acknowledge(Index),
    Tell(Index),
    Reply(Index, bool),
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        4 => Just(Step::Call),
        1 => index().prop_map(Step::Cancel),
        8 => Just(Step::Write),
        1 => any::<u8>().prop_map(Step::Subscribe),
        1 => any::<u8>().prop_map(Step::Time),
        4 => index().prop_map(Step::Answer),
        6 => (index(), 0..3usize, any::<bool>()).prop_map(|(at, inputs, state)| Step::Want(at, inputs, state)),
        1 => any::<u8>().prop_map(Step::Ask),
        1 => index().prop_map(Step::Acknowledge),
        1 => index().prop_map(Step::Tell),
        6 => (index(), prop::bool::weighted(0.9)).prop_map(|(at, ok)| Step::Reply(at, ok)),
        6 => Just(Step::Look),
    ]
}

/// What can be read of a request that is written.
#[derive(Deserialize)]
struct Sent<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    method: Option<String>,
    #[serde(borrow)]
    params: Option<SentParams<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentParams<'a> {
    call: Option<u64>,
    request_state: Option<String>,
    #[serde(borrow)]
    input_responses: Option<BTreeMap<String, &'a RawValue>>,
}

/// What the model knows of a call.
#[derive(Debug, Default)]
struct Call {
    ends: u32,
    /// What the next round must bring: a state, or none, and the keys of the inputs.
    due: Option<(Option<String>, Option<BTreeSet<String>>)>,
}

struct World {
    connection: OnLines,
    is_modern: bool,
    now: std::time::Duration,
    calls: BTreeMap<RequestId, Call>,
    /// The number that a call goes by in its params.
    numbers: BTreeMap<u64, RequestId>,
    /// Which call the ids that the server has seen are of; none for requests of the connection's own.
    wire: BTreeMap<u64, Option<RequestId>>,
    /// Those that it has not answered.
    open: BTreeSet<u64>,
    listens: BTreeSet<u64>,
    asks: BTreeMap<ServerRequestId, (Option<RequestId>, bool)>,
    serial: u64,
}

impl World {
    fn new(is_modern: bool) -> Self {
        let connection =
            if is_modern { ready_modern(options(true)) } else { ready_with(options(false), "2025-11-25") };
        Self {
            connection,
            is_modern,
            now: T0,
            calls: BTreeMap::new(),
            numbers: BTreeMap::new(),
            wire: BTreeMap::new(),
            open: BTreeSet::new(),
            listens: BTreeSet::new(),
            asks: BTreeMap::new(),
            serial: 0,
        }
    }

    fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Call => self.call(),
            Step::Cancel(at) => {
                if !self.calls.is_empty() {
                    let id = *self.calls.keys().nth(at.index(self.calls.len())).unwrap();
                    self.connection.cancel(id, None);
                }
            }
            Step::Write => self.write(),
            Step::Subscribe(what) => {
                let wished = Subscriptions::default().tools(what & 1 != 0).prompts(what & 2 != 0);
                self.connection.subscribe(self.now, wished).unwrap();
            }
            Step::Time(seconds) => {
                self.now += SECOND * u32::from(*seconds);
                self.connection.handle_timeout(self.now);
                assert!(self.connection.poll_timeout().is_none_or(|next| next > self.now));
            }
            Step::Answer(at) => self.answer(*at),
            Step::Want(at, inputs, state) => self.want(*at, *inputs, *state),
            Step::Ask(id) => feed(
                &mut self.connection,
                &format!(r#"{{"jsonrpc":"2.0","id":"s{id}","method":"roots/list"}}"#),
            ),
            Step::Acknowledge(at) => self.tell(*at, "notifications/subscriptions/acknowledged"),
            Step::Tell(at) => self.tell(*at, "notifications/tools/list_changed"),
            Step::Reply(at, ok) => self.reply(*at, *ok),
            Step::Look => self.look(),
        }
        assert!(self.connection.in_flight() <= CALLS && self.connection.asked() <= ASKS);
    }

    fn call(&mut self) {
        let number = self.serial();
        let params = raw(&format!(r#"{{"call":{number}}}"#));
        let timeout = number.is_multiple_of(3).then_some(100 * SECOND);
        if let Ok(id) = self.connection.request(self.now, "tools/call", Some(&params), timeout) {
            self.calls.insert(id, Call::default());
            self.numbers.insert(number, id);
        }
    }

    fn write(&mut self) {
        let Some(line) = self.connection.poll_line() else {
            return;
        };
        let sent: Sent<'_> = serde_json::from_slice(&line).unwrap();
        let (Some(id), Some(method)) = (sent.id, sent.method) else {
            return;
        };
        let id: u64 = id.get().parse().unwrap();
        assert!(!self.wire.contains_key(&id), "the id {id} is used again");
        self.open.insert(id);
        if method != "tools/call" {
            self.wire.insert(id, None);
            self.listens.insert(id);
            return;
        }
        let params = sent.params.unwrap();
        let call = self.numbers[&params.call.unwrap()];
        self.wire.insert(id, Some(call));
        let known = self.calls.get_mut(&call).unwrap();
        let keys = params.input_responses.map(|responses| {
            for (key, response) in &responses {
                assert_eq!(response.get(), format!(r#"{{"for":"{call}"}}"#), "{key} is another call's");
            }
            responses.into_keys().collect()
        });
        assert_eq!((params.request_state, keys), known.due.take().unwrap_or_default(), "{call}");
    }

    /// A request that the server has seen, answered or not.
    fn any(&self, at: Index) -> Option<(u64, Option<RequestId>)> {
        let at = (!self.wire.is_empty()).then(|| at.index(self.wire.len()))?;
        self.wire.iter().rev().nth(at).map(|(id, call)| (*id, *call))
    }

    fn answer(&mut self, at: Index) {
        if let Some((id, call)) = self.any(at) {
            let of = call.map_or("nobody".to_owned(), |call| call.to_string());
            let is_late = !self.open.remove(&id);
            answer(&mut self.connection, id, &format!(r#""result":{{"of":"{of}","late":{is_late}}}"#));
        }
    }

    fn want(&mut self, at: Index, inputs: usize, with_state: bool) {
        let Some((id, call)) = self.any(at) else {
            return;
        };
        let keys: Vec<String> = (0..inputs).map(|_| format!("k{}", self.serial())).collect();
        let state = (with_state || inputs == 0).then(|| format!("state {} of {call:?}", self.serial()));
        let requests: Vec<_> =
            keys.iter().map(|key| format!(r#""{key}":{{"method":"roots/list"}}"#)).collect();
        let mut fields = vec![r#""resultType":"input_required""#.to_owned()];
        if inputs > 0 {
            fields.push(format!(r#""inputRequests":{{{}}}"#, requests.join(",")));
        }
        fields.extend(state.as_ref().map(|state| format!(r#""requestState":"{state}""#)));
        let is_first = self.open.remove(&id);
        if let Some(known) = call.and_then(|call| self.calls.get_mut(&call))
            && is_first
        {
            known.due = Some((state, (inputs > 0).then(|| keys.into_iter().collect())));
        }
        let late = if is_first { "" } else { r#","late":true"# };
        answer(&mut self.connection, id, &format!(r#""result":{{{}{late}}}"#, fields.join(",")));
    }

    fn tell(&mut self, at: Index, method: &str) {
        let Some(id) = (!self.listens.is_empty()).then(|| at.index(self.listens.len())) else {
            return;
        };
        let id = self.listens.iter().nth(id).unwrap();
        let meta = format!(r#""_meta":{{"io.modelcontextprotocol/subscriptionId":{id}}}"#);
        let params = format!(r#"{{{meta},"notifications":{{"toolsListChanged":true}}}}"#);
        feed(&mut self.connection, &format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#));
    }

    fn reply(&mut self, at: Index, ok: bool) {
        let Some(at) = (!self.asks.is_empty()).then(|| at.index(self.asks.len())) else {
            return;
        };
        let (id, (call, is_open)) = self.asks.iter_mut().rev().nth(at).unwrap();
        let of = call.map_or("nobody".to_owned(), |call| call.to_string());
        let result = raw(&format!(r#"{{"for":"{of}"}}"#));
        let reply = if ok { Ok(&*result) } else { Err(ErrorAnswer { code: -1, message: "no", data: None }) };
        if self.connection.answer(self.now, *id, reply).is_ok() {
            assert!(*is_open, "{id} was answered twice");
            *is_open = false;
        }
    }

    fn look(&mut self) {
        for event in events(&mut self.connection) {
            match event {
                Event::Response { id, result } => {
                    let call = self.calls.get_mut(&id).expect("a call of the caller's");
                    call.ends += 1;
                    let Ok(result) = result else { continue };
                    let expected = [
                        format!(r#"{{"of":"{id}","late":false}}"#),
                        // In the legacy era this is a result like any other.
                        r#"{"resultType":"input_required""#.to_owned(),
                    ];
                    let is_one = result.get() == expected[0]
                        || (!self.is_modern && result.get().starts_with(&expected[1]));
                    assert!(is_one && !result.get().contains(r#""late":true"#), "{id} got {result}");
                }
                Event::Request { id, call, .. } => {
                    assert!(call.is_some() || !self.is_modern);
                    assert!(self.asks.insert(id, (call, true)).is_none(), "{id} is used again");
                }
                Event::RequestCancelled { id, .. } => {
                    let (_, is_open) = self.asks.get_mut(&id).unwrap();
                    assert!(*is_open, "{id} ended twice");
                    *is_open = false;
                }
                _ => {}
            }
        }
    }

    fn end(mut self) {
        self.connection.handle_eof();
        self.look();
        for (id, call) in &self.calls {
            assert_eq!(call.ends, 1, "call {id}");
        }
        assert!(self.asks.values().all(|(_, is_open)| !is_open), "an ask never ended");
        assert_eq!((self.connection.in_flight(), self.connection.asked()), (0, 0));
        assert_eq!(self.connection.poll_timeout(), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_call_ends_once_and_what_is_of_one_reaches_no_other(
        is_modern in prop::bool::weighted(0.8),
        steps in vec(step(), 0..120),
    ) {
        let mut world = World::new(is_modern);
        for step in &steps {
            world.step(step);
        }
        world.end();
    }
}

/// JSON text of a string, with any escapes.
fn state() -> impl Strategy<Value = String> {
    let piece = prop_oneof!["[a-c/ ]", "\\\\u[0-9a-fA-F]{4}", "\\\\[\"\\\\/bfnrt]", "[äλ→😀]"];
    vec(piece, 0..6).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn params_state_and_answers_go_out_byte_for_byte_in_each_round(
        fields in object(),
        state in state(),
        key in state(),
        input in json(),
    ) {
        // What there is of these names would be the caller's own.
        let params = fields.strip_prefix('{').unwrap();
        let params = if params == "}" { "{\"a\":0}".to_owned() } else { format!("{{\"a\":0,{params}") };
        let params = raw(&params);
        let sent = params.get().strip_suffix('}').unwrap().replace('\r', " ");
        let mut connection = ready_modern(options(true));
        let id = connection.request(T0, "tools/call", Some(&params), None).unwrap();
        line(&mut connection);
        for round in 2..5 {
            let want = format!(
                r#""result":{{"resultType":"input_required","inputRequests":{{{key}:{{"method":"roots/list"}}}},"requestState":{state}}}"#
            );
            answer(&mut connection, round, &want);
            let Event::Request { id: ask, .. } = only(&mut connection) else {
                return Err(TestCaseError::fail("it is handed out"));
            };
            connection.answer(T0, ask, Ok(&raw(&input))).unwrap();
            let line = line(&mut connection);
            let input = raw(&input).get().replace('\r', " ");
            let expected = format!(
                r#""params":{sent},"inputResponses":{{{key}:{input}}},"requestState":{state},"_meta":"#
            );
            prop_assert!(line.contains(&expected), "{} {}", line, expected);
        }
        answer(&mut connection, 5, r#""result":{}"#);
        prop_assert_eq!(response(&mut connection).0, id);
    }
}
