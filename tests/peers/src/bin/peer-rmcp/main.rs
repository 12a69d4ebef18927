//! An MCP server on the official crate `rmcp`: the peer that other hands wrote. It is served over stdio, or with the
//! argument `http` over HTTP, on the port `$PORT` of the loopback interface, which it says once it is open.
//!
//! Tools: `echo` (text back), `add` (two numbers), `slow` (answers after `ms` milliseconds), `fail` (a
//! tool error); with a progress token `slow` tells that it has begun. And a resource, a template of resources and a
//! prompt whose argument can be completed. It serves both eras, ends with exit code 0 when its standard input ends
//! after a handshake, and with 1 when it ends before. The crate lets calls in flight finish first, for up to 5 s: with
//! `slow` this is a server that is late to leave.
//!
//! Some tools more are not listed, so that the pages stay short: `sample`, `elicit`, `elicit_url` and `roots` ask the
//! client and say what it answered; `change` tells who subscribed that the resource has changed, and that the tools
//! have.
//!
//! `PEER_PAGES=N` splits the list of tools into pages of at most N.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt as _,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult,
        CompletionInfo, ContentBlock, GetPromptRequestParams, GetPromptResponse, GetPromptResult,
        Implementation, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
        PaginatedRequestParams, ProgressNotificationParam, Prompt, PromptArgument, PromptMessage,
        ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, Resource, ResourceContents,
        ResourceTemplate, Role, ServerCapabilities, ServerConfig, SubscribeRequestParams, SubscriptionFilter,
        Tool, UnsubscribeRequestParams,
    },
    service::{QuitReason, RequestContext, SubscriptionContext},
    transport::stdio,
};
use serde_json::{Map, Value, json};

mod asks;
mod changes;
mod web;

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
    let served = match std::env::args().nth(1).as_deref() {
        None => runtime.block_on(serve(Peer { page, ..Peer::default() })),
        Some("http") => runtime.block_on(web::serve(page)),
        Some(_) => Err("its argument is http, or there is none".into()),
    };
    match served {
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

#[derive(Default)]
struct Peer {
    /// Tools a page.
    page: usize,
    /// A client of the legacy era wants to hear of the resource.
    is_subscribed: AtomicBool,
    listeners: Arc<changes::Listeners>,
}

fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_some_and(|version| version.as_str() >= "2026-07-28")
}

impl ServerHandler for Peer {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_prompts()
            .enable_completions()
            .build();
        ServerConfig::new(capabilities)
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

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(vec![Resource::new("peer://text", "text")]))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let template = ResourceTemplate::new("peer://greeting/{name}", "greeting");
        Ok(ListResourceTemplatesResult::with_all_items(vec![template]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let text = match &*request.uri {
            "peer://text" => "hello".to_owned(),
            uri => match uri.strip_prefix("peer://greeting/") {
                Some(name) => format!("hello {name}"),
                None => return Err(ErrorData::invalid_params("no such resource", None)),
            },
        };
        Ok(ReadResourceResult::new(vec![ResourceContents::text(text, request.uri)]).into())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        self.listeners.accept();
        // The crate takes away what is not offered.
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        self.listeners.listen(context).await;
        Ok(())
    }

    async fn subscribe(
        &self,
        _request: SubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.is_subscribed.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn unsubscribe(
        &self,
        _request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.is_subscribed.store(false, Ordering::Relaxed);
        Ok(())
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let name = PromptArgument::new("name").with_required(true);
        let prompt = Prompt::new("greet", Some("Greets somebody"), Some(vec![name]));
        Ok(ListPromptsResult::with_all_items(vec![prompt]))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let name = arguments.get("name").and_then(Value::as_str).unwrap_or("nobody");
        let message = PromptMessage::new_text(Role::User, format!("Greet {name}."));
        Ok(GetPromptResult::new(vec![message]).into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let begun = request.argument.value;
        let values = ["ada", "alan"].iter().filter(|value| value.starts_with(&begun));
        let values = CompletionInfo::new(values.map(ToString::to_string).collect());
        Ok(CompleteResult::new(values.map_err(|error| ErrorData::internal_error(error, None))?))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if let Some(answer) = asks::call(&request, &context).await {
            return answer;
        }
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
                if let Some(token) = context.meta.get_progress_token() {
                    let begun = ProgressNotificationParam::new(token, 1.0).with_total(2.0);
                    // A client that is gone needs no word.
                    let _ = context.peer.notify_progress(begun).await;
                }
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(ms)) => text(&format!("{ms} ms")),
                    // The crate drops whatever a cancelled call answers.
                    () = context.ct.cancelled() => text("cancelled"),
                }
            }
            "change" => {
                if is_modern(&context) {
                    self.listeners.tell().await;
                } else {
                    changes::tell_legacy(&context.peer, self.is_subscribed.load(Ordering::Relaxed)).await;
                }
                text("changed")
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
