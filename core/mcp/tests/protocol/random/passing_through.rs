//! JSON passes through unharmed, whichever way it goes and whatever view is made of it.

use crate::common::*;
use crate::json::{json, object};
use proptest::prelude::*;
use serde_json::value::RawValue;
use tenure_mcp_proto::types::{
    CompleteParams, CompleteResult, CompletionReference, DecodeError, GetPromptParams, GetPromptResult,
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, Notification, Raw,
    ReadResourceResult, ResourceParams,
};
use tenure_mcp_proto::{ClientFeature, ErrorAnswer, Event, Options, RequestOptions};

/// What there is of JSON on the way out: newlines between tokens become spaces.
fn written(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

/// The JSON that a view was made of, or that was handed back.
fn kept<T>(read: Result<T, DecodeError>, raw: impl FnOnce(T) -> Raw) -> String {
    read.map_or_else(DecodeError::into_raw, raw).get().to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_view_keeps_its_json(a in json(), b in json(), field in 0usize..8) {
        let names =
            ["contents", "messages", "completion", "resources", "resourceTemplates", "prompts", "tools", "x"];
        let text = format!(r#"{{"{}": [{a},{b}] ,"_meta":{b}}}"#, names[field]);
        for text in [&text, &a] {
            prop_assert_eq!(&kept(ReadResourceResult::from_raw(raw(text)), |view| view.raw), text);
            prop_assert_eq!(&kept(GetPromptResult::from_raw(raw(text)), |view| view.raw), text);
            prop_assert_eq!(&kept(CompleteResult::from_raw(raw(text)), |view| view.raw), text);
            prop_assert_eq!(&kept(ListResourcesResult::from_raw(raw(text)), |view| view.raw), text);
            prop_assert_eq!(&kept(ListResourceTemplatesResult::from_raw(raw(text)), |view| view.raw), text);
            prop_assert_eq!(&kept(ListPromptsResult::from_raw(raw(text)), |view| view.raw), text);
            prop_assert_eq!(&kept(ListToolsResult::from_raw(raw(text)), |view| view.raw), text);
        }
    }

    #[test]
    fn what_a_view_holds_is_as_it_was_sent(a in json(), b in json()) {
        let contents = format!(r#"{{"contents":[{{"text":"t", "_meta":{a}}},{b}]}}"#);
        let view = ReadResourceResult::from_raw(raw(&contents)).unwrap();
        prop_assert_eq!(view.contents[0].meta().map_or("null", RawValue::get), &a);
        prop_assert_eq!(view.contents[1].raw().get(), &b);
        let messages = format!(r#"{{"messages":[{{"content": {a},"role":{b}}},{b}]}}"#);
        let view = GetPromptResult::from_raw(raw(&messages)).unwrap();
        prop_assert_eq!(view.messages[1].raw.get(), &b);
        if a != "null" {
            prop_assert_eq!(view.messages[0].content.raw().get(), &a);
        }
        let resources = format!(r#"{{"resources":[{{"uri":"u","annotations":{a},"icons":{b},"_meta": {a}}}]}}"#);
        let view = ListResourcesResult::from_raw(raw(&resources)).unwrap();
        let one = &view.items[0];
        let shown = |raw: &Option<Raw>| raw.as_ref().map_or("null", |raw| raw.get()).to_owned();
        prop_assert_eq!([shown(&one.annotations), shown(&one.icons), shown(&one.meta)], [a.clone(), b, a.clone()]);
        let log = format!(r#"{{"level":"info", "data": {a} }}"#);
        match Notification::read("notifications/message", Some(&raw(&log))) {
            Notification::Log { data, .. } => prop_assert_eq!(data.get(), &a),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn params_hold_json_as_it_is(arguments in object(), meta in object(), name in ".{0,8}") {
        let quoted = serde_json::Value::from(name.as_str()).to_string();
        let (arguments_raw, meta_raw) = (raw(&arguments), raw(&meta));
        let params = GetPromptParams { name: &name, arguments: Some(&arguments_raw), meta: Some(&meta_raw) };
        let expected = format!(r#"{{"name":{quoted},"arguments":{arguments},"_meta":{meta}}}"#);
        prop_assert_eq!(params.to_raw().get().to_owned(), expected);
        let params = ResourceParams { uri: &name, meta: Some(&meta_raw) };
        let expected = format!(r#"{{"uri":{quoted},"_meta":{meta}}}"#);
        prop_assert_eq!(params.to_raw().get().to_owned(), expected);
        let reference = CompletionReference::Resource(&name);
        let params =
            CompleteParams { reference, name: &name, value: &name, arguments: Some(&arguments_raw), meta: None };
        let argument = format!(r#""argument":{{"name":{quoted},"value":{quoted}}}"#);
        let context = format!(r#""context":{{"arguments":{arguments}}}"#);
        let expected = format!(r#"{{"ref":{{"type":"ref/resource","uri":{quoted}}},{argument},{context}}}"#);
        prop_assert_eq!(params.to_raw().get().to_owned(), expected);
    }

    #[test]
    fn a_token_changes_nothing_else_of_the_params(a in json(), b in object(), c in json()) {
        let mut connection = ready();
        let options = RequestOptions::default().progress(true);
        let text = format!(r#"{{"a":{a},"_meta":{b} ,"c":{c}}}"#);
        let id = connection.request_with(T0, "x", Some(&raw(&text)), options).unwrap();
        let line = outputs(&mut connection).concat();
        let inside = b.strip_suffix('}').unwrap();
        let comma = if inside.trim() == "{" { "" } else { "," };
        let expected = format!(r#"{{"a":{a},"_meta":{inside}{comma}"progressToken":{id}}} ,"c":{c}}}"#);
        let params = format!("\"params\":{}}}\n", written(&expected));
        prop_assert!(line.ends_with(&params), "{line} {params}");
        let told = format!(r#"{{"x":{a},"progress":1.50,"progressToken":{id}, "y":{c}}}"#);
        feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{told}}}"#));
        match only(&mut connection) {
            Event::Progress { progress, .. } => prop_assert_eq!(progress.raw.get(), &told),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn what_is_asked_and_answered_passes_byte_for_byte(params in json(), result in json(), code in any::<i64>()) {
        let mut connection = ready_with(Options::default().offer(ClientFeature::Roots), "2025-11-25");
        for id in ["\"\\u0061 b\"", "-1.50"] {
            feed(
                &mut connection,
                &format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"roots/list","params":{params}}}"#),
            );
            let asked = match only(&mut connection) {
                Event::Request { id, params: Some(kept), .. } => {
                    prop_assert_eq!(kept.get(), &params);
                    id
                }
                other => panic!("{other:?}"),
            };
            let data = raw(&result);
            let expected = if id.starts_with('"') {
                connection.answer(T0, asked, Ok(&data)).unwrap();
                format!(r#""result":{}}}"#, written(&result))
            } else {
                let error = ErrorAnswer { code, message: "m", data: Some(&data) };
                connection.answer(T0, asked, Err(error)).unwrap();
                format!(r#""error":{{"code":{code},"message":"m","data":{}}}}}"#, written(&result))
            };
            let line = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},{expected}\n");
            prop_assert_eq!(outputs(&mut connection), [line]);
        }
    }
}
