//! Hints on how long results may be kept (MCP 2026-07-28, server/utilities/caching).

use std::time::Duration;

use crate::common::eras::{INITIALIZE, answer, both, discovered, line, probed, server};
use serde_json::value::RawValue;
use tenure_mcp_proto::pages::ToolPages;
use tenure_mcp_proto::types::{CacheHints, CacheScope, ListToolsResult, ReadResourceResult};

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

#[test]
fn lists_and_contents_say_how_long_they_may_be_kept() {
    let list = ListToolsResult::from_raw(raw(r#"{"tools":[],"ttlMs":5000,"cacheScope":"public"}"#)).unwrap();
    assert_eq!((list.cache.ttl, list.cache.scope), (Duration::from_secs(5), CacheScope::Public));
    let read =
        ReadResourceResult::from_raw(raw(r#"{"contents":[],"ttlMs":7,"cacheScope":"private"}"#)).unwrap();
    assert_eq!((read.cache.ttl, read.cache.scope), (Duration::from_millis(7), CacheScope::Private));
    let list = ListToolsResult::from_raw(raw(r#"{"tools":[]}"#)).unwrap();
    assert_eq!(list.cache, CacheHints::default());
}

/// All pages together, by their hints and how the list ended.
fn of_pages(pages: &[&str], limit: usize) -> CacheHints {
    let mut all = ToolPages::new().max_pages(limit);
    for page in pages {
        all.handle_page(raw(page)).unwrap();
    }
    all.into_list().cache
}

#[test]
fn a_list_of_many_pages_is_kept_as_long_as_all_of_them_permit_and_not_if_some_are_missing() {
    let first = r#"{"tools":[],"nextCursor":"2","ttlMs":5000,"cacheScope":"public"}"#;
    for (second, ttl, scope) in [
        (r#"{"tools":[],"ttlMs":7000,"cacheScope":"public"}"#, 5, CacheScope::Public),
        (r#"{"tools":[],"ttlMs":3000,"cacheScope":"private"}"#, 3, CacheScope::Private),
        (r#"{"tools":[]}"#, 0, CacheScope::Private),
        ("[]", 0, CacheScope::Private),
    ] {
        let hints = of_pages(&[first, second], 10);
        assert_eq!((hints.ttl, hints.scope), (Duration::from_secs(ttl), scope), "{second}");
    }
    assert_eq!(of_pages(&[first], 1), CacheHints::default(), "there are more pages");
    let only = first.replace(r#","nextCursor":"2""#, "");
    assert_eq!(of_pages(&[&only], 1).ttl, Duration::from_secs(5));
}

#[test]
fn what_a_server_says_of_itself_has_its_hints_too_and_none_in_the_legacy_era() {
    let hints = r#""ttlMs":300000,"cacheScope":"public","#;
    let said =
        discovered(r#"["2026-07-28"]"#).replace(r#""capabilities""#, &format!("{hints}\"capabilities\""));
    let mut connection = probed(both());
    answer(&mut connection, 1, &said);
    let modern = server(&mut connection);
    assert_eq!((modern.cache.ttl, modern.cache.scope), (Duration::from_secs(300), CacheScope::Public));
    assert_eq!(Some(modern.raw.get()), said.strip_prefix(r#""result":"#), "byte for byte");

    let mut connection = probed(both());
    answer(&mut connection, 1, r#""error":{"code":-32601,"message":"m"}"#);
    assert!(line(&mut connection).contains(INITIALIZE));
    answer(&mut connection, 2, &format!(r#""result":{{{hints}"protocolVersion":"2025-11-25"}}"#));
    assert_eq!(server(&mut connection).cache, CacheHints::default());
}
