//! The examples hold what they promise.
#![cfg(feature = "alloc")]

#[path = "../examples/blocking.rs"]
#[allow(dead_code, reason = "its main")]
mod blocking;

#[test]
fn blocking_threads() {
    assert_eq!(blocking::run(), Ok(()));
}
