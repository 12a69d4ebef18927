//! Progress tokens: whose they are, and how one gets into a request (MCP 2025-11-25,
//! basic/utilities/progress).

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::error::RequestError;
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::number::integer;
use crate::jsonrpc::string::string;
use crate::jsonrpc::{json, meta};
use crate::seldom::Seldom;

const TOKEN: &str = "progressToken";

/// The token of one round of a request.
#[derive(Debug)]
pub(crate) struct Token {
    /// What it is, however it is written.
    pub(crate) key: String,
    /// The member of `_meta` that says so, if that is to be added.
    pub(crate) member: Option<String>,
}

/// The tokens of the requests in flight.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Seldom<BTreeMap<String, RequestId>>);

impl Tokens {
    /// Whose token this is.
    pub(crate) fn owner(&self, token: &RawValue) -> Option<RequestId> {
        self.0.get(&key(token)?).copied()
    }

    /// What a round of a request has for a token, of the caller's or of ours, if it has one.
    ///
    /// # Errors
    /// If the token is another request's too.
    pub(crate) fn prepare(
        &self,
        id: RequestId,
        wire_id: RequestId,
        params: Option<&str>,
        asked: bool,
    ) -> Result<Option<Token>, RequestError> {
        // Whoever writes it with escapes doesn't mean it.
        let named = params.filter(|params| params.contains(TOKEN)).and_then(token_of);
        if let Some(key) = named {
            if self.0.get(&key).is_some_and(|owner| *owner != id) {
                return Err(RequestError::ProgressTokenInUse { token: json::excerpt(key.as_bytes()) });
            }
            return Ok(Some(Token { key, member: None }));
        }
        Ok(asked.then(|| {
            let token = self.unused(wire_id);
            let member = Some(format!("\"{TOKEN}\":{token}"));
            Token { key: token.trim_matches('"').to_owned(), member }
        }))
    }

    pub(crate) fn insert(&mut self, key: String, id: RequestId) {
        self.0.make().insert(key, id);
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.0.there().map(|tokens| tokens.remove(key));
    }

    /// The round's id, which is what most clients send, if the caller has not taken it for a token of its
    /// own.
    fn unused(&self, wire_id: RequestId) -> String {
        let mut token = wire_id.to_string();
        while self.0.contains_key(token.trim_matches('"')) {
            token = format!("\"tenure-{}\"", token.trim_matches('"'));
        }
        token
    }
}

/// A token however it is written: servers that keep all numbers as floats or all tokens as text send it back
/// so. `None` for what is no token.
fn key(token: &RawValue) -> Option<String> {
    let text = string(token);
    let is_number = token.get().starts_with(|first: char| first == '-' || first.is_ascii_digit());
    if text.is_none() && !is_number {
        return None;
    }
    let text = text.unwrap_or_else(|| token.get().to_owned());
    Some(integer(&text).map_or(text, |number| number.to_string()))
}

/// The token that the params name.
fn token_of(params: &str) -> Option<String> {
    let [token] = json::fields(meta::of(params)?, [TOKEN]).ok()?;
    key(token?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    #[test]
    fn tokens_are_known_in_every_spelling() {
        let mut tokens = Tokens::default();
        tokens.insert("7".to_owned(), RequestId(7));
        tokens.insert("a".to_owned(), RequestId(8));
        for text in ["7", "7.0", "\"7\"", "70e-1"] {
            assert_eq!(tokens.owner(&raw(text)), Some(RequestId(7)), "{text}");
        }
        assert_eq!(tokens.owner(&raw("\"a\"")), Some(RequestId(8)));
        tokens.insert("-5".to_owned(), RequestId(9));
        assert_eq!(tokens.owner(&raw("-5.0")), Some(RequestId(9)));
        tokens.insert("true".to_owned(), RequestId(10));
        for text in ["\"7a\"", "8", "null", "[7]", "{}", "true"] {
            assert_eq!(tokens.owner(&raw(text)), None, "{text}");
        }
        tokens.remove("7");
        assert_eq!(tokens.owner(&raw("7")), None);
    }

    #[test]
    fn a_token_of_ours_is_none_of_the_callers() {
        let mut tokens = Tokens::default();
        tokens.insert("7".to_owned(), RequestId(1));
        tokens.insert("tenure-7".to_owned(), RequestId(2));
        let token = tokens.prepare(RequestId(7), RequestId(7), None, true).unwrap().unwrap();
        assert_eq!(token.member.as_deref(), Some(r#""progressToken":"tenure-tenure-7""#));
        assert_eq!(token.key, "tenure-tenure-7");
        assert!(tokens.prepare(RequestId(7), RequestId(7), None, false).unwrap().is_none());
    }
}
