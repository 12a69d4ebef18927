//! What input a server wants before it answers a request (MCP 2026-07-28, basic/patterns/mrtr,
//! `InputRequiredResult`).

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::error::InputError;
use crate::jsonrpc::json;
use crate::jsonrpc::string::string;

/// A result that is no answer yet, borrowing from its text.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// `None` if it wants none, and the request made again all the same.
    pub(crate) inputs: Option<Vec<Input<'a>>>,
    /// What is sent back as it came, a string with its quotes.
    pub(crate) state: Option<&'a RawValue>,
}

#[derive(Debug)]
pub(crate) struct Input<'a> {
    /// The server's name for it, with its quotes.
    pub(crate) key: &'a RawValue,
    pub(crate) method: String,
    pub(crate) params: Option<&'a RawValue>,
}

impl<'a> Wanted<'a> {
    pub(crate) fn read(result: &'a str) -> Result<Self, InputError> {
        read(result).map_err(|what| InputError::Malformed { what })
    }

    pub(crate) fn len(&self) -> usize {
        self.inputs.as_ref().map_or(0, Vec::len)
    }
}

fn read(result: &str) -> Result<Wanted<'_>, String> {
    let [inputs, state] = json::fields(result, ["inputRequests", "requestState"])
        .map_err(|error| error.to_string())?
        .map(|field| field.filter(|field| !json::is_null(field)));
    if inputs.is_none() && state.is_none() {
        return Err("neither inputRequests nor requestState".to_owned());
    }
    if state.is_some_and(|state| !state.get().starts_with('"')) {
        return Err("requestState is not a string".to_owned());
    }
    let inputs = inputs.map(|inputs| read_inputs(inputs.get())).transpose()?;
    Ok(Wanted { inputs, state })
}

fn read_inputs(text: &str) -> Result<Vec<Input<'_>>, String> {
    let (mut inputs, mut keys) = (Vec::new(), BTreeSet::new());
    json::entries(text, &mut |key, value| {
        let name = string(key).unwrap_or_else(|| key.get().to_owned());
        let shown = json::excerpt(name.as_bytes());
        if !keys.insert(name) {
            return Err(format!("inputRequests has {shown:?} twice"));
        }
        let fields = json::fields(value.get(), ["method", "params"]);
        let [method, params] = fields.map_err(|_| format!("{shown:?} of inputRequests is no request"))?;
        let method = method.and_then(string).ok_or_else(|| format!("{shown:?} has no method"))?;
        inputs.push(Input { key, method, params });
        Ok(())
    })
    .map_err(|error| error.to_string())?;
    Ok(inputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_read_byte_for_byte() {
        let text = r#"{"inputRequests":{"a\u0062":{"method":"m","params":{"n":1.00}},"":{"method":"r"}},"requestState":"\u0041 "}"#;
        let wanted = Wanted::read(text).unwrap();
        assert_eq!(wanted.state.unwrap().get(), r#""\u0041 ""#);
        let inputs: Vec<_> = wanted
            .inputs
            .unwrap()
            .into_iter()
            .map(|input| (input.key.get(), input.method, input.params.map(RawValue::get)))
            .collect();
        assert_eq!(
            inputs,
            [(r#""a\u0062""#, "m".to_owned(), Some(r#"{"n":1.00}"#)), (r#""""#, "r".to_owned(), None),]
        );
        let wanted = Wanted::read(r#"{"inputRequests":null,"requestState":"s"}"#).unwrap();
        assert!(wanted.inputs.is_none());
        let wanted = Wanted::read(r#"{"inputRequests":{}}"#).unwrap();
        assert!(wanted.inputs.is_some_and(|inputs| inputs.is_empty()) && wanted.state.is_none());
    }

    #[test]
    fn what_is_not_as_it_must_be_is_named() {
        for (text, named) in [
            ("{}", "neither"),
            (r#"{"inputRequests":null,"requestState":null}"#, "neither"),
            (r#"{"requestState":5}"#, "not a string"),
            (r#"{"requestState":{"a":1}}"#, "not a string"),
            (r#"{"inputRequests":[]}"#, "invalid type"),
            (r#"{"inputRequests":{"a":5}}"#, "\"a\" of inputRequests"),
            (r#"{"inputRequests":{"a":{}}}"#, "no method"),
            (r#"{"inputRequests":{"a":{"method":5}}}"#, "no method"),
            (r#"{"inputRequests":{"a":{"method":"m"},"\u0061":{"method":"m"}}}"#, "twice"),
        ] {
            match Wanted::read(text) {
                Err(InputError::Malformed { what }) => assert!(what.contains(named), "{text}: {what}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
