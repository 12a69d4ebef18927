//! What is read of what a server sends. Each function plays the server, and says what is odd about what was read.

use std::fmt::Debug;

use serde_json::{Value, json};
use tenure_mcp_proto::types::{
    CallToolResult, CompleteResult, Content, GetPromptResult, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListResult, ListToolsResult, Listed, Notification, Raw, ReadResourceResult,
};
use tenure_mcp_proto::{CallError, Event, RequestOptions, SubscriptionEnd, Subscriptions};

use crate::client::{self, Client};
use crate::spec::Spec;

/// Names a subscription in `_meta`.
const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// What is odd, in words.
pub type Read = Result<(), String>;

/// The request that is answered with a result of this definition, where there is a view of that.
pub fn method_of(definition: &str) -> Option<&'static str> {
    Some(match definition {
        "ListToolsResult" => "tools/list",
        "ListResourcesResult" => "resources/list",
        "ListResourceTemplatesResult" => "resources/templates/list",
        "ListPromptsResult" => "prompts/list",
        "CallToolResult" => "tools/call",
        "ReadResourceResult" => "resources/read",
        "GetPromptResult" => "prompts/get",
        "CompleteResult" => "completion/complete",
        "InitializeResult" => "initialize",
        "DiscoverResult" => "server/discover",
        _ => return None,
    })
}

/// A result that has a value of this definition in it, where there is a view of that.
pub fn holder_of(definition: &str, value: &Value) -> Option<(&'static str, Value)> {
    Some(match definition {
        "Tool" => ("ListToolsResult", json!({ "tools": [value] })),
        "Resource" => ("ListResourcesResult", json!({ "resources": [value] })),
        "ResourceTemplate" => ("ListResourceTemplatesResult", json!({ "resourceTemplates": [value] })),
        "Prompt" => ("ListPromptsResult", json!({ "prompts": [value] })),
        "PromptArgument" => {
            ("ListPromptsResult", json!({ "prompts": [{ "name": "p", "arguments": [value] }] }))
        }
        "PromptMessage" => ("GetPromptResult", json!({ "messages": [value] })),
        "TextContent" | "ImageContent" | "AudioContent" | "ResourceLink" | "EmbeddedResource"
        | "ContentBlock" => ("CallToolResult", json!({ "content": [value] })),
        "TextResourceContents" | "BlobResourceContents" => {
            ("ReadResourceResult", json!({ "contents": [value] }))
        }
        "ServerCapabilities" => {
            ("DiscoverResult", json!({ "supportedVersions": ["2026-07-28"], "capabilities": value }))
        }
        _ => return None,
    })
}

/// The server answers a request with a result of this definition.
pub fn result(spec: &Spec, definition: &str, value: &Value) -> Read {
    let method = method_of(definition).ok_or_else(|| format!("{definition} has no view"))?;
    if matches!(method, "initialize" | "server/discover") {
        return opening(spec, value);
    }
    let raw = answered(spec, method, value)?;
    let problems = problems(definition, raw)?;
    if problems.is_empty() { Ok(()) } else { Err(format!("{definition}: {problems:?}\n  of {value}")) }
}

fn opening(spec: &Spec, value: &Value) -> Read {
    let server = Client::new(client::options(spec)).open_with(value);
    kept(server.raw.get(), value)?;
    kept(server.capabilities.get(), &value["capabilities"])?;
    let info = value.get("serverInfo").unwrap_or(&value["_meta"]["io.modelcontextprotocol/serverInfo"]);
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let said = json!([server.name, server.version, server.title, server.instructions]);
    let meant = json!([
        text(&info["name"]).unwrap_or_default(),
        text(&info["version"]).unwrap_or_default(),
        text(&info["title"]),
        text(&value["instructions"]),
    ]);
    if said == meant { Ok(()) } else { Err(format!("{said} was read of {value}")) }
}

/// What comes out of a connection for a request that was answered with this result.
///
/// # Errors
/// If it is not what came in, byte for byte.
pub fn answered(spec: &Spec, method: &str, value: &Value) -> Result<Raw, String> {
    let mut client = Client::open(spec);
    let id = client.ask(method, None, RequestOptions::default());
    client.answer(&id, value);
    match &client.events()[..] {
        [Event::Response { result: Ok(raw), .. }] => kept(raw.get(), value).map(|()| raw.clone()),
        other => Err(format!("{other:?} came of {value}")),
    }
}

fn kept(text: &str, value: &Value) -> Read {
    let came = value.to_string();
    if text == came { Ok(()) } else { Err(format!("{text} came out, and in came {came}")) }
}

