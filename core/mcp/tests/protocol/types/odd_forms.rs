//! Forms with fields that no form has: they are told of, and cost themselves.

use serde_json::value::RawValue;
use tenure_mcp_proto::types::{FieldKind, FormSchema};

fn form(text: &str) -> FormSchema {
    FormSchema::from_raw(RawValue::from_string(text.to_owned()).unwrap()).unwrap()
}

#[test]
fn a_field_of_a_kind_that_forms_do_not_have_is_another_one_with_a_word_about_it() {
    for odd in [
        "5",
        "{}",
        r#"{"type":5}"#,
        r#"{"type":"object"}"#,
        r#"{"type":"string","enum":5}"#,
        r#"{"type":"string","enum":[5]}"#,
        r#"{"type":"string","oneOf":5}"#,
        r#"{"type":"string","oneOf":[5]}"#,
        r#"{"type":"string","oneOf":[{"title":"t"}]}"#,
        r#"{"type":"array"}"#,
        r#"{"type":"array","items":5}"#,
        r#"{"type":"array","items":{}}"#,
        r#"{"type":"array","items":{"enum":5}}"#,
        r#"{"type":"array","items":{"anyOf":5}}"#,
    ] {
        let form = form(&format!(r#"{{"properties":{{"odd":{odd},"good":{{"type":"boolean"}}}}}}"#));
        let kinds: Vec<_> = form.fields.iter().map(|field| &field.kind).collect();
        assert_eq!(kinds, [&FieldKind::Other, &FieldKind::Boolean], "{odd}");
        assert_eq!(form.warnings.len(), 1, "{odd}: {:?}", form.warnings);
    }
}

#[test]
fn of_very_many_fields_the_first_are_read() {
    let fields: Vec<_> = (0..5000).map(|number| format!(r#""f{number}":{{"type":"boolean"}}"#)).collect();
    let form = form(&format!(r#"{{"properties":{{{}}}}}"#, fields.join(",")));
    assert!(form.fields.len() < 5000);
    assert!(form.warnings.iter().any(|warning| warning.contains("too many fields")), "{:?}", form.warnings);
}
