//! Reading the command line, and what is said of one that can't be understood.

use std::ffi::{OsStr, OsString};

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Args;
use crate::exit::{Failed, USAGE};

/// What was asked for; `None` if it was help, which is shown then.
pub(crate) fn parse(arguments: &[OsString]) -> Result<Option<Args>, Failed> {
    match Args::try_parse_from(arguments) {
        Ok(args) => Ok(Some(args)),
        Err(help) if !help.use_stderr() => {
            let help = help.render();
            let text = if crate::colour::Paint::on_stdout().is_on() {
                help.ansi().to_string()
            } else {
                help.to_string()
            };
            crate::print::print(&text).map(|()| None)
        }
        Err(error) => Err(failed(&error, arguments)),
    }
}

/// In one line: the first paragraph says why, and then what may have been meant.
fn failed(error: &clap::Error, arguments: &[OsString]) -> Failed {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failed::new(USAGE, "which command? tenure --help lists them");
    }
    let text = error.to_string();
    let why = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
    let why: Vec<&str> = why.split_whitespace().collect();
    let hint = hint(error, arguments).map_or_else(String::new, |hint| format!("; {hint}"));
    Failed::new(USAGE, format!("{}{hint}; see --help", why.join(" ")))
}

fn hint(error: &clap::Error, arguments: &[OsString]) -> Option<String> {
    let similar = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    if let Some(similar) = similar.into_iter().find_map(|kind| words(error.get(kind)?)) {
        return Some(format!("did you mean {similar}?"));
    }
    forgotten_dashes(error, arguments)
}

fn words(suggested: &ContextValue) -> Option<String> {
    match suggested {
        ContextValue::String(word) => Some(format!("'{word}'")),
        ContextValue::Strings(words) if !words.is_empty() => Some(format!("'{}'", words.join("' or '"))),
        _ => None,
    }
}

/// The commands on a server.
const TAKE_SERVER: [&str; 13] = [
    "info",
    "tools",
    "call",
    "resources",
    "read",
    "prompts",
    "prompt",
    "complete",
    "request",
    "ping",
    "watch",
    "log",
    "soak",
];

/// The server's command without `--` before it.
fn forgotten_dashes(error: &clap::Error, arguments: &[OsString]) -> Option<String> {
    let own = arguments.get(1)?.to_str()?;
    let takes_server = TAKE_SERVER.contains(&own);
    let may_be_it = matches!(error.kind(), ErrorKind::UnknownArgument | ErrorKind::MissingRequiredArgument);
    if !takes_server || !may_be_it || arguments.iter().any(|argument| argument == "--") {
        return None;
    }
    let given = match own {
        "call" | "prompt" => " NAME",
        "request" => " METHOD",
        "read" => " URI",
        "log" => " LEVEL",
        "complete" => " --prompt NAME ARGUMENT VALUE",
        _ => "",
    };
    let as_in = format!("as in: tenure {own}{given} -- ./my-server");
    Some(format!("the server's command comes after --, {as_in}; or give --url"))
}

/// Returns whether failures are to be told as JSON, also where the command line is not understood.
pub(crate) fn wants_json(arguments: &[OsString]) -> bool {
    arguments.iter().take_while(|argument| *argument != OsStr::new("--")).any(|argument| argument == "--json")
}
