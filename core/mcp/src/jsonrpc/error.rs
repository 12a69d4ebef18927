//! Error answers (JSON-RPC 2.0, section 5.1), however odd they are.

use std::fmt;

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::number::integer;
use crate::jsonrpc::string::string;

/// An error answer of the server. Whatever it sent for an error, its words are here.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the server answered {}", Said(self))]
#[non_exhaustive]
pub struct ServerError {
    /// The error's code, in whichever way the number is written; `None` if the server sent none that is a whole
    /// number of 64 bits.
    pub code: Option<i64>,
    /// The error's message. If the server sent something else than text for it, or for the whole error, the
    /// JSON text of that; empty if it sent none.
    pub message: String,
    /// The error's data, byte for byte.
    pub data: Option<Box<RawValue>>,
    /// All that it sent for an error, byte for byte.
    pub raw: Box<RawValue>,
}

impl ServerError {
    /// Reads what stands in the place of the error.
    pub(crate) fn read(raw: &RawValue) -> Self {
        let fields = json::fields(raw.get(), ["code", "message", "data"]);
        let (code, message, data) = match fields {
            Ok([code, message, data]) => (code.and_then(whole), words(message), data.map(ToOwned::to_owned)),
            Err(_) => (None, words(Some(raw)), None),
        };
        Self { code, message, data, raw: raw.to_owned() }
    }

    /// What the server said, as a part of a sentence.
    pub(crate) const fn said(&self) -> Said<'_> {
        Said(self)
    }
}

/// A number, also one in quotes.
fn whole(code: &RawValue) -> Option<i64> {
    let text = string(code);
    let number = integer(text.as_deref().unwrap_or(code.get()).trim())?;
    i64::try_from(number).ok()
}

fn words(raw: Option<&RawValue>) -> String {
    let raw = raw.filter(|raw| !json::is_null(raw));
    raw.map(|raw| string(raw).unwrap_or_else(|| raw.get().to_owned())).unwrap_or_default()
}

/// `error -32601: Method not found`, as far as there are a code and a message.
pub(crate) struct Said<'a>(&'a ServerError);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ServerError { code, message, raw, .. } = self.0;
        let written = || json::fields(raw.get(), ["code"]).ok().and_then(|[code]| code);
        match (code, written().filter(|code| !json::is_null(code))) {
            (Some(code), _) => write!(f, "error {code}: ")?,
            (None, Some(code)) => write!(f, "error {}: ", json::excerpt(code.get().as_bytes()))?,
            (None, None) => f.write_str("an error: ")?,
        }
        if message.is_empty() {
            f.write_str(&json::excerpt(raw.get().as_bytes()))
        } else {
            f.write_str(message)
        }
    }
}
