//! An answer that doesn't fit the view of it: it is still the answer, and is printed as it came.

use std::fmt::Display;

use serde_json::Value;

use crate::exit::{ANSWERED, Failed};
use crate::session::Output;
use crate::text;

/// The answer as it came, with a word about what is wrong with it.
pub(super) fn output(raw: &str, json: bool, why: impl Display) -> Output {
    let text = if json { format!("{raw}\n") } else { format!("{}\n", text::lines(raw).trim_end()) };
    let note = text::one_line(&format!("the answer is printed as it came: {why}"));
    let failed = if says_error(raw) {
        Some("the server says that it failed")
    } else {
        is_of_unknown_type(raw).then_some("the answer is of a type that isn't known")
    };
    let failed = failed.map(|why| Failed::new(ANSWERED, why));
    Output { text, notes: vec![text::shortened(&note, 1000)], failed }
}

/// Returns whether the server said that it is an error, in whatever spelling.
fn says_error(raw: &str) -> bool {
    let answer: Value = serde_json::from_str(raw).unwrap_or_default();
    match answer.get("isError") {
        Some(Value::Bool(said)) => *said,
        Some(Value::String(said)) => said.eq_ignore_ascii_case("true"),
        Some(Value::Number(said)) => said.as_f64() == Some(1.0),
        _ => false,
    }
}

/// Returns whether the server said that the result is neither complete nor a wish for input (MCP 2026-07-28,
/// `ResultType`).
fn is_of_unknown_type(raw: &str) -> bool {
    let answer: Value = serde_json::from_str(raw).unwrap_or_default();
    answer.get("resultType").is_some_and(|said| said != "complete")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_in_any_spelling() {
        for (raw, said) in [
            (r#"{"isError":"true"}"#, true),
            (r#"{"isError":"True"}"#, true),
            (r#"{"isError":1}"#, true),
            (r#"{"isError":true,"content":7}"#, true),
            (r#"{"isError":"false"}"#, false),
            (r#"{"isError":0}"#, false),
            (r#"{"isError":null}"#, false),
            (r#"["isError"]"#, false),
            ("7", false),
        ] {
            assert_eq!(says_error(raw), said, "{raw}");
        }
    }
}
