//! Values as headers (MCP 2026-07-28, basic/transports/streamable-http, "Value Encoding").

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use serde_json::value::RawValue;

use crate::jsonrpc::number::integer;
use crate::jsonrpc::string::string;

const PREFIX: &str = "=?base64?";
const SUFFIX: &str = "?=";

/// The largest integer whose neighbours a double can tell from it, as in JavaScript.
const MOST: i128 = (1 << 53) - 1;

/// The text as it is, if a header can hold it so; else as base64 between marks.
pub(crate) fn text_header(text: &str) -> HeaderValue {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    let has_edges = text.trim_ascii().len() != text.len();
    let is_marked = text.starts_with(PREFIX) && text.ends_with(SUFFIX);
    let plain = HeaderValue::from_str(text).ok().filter(|_| is_plain && !has_edges && !is_marked);
    plain.unwrap_or_else(|| {
        let marked = format!("{PREFIX}{}{SUFFIX}", BASE64_STANDARD.encode(text));
        // The fallback is for the type checker: these are characters that a header can hold.
        HeaderValue::try_from(marked).unwrap_or(HeaderValue::from_static(""))
    })
}

/// An argument as a header; `None` if there is nothing to say: it is null, or an object or array, which no header is
/// wanted of.
///
/// What it is counts, not what it should be: it is for the server to compare them and to judge the argument.
///
/// # Errors
/// If it is an integer that isn't safe in a double.
pub(super) fn argument_header(argument: &RawValue) -> Result<Option<HeaderValue>, String> {
    let text = argument.get();
    if let Some(text) = string(argument) {
        return Ok(Some(text_header(&text)));
    }
    let text = match text.as_bytes().first() {
        Some(b't' | b'f') => text.to_owned(),
        Some(b'-' | b'0'..=b'9') => number(text)?,
        _ => return Ok(None),
    };
    Ok(Some(text_header(&text)))
}

fn number(text: &str) -> Result<String, String> {
    match integer(text) {
        Some(integer) if (-MOST..=MOST).contains(&integer) => Ok(integer.to_string()),
        // A fraction, which has no place here; it is the server's to say so.
        None if text.parse::<f64>().is_ok_and(|number| number.is_finite() && number.fract() != 0.0) => {
            Ok(text.to_owned())
        }
        Some(_) | None => Err("an integer beyond ±(2^53−1) can't be sent as a header".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jsonrpc::json::raw;

    fn written(text: &str) -> String {
        text_header(text).to_str().unwrap().to_owned()
    }

    /// What a server reads of a header.
    fn read(header: &HeaderValue) -> String {
        let text = header.to_str().unwrap().trim_matches([' ', '\t']);
        match text.strip_prefix(PREFIX).and_then(|text| text.strip_suffix(SUFFIX)) {
            Some(encoded) => String::from_utf8(BASE64_STANDARD.decode(encoded).unwrap()).unwrap(),
            None => text.to_owned(),
        }
    }

    fn argument(text: &str) -> Result<Option<String>, String> {
        argument_header(&raw(text)).map(|header| header.map(|header| header.to_str().unwrap().to_owned()))
    }

    #[test]
    fn the_examples_of_the_specification() {
        for (text, header) in [
            ("us-west1", "us-west1"),
            ("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="),
            (" padded ", "=?base64?IHBhZGRlZCA=?="),
            ("line1\nline2", "=?base64?bGluZTEKbGluZTI=?="),
            ("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
        ] {
            assert_eq!(written(text), header);
        }
    }

    #[test]
    fn what_a_header_can_hold_is_written_as_it_is() {
        for text in ["", "a b", "a\tb", "~!@#", "=?base64?", "x=?base64??=", "=?BASE64?x?=", "?=", "100%"] {
            assert_eq!(written(text), text);
        }
    }

    #[test]
    fn what_it_cannot_hold_is_encoded() {
        for text in [
            " a",
            "a ",
            "\ta",
            "a\t",
            " ",
            "\r",
            "a\0b",
            "\u{7f}",
            "ä",
            "\u{80}",
            "=?base64??=",
            "=?base64?=",
        ] {
            assert!(written(text).starts_with("=?base64?"), "{text:?}");
        }
    }

    #[test]
    fn values_are_written_by_their_type() {
        for (argument_text, header) in [
            (r#""a\u00e4""#, Some("=?base64?YcOk?=")),
            (r#""\u0061""#, Some("a")),
            ("true", Some("true")),
            ("false", Some("false")),
            ("42", Some("42")),
            ("-7", Some("-7")),
            ("-0", Some("0")),
            ("42.0", Some("42")),
            ("4.2e1", Some("42")),
            ("9007199254740991", Some("9007199254740991")),
            ("-9007199254740991", Some("-9007199254740991")),
            ("1.5", Some("1.5")),
            ("null", None),
            ("{}", None),
            ("[1]", None),
        ] {
            assert_eq!(argument(argument_text), Ok(header.map(str::to_owned)), "{argument_text}");
        }
    }

    #[test]
    fn an_integer_that_is_not_safe_is_no_header() {
        for number in ["9007199254740992", "-9007199254740992", "1e16", "1e300", "1e400", "-1e99"] {
            assert!(argument(number).is_err(), "{number}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_it_was(text in "(=\\?base64\\?)?(\\PC|[ \t\r\n\0a-z]){0,8}(\\?=)?") {
            prop_assert_eq!(read(&text_header(&text)), text);
        }
    }
}
