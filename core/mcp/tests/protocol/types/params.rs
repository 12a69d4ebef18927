//! Params of whatever a program has.

use proptest::prelude::*;
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::json;
use serde_json::value::RawValue;
use tenure_mcp_proto::types::{Params, ParamsError};

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

fn text(params: &Params) -> Option<&str> {
    params.raw().map(RawValue::get)
}

#[derive(Serialize)]
struct Sum<'a> {
    a: i64,
    raw: &'a RawValue,
}

/// What can't be written as JSON.
struct Secret;

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("it is nobody's business"))
    }
}

#[test]
fn any_value_that_is_an_object_is_params_and_raw_json_in_it_stays_as_it_is() {
    let inner = raw(r#"{ "z":1.00,"a":1e999,"a":"\u00e9" }"#);
    let sum = Sum { a: 1, raw: &inner };
    let whole = r#"{"a":1,"raw":{ "z":1.00,"a":1e999,"a":"\u00e9" }}"#;
    assert_eq!(text(&Params::new(&sum).unwrap()), Some(whole));
    assert_eq!(text(&Params::new(&*inner).unwrap()), Some(inner.get()));
    assert_eq!(text(&Params::new(Some(&inner)).unwrap()), Some(inner.get()));
    assert_eq!(text(&Params::new(json!({"b": [1]})).unwrap()), Some(r#"{"b":[1]}"#));
    let call = Params::of_tool_call("add\n", sum).unwrap();
    assert_eq!(text(&call), Some(format!(r#"{{"name":"add\n","arguments":{whole}}}"#).as_str()));
}

#[test]
fn nothing_and_null_are_no_params() {
    assert_eq!(text(&Params::default()), None);
    assert_eq!(text(&Params::new(()).unwrap()), None);
    assert_eq!(text(&Params::new(None::<Sum<'_>>).unwrap()), None);
    assert_eq!(text(&Params::new(None::<&RawValue>).unwrap()), None);
    assert_eq!(text(&Params::new(json!(null)).unwrap()), None);
    assert_eq!(text(&Params::new(raw("null")).unwrap()), None);
    assert_eq!(text(&Params::of_tool_call("t", ()).unwrap()), Some(r#"{"name":"t"}"#));
    assert_eq!(text(&Params::new(()).unwrap().with_meta(()).unwrap()), None);
}

#[test]
fn what_is_no_object_is_refused_and_said_by_its_kind() {
    for (value, found) in [
        (json!([1]), "a list"),
        (json!("hush"), "a string"),
        (json!(-7), "a number"),
        (json!(false), "a boolean"),
        (json!(true), "a boolean"),
    ] {
        let what = "the tool's arguments";
        let error = Params::of_tool_call("t", &value).unwrap_err();
        assert_eq!(error, ParamsError::NotAnObject { what, found });
        assert_eq!(error.to_string(), format!("the tool's arguments must be a JSON object, not {found}"));
        assert!(Params::new(&value).unwrap_err().to_string().starts_with("the params must be"));
        assert!(Params::default().with_meta(&value).unwrap_err().to_string().starts_with("_meta must be"));
    }
}

#[test]
fn whatever_the_name_is_the_arguments_are_found_behind_it() {
    for name in ["", "t", "a\"b\\\n\u{1}", "ä\u{1f600}{", "\",\"arguments\":{"] {
        let quoted = serde_json::to_string(name).unwrap();
        let with = |arguments| Params::of_prompt(name, raw(arguments));
        let params = with(r#"{"a" :1.0}"#).unwrap();
        assert_eq!(text(&params), Some(format!(r#"{{"name":{quoted},"arguments":{{"a" :1.0}}}}"#).as_str()));
        assert_eq!(text(&with("null").unwrap()), Some(format!(r#"{{"name":{quoted}}}"#).as_str()));
        let what = "the prompt's arguments";
        assert_eq!(with("[{}]").unwrap_err(), ParamsError::NotAnObject { what, found: "a list" });
    }
}

#[test]
fn what_cannot_be_written_as_json_is_refused_with_the_reason() {
    let error = Params::new(Secret).unwrap_err();
    assert!(matches!(error, ParamsError::NotJson { what: "the params", .. }));
    assert_eq!(error.to_string(), "the params can't be written as JSON: it is nobody's business");
    let by_list = std::collections::BTreeMap::from([(vec![1], 2)]);
    assert!(matches!(Params::of_tool_call("t", by_list), Err(ParamsError::NotJson { .. })));
}

#[test]
fn meta_is_put_behind_what_is_there_which_stays_as_it_was_written() {
    let meta = raw(r#"{ "progressToken":1.0 }"#);
    for (params, merged) in [
        (None, r#"{"_meta":{ "progressToken":1.0 }}"#),
        (Some("{}"), r#"{"_meta":{ "progressToken":1.0 }}"#),
        (Some("{ }"), r#"{ "_meta":{ "progressToken":1.0 }}"#),
        (Some(r#"{ "a":"{", "a":1.00 }"#), r#"{ "a":"{", "a":1.00 ,"_meta":{ "progressToken":1.0 }}"#),
        (Some(r#"{"a":{"_meta":1}}"#), r#"{"a":{"_meta":1},"_meta":{ "progressToken":1.0 }}"#),
    ] {
        let params = params.map(raw);
        let params = Params::new(params.as_deref()).unwrap().with_meta(&*meta).unwrap();
        assert_eq!(text(&params), Some(merged));
    }
    let call = Params::of_tool_call("t", json!({"_meta": 1})).unwrap().with_meta(meta).unwrap();
    let merged = r#"{"name":"t","arguments":{"_meta":1},"_meta":{ "progressToken":1.0 }}"#;
    assert_eq!(text(&call), Some(merged));
}

#[test]
fn a_meta_that_is_there_already_is_not_lost_in_silence() {
    for there in [r#"{"_meta":{}}"#, r#"{"a":1,"_meta":null}"#, r#"{"\u005fmeta":{}}"#] {
        let error = Params::new(raw(there)).unwrap().with_meta(json!({})).unwrap_err();
        assert_eq!(error, ParamsError::MetaTwice, "{there}");
    }
    let twice = Params::default().with_meta(json!({})).unwrap().with_meta(json!({}));
    assert_eq!(twice.unwrap_err().to_string(), "the params have a _meta already");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn raw_params_and_raw_meta_are_merged_byte_for_byte(
        members in proptest::collection::vec(("[a-z{}\\[\\],: ]{0,3}", 0..100_u8, "[ \\t]{0,2}"), 0..4),
        space in "[ \\t\\n]{0,2}",
    ) {
        let members: Vec<String> = members
            .iter()
            .map(|(name, value, space)| format!("{space}{}{space}:{space}{value}.00{space}", json!(name)))
            .collect();
        let params = format!("{{{}{space}}}", members.join(","));
        let merged = Params::new(raw(&params)).unwrap().with_meta(raw(&params)).unwrap();
        let merged = text(&merged).unwrap();
        let head = params.strip_suffix('}').unwrap();
        let comma = if members.is_empty() { "" } else { "," };
        prop_assert_eq!(merged, format!("{head}{comma}\"_meta\":{params}}}"));
        serde_json::from_str::<serde_json::Value>(merged).unwrap();
    }
}
