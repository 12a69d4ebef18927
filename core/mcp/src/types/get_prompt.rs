//! `prompts/get` (MCP 2025-11-25, server/prompts, "Getting a Prompt").

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;
use crate::jsonrpc::string::string;
use crate::types::content::Content;
use crate::types::decode::{
    DecodeError, MOST_ELEMENTS, decode, elements, kept, object, present, short, text,
};
use crate::types::result_type::ResultType;
use crate::types::warnings::Warnings;
use crate::types::written::Written;

/// Params of `prompts/get`.
#[derive(Clone, Debug, Default)]
pub struct GetPromptParams<'a> {
    /// The prompt's name.
    pub name: &'a str,
    /// What is filled in, an object of strings; sent byte for byte.
    pub arguments: Option<&'a RawValue>,
    /// `_meta`, an object; sent byte for byte.
    pub meta: Option<&'a RawValue>,
}

impl GetPromptParams<'_> {
    /// The params as JSON.
    pub fn to_raw(&self) -> Box<RawValue> {
        Written::new()
            .text("name", self.name)
            .raw("arguments", self.arguments)
            .raw("_meta", self.meta)
            .into_raw()
    }
}

/// A prompt, filled in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GetPromptResult {
    /// What it is for.
    pub description: Option<String>,
    /// Its messages, in order.
    pub messages: Vec<PromptMessage>,
    /// Whether this is final.
    pub result_type: ResultType,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// What is not as it should be and was read as well as it can be, in words. Empty for a proper result.
    pub warnings: Vec<String>,
    /// The whole result as received.
    pub raw: Raw,
}

/// A message of a prompt (MCP 2025-11-25, schema, `PromptMessage`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PromptMessage {
    /// Who says it.
    pub role: Role,
    /// What is said. The whole message, as [`Content::Other`], if it has no content.
    pub content: Content,
    /// The whole message as received.
    pub raw: Raw,
}

/// Who says something (MCP 2025-11-25, schema, `Role`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// The person who uses the program.
    User,
    /// The model.
    Assistant,
    /// Somebody else, as the server wrote it; empty if it wrote nothing.
    Other(String),
}

impl Role {
    /// As the protocol writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Other(other) => other,
        }
    }

    pub(crate) fn read(raw: Option<&RawValue>) -> Self {
        match raw.and_then(string).as_deref() {
            Some("user") => Self::User,
            Some("assistant") => Self::Assistant,
            other => Self::Other(other.unwrap_or_default().to_owned()),
        }
    }
}

impl GetPromptResult {
    /// Reads a result. Each of these is told in [`warnings`](Self::warnings): plain text in the place of a
    /// message or of its content is read as text, and anything else there is kept as [`Content::Other`]; a
    /// role that is unknown or missing is [`Role::Other`].
    ///
    /// # Errors
    /// If nothing of it can be read: it is no object, it has no list of messages and asks for no input either,
    /// or its `resultType` is unknown (MCP 2026-07-28, basic/patterns).
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let (view, raw) = decode(raw, "GetPromptResult", |raw| {
            let [description, messages, kind, meta] =
                object(raw, ["description", "messages", "resultType", "_meta"])?;
            let kind = ResultType::read(kind)?;
            let mut warnings = Warnings::default();
            let messages = match present(messages) {
                Some(messages) => read_messages(raw, messages, &mut warnings)?,
                None if kind == ResultType::InputRequired => Vec::new(),
                None => return Err("messages are missing".to_owned()),
            };
            Ok((text(description), messages, kind, kept(raw, meta), warnings.into_vec()))
        })?;
        let (description, messages, result_type, meta, warnings) = view;
        Ok(Self { description, messages, result_type, meta, warnings, raw })
    }
}

fn read_messages(whole: &Raw, raw: &RawValue, warnings: &mut Warnings) -> Result<Vec<PromptMessage>, String> {
    let elements = elements(raw).ok_or_else(|| format!("messages are not a list but {}", short(raw)))?;
    let mut messages = Vec::new();
    for (place, element) in elements.read.into_iter().enumerate() {
        messages.push(PromptMessage::read(whole, element, &mut |problem| {
            warnings.push(format!("messages[{place}]: {problem}"));
        }));
    }
    if !elements.is_whole {
        warnings.push(format!("there are more than {MOST_ELEMENTS} messages; the first are read"));
    }
    Ok(messages)
}

impl PromptMessage {
    fn read(whole: &Raw, raw: &RawValue, warn: &mut dyn FnMut(String)) -> Self {
        let Ok([role, content]) = object(raw, ["role", "content"]) else {
            warn(format!("not a JSON object but {}", short(raw)));
            let content = Content::read(whole, raw);
            return Self { role: Role::read(None), content, raw: whole.part(raw) };
        };
        let read = Role::read(role);
        if matches!(read, Role::Other(_)) {
            warn(role.map_or_else(
                || "role is missing".to_owned(),
                |role| format!("unknown role {}", short(role)),
            ));
        }
        let content = if let Some(content) = present(content) {
            if !json::is_object(content) {
                warn(format!("content is not an object but {}", short(content)));
            }
            Content::read(whole, content)
        } else {
            warn("content is missing".to_owned());
            Content::other(whole.part(raw))
        };
        Self { role: read, content, raw: whole.part(raw) }
    }
}
