//! What a server has besides tools.

use std::ffi::OsString;

use clap::Parser;

use super::session::SessionArgs;

#[derive(Debug, Parser)]
#[command(after_help = RESOURCES_EXAMPLES)]
pub(crate) struct ResourcesArgs {
    /// List the templates of resources instead
    #[arg(long)]
    pub(crate) templates: bool,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

#[derive(Debug, Parser)]
#[command(after_help = READ_EXAMPLES)]
pub(crate) struct ReadArgs {
    /// The resource's URI
    pub(crate) uri: String,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

#[derive(Debug, Parser)]
#[command(after_help = PROMPTS_EXAMPLES)]
pub(crate) struct PromptsArgs {
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

#[derive(Debug, Parser)]
#[command(after_help = PROMPT_EXAMPLES)]
pub(crate) struct PromptArgs {
    /// The prompt's name
    pub(crate) name: String,
    /// Its arguments, a JSON object of strings; `@FILE` reads it from a file, `-` from standard input
    #[arg(value_name = "JSON|@FILE|-")]
    pub(crate) arguments: Option<OsString>,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

#[derive(Debug, Parser)]
#[command(after_help = COMPLETE_EXAMPLES)]
pub(crate) struct CompleteArgs {
    /// The argument is one of this prompt
    #[arg(long, value_name = "NAME", conflicts_with = "resource", required_unless_present = "resource")]
    pub(crate) prompt: Option<String>,
    /// The argument is one of this template of resources
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) resource: Option<String>,
    /// The argument's name
    pub(crate) argument: String,
    /// What there is of its value
    pub(crate) value: String,
    /// The arguments that are filled in already, a JSON object of strings
    #[arg(long, value_name = "JSON|@FILE|-")]
    pub(crate) context: Option<OsString>,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

const RESOURCES_EXAMPLES: &str = "\
Examples:
  tenure resources -- npx -y @modelcontextprotocol/server-everything
  tenure resources --templates -- ./my-server
  tenure resources --json -- ./my-server | jq -r '.resources[].uri'

Prints one line for each resource: its URI, its name and the first line of its description, with … if there is more.";

const READ_EXAMPLES: &str = "\
Examples:
  tenure read file:///srv/notes.txt -- ./my-server
  tenure read demo://image --json -- ./my-server | jq -r '.contents[0].blob' | base64 -d

Prints the text of the resource; what isn't text is shortened, and --json has it whole.";

const PROMPTS_EXAMPLES: &str = "\
Examples:
  tenure prompts -- ./my-server
  tenure prompts --json -- ./my-server | jq '.prompts[0].arguments'

Prints one line for each prompt: its name with its arguments, those in [] may be left out, and the first line of its
description, with … if there is more.";

const PROMPT_EXAMPLES: &str = "\
Examples:
  tenure prompt greet '{\"name\": \"Ada\"}' -- ./my-server
  tenure prompt greet @arguments.json --json -- ./my-server

Prints each message with who says it; what isn't text is shortened, and --json has it whole.";

const COMPLETE_EXAMPLES: &str = "\
Examples:
  tenure complete --prompt greet language py -- ./my-server
  tenure complete --resource 'file:///{path}' path sr --context '{\"host\": \"a\"}' -- ./my-server

Prints what the argument's value may be completed to, a line each, the likeliest first.";
