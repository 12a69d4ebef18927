//! `tenure prompts`, `tenure prompt` and `tenure complete`.

use tenure_mcp::Client;
use tenure_mcp::proto::types::{
    CompleteResult, CompletionReference, Prompt, PromptArgument, PromptMessage, Role,
};

use super::ask::{self, View};
use super::table::{self, Row};
use super::{content, json};
use crate::args::{CompleteArgs, PromptArgs, PromptsArgs};
use crate::exit::{Failed, USAGE};
use crate::{session, text};

pub(crate) fn prompts(args: &PromptsArgs) -> Result<(), Failed> {
    session::with(&args.session, async |client: &Client| {
        let row =
            |prompt: &Prompt| Row { columns: vec![usage(prompt)], description: prompt.description.clone() };
        table::output(client.list_prompts().await, args.session.json, "prompts", row)
    })
}

/// The name with its arguments; those that may be left out in brackets.
fn usage(prompt: &Prompt) -> String {
    let argument = |argument: &PromptArgument| {
        if argument.required { argument.name.to_string() } else { format!("[{}]", argument.name) }
    };
    let words = std::iter::once(prompt.name.to_string()).chain(prompt.arguments.iter().map(argument));
    words.collect::<Vec<_>>().join(" ")
}

pub(crate) fn prompt(args: &PromptArgs) -> Result<(), Failed> {
    let given = args.arguments.as_deref();
    let most = args.session.max_message;
    let arguments = given.map(|given| json::object(given, "the prompt's arguments", most)).transpose()?;
    session::with(&args.session, async |client: &Client| {
        let prompt = client.get_prompt(&args.name, arguments.as_deref()).await;
        ask::output(prompt, args.session.json, |prompt| View {
            raw: &prompt.raw,
            warnings: &prompt.warnings,
            text: prompt.messages.iter().map(message).collect(),
            notes: Vec::new(),
        })
    })
}

fn message(message: &PromptMessage) -> String {
    let role = match &message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
        _ => "other",
    };
    format!("{role}: {}", content::shown(&message.content))
}

pub(crate) fn complete(args: &CompleteArgs) -> Result<(), Failed> {
    let given = args.context.as_deref();
    let most = args.session.max_message;
    let context = given.map(|given| json::object(given, "the arguments so far", most)).transpose()?;
    let reference = match (&args.prompt, &args.resource) {
        (Some(name), _) => CompletionReference::Prompt(name),
        (None, Some(uri)) => CompletionReference::Resource(uri),
        (None, None) => return Err(Failed::new(USAGE, "whose argument? --prompt or --resource says it")),
    };
    session::with(&args.session, async |client: &Client| {
        let completed = client.complete(reference, &args.argument, &args.value);
        ask::output(completed.context(context.as_deref()).await, args.session.json, |completed| View {
            raw: &completed.raw,
            warnings: &completed.warnings,
            text: completed.values.iter().map(|value| text::one_line(value) + "\n").collect(),
            notes: more(completed),
        })
    })
}

fn more(completed: &CompleteResult) -> Vec<String> {
    let of = completed.total.map_or_else(String::new, |total| format!(", {total} in all"));
    if completed.has_more { vec![format!("there are more values{of}")] } else { Vec::new() }
}