fn problems(definition: &str, raw: Raw) -> Result<Vec<String>, String> {
    match definition {
        "ListToolsResult" => ListToolsResult::from_raw(raw).map(|page| of_page(&page)),
        "ListResourcesResult" => ListResourcesResult::from_raw(raw).map(|page| of_page(&page)),
        "ListResourceTemplatesResult" => {
            ListResourceTemplatesResult::from_raw(raw).map(|page| of_page(&page))
        }
        "ListPromptsResult" => ListPromptsResult::from_raw(raw).map(|page| of_page(&page)),
        "ReadResourceResult" => ReadResourceResult::from_raw(raw).map(|result| result.warnings),
        "CompleteResult" => CompleteResult::from_raw(raw).map(|result| result.warnings),
        "GetPromptResult" => GetPromptResult::from_raw(raw).map(|result| {
            let odd = result.messages.iter().filter_map(|message| odd_content(&message.content));
            odd.chain(result.warnings.clone()).collect()
        }),
        "CallToolResult" => CallToolResult::from_raw(raw).map(|result| {
            let odd = result.content.iter().filter_map(odd_content);
            odd.chain(result.warnings.clone()).collect()
        }),
        other => return Err(format!("{other} has no view")),
    }
    .map_err(|error| error.to_string())
}

fn of_page<T: Listed + Debug>(page: &ListResult<T>) -> Vec<String> {
    page.odd.iter().map(|odd| odd.reason.clone()).chain(page.problems.clone()).collect()
}

fn odd_content(content: &Content) -> Option<String> {
    matches!(content, Content::Other { .. }).then(|| format!("an unknown kind of content: {}", content.raw()))
}

/// The server sends a notification, or its params stand for it.
pub fn notification(spec: &Spec, method: &str, params: Option<&Value>) -> Read {
    let (mut client, id) = match params {
        // What is of a subscription is of one that there is.
        Some(params) if params["_meta"].get(SUBSCRIPTION).is_some() => listening(spec, &Value::Null)?,
        _ => (Client::open(spec), Value::Null),
    };
    let params =
        params.map(|params| if id.is_null() { params.clone() } else { of_subscription(params, &id) });
    let params = params.as_ref();
    let mut message = json!({ "jsonrpc": "2.0", "method": method });
    if let Some(params) = params {
        message["params"] = params.clone();
    }
    client.hear(&message);
    let Event::Notification { method: heard, params: kept_params } = only(&client.events())? else {
        return Err(format!("{method} is no notification"));
    };
    match (params, &kept_params) {
        (Some(params), Some(heard)) => kept(heard.get(), params)?,
        (None, None) => {}
        other => return Err(format!("{other:?}")),
    }
    match Notification::read(&heard, kept_params.as_deref()) {
        Notification::Other => Err(format!("{method} is not understood: {message}")),
        _ => Ok(()),
    }
}

/// The server tells the progress of a request that asked for it.
pub fn progress(spec: &Spec, params: &Value) -> Read {
    let mut client = Client::open(spec);
    let mut params = params.clone();
    if let Some(meta) = params.get_mut("_meta").and_then(Value::as_object_mut) {
        // It is of a request, and of no subscription (basic/patterns/subscriptions).
        meta.remove(SUBSCRIPTION);
    }
    let params = &params;
    let mark = client::raw(&json!({ "_meta": { "progressToken": params["progressToken"] } }));
    client.ask("tools/call", Some(&mark), RequestOptions::default().progress(true));
    client.hear(&json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params }));
    let Event::Progress { progress, .. } = only(&client.events())? else {
        return Err(format!("no progress: {params}"));
    };
    kept(progress.raw.get(), params)?;
    let said = (Some(progress.progress), progress.total, progress.message.as_deref());
    let meant = (params["progress"].as_f64(), params["total"].as_f64(), params["message"].as_str());
    if said == meant { Ok(()) } else { Err(format!("{said:?} was read of {params}")) }
}

/// The server wants input: each request is handed out, and with the answers goes back the state.
pub fn input_required(spec: &Spec, value: &Value) -> Read {
    let mut client = Client::open(spec);
    let id = client.ask("tools/call", Some(&client::raw(&json!({ "name": "t" }))), RequestOptions::default());
    client.answer(&id, value);
    if value.get("inputRequests").or(value.get("requestState")).is_none() {
        // The schema has no word for it, the page has: one of them must be there (basic/patterns/mrtr).
        return match only(&client.events())? {
            Event::Response { result: Err(CallError::InputRequired { .. }), .. } => Ok(()),
            other => Err(format!("{other:?} came of {value}")),
        };
    }
    let wanted: Vec<_> = value["inputRequests"].as_object().into_iter().flatten().collect();
    let events = client.events();
    if events.len() != wanted.len() {
        return Err(format!("{events:?} came of {value}"));
    }
    for (event, (_, wanted)) in events.iter().zip(&wanted) {
        match (event, wanted.get("params")) {
            (Event::Request { params: Some(heard), .. }, Some(params)) => kept(heard.get(), params)?,
            (Event::Request { params: None, .. }, None) => {}
            (other, _) => return Err(format!("{other:?} came of {value}")),
        }
        let Event::Request { id, .. } = event else { continue };
        let answer = client::raw(&json!({ "action": "decline" }));
        client.connection.answer(client::T0, *id, Ok(&answer)).map_err(|error| error.to_string())?;
    }
    if let (true, Some(later)) = (wanted.is_empty(), client.connection.poll_timeout()) {
        client.connection.handle_timeout(later);
    }
    client.send();
    let again = client.sent.last().map_or(&Value::Null, |sent| &sent["params"]);
    let names = |object: &Value| object.as_object().map(|object| object.keys().cloned().collect::<Vec<_>>());
    let is_whole = again["requestState"] == value["requestState"]
        && names(&again["inputResponses"]).unwrap_or_default()
            == names(&value["inputRequests"]).unwrap_or_default();
    if is_whole { Ok(()) } else { Err(format!("{again} was sent after {value}")) }
}

