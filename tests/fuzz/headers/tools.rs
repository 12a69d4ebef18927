//! Calls of tools whose arguments are wanted as headers.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;
use tenure_mcp_proto::http::HttpErrorKind;
use tenure_mcp_proto::types::ListToolsResult;
use tenure_mcp_proto::{CallError, Eras};

use super::schema;
use super::value::read;
use crate::bytes::Bytes;
use crate::http::{Heard, Session};

const KEYS: [&str; 16] = [
    "properties",
    "x-mcp-header",
    "type",
    "a",
    "b",
    "items",
    "oneOf",
    "default",
    "enum",
    "$defs",
    "not",
    "x-mcp\\u002dheader",
    "properties",
    "type",
    "a",
    "b",
];

const SCALARS: [&str; 24] = [
    "\"string\"",
    "\"integer\"",
    "\"boolean\"",
    "\"number\"",
    "\"A\"",
    "\"B\"",
    "\"a\"",
    "\"b c\"",
    "\"\"",
    "\"=?base64?x?=\"",
    "\" x\"",
    "\"\\u00e4\\n\"",
    "\"X-mcp-header\"",
    "true",
    "false",
    "null",
    "0",
    "-7",
    "42.0",
    "1e3",
    "1.5",
    "9007199254740991",
    "9007199254740992",
    "-1e300",
];

/// A schema, then arguments.
pub(super) fn check(mut bytes: Bytes<'_>) {
    let schema = object(&mut bytes, 6);
    let arguments = object(&mut bytes, 4);
    let mut session = Session::open(Eras::Modern);
    let (list, _) = session.request("tools/list", None).expect("it is sent");
    let page = format!(r#"{{"resultType":"complete","tools":[{{"name":"t","inputSchema":{schema}}}]}}"#);
    session.answer(list, 2, &page);
    assert!(matches!(session.heard().as_slice(), [Heard::Answer]), "the list");

    let wanted = schema::wanted(&json(&schema));
    let mut view = ListToolsResult::from_raw(raw(&page)).expect("a list");
    view.retain_valid_headers();
    assert_eq!(
        (view.items.len(), view.odd.len()),
        if wanted.is_some() { (1, 0) } else { (0, 1) },
        "{schema}"
    );

    let params = raw(&format!(r#"{{"name":"t","arguments":{arguments}}}"#));
    let opened = session.request("tools/call", Some(&params));
    let arguments = json(&arguments);
    let sent = |(name, path): (String, Vec<String>)| Ok(sent(&arguments, &path)?.map(|text| (name, text)));
    let expected: Result<Vec<Option<(String, String)>>, NotSent> =
        wanted.ok_or(NotSent).and_then(|wanted| wanted.into_iter().map(sent).collect());
    let Some((_, request)) = opened else {
        assert!(expected.is_err(), "{schema} {params}");
        let heard = session.heard();
        let [Heard::Failed(CallError::Http(error))] = heard.as_slice() else { panic!("{heard:?}") };
        assert!(matches!(error.kind, HttpErrorKind::Unsendable { .. }), "{error}");
        return;
    };
    let headers = request.headers().iter().filter(|(name, _)| name.as_str().starts_with("mcp-param-"));
    let headers: BTreeMap<_, _> = headers.map(|(name, value)| (name.to_string(), read(value))).collect();
    let expected = expected.unwrap_or_else(|NotSent| panic!("{schema} {params}"));
    let expected: BTreeMap<_, _> = expected.into_iter().flatten().collect();
    assert_eq!(headers, expected, "{schema} {params}");
}

/// The call can't be sent.
#[derive(Debug)]
struct NotSent;

/// What is said of the argument at the path, if there is anything to say.
fn sent(arguments: &Value, path: &[String]) -> Result<Option<String>, NotSent> {
    let argument = path.iter().try_fold(arguments, |object, name| object.as_object()?.get(name));
    Ok(match argument {
        None | Some(Value::Null | Value::Array(_) | Value::Object(_)) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Bool(is)) => Some(is.to_string()),
        Some(Value::Number(number)) => {
            let number = number.as_f64().filter(|number| number.abs() < 9_007_199_254_740_992.0);
            Some(number.ok_or(NotSent)?.to_string())
        }
    })
}

fn object(bytes: &mut Bytes<'_>, depth: u8) -> String {
    let count = bytes.byte() & 3;
    let fields = (0..count).map(|_| {
        let key = bytes.choose(&KEYS).unwrap_or_default();
        format!(r#""{key}":{}"#, element(bytes, depth))
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

fn element(bytes: &mut Bytes<'_>, depth: u8) -> String {
    let kind = bytes.byte() & 7;
    match kind {
        _ if depth == 0 => "{}".to_owned(),
        0..=3 => object(bytes, depth - 1),
        4 => {
            let count = bytes.byte() & 3;
            let elements: Vec<_> = (0..count).map(|_| element(bytes, depth - 1)).collect();
            format!("[{}]", elements.join(","))
        }
        _ => bytes.choose(&SCALARS).unwrap_or_default().to_owned(),
    }
}

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).expect("it is JSON")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}
