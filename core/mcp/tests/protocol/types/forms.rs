//! Forms of `elicitation/create`: their fields, their defaults, and what may stand in them (MCP 2025-11-25,
//! client/elicitation, "Requested Schema").

use serde_json::value::RawValue;
use tenure_mcp_proto::types::{FieldKind, FormField, FormSchema};

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

/// A form with these fields.
fn form(properties: &str) -> FormSchema {
    FormSchema::from_raw(raw(&format!(r#"{{"type":"object","properties":{{{properties}}}}}"#))).unwrap()
}

/// A form with one field.
fn field(schema: &str) -> FormField {
    let form = form(&format!(r#""x":{schema}"#));
    let [field] = <[FormField; 1]>::try_from(form.fields).unwrap();
    field
}

fn problems(form: &FormSchema, content: &str) -> Vec<String> {
    form.check(&raw(content)).iter().map(ToString::to_string).collect()
}

/// Each kind of field that the specification has, with a default and values that are not allowed.
const KINDS: [(&str, &str, &[&str]); 10] = [
    (
        r#"{"type":"string","minLength":2,"maxLength":4,"format":"email""#,
        r#""\u00e4bc""#,
        &[r#""a""#, r#""abcde""#, "5", "null"],
    ),
    (r#"{"type":"number","minimum":-1.5,"maximum":100"#, "50.50", &["-1.6", "100.1", r#""50""#, "true"]),
    (r#"{"type":"integer","minimum":0"#, "5.0", &["5.5", "-1", "[5]"]),
    (r#"{"type":"boolean""#, "false", &["0", r#""false""#, "null"]),
    (r#"{"type":"string","enum":["Red","Green"]"#, r#""Red""#, &[r#""red""#, r#"["Red"]"#]),
    (
        r##"{"type":"string","oneOf":[{"const":"#f00","title":"Red"},{"const":"#0f0","title":"Green"}]"##,
        r##""#f00""##,
        &[r#""Red""#, "1"],
    ),
    (r#"{"type":"string","enum":["a","b"],"enumNames":["A"]"#, r#""b""#, &[r#""A""#]),
    (
        r#"{"type":"array","minItems":1,"maxItems":2,"items":{"type":"string","enum":["a","b","c"]}"#,
        r#"[ "a", "c" ]"#,
        &[r#""a""#, r#"["d"]"#, "[]", r#"["a","b","c"]"#, "[1]"],
    ),
    (
        r#"{"type":"array","items":{"anyOf":[{"const":"a","title":"A"},{"const":"b","title":"B"}]}"#,
        r#"["b"]"#,
        &[r#"["A"]"#, "{}"],
    ),
    (r#"{"type":"string","title":"T","description":"D""#, r#""""#, &["{}"]),
];

#[test]
fn defaults_of_every_kind_of_field_are_filled_in_byte_for_byte() {
    for (schema, default, _) in KINDS {
        let form = form(&format!(r#""x":{schema},"default":{default}}},"y":{schema}}}"#));
        assert_eq!(form.warnings, [""; 0], "{schema}");
        assert_eq!(form.defaults().get(), format!(r#"{{"x":{default}}}"#));
        assert_eq!(form.fill(None).unwrap().get(), form.defaults().get());
        assert_eq!(problems(&form, form.defaults().get()), [""; 0]);
    }
}

#[test]
fn a_default_that_the_field_does_not_allow_is_left_out_and_told() {
    for (schema, _, wrong) in KINDS {
        for default in wrong.iter().filter(|default| **default != "null") {
            let form = form(&format!(r#""x":{schema},"default":{default}}}"#));
            assert_eq!(form.defaults().get(), "{}", "{schema} {default}");
            assert_eq!(form.warnings, ["x: the default is not allowed there"]);
        }
    }
}

#[test]
fn what_was_filled_in_stays_and_the_rest_has_its_defaults() {
    let form = form(
        r#""a":{"type":"string","default":"x"},"b":{"type":"number","default":1.0},"c\n":{"type":"boolean","default":true}"#,
    );
    let content = r#"{ "b" : 2.00, "other":[1e999], "b":3 }"#;
    let expected = r#"{ "b" : 2.00, "other":[1e999], "b":3 ,"a":"x","c\n":true}"#;
    assert_eq!(form.fill(Some(&raw(content))).unwrap().get(), expected);
    assert_eq!(form.fill(Some(&raw("{ }"))).unwrap().get(), r#"{ "a":"x","b":1.0,"c\n":true}"#);
    for content in ["[]", "null", "\"a\""] {
        assert_eq!(form.fill(Some(&raw(content))).unwrap_err().raw().get(), content);
    }
}

#[test]
fn values_that_a_field_does_not_allow_are_told_without_being_shown() {
    for (schema, right, wrong) in KINDS {
        let form = form(&format!(r#""x":{schema}}}"#));
        assert_eq!(problems(&form, &format!(r#"{{"x":{right}}}"#)), [""; 0]);
        for value in wrong {
            let [problem] = <[String; 1]>::try_from(problems(&form, &format!(r#"{{"x":{value}}}"#))).unwrap();
            assert!(
                problem.starts_with("x is ")
                    || problem.starts_with("x are ")
                    || problem.starts_with("x has ")
            );
            assert!(!problem.contains(*value) || value.len() < 3, "{problem} {value}");
        }
    }
}

#[test]
fn a_bound_is_among_what_it_allows() {
    for (schema, allowed, problem) in [
        (r#"{"type":"number","minimum":-1.5}"#, "-1.5", ("-1.6", "x is too small")),
        (r#"{"type":"number","maximum":-1.5}"#, "-1.5", ("-1.4", "x is too large")),
        (r#"{"type":"string","minLength":2}"#, r#""ab""#, (r#""a""#, "x is too short")),
        (r#"{"type":"string","maxLength":2}"#, r#""ab""#, (r#""abc""#, "x is too long")),
    ] {
        let form = form(&format!(r#""x":{schema}"#));
        assert_eq!(problems(&form, &format!(r#"{{"x":{allowed}}}"#)), [""; 0], "{schema}");
        assert_eq!(problems(&form, &format!(r#"{{"x":{}}}"#, problem.0)), [problem.1], "{schema}");
    }
}

#[test]
fn required_fields_must_be_there_and_others_need_not() {
    let schema = r#"{"properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["b"]}"#;
    let form = FormSchema::from_raw(raw(schema)).unwrap();
    assert_eq!(form.fields.iter().map(|field| field.is_required).collect::<Vec<_>>(), [false, true]);
    assert_eq!(problems(&form, "{}"), ["b is missing"]);
    assert_eq!(problems(&form, r#"{"b":"","z":{}}"#), [""; 0]);
    assert_eq!(problems(&form, r#"{"b":1,"b":"x"}"#), [""; 0], "the last one counts");
    assert_eq!(problems(&form, "[]"), ["the content is no JSON object"]);
}

#[test]
fn choices_have_their_titles() {
    let titles = |schema: &str| match field(schema).kind {
        FieldKind::Select { choices, .. } | FieldKind::MultiSelect { choices, .. } => {
            choices.into_iter().map(|choice| (choice.value, choice.title)).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let some = |value: &str, title: &str| (value.to_owned(), Some(title.to_owned()));
    for (schema, _, _) in KINDS.into_iter().filter(|(schema, ..)| schema.contains("title\":\"A")) {
        assert_eq!(titles(&format!("{schema}}}")), [some("a", "A"), some("b", "B")]);
    }
    let legacy = r#"{"type":"string","enum":["a","b"],"enumNames":["A"]}"#;
    assert_eq!(titles(legacy), [some("a", "A"), ("b".to_owned(), None)]);
}

#[test]
fn what_forms_do_not_have_is_kept_told_and_not_judged() {
    for schema in [
        r#"{"type":"object","properties":{}}"#,
        r#"{"type":"array","items":{"type":"string"}}"#,
        r#"{"type":"string","enum":[1,2]}"#,
        r#"{"enum":["a"]}"#,
        "{}",
        "7",
    ] {
        let form = form(&format!(r#""x":{schema}"#));
        assert_eq!(form.fields[0].kind, FieldKind::Other, "{schema}");
        assert_eq!(form.fields[0].raw.get(), schema);
        assert_eq!(form.warnings, ["x: forms have no such fields"]);
        assert_eq!(problems(&form, r#"{"x":[{}]}"#), [""; 0]);
    }
    let field = field(r#"{"type":"string","title":"T","description":"D"}"#);
    assert_eq!((field.title.as_deref(), field.description.as_deref()), (Some("T"), Some("D")));
}

#[test]
fn an_odd_schema_costs_what_is_odd_about_it() {
    let odd = FormSchema::from_raw(raw(
        r#"{"required":["a",1],"properties":{"a":{"type":"number"},"a":{"type":"string"}}}"#,
    ))
    .unwrap();
    assert_eq!(odd.fields.len(), 1, "of a repeated field the last one counts");
    assert!(matches!(odd.fields[0].kind, FieldKind::Text { .. }));
    assert_eq!(odd.warnings, ["required is not a list of strings"]);
    for schema in [r#"{"required":["b"]}"#, r#"{"required":["a","b"],"properties":{"a":{"type":"number"}}}"#]
    {
        let unknown = FormSchema::from_raw(raw(schema)).unwrap();
        assert_eq!(unknown.warnings, ["b is required and not described"], "{schema}");
    }
    for schema in ["[]", r#"{"properties":[]}"#] {
        assert_eq!(FormSchema::from_raw(raw(schema)).unwrap_err().raw().get(), schema);
    }
}
