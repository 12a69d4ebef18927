//! Calls of tools checked against the tools' schemas.

use serde_json::value::RawValue;
use serde_json::{Value, json};
use tenure_mcp::proto::types::{CallToolResult, Tool};
use tenure_mcp::{Delivery, Error, SchemaError, ToolSchema};

use crate::stage::{Call, Stage};

fn tool(input: &Value, output: Option<&Value>) -> Tool {
    let mut tool = json!({ "name": "t", "inputSchema": input });
    if let Some(output) = output {
        tool["outputSchema"] = output.clone();
    }
    Tool::from_raw(RawValue::from_string(tool.to_string()).unwrap()).unwrap()
}

fn terms() -> Value {
    json!({
        "type": "object",
        "properties": { "a": { "type": "integer" }, "list": { "items": { "type": "string" } } },
        "required": ["a"],
        "additionalProperties": false,
    })
}

/// The error of a call with these schemas and arguments, of which nothing is sent.
#[track_caller]
fn unsent(tool: &Tool, arguments: &Value) -> SchemaError {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let error = Call::new(lease.call_tool("t", arguments).checked(tool)).poll().unwrap().unwrap_err();
    stage.turn();
    assert!(server.heard().is_empty());
    assert_eq!((error.delivery(), error.is_retryable()), (Delivery::NotSent, false));
    let Error::InvalidArguments(error) = error else { panic!("{error:?}") };
    error
}

/// What a call gives that the server answers with `result`.
#[track_caller]
fn answered(tool: &Tool, result: &str) -> Result<CallToolResult, Error> {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.call_tool("t", json!({ "a": 1 })).checked(tool));
    stage.turn();
    let id = server.heard_one()["id"].clone();
    server.say_bytes(format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{result}}}\n").as_bytes());
    stage.turn();
    call.poll().unwrap()
}

