//! Views of what a server asks, and the answers as they are written (MCP 2025-11-25, client/sampling,
//! client/elicitation).

use serde_json::json;
use serde_json::value::RawValue;
use tenure_mcp_proto::types::{
    Content, CreateMessageParams, CreateMessageResult, ElicitAction, ElicitFormParams, ElicitResult,
    ElicitUrlParams, Role,
};

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

#[test]
fn a_question_to_a_model_is_read_and_kept() {
    let text = r#"{ "messages":[{"role":"user","content":{"type":"text","text":"a"},"_meta":{"m":1.0}},
        {"role":"assistant","content":[{"type":"tool_use","id":"1","name":"t","input":{"n":1.00}}]}],
        "modelPreferences":{"costPriority":0.30},"systemPrompt":"s","includeContext":"none","temperature":0.10,
        "maxTokens":1e2,"stopSequences":["x"],"metadata":{"k":1.0},"tools":[{"name":"t"}],
        "toolChoice":{"mode":"auto"},"_meta":{"progressToken":7},"unknown":1e999}"#;
    let params = CreateMessageParams::from_raw(raw(text)).unwrap();
    assert_eq!(params.raw.get(), text);
    assert_eq!(params.warnings, [""; 0]);
    let [first, second] = &params.messages[..] else { panic!("{params:?}") };
    assert_eq!((&first.role, &second.role), (&Role::User, &Role::Assistant));
    assert!(matches!(&first.content[..], [Content::Text { text, .. }] if text == "a"));
    assert_eq!(first.meta.as_ref().unwrap().get(), r#"{"m":1.0}"#);
    assert!(matches!(&second.content[..], [Content::Other { kind, raw, .. }]
        if kind == "tool_use" && raw.get().ends_with(r#""input":{"n":1.00}}"#)));
    assert_eq!(
        (params.system_prompt.as_deref(), params.include_context.as_deref()),
        (Some("s"), Some("none"))
    );
    assert_eq!((params.max_tokens, &params.stop_sequences[..]), (Some(100), &["x".to_owned()][..]));
    let kept = [
        params.model_preferences,
        params.temperature,
        params.metadata,
        params.tools,
        params.tool_choice,
        params.meta,
    ];
    assert_eq!(
        kept.map(|raw| raw.unwrap().get().to_owned()),
        [
            r#"{"costPriority":0.30}"#,
            "0.10",
            r#"{"k":1.0}"#,
            r#"[{"name":"t"}]"#,
            r#"{"mode":"auto"}"#,
            r#"{"progressToken":7}"#
        ]
    );
}

#[test]
fn an_odd_question_to_a_model_costs_what_is_odd_about_it() {
    let text = r#"{"messages":["plain",{"role":"x"}],"maxTokens":-1,"stopSequences":["a",1]}"#;
    let params = CreateMessageParams::from_raw(raw(text)).unwrap();
    assert_eq!(params.messages.len(), 2);
    assert!(matches!(&params.messages[0].content[..], [Content::Text { text, .. }] if text == "plain"));
    assert!(params.messages[1].content.is_empty());
    assert_eq!((params.max_tokens, params.stop_sequences.len()), (None, 1));
    assert_eq!(
        params.warnings,
        [
            r#"messages[0]: not a JSON object but "plain""#,
            "messages[1]: role is missing or unknown",
            "messages[1]: content is missing",
            "maxTokens is missing, or no whole number",
            "stopSequences are not a list of strings",
        ]
    );
    for text in ["{}", "[]", r#"{"messages":{}}"#, r#"{"messages":null}"#] {
        assert_eq!(CreateMessageParams::from_raw(raw(text)).unwrap_err().raw().get(), text);
    }
}

#[test]
fn the_answer_of_a_model_is_written_as_the_schema_has_it() {
    let blocks = vec![raw(r#"{ "type":"tool_use","id":"1","name":"t","input":{"n":1.00} }"#)];
    let mut result = CreateMessageResult::new("m\"", blocks).meta(raw(r#"{"k":1.0}"#));
    assert_eq!(
        result.to_raw().get(),
        r#"{"role":"assistant","content":{ "type":"tool_use","id":"1","name":"t","input":{"n":1.00} },"model":"m\"","_meta":{"k":1.0}}"#
    );
    result = CreateMessageResult::new("m", vec![raw("{}"), raw("{}")]).stop_reason("toolUse");
    assert_eq!(
        result.to_raw().get(),
        r#"{"role":"assistant","content":[{},{}],"model":"m","stopReason":"toolUse"}"#
    );
}

#[test]
fn a_form_and_a_page_are_read_and_kept() {
    let text = r#"{"mode":"form","message":"Who?","requestedSchema":{ "type":"object" },"_meta":{"n":1.0}}"#;
    let form = ElicitFormParams::from_raw(raw(text)).unwrap();
    assert_eq!((form.message.as_str(), form.requested_schema.get()), ("Who?", r#"{ "type":"object" }"#));
    assert_eq!((form.raw.get(), form.meta.as_ref().unwrap().get()), (text, r#"{"n":1.0}"#));
    assert!(form.schema().unwrap().fields.is_empty());
    for text in ["{}", r#"{"requestedSchema":[]}"#, "null"] {
        assert_eq!(ElicitFormParams::from_raw(raw(text)).unwrap_err().raw().get(), text);
    }

    let text = r#"{"mode":"url","message":"Go","url":"https://a/b","elicitationId":"e","_meta":{"n":1.0}}"#;
    let page = ElicitUrlParams::from_raw(raw(text)).unwrap();
    assert_eq!((page.message.as_str(), page.url.as_str()), ("Go", "https://a/b"));
    assert_eq!((page.elicitation_id.as_deref(), page.raw.get()), (Some("e"), text));
    assert_eq!(page.meta.unwrap().get(), r#"{"n":1.0}"#);
    // MCP 2026-07-28 has no such id.
    let page = ElicitUrlParams::from_raw(raw(r#"{"url":"https://a"}"#)).unwrap();
    assert_eq!((page.message.as_str(), page.elicitation_id), ("", None));
    assert!(ElicitUrlParams::from_raw(raw(r#"{"url":5}"#)).is_err());
}

#[test]
fn the_answer_of_a_person_is_written_as_the_schema_has_it() {
    let number = raw(r#"{ "n":1.00 }"#);
    let written = |result: ElicitResult| result.to_raw().get().to_owned();
    assert_eq!(
        written(ElicitResult::accept(&number).unwrap()),
        r#"{"action":"accept","content":{ "n":1.00 }}"#
    );
    assert_eq!(written(ElicitResult::accept(()).unwrap()), r#"{"action":"accept"}"#);
    assert_eq!(written(ElicitResult::agree()), r#"{"action":"accept"}"#);
    assert_eq!(written(ElicitResult::decline()), r#"{"action":"decline"}"#);
    assert_eq!(
        written(ElicitResult::cancel().meta(number.clone())),
        r#"{"action":"cancel","_meta":{ "n":1.00 }}"#
    );
    assert!(ElicitResult::accept(json!([1])).is_err());
    // Content only with consent.
    let mut declined = ElicitResult::accept(&number).unwrap();
    declined.action = ElicitAction::Decline;
    assert_eq!(written(declined), r#"{"action":"decline"}"#);
}
