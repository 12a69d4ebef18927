//! `sampling/createMessage` (MCP 2025-11-25, client/sampling): a server asks the client's model.

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::number::integer;
use crate::jsonrpc::raw::Raw;
use crate::jsonrpc::string::string;
use crate::types::content::Content;
use crate::types::decode::{
    DecodeError, MOST_ELEMENTS, decode, elements, kept, object, present, short, text,
};
use crate::types::get_prompt::Role;
use crate::types::warnings::Warnings;
use crate::types::written::Written;

/// What a server asks the client's model (MCP 2025-11-25, schema, `CreateMessageRequestParams`).
///
/// Whoever answers lets a person see what is asked, and what is answered ("User Interaction Model").
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CreateMessageParams {
    /// The conversation so far, in order.
    pub messages: Vec<SamplingMessage>,
    /// Which models the server would like, an object; advice.
    pub model_preferences: Option<Raw>,
    /// The system prompt that the server would like.
    pub system_prompt: Option<String>,
    /// What of the conversations with servers is to be added: `none`, `thisServer` or `allServers`.
    pub include_context: Option<String>,
    /// The temperature, a number as it was sent.
    pub temperature: Option<Raw>,
    /// No more tokens than so many. The protocol demands it; `None` if the server left it out.
    pub max_tokens: Option<u64>,
    /// What ends the answer.
    pub stop_sequences: Vec<String>,
    /// For the provider of the model, as it was sent.
    pub metadata: Option<Raw>,
    /// The tools that the model may use, a list as it was sent.
    pub tools: Option<Raw>,
    /// How the model uses them, an object as it was sent.
    pub tool_choice: Option<Raw>,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// What is not as it should be and was read as well as it can be, in words. Empty for proper params.
    pub warnings: Vec<String>,
    /// The whole params as received.
    pub raw: Raw,
}

/// A message of a conversation with a model (MCP 2025-11-25, schema, `SamplingMessage`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SamplingMessage {
    /// Who says it.
    pub role: Role,
    /// What is said. Uses of tools and their results are [`Content::Other`] of the kinds `tool_use` and
    /// `tool_result`, whole.
    pub content: Vec<Content>,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// The whole message as received.
    pub raw: Raw,
}

impl CreateMessageParams {
    /// Reads the params. What is odd about a message is told in [`warnings`](Self::warnings).
    ///
    /// # Errors
    /// If they are no object with a list of messages.
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let (view, _) = decode(raw, "CreateMessageRequestParams", Self::read)?;
        Ok(view)
    }

    fn read(raw: &Raw) -> Result<Self, String> {
        let [messages, system_prompt, include_context, max_tokens, stop_sequences] =
            object(raw, ["messages", "systemPrompt", "includeContext", "maxTokens", "stopSequences"])?;
        let names = ["modelPreferences", "temperature", "metadata", "tools", "toolChoice", "_meta"];
        let [model_preferences, temperature, metadata, tools, tool_choice, meta] =
            object(raw, names)?.map(|part| kept(raw, part));
        let mut warnings = Warnings::default();
        let messages = present(messages).ok_or_else(|| "messages are missing".to_owned())?;
        let messages = read_messages(raw, messages, &mut warnings)?;
        let max_tokens =
            max_tokens.and_then(|raw| integer(raw.get())).and_then(|tokens| u64::try_from(tokens).ok());
        if max_tokens.is_none() {
            warnings.push("maxTokens is missing, or no whole number".to_owned());
        }
        let stop_sequences = present(stop_sequences).map(|raw| texts(raw, &mut warnings)).unwrap_or_default();
        Ok(Self {
            messages,
            model_preferences,
            system_prompt: text(system_prompt),
            include_context: text(include_context),
            temperature,
            max_tokens,
            stop_sequences,
            metadata,
            tools,
            tool_choice,
            meta,
            warnings: warnings.into_vec(),
            raw: raw.clone(),
        })
    }
}

fn read_messages(
    whole: &Raw,
    raw: &RawValue,
    warnings: &mut Warnings,
) -> Result<Vec<SamplingMessage>, String> {
    let elements = elements(raw).ok_or_else(|| format!("messages are not a list but {}", short(raw)))?;
    let read = elements.read.into_iter().enumerate();
    let messages = read
        .map(|(place, message)| {
            SamplingMessage::read(whole, message, &mut |problem| {
                warnings.push(format!("messages[{place}]: {problem}"));
            })
        })
        .collect();
    if !elements.is_whole {
        warnings.push(format!("there are more than {MOST_ELEMENTS} messages; the first are read"));
    }
    Ok(messages)
}

