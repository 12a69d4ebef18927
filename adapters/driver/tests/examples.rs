//! The examples hold what they promise.

use std::time::{Duration, Instant};

#[path = "../examples/local.rs"]
#[allow(dead_code, reason = "its main")]
mod local;

#[test]
fn local_without_any_runtime() {
    let start = Instant::now();
    assert!(local::run().is_ok());
    assert!(start.elapsed() < Duration::from_secs(2));
}
