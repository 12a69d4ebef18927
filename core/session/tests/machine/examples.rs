//! The examples hold what they promise.

#[path = "../../examples/blocking/main.rs"]
#[allow(dead_code, reason = "its main")]
mod blocking;

#[test]
fn blocking_threads() {
    assert_eq!(blocking::run(), Ok(()));
}
