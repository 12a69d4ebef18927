//! An MCP server over stdio on the official crate `rmcp`: the peer that other hands wrote.
//!
//! Tools: `echo` (text back), `add` (two numbers), `slow` (answers after `ms` milliseconds), `fail` (a
//! tool error). It serves both eras, ends with exit code 0 when its standard input ends after a handshake,
//! and with 1 when it ends before. The crate lets calls in flight finish first, for up to 5 s: with `slow`
//! this is a server that is late to leave.
//!
//! `PEER_PAGES=N` splits the list of tools into pages of at most N.

use std::{process::ExitCode, sync::Arc, time::Duration};

use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt as _,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
        ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    },
    service::{QuitReason, RequestContext},
    transport::stdio,
};
use serde_json::{Map, Value, json};

fn main() -> ExitCode {
    let page = match std::env::var("PEER_PAGES") {
        Err(_) => usize::MAX,
        Ok(text) => match text.parse() {
            Ok(page) if page > 0 => page,
            _ => {
                eprintln!("peer-rmcp: PEER_PAGES must be a number above 0, it is {text:?}");
                return ExitCode::from(2);
            }
        },
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("peer-rmcp: no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(serve(Peer { page })) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("peer-rmcp: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(peer: Peer) -> Result<(), Box<dyn std::error::Error>> {
    match peer.serve(stdio()).await?.waiting().await? {
        QuitReason::Closed => Ok(()),
        other => Err(format!("ended otherwise: {other:?}").into()),
    }
}

struct Peer {
    /// Tools a page.
    page: usize,
}

impl ServerHandler for Peer {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("peer-rmcp", env!("CARGO_PKG_VERSION")))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = tools();
        let start = match request.and_then(|request| request.cursor) {
            None => 0,
            Some(cursor) => cursor
                .strip_prefix("from:")
                .and_then(|start| start.parse().ok())
                .filter(|start| (1..tools.len()).contains(start))
                .ok_or_else(|| ErrorData::invalid_params("no such cursor", None))?,
        };
        let end = start.saturating_add(self.page).min(tools.len());
        let mut result = ListToolsResult::with_all_items(tools[start..end].to_vec());
        result.next_cursor = (end < tools.len()).then(|| format!("from:{end}"));
        Ok(result)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let result = match &*request.name {
            "echo" => text(argument(&arguments, "text", Value::as_str)?),
            "add" => {
                let sum =
                    argument(&arguments, "a", Value::as_f64)? + argument(&arguments, "b", Value::as_f64)?;
                CallToolResult::structured(json!({ "sum": sum }))
            }
            "slow" => {
                let ms = argument(&arguments, "ms", Value::as_u64)?;
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(ms)) => text(&format!("{ms} ms")),
                    // The crate drops whatever a cancelled call answers.
                    () = context.ct.cancelled() => text("cancelled"),
                }
            }
            "fail" => CallToolResult::error(vec![ContentBlock::text("this tool always fails")]),
            other => {
                let message = format!("no tool named {other}");
                return Err(ErrorData::invalid_params(message, None));
            }
        };
        Ok(result.into())
    }
}

fn text(text: &str) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

fn argument<'a, T>(
    arguments: &'a Map<String, Value>,
    name: &str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<T, ErrorData> {
    arguments
        .get(name)
        .and_then(read)
        .ok_or_else(|| ErrorData::invalid_params(format!("{name}: missing or not that type"), None))
}

fn tools() -> Vec<Tool> {
    [
        ("echo", "Gives the text back", json!({ "text": { "type": "string" } })),
        ("add", "Adds two numbers", json!({ "a": { "type": "number" }, "b": { "type": "number" } })),
        ("slow", "Answers after so many milliseconds", json!({ "ms": { "type": "integer", "minimum": 0 } })),
        ("fail", "Ends with a tool error", json!({})),
    ]
    .into_iter()
    .map(|(name, description, properties)| {
        let required: Vec<Value> =
            properties.as_object().into_iter().flat_map(Map::keys).cloned().map(Value::from).collect();
        let mut schema = Map::new();
        schema.insert("type".into(), "object".into());
        schema.insert("properties".into(), properties);
        schema.insert("required".into(), required.into());
        Tool::new(name, description, Arc::new(schema))
    })
    .collect()
}
