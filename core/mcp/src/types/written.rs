//! Params and results written piece by piece: names are quoted, raw JSON goes in byte for byte.

use serde_core::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::jsonrpc::json;

/// A JSON object in the making.
#[derive(Debug)]
pub(crate) struct Written<'a>(Vec<(&'static str, Value<'a>)>);

#[derive(Debug)]
enum Value<'a> {
    Text(&'a str),
    Raw(&'a RawValue),
    Object(Written<'a>),
}

impl<'a> Written<'a> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// A field with a string.
    pub(crate) fn text(self, name: &'static str, value: &'a str) -> Self {
        self.field(name, Value::Text(value))
    }

    /// A field with JSON as it is, if there is any.
    pub(crate) fn raw(self, name: &'static str, value: Option<&'a RawValue>) -> Self {
        match value {
            Some(value) => self.field(name, Value::Raw(value)),
            None => self,
        }
    }

    /// A field with an object in the making.
    pub(crate) fn object(self, name: &'static str, value: Self) -> Self {
        self.field(name, Value::Object(value))
    }

    pub(crate) fn into_raw(self) -> Box<RawValue> {
        json::written(&self)
    }

    fn field(mut self, name: &'static str, value: Value<'a>) -> Self {
        self.0.push((name, value));
        self
    }
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Raw(raw) => raw.serialize(serializer),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}
