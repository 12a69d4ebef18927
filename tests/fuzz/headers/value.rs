//! Values of headers.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;

/// What a server reads of a header (MCP 2026-07-28, basic/transports/streamable-http, "Value Encoding").
pub(super) fn read(header: &HeaderValue) -> String {
    // White space around a value is no part of it (RFC 9110, section 5.5).
    let text = header.to_str().expect("it is ASCII").trim_matches([' ', '\t']);
    match text.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) {
        Some(encoded) => {
            let bytes = BASE64_STANDARD.decode(encoded).expect("it is base64");
            String::from_utf8(bytes).expect("it is UTF-8")
        }
        None => text.to_owned(),
    }
}