fn texts(raw: &RawValue, warnings: &mut Warnings) -> Vec<String> {
    let read = elements(raw).map(|elements| elements.read).unwrap_or_default();
    let texts: Vec<_> = read.iter().filter_map(|element| string(element)).collect();
    if texts.len() < read.len() || !raw.get().starts_with('[') {
        warnings.push("stopSequences are not a list of strings".to_owned());
    }
    texts
}

impl SamplingMessage {
    fn read(whole: &Raw, raw: &RawValue, warn: &mut dyn FnMut(String)) -> Self {
        let Ok([role, content, meta]) = object(raw, ["role", "content", "_meta"]) else {
            warn(format!("not a JSON object but {}", short(raw)));
            let content = vec![Content::read(whole, raw)];
            return Self { role: Role::read(None), content, meta: None, raw: whole.part(raw) };
        };
        let read = Role::read(role);
        if matches!(read, Role::Other(_)) {
            warn("role is missing or unknown".to_owned());
        }
        let content = if let Some(content) = present(content) {
            blocks(whole, content)
        } else {
            warn("content is missing".to_owned());
            Vec::new()
        };
        Self { role: read, content, meta: kept(whole, meta), raw: whole.part(raw) }
    }
}

/// One block, or a list of them.
fn blocks(whole: &Raw, raw: &RawValue) -> Vec<Content> {
    match elements(raw) {
        Some(blocks) => blocks.read.into_iter().map(|block| Content::read(whole, block)).collect(),
        None => vec![Content::read(whole, raw)],
    }
}

/// What the client's model answers (MCP 2025-11-25, schema, `CreateMessageResult`).
///
/// ```
/// use tenure_mcp_proto::types::CreateMessageResult;
///
/// let result = CreateMessageResult::text("a-model", "It is raining.").stop_reason("endTurn");
/// let expected = r#"{"role":"assistant","content":{"type":"text","text":"It is raining."},"model":"a-model","stopReason":"endTurn"}"#;
/// assert_eq!(result.to_raw().get(), expected);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CreateMessageResult {
    /// Who says it.
    pub role: Role,
    /// What is said, in blocks of content; each sent byte for byte.
    pub content: Vec<Box<RawValue>>,
    /// The model that said it.
    pub model: String,
    /// Why it says no more: `endTurn`, `stopSequence`, `maxTokens`, `toolUse`, or a word of the provider's.
    pub stop_reason: Option<String>,
    /// `_meta`, an object; sent byte for byte.
    pub meta: Option<Box<RawValue>>,
}

impl CreateMessageResult {
    /// Blocks of content that a model made.
    pub fn new(model: impl Into<String>, content: Vec<Box<RawValue>>) -> Self {
        Self { role: Role::Assistant, content, model: model.into(), stop_reason: None, meta: None }
    }

    /// Text that a model made.
    pub fn text(model: impl Into<String>, text: &str) -> Self {
        Self::new(model, vec![Written::new().text("type", "text").text("text", text).into_raw()])
    }

    /// The same with why the model says no more.
    #[must_use]
    pub fn stop_reason(mut self, reason: impl Into<String>) -> Self {
        self.stop_reason = Some(reason.into());
        self
    }

    /// The same with `_meta`, an object.
    #[must_use]
    pub fn meta(mut self, meta: Box<RawValue>) -> Self {
        self.meta = Some(meta);
        self
    }

    /// The answer as JSON. One block stands by itself, as versions before 2025-11-25 have it.
    pub fn to_raw(&self) -> Box<RawValue> {
        let content = match self.content.as_slice() {
            [block] => block.clone(),
            blocks => json::list(blocks),
        };
        let written = Written::new()
            .text("role", self.role.as_str())
            .raw("content", Some(&content))
            .text("model", &self.model);
        let written = match &self.stop_reason {
            Some(reason) => written.text("stopReason", reason),
            None => written,
        };
        written.raw("_meta", self.meta.as_deref()).into_raw()
    }
}
