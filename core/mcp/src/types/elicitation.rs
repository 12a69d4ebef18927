//! `elicitation/create` (MCP 2025-11-25, client/elicitation): a server asks the person who uses the client.

use serde_core::Serialize;
use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;
use crate::types::decode::{DecodeError, decode, kept, object, required, short, text};
use crate::types::form::FormSchema;
use crate::types::params::{self, ParamsError};
use crate::types::written::Written;

/// A form to be filled in (MCP 2025-11-25, schema, `ElicitRequestFormParams`).
///
/// Whoever shows it says which server asks, and lets the person review, decline and cancel ("User Interaction
/// Model").
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ElicitFormParams {
    /// What it is for, meant for the person.
    pub message: String,
    /// A restricted JSON Schema of what is filled in, an object as it was sent. [`schema`](Self::schema) reads it.
    pub requested_schema: Raw,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// The whole params as received.
    pub raw: Raw,
}

impl ElicitFormParams {
    /// Reads the params. A message that is missing is empty.
    ///
    /// # Errors
    /// If they have no schema that is an object.
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let (view, raw) = decode(raw, "ElicitRequestFormParams", |raw| {
            let [message, schema, meta] = object(raw, ["message", "requestedSchema", "_meta"])?;
            let schema = schema.ok_or_else(|| "requestedSchema is missing".to_owned())?;
            if !json::is_object(schema) {
                return Err(format!("requestedSchema is not an object but {}", short(schema)));
            }
            Ok((text(message).unwrap_or_default(), raw.part(schema), kept(raw, meta)))
        })?;
        let (message, requested_schema, meta) = view;
        Ok(Self { message, requested_schema, meta, raw })
    }

    /// The fields of the form.
    ///
    /// # Errors
    /// As [`FormSchema::from_raw`].
    pub fn schema(&self) -> Result<FormSchema, DecodeError> {
        FormSchema::from_raw(self.requested_schema.clone())
    }
}

/// A page to be visited (MCP 2025-11-25, schema, `ElicitRequestURLParams`).
///
/// Whoever shows it shows the whole URL, opens it with the person's consent only, and fetches nothing of it ("Safe
/// URL Handling").
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ElicitUrlParams {
    /// What it is for, meant for the person.
    pub message: String,
    /// The page.
    pub url: String,
    /// The server's name for it, which
    /// [`Notification::ElicitationComplete`](crate::types::Notification::ElicitationComplete) repeats. Not in MCP
    /// 2026-07-28.
    pub elicitation_id: Option<String>,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// The whole params as received.
    pub raw: Raw,
}

impl ElicitUrlParams {
    /// Reads the params. A message that is missing is empty.
    ///
    /// # Errors
    /// If they have no URL.
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let (view, raw) = decode(raw, "ElicitRequestURLParams", |raw| {
            let [message, url, id, meta] = object(raw, ["message", "url", "elicitationId", "_meta"])?;
            Ok((
                text(message).unwrap_or_default(),
                required("url", url, text(url))?,
                text(id),
                kept(raw, meta),
            ))
        })?;
        let (message, url, elicitation_id, meta) = view;
        Ok(Self { message, url, elicitation_id, meta, raw })
    }
}

/// What the person did (MCP 2025-11-25, client/elicitation, "Response Actions").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElicitAction {
    /// Filled the form in, or agreed to visit the page.
    Accept,
    /// Said no.
    Decline,
    /// Said nothing: closed it, say.
    Cancel,
}

impl ElicitAction {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Cancel => "cancel",
        }
    }
}

/// The answer of a person (MCP 2025-11-25, schema, `ElicitResult`).
///
/// ```
/// use serde_json::json;
/// use tenure_mcp_proto::types::ElicitResult;
///
/// let answer = ElicitResult::accept(json!({ "name": "octocat" }))?;
/// assert_eq!(answer.to_raw().get(), r#"{"action":"accept","content":{"name":"octocat"}}"#);
/// assert_eq!(ElicitResult::decline().to_raw().get(), r#"{"action":"decline"}"#);
/// # Ok::<(), tenure_mcp_proto::types::ParamsError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ElicitResult {
    /// What the person did.
    pub action: ElicitAction,
    /// What was filled in, an object; sent byte for byte, and only with [`ElicitAction::Accept`].
    pub content: Option<Box<RawValue>>,
    /// `_meta`, an object; sent byte for byte.
    pub meta: Option<Box<RawValue>>,
}

impl ElicitResult {
    const fn of(action: ElicitAction) -> Self {
        Self { action, content: None, meta: None }
    }

    /// The form was filled in with this, any value that is a JSON object once serialized; raw JSON goes out byte for
    /// byte. `()` is no content: a page is visited.
    ///
    /// # Errors
    /// If it is no JSON object.
    pub fn accept(content: impl Serialize) -> Result<Self, ParamsError> {
        let content = params::object("the form's content", &content)?;
        let content = content.as_deref().map(json::object);
        Ok(Self { content, ..Self::of(ElicitAction::Accept) })
    }

    /// The person agreed to visit the page. It may not be done there yet.
    pub const fn agree() -> Self {
        Self::of(ElicitAction::Accept)
    }

    /// The person said no.
    pub const fn decline() -> Self {
        Self::of(ElicitAction::Decline)
    }

    /// The person said nothing.
    pub const fn cancel() -> Self {
        Self::of(ElicitAction::Cancel)
    }

    /// The same with `_meta`, an object.
    #[must_use]
    pub fn meta(mut self, meta: Box<RawValue>) -> Self {
        self.meta = Some(meta);
        self
    }

    /// The same without content: what is answered where a page was to be visited.
    #[must_use]
    pub fn without_content(self) -> Self {
        Self { content: None, ..self }
    }

    /// The answer as JSON.
    pub fn to_raw(&self) -> Box<RawValue> {
        let content = self.content.as_deref().filter(|_| self.action == ElicitAction::Accept);
        Written::new()
            .text("action", self.action.as_str())
            .raw("content", content)
            .raw("_meta", self.meta.as_deref())
            .into_raw()
    }
}
