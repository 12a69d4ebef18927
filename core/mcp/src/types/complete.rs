//! `completion/complete` (MCP 2025-11-25, server/utilities/completion).

use serde_json::value::RawValue;

use crate::jsonrpc::number::integer;
use crate::jsonrpc::raw::Raw;
use crate::jsonrpc::string::string;
use crate::types::decode::{DecodeError, MOST_ELEMENTS, decode, elements, kept, object, present, short};
use crate::types::result_type::ResultType;
use crate::types::warnings::Warnings;
use crate::types::written::Written;

/// Params of `completion/complete`.
#[derive(Clone, Debug)]
pub struct CompleteParams<'a> {
    /// Of what the argument is.
    pub reference: CompletionReference<'a>,
    /// The argument's name.
    pub name: &'a str,
    /// What there is of its value.
    pub value: &'a str,
    /// The arguments that are filled in already, an object of strings; sent byte for byte.
    pub arguments: Option<&'a RawValue>,
    /// `_meta`, an object; sent byte for byte.
    pub meta: Option<&'a RawValue>,
}

/// Whose argument is completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompletionReference<'a> {
    /// That of the prompt of this name.
    Prompt(&'a str),
    /// That of a resource, by its template of URIs.
    Resource(&'a str),
}

impl CompleteParams<'_> {
    /// The params as JSON.
    pub fn to_raw(&self) -> Box<RawValue> {
        let reference = match self.reference {
            CompletionReference::Prompt(name) => Written::new().text("type", "ref/prompt").text("name", name),
            CompletionReference::Resource(uri) => {
                Written::new().text("type", "ref/resource").text("uri", uri)
            }
        };
        let argument = Written::new().text("name", self.name).text("value", self.value);
        let mut params = Written::new().object("ref", reference).object("argument", argument);
        if let Some(arguments) = self.arguments {
            params = params.object("context", Written::new().raw("arguments", Some(arguments)));
        }
        params.raw("_meta", self.meta).into_raw()
    }
}

/// What an argument may be completed to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CompleteResult {
    /// The values, the likeliest first.
    pub values: Vec<String>,
    /// How many there are in all, if the server said; it sends 100 at most.
    pub total: Option<u64>,
    /// Whether there are more than were sent.
    pub has_more: bool,
    /// Whether this is final.
    pub result_type: ResultType,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// What is not as it should be and was left out, in words. Empty for a proper result.
    pub warnings: Vec<String>,
    /// The whole result as received.
    pub raw: Raw,
}

impl CompleteResult {
    /// Reads a result. A value that is no string is left out, with a warning.
    ///
    /// # Errors
    /// If nothing of it can be read: it is no object, it has no list of values and asks for no input either, or
    /// its `resultType` is unknown (MCP 2026-07-28, basic/patterns).
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let (view, raw) = decode(raw, "CompleteResult", |raw| {
            let [completion, kind, meta] = object(raw, ["completion", "resultType", "_meta"])?;
            let kind = ResultType::read(kind)?;
            let completion = match present(completion) {
                Some(completion) => Completion::read(completion)?,
                None if kind == ResultType::InputRequired => Completion::default(),
                None => return Err("completion is missing".to_owned()),
            };
            Ok((completion, kind, kept(raw, meta)))
        })?;
        let (Completion { values, total, has_more, warnings }, result_type, meta) = view;
        Ok(Self { values, total, has_more, result_type, meta, warnings: warnings.into_vec(), raw })
    }
}

#[derive(Default)]
struct Completion {
    values: Vec<String>,
    total: Option<u64>,
    has_more: bool,
    warnings: Warnings,
}

impl Completion {
    fn read(raw: &RawValue) -> Result<Self, String> {
        let [values, total, has_more] = object(raw, ["values", "total", "hasMore"])?;
        let values = present(values).ok_or("completion.values is missing")?;
        let elements = elements(values)
            .ok_or_else(|| format!("completion.values is not a list but {}", short(values)))?;
        let mut completion = Self::default();
        for (place, value) in elements.read.into_iter().enumerate() {
            match string(value) {
                Some(value) => completion.values.push(value),
                None => completion
                    .warnings
                    .push(format!("completion.values[{place}] is not a string but {}", short(value))),
            }
        }
        if !elements.is_whole {
            completion
                .warnings
                .push(format!("there are more than {MOST_ELEMENTS} values; the first are read"));
        }
        completion.total =
            total.and_then(|total| integer(total.get())).and_then(|total| total.try_into().ok());
        completion.has_more = has_more.is_some_and(|raw| raw.get() == "true");
        Ok(completion)
    }
}
