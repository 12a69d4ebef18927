//! An MCP server over stdio on the official crate `rmcp`, of before it knew the modern era: it exits when it is asked
//! for that. Tools: `echo` (text back), `slow` (answers after `ms` milliseconds). Not listed: `sample`, `elicit` and
//! `roots`, which ask the client and say what it answered, and `change`, which tells that the resource and the tools
//! have changed.

use std::{sync::Arc, time::Duration};

use rmcp1::{
    ErrorData, RoleServer, ServerHandler, ServiceExt as _,
    model::{
        CallToolRequestParams, CallToolResult, Content, Implementation, ListResourcesResult, ListToolsResult,
        PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResult, Resource, ResourceContents,
        ResourceUpdatedNotificationParam, ServerCapabilities, ServerInfo, ServerRequest,
        SubscribeRequestParams, Tool, UnsubscribeRequestParams,
    },
    service::{Peer as Client, RequestContext},
    transport::stdio,
};
use serde_json::{Map, Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        Peer.serve(stdio()).await?.waiting().await?;
        Ok(())
    })
}

struct Peer;

const URI: &str = "peer://text";

impl ServerHandler for Peer {
    fn get_info(&self) -> ServerInfo {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_resources()
            .enable_resources_subscribe()
            .build();
        ServerInfo::new(capabilities)
            .with_server_info(Implementation::new("peer-rmcp1", env!("CARGO_PKG_VERSION")))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tool = |name: &'static str, properties: Value| {
            let schema =
                Map::from_iter([("type".to_owned(), json!("object")), ("properties".to_owned(), properties)]);
            Tool::new(name, name, Arc::new(schema))
        };
        let echo = tool("echo", json!({ "text": { "type": "string" } }));
        let slow = tool("slow", json!({ "ms": { "type": "integer" } }));
        Ok(ListToolsResult::with_all_items(vec![echo, slow]))
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(vec![resource()?]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResult, ErrorData> {
        Ok(ReadResourceResult::new(vec![ResourceContents::text("hello", request.uri)]))
    }

    /// Whoever asks is told, and so is everybody else: there is one client.
    async fn subscribe(
        &self,
        _request: SubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(
        &self,
        _request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let text = match &*request.name {
            "echo" => arguments["text"].as_str().unwrap_or_default().to_owned(),
            "slow" => {
                let ms = arguments["ms"].as_u64().unwrap_or_default();
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(ms)) => format!("{ms} ms"),
                    // The crate drops whatever a cancelled call answers.
                    () = context.ct.cancelled() => "cancelled".to_owned(),
                }
            }
            "sample" | "elicit" | "roots" => ask(&context.peer, &request.name).await?,
            "change" => {
                // A client that is gone needs no word.
                let _ =
                    context.peer.notify_resource_updated(ResourceUpdatedNotificationParam::new(URI)).await;
                let _ = context.peer.notify_tool_list_changed().await;
                "changed".to_owned()
            }
            other => return Err(ErrorData::invalid_params(format!("no tool named {other}"), None)),
        };
        Ok(CallToolResult::success(vec![Content::text(text)]))
    }
}

fn resource() -> Result<Resource, ErrorData> {
    serde_json::from_value(json!({ "uri": URI, "name": "text" })).map_err(internal)
}

/// Asks the client, and says what it answered, as JSON.
async fn ask(client: &Client<RoleServer>, tool: &str) -> Result<String, ErrorData> {
    let hi = json!({ "role": "user", "content": { "type": "text", "text": "hi" } });
    let name = json!({ "type": "string", "title": "Name" });
    let form = json!({ "type": "object", "properties": { "name": name }, "required": ["name"] });
    let (method, params) = match tool {
        "sample" => ("sampling/createMessage", json!({ "messages": [hi], "maxTokens": 10 })),
        "elicit" => ("elicitation/create", json!({ "message": "Who is it?", "requestedSchema": form })),
        _ => ("roots/list", json!({})),
    };
    let request = json!({ "method": method, "params": params });
    let request: ServerRequest = serde_json::from_value(request).map_err(internal)?;
    let answer = client.send_request(request).await.map_err(internal)?;
    serde_json::to_string(&answer).map_err(internal)
}

fn internal(error: impl std::fmt::Display) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}
