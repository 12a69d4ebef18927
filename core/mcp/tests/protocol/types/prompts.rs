//! Prompts, completion and the level of log messages (MCP 2025-11-25, server/prompts, server/utilities).

use crate::common::*;
use tenure_mcp_proto::pages::PromptPages;
use tenure_mcp_proto::types::{
    CompleteParams, CompleteResult, CompletionReference, Content, GetPromptParams, GetPromptResult, Listed,
    LogLevel, Prompt, ResultType, Role, SetLevelParams,
};

#[test]
fn a_prompt_has_all_it_came_with() {
    let text = r#"{"_meta":{"m":1.0},"icons":[1.0],"arguments":[{"name":"a","title":"at","description":"ad","required":true,"n":1.0},{"name":"b","required":"true"}],"description":"d","title":"t","name":"n"}"#;
    let prompt = Prompt::from_raw(raw(text)).unwrap();
    assert_eq!(Listed::name(&prompt), "n", "what its list knows it by");
    let texts = [prompt.title, prompt.description].map(Option::unwrap);
    assert_eq!((prompt.name.as_str(), texts), ("n", ["t".into(), "d".into()]));
    let raws = [prompt.icons, prompt.meta].map(Option::unwrap);
    assert_eq!(raws.each_ref().map(|raw| raw.get()), ["[1.0]", r#"{"m":1.0}"#]);
    assert_eq!(prompt.raw.get(), text);
    let [a, b] = &prompt.arguments[..] else { panic!("two arguments") };
    assert_eq!((a.name.as_str(), a.required, b.name.as_str(), b.required), ("a", true, "b", false));
    assert_eq!((a.title.as_deref(), a.description.as_deref()), (Some("at"), Some("ad")));
    assert_eq!(a.raw.get(), r#"{"name":"a","title":"at","description":"ad","required":true,"n":1.0}"#);
    assert!(prompt.odd_arguments.is_empty());
}

#[test]
fn one_odd_argument_costs_itself_with_a_warning() {
    let mut pages = PromptPages::new();
    assert_eq!(PromptPages::METHOD, "prompts/list");
    let page = r#"{"prompts":[{"name":"p"},{"name":"q","arguments":[5,{"name":"a"}]},{"name":"r","arguments":{}},{"title":"odd"}]}"#;
    pages.handle_page(raw(page)).unwrap();
    let list = pages.into_list();
    let arguments: Vec<_> =
        list.iter().map(|prompt| (prompt.name.as_str(), prompt.arguments.len())).collect();
    assert_eq!(arguments, [("p", 0), ("q", 1), ("r", 0)]);
    let warnings: Vec<_> = list.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "left out: element [3] of page 1: name is missing",
            "page 1: prompts[1], part [0]: not a JSON object but 5",
            "page 1: prompts[2], part [0]: arguments are not a list but {}",
        ]
    );
    assert_eq!(list.items[1].odd_arguments[0].raw.get(), "5");
}

#[test]
fn of_endless_arguments_the_first_are_read() {
    let many = vec![r#"{"name":"a"}"#; 65_537].join(",");
    let prompt = Prompt::from_raw(raw(&format!(r#"{{"name":"p","arguments":[{many}]}}"#))).unwrap();
    assert_eq!((prompt.arguments.len(), prompt.odd_arguments.len()), (65_536, 1));
    assert_eq!(prompt.odd_arguments[0].reason, "there are more than 65536 arguments; the first are read");
}

#[test]
fn a_prompt_is_asked_for_with_its_arguments_byte_for_byte() {
    let arguments = raw(r#"{ "a":"\u00e9" }"#);
    let meta = raw(r#"{"n":1.00}"#);
    let params = GetPromptParams { name: "p\"", arguments: Some(&arguments), meta: Some(&meta) };
    let expected = r#"{"name":"p\"","arguments":{ "a":"\u00e9" },"_meta":{"n":1.00}}"#;
    assert_eq!(params.to_raw().get(), expected);
    assert_eq!(GetPromptParams { name: "p", ..GetPromptParams::default() }.to_raw().get(), r#"{"name":"p"}"#);
}

#[test]
fn a_filled_in_prompt_is_messages_of_somebody() {
    let text = r#"{"description":"d","messages":[{"role":"user","content":{"type":"text","text":"a"}},{"role":"assistant","content":{"type":"image","data":"aa","mimeType":"m"},"n":1.0}],"_meta":{"a":1.0}}"#;
    let result = GetPromptResult::from_raw(raw(text)).unwrap();
    assert_eq!((result.description.as_deref(), result.raw.get()), (Some("d"), text));
    assert_eq!(result.meta.unwrap().get(), r#"{"a":1.0}"#);
    assert!(result.warnings.is_empty() && result.result_type == ResultType::Complete);
    let [user, model] = &result.messages[..] else { panic!("two messages") };
    assert_eq!((&user.role, &model.role), (&Role::User, &Role::Assistant));
    assert!(matches!(&user.content, Content::Text { text, .. } if text == "a"));
    assert!(matches!(&model.content, Content::Image { data, .. } if data == "aa"));
    assert!(model.raw.get().ends_with(r#","n":1.0}"#));
}

#[test]
fn odd_messages_cost_nothing_else() {
    let text = r#"{"messages":["plain",{"role":"user","content":"text"},{"role":"system","content":{"type":"text","text":"s"}},{"role":"user"},{"content":[]}]}"#;
    let result = GetPromptResult::from_raw(raw(text)).unwrap();
    let roles: Vec<_> = result.messages.iter().map(|message| message.role.clone()).collect();
    let nobody = Role::Other(String::new());
    assert_eq!(roles, [nobody.clone(), Role::User, Role::Other("system".to_owned()), Role::User, nobody]);
    let raws: Vec<_> = result.messages.iter().map(|message| message.content.raw().get()).collect();
    assert_eq!(
        raws,
        [r#""plain""#, r#""text""#, r#"{"type":"text","text":"s"}"#, r#"{"role":"user"}"#, "[]"]
    );
    assert_eq!(
        result.warnings,
        [
            r#"messages[0]: not a JSON object but "plain""#,
            r#"messages[1]: content is not an object but "text""#,
            r#"messages[2]: unknown role "system""#,
            "messages[3]: content is missing",
            "messages[4]: role is missing",
            "messages[4]: content is not an object but []",
        ]
    );
}

#[test]
fn messages_that_cannot_be_read_are_handed_back() {
    for (text, problem) in [
        ("5", "not a JSON object but 5"),
        ("{}", "messages are missing"),
        (r#"{"messages":{}}"#, "messages are not a list but {}"),
        (r#"{"messages":[],"resultType":1}"#, "unknown resultType 1"),
    ] {
        let error = GetPromptResult::from_raw(raw(text)).unwrap_err();
        assert_eq!((error.problem(), error.raw().get()), (problem, text));
    }
    let asks = GetPromptResult::from_raw(raw(r#"{"resultType":"input_required"}"#)).unwrap();
    assert!(asks.messages.is_empty() && asks.result_type == ResultType::InputRequired);
    let many = vec![r#"{"role":"user","content":{}}"#; 65_537].join(",");
    let result = GetPromptResult::from_raw(raw(&format!(r#"{{"messages":[{many}]}}"#))).unwrap();
    assert_eq!(result.messages.len(), 65_536);
    assert_eq!(result.warnings, ["there are more than 65536 messages; the first are read"]);
}

#[test]
fn completion_is_asked_for_of_a_prompt_or_a_resource() {
    let mut params = CompleteParams {
        reference: CompletionReference::Prompt("p\""),
        name: "a",
        value: "v\n",
        arguments: None,
        meta: None,
    };
    assert_eq!(
        params.to_raw().get(),
        r#"{"ref":{"type":"ref/prompt","name":"p\""},"argument":{"name":"a","value":"v\n"}}"#
    );
    let (arguments, meta) = (raw(r#"{ "b":"\u00e9" }"#), raw(r#"{"n":1.0}"#));
    params.reference = CompletionReference::Resource("u/{a}");
    params.arguments = Some(&arguments);
    params.meta = Some(&meta);
    assert_eq!(
        params.to_raw().get(),
        r#"{"ref":{"type":"ref/resource","uri":"u/{a}"},"argument":{"name":"a","value":"v\n"},"context":{"arguments":{ "b":"\u00e9" }},"_meta":{"n":1.0}}"#
    );
}

#[test]
fn completions_are_read_and_odd_ones_left_out() {
    let text = r#"{"completion":{"values":["a",5,"b"],"total":1e2,"hasMore":true},"_meta":{"n":1.0}}"#;
    let result = CompleteResult::from_raw(raw(text)).unwrap();
    assert_eq!(
        (result.values, result.total, result.has_more),
        (vec!["a".to_owned(), "b".to_owned()], Some(100), true)
    );
    assert_eq!(result.warnings, ["completion.values[1] is not a string but 5"]);
    assert_eq!((result.raw.get(), result.meta.unwrap().get()), (text, r#"{"n":1.0}"#));
    let result = CompleteResult::from_raw(raw(r#"{"completion":{"values":[]}}"#)).unwrap();
    assert_eq!((result.values.len(), result.total, result.has_more), (0, None, false));
    let asks = CompleteResult::from_raw(raw(r#"{"resultType":"input_required"}"#)).unwrap();
    assert!(asks.values.is_empty() && asks.result_type == ResultType::InputRequired);
    let many = vec![r#""a""#; 65_537].join(",");
    let result =
        CompleteResult::from_raw(raw(&format!(r#"{{"completion":{{"values":[{many}]}}}}"#))).unwrap();
    assert_eq!(result.values.len(), 65_536);
    assert_eq!(result.warnings, ["there are more than 65536 values; the first are read"]);
}

#[test]
fn completions_that_cannot_be_read_are_handed_back() {
    for (text, problem) in [
        ("{}", "completion is missing"),
        (r#"{"completion":[]}"#, "not a JSON object but []"),
        (r#"{"completion":{}}"#, "completion.values is missing"),
        (r#"{"completion":{"values":"a"}}"#, r#"completion.values is not a list but "a""#),
    ] {
        let error = CompleteResult::from_raw(raw(text)).unwrap_err();
        assert_eq!((error.problem(), error.raw().get()), (problem, text));
    }
}

#[test]
fn levels_of_log_messages_are_in_order() {
    // RFC 5424, section 6.2.1, from the least serious one.
    let words: Vec<_> = LogLevel::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(words, ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]);
    assert!(LogLevel::ALL.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!("warning".parse(), Ok(LogLevel::Warning));
    assert!("Warning".parse::<LogLevel>().unwrap_err().to_string().contains("not one of debug"));
    let params = SetLevelParams { level: LogLevel::Notice };
    assert_eq!(params.to_raw().get(), r#"{"level":"notice"}"#);
}
