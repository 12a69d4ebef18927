//! JSON for property tests.

use proptest::collection::vec;
use proptest::prelude::*;

/// JSON text as odd as JSON may be: giant numbers, repeated keys, escapes, blanks between tokens.
pub(crate) fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "null|true|false",
        "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?",
        string(),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let entry = (string(), blank(), inner.clone(), blank())
            .prop_map(|(key, a, value, b)| format!("{key}{a}:{b}{value}"));
        prop_oneof![
            (vec(inner, 0..4), blank()).prop_map(|(items, b)| format!("[{b}{}]", items.join(","))),
            (vec(entry, 0..4), blank()).prop_map(|(entries, b)| format!("{{{}{b}}}", entries.join(","))),
        ]
    })
}

pub(crate) fn object() -> impl Strategy<Value = String> {
    vec((string(), json()), 0..4).prop_map(|entries| {
        let entries: Vec<_> = entries.iter().map(|(k, v)| format!("{k}: {v}")).collect();
        format!("{{{}}}", entries.join(" ,"))
    })
}

fn string() -> impl Strategy<Value = String> {
    let piece =
        prop_oneof!["[a-c]", "\\\\u[0-9a-fA-F]{4}", "\\\\[\"\\\\/bfnrt]", "[äλ→😀]", Just("id".to_owned()),];
    vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn blank() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), Just(" "), Just("\t \r")]
}
