//! What holds for any input.

use std::collections::BTreeMap;

use crate::common::*;
use crate::json::{json, object};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::value::RawValue;
use tenure_mcp_proto::types::{CallToolParams, CallToolResult};
use tenure_mcp_proto::{Event, Options, RequestId};

const MAX: usize = 400;

fn small() -> Options {
    Options::default().max_message(MAX).max_in_flight(4).max_queued(1000).max_replies(3).max_events(5)
}

/// A line as a server might send it, good or bad; `@` in it is an id.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let id = prop_oneof![
        3 => (1u32..9).prop_map(|id| id.to_string()),
        1 => json(),
    ];
    let good = (id, json(), 0..6).prop_map(|(id, value, kind)| match kind {
        0 => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{value}}}"#),
        1 => format!(r#"{{"result":{value},"id":{id},"jsonrpc":"2.0"}}"#),
        2 => format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-1,"data":{value}}}}}"#),
        3 => format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping","params":{value}}}"#),
        4 => format!(r#"{{"jsonrpc":"2.0","method":"n","params":{value}}}"#),
        _ => value,
    });
    let good = good.prop_map(String::into_bytes).boxed();
    prop_oneof![
        6 => good.clone(),
        // Cut short, or with a byte changed, or padded beyond the limit.
        1 => (good.clone(), any::<prop::sample::Index>())
            .prop_map(|(line, at)| line[..at.index(line.len())].to_vec()),
        1 => (good.clone(), any::<prop::sample::Index>(), any::<u8>())
            .prop_map(|(mut line, at, byte)| {
                let at = at.index(line.len());
                line[at] = byte;
                line
            }),
        1 => (1u32..9, 300usize..900).prop_map(|(id, pad)| {
            let pad = "x".repeat(pad);
            format!(r#"{{"jsonrpc":"2.0","result":"{pad}","id":{id}}}"#).into_bytes()
        }),
        1 => vec(any::<u8>(), 0..60),
        1 => good.prop_map(|line| [b"[".as_slice(), &line, b"]"].concat()),
    ]
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    vec(line(), 0..8).prop_map(|lines| lines.join(&b'\n'))
}

fn started() -> OnLines {
    let mut connection = ready_with(small(), "2025-03-26");
    for _ in 0..3 {
        connection.request(T0, "x", None, None).unwrap();
        connection.poll_line().unwrap();
    }
    connection
}

/// All that a connection has to say.
fn said(connection: &mut OnLines) -> Vec<String> {
    let mut said: Vec<_> = events(connection).iter().map(|event| format!("{event:?}")).collect();
    said.extend(outputs(connection));
    said
}

/// What a caller or the world may do.
#[derive(Clone, Debug)]
enum Step {
    Input(Vec<u8>),
    Request(Option<u64>),
    Notify,
    Cancel(prop::sample::Index),
    Write,
    TakeEvents,
    Time(u64),
    Eof,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => stream().prop_map(Step::Input),
        6 => line().prop_map(|mut line| { line.push(b'\n'); Step::Input(line) }),
        6 => proptest::option::of(0u64..20).prop_map(Step::Request),
        1 => Just(Step::Notify),
        2 => any::<prop::sample::Index>().prop_map(Step::Cancel),
        5 => Just(Step::Write),
        3 => Just(Step::TakeEvents),
        2 => (0u64..40).prop_map(Step::Time),
        1 => Just(Step::Eof),
    ]
}

