//! What is added to the params of a request, under `_meta` (MCP 2026-07-28, basic/index, "_meta").
//!
//! The params stay as they are, byte for byte: what is added stands behind the rest of the `_meta` that they
//! have, or in a `_meta` behind the rest of them.

use serde_json::value::RawValue;

use crate::jsonrpc::json;

/// The `_meta` of params.
pub(crate) fn of(params: &str) -> Option<&str> {
    // Without its name, which may have been written with escapes, it isn't there.
    if !params.contains(r#""_meta""#) && !params.contains('\\') {
        return None;
    }
    let [meta] = json::fields(params, ["_meta"]).ok()?;
    meta.map(RawValue::get)
}

/// Params with these members added to their `_meta`, in pieces. `params` is an object, or nothing; `members` is what
/// stands between the braces of an object, and not empty. `None` if the `_meta` that is there is no object.
pub(crate) fn with_members<'a>(params: Option<&'a str>, members: &'a str) -> Option<[&'a str; 5]> {
    let params = params.map_or("{}", str::trim);
    let Some(meta) = of(params) else {
        let inside = json::inside(params)?;
        let name = if is_blank(inside) { r#""_meta":{"# } else { r#","_meta":{"# };
        return Some(["{", inside, name, members, "}}"]);
    };
    if meta == "null" {
        let (before, rest) = params.split_at_checked(place(params, meta))?;
        return Some([before, "{", members, "}", rest.strip_prefix(meta)?]);
    }
    let inside = json::inside(meta)?;
    let comma = if is_blank(inside) { "" } else { "," };
    let (before, behind) = params.split_at_checked(place(params, inside).saturating_add(inside.len()))?;
    Some([before, comma, members, behind, ""])
}

fn is_blank(text: &str) -> bool {
    text.trim_ascii().is_empty()
}

/// Where a part of a text begins in it.
fn place(text: &str, part: &str) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_member(params: Option<&str>) -> Option<String> {
        with_members(params, r#""k":1"#).map(|pieces| pieces.concat())
    }

    #[test]
    fn members_stand_behind_what_is_there() {
        for (params, expected) in [
            (None, r#"{"_meta":{"k":1}}"#),
            (Some("{}"), r#"{"_meta":{"k":1}}"#),
            (Some("{ }"), r#"{ "_meta":{"k":1}}"#),
            (Some(r#"{"a" : 1.00}"#), r#"{"a" : 1.00,"_meta":{"k":1}}"#),
            (Some(r#"{"_meta":{},"a":1}"#), r#"{"_meta":{"k":1},"a":1}"#),
            (Some(r#"{"_meta" : { } }"#), r#"{"_meta" : { "k":1} }"#),
            (Some(r#"{"_meta":null}"#), r#"{"_meta":{"k":1}}"#),
            (Some(r#"{"_meta":{"t":[1.0]} ,"a":{}}"#), r#"{"_meta":{"t":[1.0],"k":1} ,"a":{}}"#),
            (Some(r#"{ "n":1.00 }"#), r#"{ "n":1.00 ,"_meta":{"k":1}}"#),
            (Some(r#"{"_meta":null ,"a":1}"#), r#"{"_meta":{"k":1} ,"a":1}"#),
            (Some(r#"{"_meta": {} ,"a":1}"#), r#"{"_meta": {"k":1} ,"a":1}"#),
            // A `_meta` elsewhere is something else, and of repeated ones the last counts.
            (Some(r#"{"a":{"_meta":{}}}"#), r#"{"a":{"_meta":{}},"_meta":{"k":1}}"#),
            (Some(r#"{"_meta":{"a":1},"_meta":{}}"#), r#"{"_meta":{"a":1},"_meta":{"k":1}}"#),
            (Some(r#"{"\u005fmeta":{"a":1}}"#), r#"{"\u005fmeta":{"a":1,"k":1}}"#),
            (Some(r#"{"_meta":{},"\u005fmeta":{"a":"}"}}"#), r#"{"_meta":{},"\u005fmeta":{"a":"}","k":1}}"#),
            (
                Some(r#"{"a":"_meta","_meta":{"n":1.00, "n":2},"b":{"_meta":{}}}"#),
                r#"{"a":"_meta","_meta":{"n":1.00, "n":2,"k":1},"b":{"_meta":{}}}"#,
            ),
            (Some(r#"{"a":"\u005fmeta"}"#), r#"{"a":"\u005fmeta","_meta":{"k":1}}"#),
        ] {
            assert_eq!(with_member(params).as_deref(), Some(expected), "{params:?}");
        }
    }

    #[test]
    fn only_an_object_takes_members() {
        for params in [r#"{"_meta":5}"#, r#"{"_meta":[]}"#, r#"{"_meta":"{}"}"#, "[]", "5"] {
            assert_eq!(with_member(Some(params)), None, "{params}");
        }
    }
}
