//! `tenure call`.

use serde_json::{Map, Value};
use tenure_mcp::proto::types::CallToolResult;
use tenure_mcp::{Client, Error};

use super::progress::Bar;
use super::{content, json, misfit};
use crate::args::CallArgs;
use crate::exit::{ANSWERED, Failed};
use crate::session::{self, Output};
use crate::text;

pub(crate) fn call(args: &CallArgs) -> Result<(), Failed> {
    let most = args.session.max_message;
    let given = args.arguments.as_deref();
    let arguments = given.map(|given| json::object(given, "the tool's arguments", most)).transpose()?;
    let json = args.session.json;
    session::with(&args.session, async |client: &Client| {
        let bar = Bar::start(json);
        let mut call = client.call_tool(&args.tool, arguments.as_deref());
        // Progress puts off the deadline that nobody has chosen, on a terminal or not.
        if bar.is_shown() || args.session.call_timeout.is_none() {
            call = call.progress(|report| bar.tell(report));
        }
        let result = call.await;
        bar.end().await;
        // The view is only a view: what it can't show is printed as it came.
        match result {
            Ok(result) if shows_nothing_of(&result) => {
                let why = "it has neither content nor structuredContent";
                Ok(misfit::output(result.raw.get(), json, why))
            }
            Ok(result) if !result.warnings.is_empty() => {
                Ok(misfit::output(result.raw.get(), json, result.warnings.join("; ")))
            }
            Ok(result) => Ok(output(&args.tool, &result, json)),
            Err(Error::Unreadable { reason, raw }) => Ok(misfit::output(raw.get(), json, reason)),
            Err(error) => Err(error.into()),
        }
    })
}

/// Returns whether the server said something, and none of it where it belongs.
fn shows_nothing_of(result: &CallToolResult) -> bool {
    let known = ["content", "structuredContent", "isError", "resultType", "_meta"];
    let nothing = result.content.is_empty() && result.structured_content.is_none();
    let fields = serde_json::from_str::<Map<String, Value>>(result.raw.get()).unwrap_or_default();
    nothing && fields.keys().any(|field| !known.contains(&field.as_str()))
}

fn output(tool: &str, result: &CallToolResult, json: bool) -> Output {
    let text = if json { format!("{}\n", result.raw.get()) } else { shown(result) };
    let failed = result.is_error.then(|| Failed::new(ANSWERED, format!("the tool {tool} failed")));
    Output { text, notes: Vec::new(), failed }
}

fn shown(result: &CallToolResult) -> String {
    let mut out: String = result.content.iter().map(content::shown).collect();
    if let Some(structured) = result.structured_content.as_ref().filter(|_| out.is_empty()) {
        out = format!("{}\n", text::lines(structured.get()));
    }
    out
}
