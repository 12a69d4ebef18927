//! The commands, but for the demo.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::time::{Duration, Instant};

use serde_json::json;
use serde_json::value::RawValue;
use tenure::Graph;
use tenure::trace;
use tenure_mcp::Client;
use tenure_mcp::proto::types::{CallToolResult, Content, Tool};

use crate::args::{CallArgs, Format, GraphArgs, PingArgs, ReplayArgs, ToolsArgs};
use crate::exit::{ANSWERED, Failed, USAGE};
use crate::{session, text};

/// What is larger is something else, such as /dev/zero.
const LARGEST_TRACE: u64 = 256 << 20;

pub(crate) fn tools(args: &ToolsArgs) -> Result<(), Failed> {
    let json = args.session.json;
    let tools = session::with(&args.session, async |client: &Client| Ok(client.list_tools().await?))?;
    if json {
        let raw: Vec<&str> = tools.iter().map(|tool| tool.raw.get()).collect();
        return print(&format!("{{\"tools\":[{}]}}\n", raw.join(",")));
    }
    print(&tools_table(&tools))
}

fn tools_table(tools: &[Tool]) -> String {
    let names: Vec<String> = tools.iter().map(|tool| text::one_line(&tool.name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let line = |(name, tool): (&String, &Tool)| {
        let description = text::first_line(tool.description.as_deref().unwrap_or_default());
        format!("{name:<width$}  {description}").trim_end().to_owned() + "\n"
    };
    names.iter().zip(tools).map(line).collect()
}

pub(crate) fn call(args: &CallArgs) -> Result<(), Failed> {
    let arguments = args.arguments.as_deref().map(arguments).transpose()?;
    let json = args.session.json;
    let tool = &args.tool;
    let result = session::with(&args.session, async |client: &Client| {
        Ok(client.call_tool(tool, arguments.as_deref()).await?)
    })?;
    if json {
        print(&format!("{}\n", result.raw.get()))?;
    } else {
        print(&result_text(&result))?;
    }
    if result.is_error { Err(Failed::new(ANSWERED, format!("the tool {tool} failed"))) } else { Ok(()) }
}

fn arguments(text: &str) -> Result<Box<RawValue>, Failed> {
    let raw = serde_json::from_str::<&RawValue>(text)
        .map_err(|error| Failed::new(USAGE, format!("the tool's arguments are no JSON: {error}")))?;
    if !raw.get().starts_with('{') {
        return Err(Failed::new(USAGE, "the tool's arguments must be a JSON object, such as '{\"a\": 1}'"));
    }
    Ok(raw.to_owned())
}

fn result_text(result: &CallToolResult) -> String {
    let mut out = String::new();
    for content in &result.content {
        match content {
            Content::Text { text, .. } => out += &text::lines(text),
            // What isn't text is told by its JSON, shortened: --json has it whole.
            other => {
                out += &text::shortened(&text::one_line(other.raw().get()), 120);
            }
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
    }
    if let Some(structured) = result.structured_content.as_ref().filter(|_| out.is_empty()) {
        out = format!("{}\n", text::lines(structured.get()));
    }
    out
}

pub(crate) fn ping(args: &PingArgs) -> Result<(), Failed> {
    let (json, count) = (args.session.json, args.count);
    let answers = session::with(&args.session, async |client: &Client| {
        let lease = client.acquire().await?;
        let mut answers = Vec::new();
        for number in 1..=count {
            let begin = Instant::now();
            lease.ping().await?;
            let took = begin.elapsed();
            answers.push(took);
            if json {
                continue;
            }
            let line = format!("ping {number}: {:.3} ms\n", millis(took));
            // A reader that is slow must not keep a signal from being heard.
            match smol::unblock(move || write(&line)).await {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
                written => written.map_err(|error| unwritten(&error))?,
            }
        }
        Ok(answers)
    })?;
    if json {
        let times: Vec<f64> = answers.into_iter().map(millis).collect();
        print(&format!("{}\n", json!({ "milliseconds": times })))?;
    }
    Ok(())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

pub(crate) fn graph(args: &GraphArgs) -> Result<(), Failed> {
    let graph = match args.format {
        Format::Mermaid => Graph::Mermaid,
        Format::Dot => Graph::Dot,
    };
    print(&graph.to_string())
}

pub(crate) fn replay(args: &ReplayArgs) -> Result<(), Failed> {
    let path = args.trace.display();
    let mut bytes = Vec::new();
    File::open(&args.trace)
        .and_then(|file| file.take(LARGEST_TRACE + 1).read_to_end(&mut bytes))
        .map_err(|error| Failed::new(USAGE, format!("can't read the trace {path}: {error}")))?;
    if bytes.len() as u64 > LARGEST_TRACE {
        return Err(Failed::new(
            USAGE,
            format!("{path} is larger than a trace may be: {LARGEST_TRACE} bytes"),
        ));
    }
    // A damaged trace need not be text; what can't be read is a difference in its line.
    let lines = String::from_utf8_lossy(&bytes);
    match trace::replay(lines.lines()) {
        Ok(replayed) if args.json => {
            let trace::Replayed { events, generations, state, .. } = replayed;
            let document =
                json!({ "same": true, "events": events, "generations": generations, "state": state });
            print(&format!("{document}\n"))
        }
        Ok(replayed) => print(&format!(
            "{}, {}, ends {}: the machine does the same again, all invariants hold\n",
            text::counted(replayed.events, "input"),
            text::counted(replayed.generations, "generation"),
            replayed.state
        )),
        Err(difference) => {
            if args.json {
                print(&format!("{}\n", json!({ "same": false, "difference": difference.to_string() })))?;
            }
            Err(Failed::new(ANSWERED, difference))
        }
    }
}

/// Writes to standard output. A reader that went away is no failure of ours.
pub(crate) fn print(text: &str) -> Result<(), Failed> {
    match write(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(unwritten(&error)),
        _ => Ok(()),
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn unwritten(error: &io::Error) -> Failed {
    Failed::new(USAGE, format!("can't write the result: {error}"))
}
