//! The typed views over anything that is JSON.

mod json;

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use tenure_mcp_proto::types::{
    CallToolResult, CompleteResult, Content, CreateMessageParams, DecodeError, ElicitFormParams,
    ElicitUrlParams, FormSchema, GetPromptResult, ListResult, Listed, Notification, Params, Progress, Prompt,
    ReadResourceResult, Resource, ResourceContents, ResourceTemplate, Tool, meta_of,
};

use crate::bytes::Bytes;

/// The methods of notifications that have a view, and one that has none.
const TOLD: [&str; 7] = [
    "notifications/progress",
    "notifications/message",
    "notifications/tools/list_changed",
    "notifications/resources/updated",
    "notifications/cancelled",
    "notifications/elicitation/complete",
    "notifications/other",
];

/// A word about a fault is no longer than this, whatever is wrong.
const LONGEST_WORD: usize = 4096;

/// Whatever a server sends is read without a panic, and kept byte for byte.
pub fn views(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let text = if bytes.byte().is_multiple_of(4) {
        String::from_utf8_lossy(data.get(1..).unwrap_or_default()).trim().to_owned()
    } else {
        json::object(&mut bytes)
    };
    let Ok(raw) = RawValue::from_string(text) else {
        return;
    };
    results(&raw);
    elements(&raw);
    told(&raw);
    asked(&raw);
    sent(&raw);
}

/// A view is made of `raw`, or hands it back.
fn kept<T>(raw: &RawValue, view: Result<T, DecodeError>, raw_of: impl Fn(&T) -> &RawValue) -> Option<T> {
    match view {
        Ok(view) => {
            assert_eq!(raw_of(&view).get(), raw.get(), "the view's raw text");
            Some(view)
        }
        Err(error) => {
            assert_eq!(error.raw().get(), raw.get(), "the error's raw text");
            assert!(error.to_string().len() < LONGEST_WORD, "{error}");
            assert_eq!(error.into_raw().get(), raw.get());
            None
        }
    }
}

fn results(raw: &RawValue) {
    page::<Tool>(raw, "tools");
    page::<Resource>(raw, "resources");
    page::<ResourceTemplate>(raw, "resourceTemplates");
    page::<Prompt>(raw, "prompts");
    let result = kept(raw, CallToolResult::from_raw(raw.to_owned()), |view| &view.raw);
    if let Some(result) = result {
        let blocks = list(raw, "content");
        if let Some(blocks) = blocks.filter(|_| result.warnings.is_empty()) {
            let seen: Vec<_> = result.content.iter().map(|block| block.raw().get()).collect();
            let sent: Vec<_> = blocks.iter().map(|block| block.get()).collect();
            assert_eq!(seen, sent, "each block is there as it came");
        }
        let _ = (result.text(), result.structured::<i64>());
    }
    kept(raw, ReadResourceResult::from_raw(raw.to_owned()), |view| &view.raw);
    kept(raw, GetPromptResult::from_raw(raw.to_owned()), |view| &view.raw);
    kept(raw, CompleteResult::from_raw(raw.to_owned()), |view| &view.raw);
}

/// Each element of a list is read, or is among the odd ones.
fn page<T: Listed>(raw: &RawValue, field: &str) {
    let page = kept(raw, ListResult::<T>::from_raw(raw.to_owned()), |page| &page.raw);
    let (Some(page), Some(sent)) = (page, list(raw, field)) else {
        return;
    };
    assert_eq!(page.items.len() + page.odd.len(), sent.len(), "{field}: an element is lost");
    for odd in page.odd {
        assert_eq!(Some(odd.raw.get()), sent.get(odd.position).map(|raw| raw.get()), "{field}");
        assert!(odd.reason.len() < LONGEST_WORD);
    }
}

/// The list of this name, as another reader sees it; `None` if that one can't read the whole.
fn list<'a>(raw: &'a RawValue, field: &str) -> Option<Vec<&'a RawValue>> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    serde_json::from_str(fields.get(field)?.get()).ok()
}

fn elements(raw: &RawValue) {
    assert_eq!(Content::from_raw(raw.to_owned()).raw().get(), raw.get());
    assert_eq!(ResourceContents::from_raw(raw.to_owned()).raw().get(), raw.get());
    kept(raw, Tool::from_raw(raw.to_owned()), |view| &view.raw);
    kept(raw, Prompt::from_raw(raw.to_owned()), |view| &view.raw);
}

fn told(raw: &RawValue) {
    for method in TOLD {
        let _ = Notification::read(method, Some(raw));
    }
    let _ = Progress::read(raw);
    if let Some(meta) = meta_of(Some(raw)) {
        assert!(raw.get().contains(meta.get()), "{}", meta.get());
    }
}

fn asked(raw: &RawValue) {
    kept(raw, CreateMessageParams::from_raw(raw.to_owned()), |view| &view.raw);
    kept(raw, ElicitUrlParams::from_raw(raw.to_owned()), |view| &view.raw);
    kept(raw, ElicitFormParams::from_raw(raw.to_owned()), |view| &view.raw);
    let Some(form) = kept(raw, FormSchema::from_raw(raw.to_owned()), |view| &view.raw) else {
        return;
    };
    let defaults = form.defaults();
    for content in [&*defaults, raw] {
        let Ok(filled) = form.fill(Some(content)) else {
            continue;
        };
        let own = content.get().trim_end_matches('}').trim_end();
        assert!(filled.get().starts_with(own), "{} is not in {}", content.get(), filled.get());
        let again = form.fill(Some(&filled)).map(|raw| raw.get().to_owned());
        assert_eq!(again.ok().as_deref(), Some(filled.get()), "what is filled in stays");
    }
    // What a form itself proposes may only lack what it requires.
    for problem in form.check(&defaults) {
        let field = form.fields.iter().find(|field| field.name == problem.field);
        assert!(field.is_some_and(|field| field.is_required && field.default.is_none()), "{problem:?}");
    }
}

/// What a caller sends is in the params as it is.
fn sent(raw: &RawValue) {
    let is_object = raw.get().starts_with('{');
    for params in [Params::of_tool_call("t", raw), Params::of_prompt("p", raw), Params::new(raw)] {
        // `null` is no params.
        assert_eq!(params.is_ok(), is_object || raw.get() == "null", "{}", raw.get());
        if let Some(written) = params.ok().filter(|_| is_object) {
            let written = written.raw().map(RawValue::get).unwrap_or_default();
            assert!(written.contains(raw.get()), "{written}");
        }
    }
}
