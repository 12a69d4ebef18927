//! The fields of a form.

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;
use crate::types::decode::{DecodeError, decode, object, present, short, text};
use crate::types::form::kind::{FieldKind, strings};
use crate::types::form::value::{entries, value};
use crate::types::warnings::Warnings;

/// So many fields are read: each is looked for among the others, and nobody fills in more.
const MOST_FIELDS: usize = 1024;

/// A form, as a server describes it: flat, with fields of primitive types (MCP 2025-11-25, client/elicitation,
/// "Requested Schema").
///
/// ```
/// use serde_json::value::RawValue;
/// use tenure_mcp_proto::types::FormSchema;
///
/// # let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
/// let schema = raw(
///     r#"{"type":"object","required":["name"],"properties":{
///         "name":{"type":"string","title":"Your name"},
///         "colour":{"type":"string","enum":["red","green"],"default":"green"}}}"#,
/// );
/// let form = FormSchema::from_raw(schema)?;
/// assert_eq!(form.fields[0].title.as_deref(), Some("Your name"));
///
/// // What the person left out has its default, and what was filled in stays byte for byte.
/// let content = form.fill(Some(&raw(r#"{"name":"Ann"}"#)))?;
/// assert_eq!(content.get(), r#"{"name":"Ann","colour":"green"}"#);
/// assert_eq!(form.check(&content), []);
///
/// let problems = form.check(&raw(r#"{"colour":"blue"}"#));
/// let words: Vec<_> = problems.iter().map(ToString::to_string).collect();
/// assert_eq!(words, ["name is missing", "colour is none of the choices"]);
/// # Ok::<(), tenure_mcp_proto::types::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FormSchema {
    /// The fields, in order.
    pub fields: Vec<FormField>,
    /// What is not as it should be and was read as well as it can be, in words. Empty for a proper schema.
    pub warnings: Vec<String>,
    /// The whole schema as received.
    pub raw: Raw,
}

/// A field of a form.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FormField {
    /// Its name in the content.
    pub name: String,
    /// Its name for people.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What may stand in it.
    pub kind: FieldKind,
    /// Whether it must be filled in.
    pub is_required: bool,
    /// What stands in it to begin with, as it was sent. One that the field doesn't allow is left out.
    pub default: Option<Box<RawValue>>,
    /// The field's schema as received.
    pub raw: Box<RawValue>,
}

impl FormSchema {
    /// Reads a form. What is odd about a field is told in [`warnings`](Self::warnings), and of a repeated field the
    /// last one counts.
    ///
    /// # Errors
    /// If it is no object, or its `properties` aren't.
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let ((fields, warnings), raw) = decode(raw, "requestedSchema", |raw| read(raw))?;
        Ok(Self { fields, warnings, raw })
    }
}

fn read(raw: &RawValue) -> Result<(Vec<FormField>, Vec<String>), String> {
    let [properties, required] = object(raw, ["properties", "required"])?;
    let mut warnings = Warnings::default();
    let required = match present(required) {
        Some(required) => strings(required).unwrap_or_else(|| {
            warnings.push("required is not a list of strings".to_owned());
            Vec::new()
        }),
        None => Vec::new(),
    };
    let mut fields: Vec<FormField> = Vec::new();
    if let Some(properties) = present(properties) {
        let read = entries(properties)
            .ok_or_else(|| format!("properties are not an object but {}", short(properties)))?;
        for (name, raw) in read {
            if fields.len() >= MOST_FIELDS {
                warnings.push("there are too many fields; the first are read".to_owned());
                break;
            }
            let is_required = required.contains(&name);
            let field = FormField::read(name, raw, is_required, &mut warnings);
            match fields.iter_mut().find(|known| known.name == field.name) {
                Some(known) => *known = field,
                None => fields.push(field),
            }
        }
    }
    for name in required {
        if !fields.iter().any(|field| field.name == name) {
            warnings.push(format!("{} is required and not described", json::excerpt(name.as_bytes())));
        }
    }
    Ok((fields, warnings.into_vec()))
}

impl FormField {
    fn read(name: String, raw: &RawValue, is_required: bool, warnings: &mut Warnings) -> Self {
        let [title, description, default] =
            object(raw, ["title", "description", "default"]).unwrap_or_default();
        let kind = FieldKind::read(raw);
        let shown = json::excerpt(name.as_bytes());
        if kind == FieldKind::Other {
            warnings.push(format!("{shown}: forms have no such fields"));
        }
        let default = present(default).filter(|default| {
            let fits = kind != FieldKind::Other && value(&kind, default).is_none();
            if !fits {
                warnings.push(format!("{shown}: the default is not allowed there"));
            }
            fits
        });
        let default = default.map(ToOwned::to_owned);
        let (title, description) = (text(title), text(description));
        Self { name, title, description, kind, is_required, default, raw: raw.to_owned() }
    }
}