/// What a filter names.
pub fn wish(filter: &Value) -> Subscriptions {
    let is_wished = |name: &str| filter[name] == true;
    let uris = filter["resourceSubscriptions"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let lists = Subscriptions::default()
        .tools(is_wished("toolsListChanged"))
        .prompts(is_wished("promptsListChanged"))
        .resources(is_wished("resourcesListChanged"));
    uris.fold(lists, Subscriptions::resource)
}

/// A client that listens to all that there is, and to what the filter names; with the id of its request.
fn listening(spec: &Spec, filter: &Value) -> Result<(Client, Value), String> {
    let mut client = Client::open(spec);
    let all = wish(filter).tools(true).prompts(true).resources(true).resource("file:///other");
    client.connection.subscribe(client::T0, all).map_err(|error| error.to_string())?;
    let id = client.send();
    Ok((client, id))
}

/// The same with the id of the request, where there was that of another.
fn of_subscription(value: &Value, id: &Value) -> Value {
    let mut value = value.clone();
    value["_meta"][SUBSCRIPTION] = id.clone();
    value
}

/// The server says what it tells of from now on.
pub fn acknowledged(spec: &Spec, params: &Value) -> Read {
    let (mut client, id) = listening(spec, &params["notifications"])?;
    let params = of_subscription(params, &id);
    let method = "notifications/subscriptions/acknowledged";
    client.hear(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    let Event::Subscribed { granted, .. } = only(&client.events())? else {
        return Err(format!("no subscription: {params}"));
    };
    let meant = wish(&params["notifications"]);
    if granted == meant { Ok(()) } else { Err(format!("{granted:?} was read of {params}")) }
}

/// The server ends a subscription with this result.
pub fn subscription_ended(spec: &Spec, result: &Value) -> Read {
    let (mut client, id) = listening(spec, &Value::Null)?;
    let meta = json!({ SUBSCRIPTION: id });
    let params = json!({ "_meta": meta, "notifications": { "toolsListChanged": true } });
    client.hear(&json!({
        "jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged", "params": params,
    }));
    only(&client.events())?;
    client.answer(&id, &of_subscription(result, &id));
    match only(&client.events())? {
        Event::SubscriptionEnded { why: SubscriptionEnd::Closed, again: true } => Ok(()),
        other => Err(format!("{other:?} came of {result}")),
    }
}

/// The server asks for something.
pub fn request(spec: &Spec, method: &str, params: Option<&Value>) -> Read {
    let mut client = Client::open(spec);
    let mut message = json!({ "jsonrpc": "2.0", "id": "s1", "method": method });
    if let Some(params) = params {
        message["params"] = params.clone();
    }
    client.hear(&message);
    match (only(&client.events())?, params) {
        (Event::Request { params: Some(heard), .. }, Some(params)) => kept(heard.get(), params),
        (Event::Request { params: None, .. }, None) => Ok(()),
        (other, _) => Err(format!("{other:?} came of {message}")),
    }
}

/// The server answers a request with an error.
pub fn error(spec: &Spec, value: &Value) -> Read {
    let mut client = Client::open(spec);
    let id = client.ask("tools/call", None, RequestOptions::default());
    client.hear(&json!({ "jsonrpc": "2.0", "id": id, "error": value }));
    let Event::Response { result: Err(CallError::Server(error)), .. } = only(&client.events())? else {
        return Err(format!("no error of the server's: {value}"));
    };
    let (code, message) = (error.code, error.message.as_str());
    if (code, Some(message)) != (value["code"].as_i64(), value["message"].as_str()) {
        return Err(format!("{code:?} {message} was read of {value}"));
    }
    match (&error.data, value.get("data")) {
        (Some(data), Some(value)) => kept(data.get(), value),
        (None, None) => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

fn only(events: &[Event]) -> Result<Event, String> {
    match events {
        [event] => Ok(event.clone()),
        other => Err(format!("not one event: {other:?}")),
    }
}
