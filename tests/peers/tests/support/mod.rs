//! The libraries on each runtime, one body for both.
#![allow(dead_code, unused_imports, reason = "each test program uses a part")]

use serde_json::{Value, value::RawValue};

pub use tenure_peers::runtime::{Runtime, Smol, Tokio, run};

pub fn raw(value: Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).expect("it is JSON")
}

/// One `#[test]` for each body on each runtime.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod tokio { $(#[test] fn $name() { super::$name::<super::support::Tokio>(); })* }
        mod smol { $(#[test] fn $name() { super::$name::<super::support::Smol>(); })* }
    };
}
pub(crate) use on_both;
