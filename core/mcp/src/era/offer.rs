//! What a server says that can't speak the version it was asked for, or not this era: its versions, its error.

use serde_json::value::RawValue;

use crate::jsonrpc::error::ServerError;
use crate::jsonrpc::json;
use crate::jsonrpc::string::string;

/// Legacy servers answer an unknown version with this...
const INVALID_PARAMS: i64 = -32602;
/// ...and those of the modern era with this (MCP 2026-07-28, basic/index, "Error Codes").
pub(crate) const UNSUPPORTED_VERSION: i64 = -32022;
/// A request needs what the client did not say that it has.
const MISSING_CAPABILITY: i64 = -32021;
/// The code of an error of the modern era: over HTTP the headers of a request are not those that it must have, such as
/// one that a tool wants of its calls.
pub const HEADER_MISMATCH: i64 = -32020;

/// The codes of the errors that the modern era alone has.
pub(crate) const MODERN_ALONE: [i64; 3] = [UNSUPPORTED_VERSION, MISSING_CAPABILITY, HEADER_MISMATCH];

/// So many versions are read of a list, and no more.
const MOST: usize = 64;

/// The versions that a server named in the error's `data.supported`; none if it is no such error.
pub(crate) fn supported(error: &ServerError) -> Vec<String> {
    match error.code {
        Some(INVALID_PARAMS | UNSUPPORTED_VERSION) => {
            let data = error.data.as_deref();
            let list = data.and_then(|data| json::fields(data.get(), ["supported"]).ok());
            list.and_then(|[list]| list).map_or_else(Vec::new, versions)
        }
        Some(_) | None => Vec::new(),
    }
}

/// The strings of a list of versions, as far as it is what it should be. A fault in the list ends it.
pub(crate) fn versions(list: &RawValue) -> Vec<String> {
    let mut versions = Vec::new();
    let _ = json::elements(list.get(), &mut |version| {
        if versions.len() >= MOST {
            return Err("too many".to_owned());
        }
        versions.extend(string(version).map(|text| json::excerpt(text.as_bytes())));
        Ok(())
    });
    versions
}

/// Returns whether this is the code of an error that the modern era alone has.
pub(crate) fn is_modern(code: i64) -> bool {
    MODERN_ALONE.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    #[test]
    fn what_a_refusing_server_supports_is_read_as_far_as_it_can_be() {
        for (error, expected) in [
            (r#"{"code":-32602,"data":{"supported":["2024-11-05"]}}"#, vec!["2024-11-05"]),
            (r#"{"code":-32022,"data":{"supported":["a",1,"b"],"requested":"x"}}"#, vec!["a", "b"]),
            (r#"{"code":-32022,"data":{"supported":"a"}}"#, vec![]),
            (r#"{"code":-32022,"data":[]}"#, vec![]),
            (r#"{"code":-32022}"#, vec![]),
            (r#"{"code":-1,"data":{"supported":["a"]}}"#, vec![]),
        ] {
            assert_eq!(supported(&ServerError::read(&raw(error))), expected, "{error}");
        }
    }

    #[test]
    fn of_an_endless_list_of_versions_a_few_are_kept() {
        let list = raw(&format!("[{}\"z\"]", r#""a","#.repeat(1000)));
        assert_eq!(versions(&list).len(), 64);
    }

    #[test]
    fn three_errors_are_of_the_modern_era() {
        for (code, expected) in
            [(-32023, false), (-32022, true), (-32021, true), (-32020, true), (-32019, false)]
        {
            assert_eq!(is_modern(code), expected, "{code}");
        }
    }
}
