//! What futures of callers take of the heap.

use std::future::IntoFuture as _;
use std::mem::size_of_val;

use serde_json::json;

use crate::stage::Stage;

/// Allocators have a short way for blocks up to some size: glibc for so many bytes.
const SHORT_WAY: usize = 1_032;

#[test]
fn the_future_of_a_call_is_small_enough_for_the_short_way_of_allocators() {
    let stage = Stage::new();
    let typed = stage.client.call_tool("add", json!({ "a": 1 })).into_future();
    let raw = stage.client.request("tools/call", json!({ "a": 1 })).into_future();
    for size in [size_of_val(&*typed), size_of_val(&*raw)] {
        assert!(size <= SHORT_WAY, "{size}");
    }
}