proptest! {
    // Each case is run once for each byte.
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_of_the_input_says_the_same(stream in stream()) {
        let mut whole = started();
        whole.handle_input(&stream);
        let whole = said(&mut whole);
        for at in 0..=stream.len() {
            let (head, tail) = stream.split_at(at);
            let mut split = started();
            split.handle_input(head);
            split.handle_input(tail);
            prop_assert_eq!(&said(&mut split), &whole, "split at {}", at);
        }
        let mut bytewise = started();
        for byte in stream.chunks(1) {
            bytewise.handle_input(byte);
        }
        prop_assert_eq!(&said(&mut bytewise), &whole);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn results_come_in_byte_for_byte(value in json(), structured in json()) {
        let mut connection = ready();
        let id = sent(&mut connection);
        feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{value}}}"#));
        let (ended, result) = response(&mut connection);
        prop_assert_eq!(ended, id);
        prop_assert_eq!(result.unwrap(), value.clone());

        let result = format!(r#"{{"content":[{value}], "structuredContent":{structured}}}"#);
        let view = CallToolResult::from_raw(raw(&result)).unwrap();
        prop_assert_eq!(view.raw.get(), &result);
        prop_assert_eq!(view.content[0].raw().get(), &value);
        let kept = view.structured_content.unwrap();
        prop_assert_eq!(kept.get(), &structured);
    }

    #[test]
    fn arguments_go_out_byte_for_byte(arguments in object(), name in ".{0,8}") {
        let mut connection = ready();
        let arguments = raw(&arguments);
        let params = CallToolParams { name: &name, arguments: Some(&arguments), meta: None };
        connection.request(T0, "tools/call", Some(&params.to_raw()), None).unwrap();
        let line = outputs(&mut connection).remove(0);
        let tail = format!(r#""arguments":{}}}}}"#, arguments.get().replace('\r', " "));
        prop_assert!(line.trim_end().ends_with(&tail), "{} {}", line, tail);
        prop_assert_eq!(line.matches('\n').count(), 1);
        let sent: serde_json::Map<String, serde_json::Value> = {
            // Lone surrogates are not for `Value`; the raw text was compared.
            match serde_json::from_str(&line) {
                Ok(sent) => sent,
                Err(_) => return Ok(()),
            }
        };
        prop_assert_eq!(&sent["params"]["name"], &serde_json::Value::from(name));
    }

    #[test]
    fn each_request_ends_once_and_memory_is_bounded_whatever_happens(
        steps in vec(step(), 0..40),
        early in any::<bool>(),
        write in any::<bool>(),
    ) {
        let mut connection = if early {
            opening(small().handshake_timeout(Some(30 * SECOND)))
        } else {
            ready_with(small(), "2025-03-26")
        };
        let mut accepted: BTreeMap<RequestId, u32> = BTreeMap::new();
        // What is held is what comes out: at most 4 answers, and 5 events of at most a message's bytes.
        let take_events = |connection: &mut OnLines, accepted: &mut BTreeMap<RequestId, u32>| {
            let (mut responses, mut unsolicited, mut bytes) = (0, 0, 0);
            for event in events(connection) {
                match event {
                    Event::Response { id, .. } => {
                        *accepted.get_mut(&id).expect("an accepted request") += 1;
                        responses += 1;
                    }
                    Event::Notification { method, params } => {
                        unsolicited += 1;
                        bytes += method.len() + params.map_or(0, |params| params.get().len());
                    }
                    Event::ProtocolError(_) => unsolicited += 1,
                    _ => {}
                }
            }
            assert!(responses <= 4 && unsolicited <= 5 && bytes <= MAX, "{responses} {unsolicited} {bytes}");
        };
        for step in steps {
            match step {
                Step::Input(bytes) => {
                    connection.handle_input(&bytes);
                }
                Step::Request(timeout) => {
                    let timeout = timeout.map(|seconds| SECOND * u32::try_from(seconds).unwrap());
                    let method = if connection.is_ready() { "x" } else { "ping" };
                    if let Ok(id) = connection.request(T0, method, None, timeout) {
                        prop_assert!(accepted.last_key_value().is_none_or(|(last, _)| *last < id));
                        accepted.insert(id, 0);
                    }
                }
                Step::Notify => {
                    let _ = connection.notify("n", Some(&raw("{}")));
                }
                Step::Cancel(index) => {
                    if !accepted.is_empty() {
                        let at = index.index(accepted.len());
                        let id = *accepted.keys().nth(at).unwrap();
                        connection.cancel(id, Some("r"));
                    }
                }
                Step::Write => {
                    if let Some(line) = connection.poll_line() {
                        let line = std::str::from_utf8(&line).unwrap();
                        let body = line.strip_suffix('\n').unwrap();
                        prop_assert!(!body.contains('\n'));
                        serde_json::from_str::<&RawValue>(body).unwrap();
                    }
                }
                Step::TakeEvents => take_events(&mut connection, &mut accepted),
                Step::Time(seconds) => {
                    let now = T0 + SECOND * u32::try_from(seconds).unwrap();
                    connection.handle_timeout(now);
                    prop_assert!(connection.poll_timeout().is_none_or(|next| next > now));
                }
                Step::Eof => connection.handle_eof(),
            }
        }
        if write {
            // Calls, one that is taken always, and replies.
            let held = outputs(&mut connection).concat().len();
            prop_assert!(held <= 1000 + MAX + 3 * 1400, "{held}");
        }
        connection.handle_eof();
        take_events(&mut connection, &mut accepted);
        for (id, ends) in accepted {
            prop_assert_eq!(ends, 1, "request {}", id);
        }
        prop_assert_eq!(connection.in_flight(), 0);
    }

    #[test]
    fn any_bytes_at_all_are_survived(chunks in vec(vec(any::<u8>(), 0..200), 0..20)) {
        let mut connection = started();
        for chunk in &chunks {
            connection.handle_input(chunk);
        }
        connection.handle_eof();
        let ends = events(&mut connection)
            .iter()
            .filter(|event| matches!(event, Event::Response { .. }))
            .count();
        prop_assert_eq!(ends, 3);
    }
}
