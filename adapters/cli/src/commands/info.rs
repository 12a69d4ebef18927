//! `tenure info`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use tenure_mcp::Client;
use tenure_mcp::proto::{Era, Offered, Server};

use crate::args::InfoArgs;
use crate::exit::Failed;
use crate::session::{self, Output, reached};
use crate::text;

/// The columns of a terminal.
const COLUMNS: usize = 80;
/// The column of what is said.
const INDENT: usize = 14;

pub(crate) fn info(args: &InfoArgs) -> Result<(), Failed> {
    session::with(&args.session, async |client: &Client| {
        let begin = Instant::now();
        let lease = client.acquire().await?;
        let took = begin.elapsed();
        let of = Of {
            server: lease.server().await?,
            pid: lease.server_pid().await?,
            session: lease.session_hint().await?,
            address: reached::address(&args.session),
            took,
        };
        let text = if args.session.json { document(&of) } else { shown(&of) };
        Ok(Output { text, ..Output::default() })
    })
}

/// What is told.
struct Of {
    server: Arc<Server>,
    pid: Option<u32>,
    /// The beginning of the session's id.
    session: Option<String>,
    address: Option<String>,
    took: Duration,
}

const fn era(server: &Server) -> &'static str {
    match server.era {
        Era::Legacy => "legacy",
        _ => "modern",
    }
}

fn document(of: &Of) -> String {
    let Of { server, pid, session, took, .. } = of;
    let session = serde_json::Value::from(session.as_deref());
    let pid = pid.map_or_else(|| "null".to_owned(), |pid| pid.to_string());
    let version = serde_json::Value::from(server.protocol_version.as_str());
    format!(
        "{{\"era\":\"{}\",\"protocolVersion\":{version},\"pid\":{pid},\"session\":{session},\"connectMilliseconds\":{:.3},\"server\":{}}}\n",
        era(server),
        took.as_secs_f64() * 1e3,
        server.raw.get()
    )
}

fn shown(of: &Of) -> String {
    let Of { server, pid, session, address, took } = of;
    let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let rows = [
        ("server", format!("{} {}", server.name, server.version)),
        ("title", owned(server.title.as_deref())),
        ("description", owned(server.description.as_deref())),
        ("website", owned(server.website_url.as_deref())),
        ("protocol", format!("{}, the {} era", server.protocol_version, era(server))),
        ("offers", offers(server)),
        ("process", pid.map_or_else(String::new, |pid| pid.to_string())),
        ("address", owned(address.as_deref())),
        ("session", session.as_ref().map_or_else(String::new, |id| format!("{id}…"))),
        ("connected in", format!("{:.1} ms", took.as_secs_f64() * 1e3)),
        ("instructions", owned(server.instructions.as_deref())),
    ];
    rows.iter().filter(|(_, what)| !what.trim().is_empty()).map(|(name, what)| row(name, what)).collect()
}

/// In paragraphs, as the server wrote them.
fn row(name: &str, what: &str) -> String {
    let lines = text::lines(what.trim());
    let wrapped = lines.lines().flat_map(|line| text::wrapped(line, COLUMNS.saturating_sub(INDENT)));
    let heading = std::iter::once(name).chain(std::iter::repeat(""));
    let line = |(heading, line): (&str, String)| {
        format!("{}{line}", text::padded(heading, INDENT)).trim_end().to_owned() + "\n"
    };
    heading.zip(wrapped).map(line).collect()
}

/// What this program knows of, with its details, then the names of whatever else the server has.
fn offers(server: &Server) -> String {
    let offers = server.offers();
    let of = |what: &str, offered: Option<Offered>| {
        let offered = offered?;
        let more = [(offered.list_changed, "tells changes"), (offered.subscribe, "subscriptions")];
        let more: Vec<&str> = more.into_iter().filter_map(|(is, what)| is.then_some(what)).collect();
        Some(if more.is_empty() { what.to_owned() } else { format!("{what} ({})", more.join(", ")) })
    };
    let is = |is: bool, what: &str| is.then(|| what.to_owned());
    let known = [
        of("tools", offers.tools),
        of("resources", offers.resources),
        of("prompts", offers.prompts),
        is(offers.completions, "completions"),
        is(offers.logging, "logging"),
    ];
    let fields: Map<String, Value> = serde_json::from_str(server.capabilities.get()).unwrap_or_default();
    let others =
        fields.into_iter().filter(|(name, value)| !KNOWN.contains(&name.as_str()) && !value.is_null());
    let all: Vec<String> = known.into_iter().flatten().chain(others.map(|(name, _)| name)).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}

const KNOWN: [&str; 5] = ["tools", "resources", "prompts", "completions", "logging"];
