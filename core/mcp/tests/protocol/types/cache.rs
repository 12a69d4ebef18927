//! Hints on how long results may be kept (MCP 2026-07-28, server/utilities/caching).

use std::time::Duration;

use serde_json::value::RawValue;
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