#[test]
fn arguments_that_are_not_what_the_tool_takes_are_never_sent() {
    let tool = tool(&terms(), None);
    let error = unsent(&tool, &json!({ "a": "secret", "list": ["x", 7], "more": 1 }));
    let SchemaError::Violated { schema: ToolSchema::Input, violations } = &error else { panic!("{error:?}") };
    assert_eq!(violations.len(), 3);
    let of_a = violations.iter().find(|violation| violation.at == "/a").unwrap();
    assert_eq!(of_a.problem, r#"value is not of type "integer""#);
    assert!(violations.iter().any(|violation| violation.at == "/list/1"));
    let words = error.to_string();
    assert!(words.starts_with("not as the tool's inputSchema says: "), "{words}");
    assert!(!words.contains("secret"), "{words}");
}

#[test]
fn no_arguments_are_checked_as_an_empty_object() {
    let error = unsent(&tool(&terms(), None), &Value::Null);
    assert!(error.to_string().contains("required"), "{error}");
}

#[test]
fn arguments_that_fit_go_out_byte_for_byte_and_the_result_comes_so() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let arguments = RawValue::from_string(r#"{ "a":1.0e0 }"#.to_owned()).unwrap();
    let tool = tool(&terms(), Some(&json!({ "properties": { "n": { "type": "number" } } })));
    let mut call = Call::begun(lease.call_tool("t", &arguments).checked(&tool));
    stage.turn();
    let text = server.heard_text();
    assert!(text.contains(&format!(r#""arguments":{}}}"#, arguments.get())), "{text}");
    let id = serde_json::from_str::<Value>(&text).unwrap()["id"].clone();
    let result = r#"{ "content":[],"structuredContent":{"n":1.00} }"#;
    server.say_bytes(format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{result}}}\n").as_bytes());
    stage.turn();
    assert_eq!(call.poll().unwrap().unwrap().raw.get(), result);
}

#[test]
fn a_result_that_is_not_as_the_tool_says_comes_whole_with_what_is_wrong() {
    let tool = tool(&terms(), Some(&json!({ "properties": { "n": { "type": "number" } } })));
    for (result, problem) in [
        (
            r#"{"content":[{"type":"text","text":"hi"}],"structuredContent":{"n":"1"}}"#,
            "/n: value is not of type",
        ),
        (r#"{"content":[{"type":"text","text":"hi"}]}"#, "structuredContent is missing"),
        (
            r#"{"content":[{"type":"text","text":"hi"}],"structuredContent":{"n":1e999}}"#,
            "it can't be checked",
        ),
    ] {
        let error = answered(&tool, result).unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
        assert_eq!((error.delivery(), error.is_retryable()), (Delivery::Unknown, false));
        let Error::UnexpectedResult { error, result: whole } = error else { panic!("{error:?}") };
        assert!(matches!(error, SchemaError::Violated { schema: ToolSchema::Output, .. }), "{error:?}");
        assert_eq!((whole.raw.get(), &*whole.text()), (result, "hi"));
    }
}

#[test]
fn results_of_which_the_tool_says_nothing_are_not_checked() {
    let output = json!({ "properties": { "n": { "type": "number" } } });
    let with_output = tool(&terms(), Some(&output));
    // A tool that failed, and one that asks for input first.
    answered(&with_output, r#"{"content":[],"isError":true,"structuredContent":{"n":"1"}}"#).unwrap();
    answered(&with_output, r#"{"resultType":"input_required","inputRequests":{}}"#).unwrap_or_else(|error| {
        assert!(!matches!(error, Error::UnexpectedResult { .. }), "{error:?}");
        CallToolResult::from_raw(RawValue::from_string("{}".to_owned()).unwrap()).unwrap()
    });
    answered(&tool(&terms(), None), r#"{"content":[],"structuredContent":{"n":"1"}}"#).unwrap();
}

#[test]
fn structured_content_may_be_any_json() {
    let tool = tool(&terms(), Some(&json!({ "type": ["array", "null"] })));
    for content in ["[1]", "null"] {
        answered(&tool, &format!(r#"{{"content":[],"structuredContent":{content}}}"#)).unwrap();
    }
    answered(&tool, r#"{"content":[],"structuredContent":7}"#).unwrap_err();
}

#[test]
fn a_schema_that_cannot_be_used_permits_nothing() {
    // MCP 2026-07-28, basic, "$ref Resolution": nothing is fetched.
    let large = json!({ "title": "x".repeat(300 * 1024) });
    for (schema, problem) in [
        (json!({ "$ref": "https://example.com/s.json" }), "https://example.com/s.json"),
        (json!({ "$ref": "file:///etc/passwd" }), "file:///etc/passwd"),
        (json!({ "properties": { "a": { "$ref": "other.json" } } }), "other.json"),
        (json!({ "$ref": "#/$defs/none" }), "/$defs/none"),
        (json!({ "$schema": "https://example.com/dialect" }), "https://example.com/dialect"),
        (json!({ "type": "nothing" }), "not valid"),
        (large, "larger than 262144 bytes"),
    ] {
        for (which, tool) in
            [(ToolSchema::Input, tool(&schema, None)), (ToolSchema::Output, tool(&terms(), Some(&schema)))]
        {
            let error = unsent(&tool, &json!({ "a": 1 }));
            let words = error.to_string();
            assert!(words.contains(problem) && words.len() < 500, "{words}");
            assert!(matches!(error, SchemaError::Unusable { schema, .. } if schema == which), "{error:?}");
        }
    }
}

#[test]
fn the_dialect_is_the_latest_unless_the_schema_names_one() {
    // `items` as a list is of draft 7; 2020-12 has `prefixItems`.
    let tuple = json!({ "properties": { "a": { "items": [{ "type": "string" }] } } });
    unsent(&tool(&tuple, None), &json!({ "a": [1] }));
    let mut old = tuple;
    old["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    let error = unsent(&tool(&old, None), &json!({ "a": [1] }));
    assert!(matches!(error, SchemaError::Violated { .. }), "{error:?}");
    let new = json!({ "properties": { "a": { "prefixItems": [{ "type": "string" }] } } });
    let error = unsent(&tool(&new, None), &json!({ "a": [1] }));
    assert!(matches!(error, SchemaError::Violated { .. }), "{error:?}");
}

#[test]
fn a_schema_that_refers_to_itself_comes_to_an_end() {
    let tree = json!({
        "$defs": { "node": { "properties": { "next": { "$ref": "#/$defs/node" } }, "additionalProperties": false } },
        "properties": { "a": { "$ref": "#/$defs/node" } },
        "allOf": [{ "$ref": "#" }],
    });
    let error = unsent(&tool(&tree, None), &json!({ "a": { "next": { "next": { "odd": 1 } } } }));
    assert!(error.to_string().contains("/a/next/next"), "{error}");
}

#[test]
fn so_many_faults_are_told_and_no_more() {
    let schema = json!({ "properties": { "a": { "items": { "type": "string" } } } });
    let error = unsent(&tool(&schema, None), &json!({ "a": vec![1; 1000] }));
    assert!(
        matches!(&error, SchemaError::Violated { violations, .. } if violations.len() == 16),
        "{error:?}"
    );
    let long = json!({ "properties": { "a": { "const": "é".repeat(1000) } } });
    let error = unsent(&tool(&long, None), &json!({ "a": 1 }));
    assert!(error.to_string().len() < 400 && error.to_string().ends_with('…'), "{error}");
}

#[test]
fn a_checked_call_tells_its_progress_and_other_faults_of_its_own() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let tool = tool(&terms(), None);
    let error = Call::new(lease.call_tool("t", [1]).checked(&tool)).poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::InvalidParams(_)), "{error:?}");

    let mut call = lease.call_tool("t", json!({ "a": 1 })).checked(&tool).with_progress();
    assert!(Call::new(call.next()).poll().is_none());
    stage.turn();
    let request = server.heard_one();
    let token = &request["params"]["_meta"]["progressToken"];
    let params = json!({ "progressToken": token, "progress": 3 });
    server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params }));
    stage.turn();
    assert!(Call::new(call.next()).poll().unwrap().unwrap().raw.get().contains(r#""progress":3"#));
    server.answer(&request, &json!({ "content": [] }));
    stage.turn();
    Call::new(call.result()).poll().unwrap().unwrap();
}
