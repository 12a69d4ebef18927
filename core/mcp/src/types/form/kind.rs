//! What may stand in the fields of a form.

use serde_json::value::RawValue;

use crate::jsonrpc::number::integer;
use crate::jsonrpc::string::string;
use crate::types::decode::{elements, object, present, text};

/// What may stand in a field (MCP 2025-11-25, schema, `PrimitiveSchemaDefinition`).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FieldKind {
    /// Text.
    #[non_exhaustive]
    Text {
        /// The least number of characters.
        min_length: Option<u64>,
        /// The largest number of characters.
        max_length: Option<u64>,
        /// What kind of text: `email`, `uri`, `date` or `date-time`.
        format: Option<String>,
    },
    /// A number.
    #[non_exhaustive]
    Number {
        /// Whether it is a whole one.
        is_integer: bool,
        /// The least.
        minimum: Option<f64>,
        /// The largest.
        maximum: Option<f64>,
    },
    /// Yes or no.
    Boolean,
    /// One of these.
    #[non_exhaustive]
    Select {
        /// The choices, in order.
        choices: Vec<Choice>,
    },
    /// Some of these.
    #[non_exhaustive]
    MultiSelect {
        /// The choices, in order.
        choices: Vec<Choice>,
        /// The least number of them.
        min_items: Option<u64>,
        /// The largest number of them.
        max_items: Option<u64>,
    },
    /// Something that forms don't have by the specification. Nothing is known of what it allows.
    Other,
}

/// What may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Choice {
    /// What stands in the content.
    pub value: String,
    /// What is shown to people; if there is none, the value.
    pub title: Option<String>,
}

impl FieldKind {
    pub(super) fn read(raw: &RawValue) -> Self {
        Self::try_read(raw).unwrap_or(Self::Other)
    }

    fn try_read(raw: &RawValue) -> Option<Self> {
        let [kind, values, one_of, items] = object(raw, ["type", "enum", "oneOf", "items"]).ok()?;
        match (text(kind)?.as_str(), present(values), present(one_of)) {
            ("string", Some(values), _) => Some(Self::Select { choices: named(values, raw)? }),
            ("string", None, Some(one_of)) => Some(Self::Select { choices: titled(one_of)? }),
            ("string", None, None) => {
                let [least, most, format] = object(raw, ["minLength", "maxLength", "format"]).ok()?;
                Some(Self::Text { min_length: count(least), max_length: count(most), format: text(format) })
            }
            (kind @ ("number" | "integer"), ..) => {
                let [minimum, maximum] = object(raw, ["minimum", "maximum"]).ok()?;
                let is_integer = kind == "integer";
                Some(Self::Number {
                    is_integer,
                    minimum: minimum.and_then(number),
                    maximum: maximum.and_then(number),
                })
            }
            ("boolean", ..) => Some(Self::Boolean),
            ("array", ..) => {
                let [values, any_of] = object(items?, ["enum", "anyOf"]).ok()?;
                let choices = match (present(values), present(any_of)) {
                    (Some(values), _) => named(values, raw)?,
                    (None, any_of) => titled(any_of?)?,
                };
                let [least, most] = object(raw, ["minItems", "maxItems"]).ok()?;
                Some(Self::MultiSelect { choices, min_items: count(least), max_items: count(most) })
            }
            _ => None,
        }
    }
}

/// Values, with names that versions before 2025-11-25 had beside them (schema, `LegacyTitledEnumSchema`).
fn named(values: &RawValue, field: &RawValue) -> Option<Vec<Choice>> {
    let [names] = object(field, ["enumNames"]).ok()?;
    let mut names = names.and_then(strings).unwrap_or_default().into_iter();
    let choices = strings(values)?.into_iter().map(|value| Choice { value, title: names.next() });
    Some(choices.collect())
}

/// Values that have their titles with them.
fn titled(choices: &RawValue) -> Option<Vec<Choice>> {
    let choices = elements(choices)?.read.into_iter().map(|choice| {
        let [value, title] = object(choice, ["const", "title"]).ok()?;
        Some(Choice { value: text(value)?, title: text(title) })
    });
    choices.collect()
}

pub(super) fn strings(raw: &RawValue) -> Option<Vec<String>> {
    elements(raw)?.read.into_iter().map(string).collect()
}

fn count(raw: Option<&RawValue>) -> Option<u64> {
    u64::try_from(integer(raw?.get())?).ok()
}

/// A number, as exact as matters for bounds.
pub(super) fn number(raw: &RawValue) -> Option<f64> {
    let is_number = raw.get().starts_with(|first: char| first == '-' || first.is_ascii_digit());
    is_number.then(|| raw.get().parse().ok()).flatten()
}
