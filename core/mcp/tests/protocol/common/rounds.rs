//! What the tests of calls need for which a server wants input.

use std::time::Duration;

use tenure_mcp_proto::{CallError, ClientFeature, Event, InputError, Options, RequestId, ServerRequestId};

use super::eras::*;
use super::*;

pub(crate) const PARAMS: &str = r#"{"name":"t", "arguments" : {"n":1.00}}"#;
pub(crate) const ROOTS: &str = r#""r":{"method":"roots/list"}"#;

pub(crate) fn offering() -> Options {
    modern().offer(ClientFeature::Roots).offer(ClientFeature::Sampling)
}

pub(crate) fn connected() -> OnLines {
    ready_modern(offering())
}

/// A call that was sent.
pub(crate) fn call(connection: &mut OnLines) -> RequestId {
    call_for(connection, None)
}

pub(crate) fn call_for(connection: &mut OnLines, timeout: Option<Duration>) -> RequestId {
    let id = connection.request(T0, "tools/call", Some(&raw(PARAMS)), timeout).unwrap();
    line(connection);
    id
}

/// The server wants input; `fields` are those of its result.
pub(crate) fn wants(connection: &mut OnLines, wire_id: u64, fields: &str) -> String {
    let result = format!(r#"{{"resultType":"input_required",{fields}}}"#);
    answer(connection, wire_id, &format!(r#""result":{result}"#));
    result
}

/// What was handed out.
pub(crate) fn asked(connection: &mut OnLines) -> Vec<ServerRequestId> {
    let requests = events(connection).into_iter();
    requests
        .map(|event| match event {
            Event::Request { id, .. } => id,
            other => panic!("{other:?}"),
        })
        .collect()
}

pub(crate) fn why(connection: &mut OnLines) -> (RequestId, InputError, String) {
    match response(connection) {
        (id, Err(CallError::InputRequired { why, raw })) => (id, why, raw.get().to_owned()),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn done(connection: &mut OnLines) -> (RequestId, String) {
    let (id, result) = response(connection);
    (id, result.unwrap())
}

/// Params of the call in a later round.
pub(crate) fn again(wire_id: u64, input: &str) -> String {
    let params = PARAMS.strip_suffix('}').unwrap();
    let capabilities = r#"{"sampling":{},"roots":{}}"#;
    let marks = MARKS.replace("\"io.modelcontextprotocol/clientCapabilities\":{}", "");
    format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{wire_id},\"method\":\"tools/call\",\"params\":{params},{input},\"_meta\":{{{marks}\"io.modelcontextprotocol/clientCapabilities\":{capabilities}}}}}}}\n"
    )
}
