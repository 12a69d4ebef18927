//! Prompts and their list (MCP 2025-11-25, server/prompts, "Listing Prompts").

use serde_json::value::RawValue;

use crate::jsonrpc::raw::Raw;
use crate::jsonrpc::reader::Reader;
use crate::types::decode::{
    DecodeError, MOST_ELEMENTS, decode, elements, kept, object, present, required, short,
};
use crate::types::list::{ListResult, Listed, OddElement, sealed};
use crate::types::text::Text;

/// One page of prompts.
pub type ListPromptsResult = ListResult<Prompt>;

/// A prompt, or a template of one (MCP 2025-11-25, schema, `Prompt`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Prompt {
    /// The name to get it by.
    pub name: Text,
    /// The name for people.
    pub title: Option<Text>,
    /// What it is for.
    pub description: Option<Text>,
    /// What can be filled in, without what can't be read.
    pub arguments: Vec<PromptArgument>,
    /// The arguments that can't be read.
    pub odd_arguments: Vec<OddElement>,
    /// Icons, a list, as they were sent.
    pub icons: Option<Raw>,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// The whole prompt as received.
    pub raw: Raw,
}

/// What can be filled in of a prompt (MCP 2025-11-25, schema, `PromptArgument`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PromptArgument {
    /// The name to fill it in by.
    pub name: Text,
    /// The name for people.
    pub title: Option<Text>,
    /// What it is.
    pub description: Option<Text>,
    /// Whether it must be filled in.
    pub required: bool,
    /// The whole argument as received.
    pub raw: Raw,
}

impl Prompt {
    /// Reads a prompt.
    ///
    /// # Errors
    /// If it has no name.
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let (prompt, _) = decode(raw, "Prompt", |raw| Self::read(object(raw, FIELDS)?, raw.clone()))?;
        Ok(prompt)
    }

    fn read(fields: [Option<&RawValue>; FIELDS.len()], raw: Raw) -> Result<Self, String> {
        let [name, title, description, arguments, icons, meta] = fields;
        let text = |part| Text::of(&raw, part);
        let name = required("name", name, text(name))?;
        let [title, description] = [title, description].map(text);
        let [icons, meta] = [icons, meta].map(|part| kept(&raw, part));
        let Arguments { read: arguments, odd: odd_arguments } = Arguments::read(&raw, arguments);
        Ok(Self { name, title, description, arguments, odd_arguments, icons, meta, raw })
    }
}

const FIELDS: [&str; 6] = ["name", "title", "description", "arguments", "icons", "_meta"];

#[derive(Default)]
struct Arguments {
    read: Vec<PromptArgument>,
    odd: Vec<OddElement>,
}

impl Arguments {
    fn read(prompt: &Raw, raw: Option<&RawValue>) -> Self {
        let mut arguments = Self::default();
        let Some(list) = present(raw) else {
            return arguments;
        };
        let Some(elements) = elements(list) else {
            let reason = format!("arguments are not a list but {}", short(list));
            arguments.odd.push(OddElement::whole(reason, prompt.part(list)));
            return arguments;
        };
        for (position, element) in elements.read.into_iter().enumerate() {
            let raw = prompt.part(element);
            match object(element, ARGUMENT_FIELDS)
                .and_then(|fields| PromptArgument::read(fields, raw.clone()))
            {
                Ok(argument) => arguments.read.push(argument),
                Err(reason) => arguments.odd.push(OddElement::new(position, reason, raw)),
            }
        }
        if !elements.is_whole {
            let reason = format!("there are more than {MOST_ELEMENTS} arguments; the first are read");
            arguments.odd.push(OddElement::whole(reason, prompt.part(list)));
        }
        arguments
    }
}

impl PromptArgument {
    /// Reads an argument.
    ///
    /// # Errors
    /// If it has no name.
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let (argument, _) =
            decode(raw, "PromptArgument", |raw| Self::read(object(raw, ARGUMENT_FIELDS)?, raw.clone()))?;
        Ok(argument)
    }

    fn read(fields: [Option<&RawValue>; ARGUMENT_FIELDS.len()], raw: Raw) -> Result<Self, String> {
        let [name, title, description, is_required] = fields;
        let text = |part| Text::of(&raw, part);
        let name = required("name", name, text(name))?;
        let [title, description] = [title, description].map(text);
        let required = is_required.is_some_and(|raw| raw.get() == "true");
        Ok(Self { name, title, description, required, raw })
    }
}

const ARGUMENT_FIELDS: [&str; 4] = ["name", "title", "description", "required"];

impl Listed for Prompt {
    const METHOD: &'static str = "prompts/list";

    fn name(&self) -> &str {
        &self.name
    }

    fn raw(&self) -> &RawValue {
        &self.raw
    }
}

impl sealed::Readable for Prompt {
    const FIELD: &'static str = "prompts";
    const RESULT: &'static str = "ListPromptsResult";

    fn next(whole: &Raw, at: &mut Reader<'_>) -> Option<Result<Self, String>> {
        let begin = at.place();
        let fields = at.next_fields(FIELDS)?;
        Some(Self::read(fields, whole.part(at.since(begin))))
    }

    fn odd_parts(&self) -> &[OddElement] {
        &self.odd_arguments
    }
}
