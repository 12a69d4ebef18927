//! The examples of the specification: those of what a server sends are read without a warning and kept byte for byte;
//! those of what a client sends are what this one composes of the same values.

use serde_json::{Map, Value, json};
use tenure_mcp_proto::types::{
    CallToolParams, CompleteParams, CompletionReference, Cursor, GetPromptParams, ListParams, ResourceParams,
    SetLevelParams,
};
use tenure_mcp_proto::{Cancel, Eras, Event, Options, RequestOptions};
use tenure_schemas::client::{self, T0, raw};
use tenure_schemas::{Client, Example, Spec, view};

/// What there is no view of, and why.
const RAW: [&str; 4] = [
    // Tasks pass through.
    "CreateTaskResult",
    "GetTaskResult",
    "ListTasksResult",
    "CancelTaskResult",
];

/// What the example is of: a definition, by its file or, on a page, by its fields.
fn kind(example: &Example) -> String {
    if let Some(kind) = &example.kind {
        return kind.clone();
    }
    let message = &example.value;
    let Some(result) = message.get("result") else {
        return if message.get("error").is_some() { "Error" } else { "Message" }.to_owned();
    };
    let has = |name: &str| result.get(name).is_some();
    let by_field = [
        ("inputRequests", "InputRequiredResult"),
        ("protocolVersion", "InitializeResult"),
        ("supportedVersions", "DiscoverResult"),
        ("tools", "ListToolsResult"),
        ("resources", "ListResourcesResult"),
        ("resourceTemplates", "ListResourceTemplatesResult"),
        ("prompts", "ListPromptsResult"),
        ("contents", "ReadResourceResult"),
        ("messages", "GetPromptResult"),
        ("completion", "CompleteResult"),
        ("action", "ElicitResult"),
        ("roots", "ListRootsResult"),
        ("role", "CreateMessageResult"),
        ("tasks", "ListTasksResult"),
        ("task", "CreateTaskResult"),
        ("taskId", "GetTaskResult"),
        ("content", "CallToolResult"),
    ];
    let found = by_field.into_iter().find(|(field, _)| has(field)).map(|(_, kind)| kind);
    found.unwrap_or(if has("resultType") { "SubscriptionsListenResult" } else { "EmptyResult" }).to_owned()
}

/// Plays a server that sends the example. Returns whether it is one of what servers send.
fn hear(spec: &Spec, example: &Example) -> Result<bool, String> {
    let kind = kind(example);
    let value = &example.value;
    let result = value.get("result").unwrap_or(value);
    let kind = kind.strip_suffix("Response").unwrap_or(&kind);
    if RAW.contains(&kind) || kind == "EmptyResult" {
        view::answered(spec, "x", result)?;
    } else if kind == "InputRequiredResult" {
        view::input_required(spec, result)?;
    } else if kind == "SubscriptionsListenResult" {
        view::subscription_ended(spec, result)?;
    } else if view::method_of(kind).is_some() {
        view::result(spec, kind, result)?;
    } else if let Some((kind, result)) = view::holder_of(kind, value) {
        view::result(spec, kind, &result)?;
    } else if kind.ends_with("Error") {
        let error = value.get("error").unwrap_or(value);
        view::error(spec, error)?;
    } else if let Some(method) = value["method"].as_str() {
        return message(spec, method, value);
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn message(spec: &Spec, method: &str, message: &Value) -> Result<bool, String> {
    let params = message.get("params");
    let is_notification = message.get("id").is_none();
    if is_notification && method == "notifications/subscriptions/acknowledged" {
        view::acknowledged(spec, params.unwrap_or(&Value::Null))?;
    } else if is_notification && method == "notifications/progress" {
        view::progress(spec, params.unwrap_or(&Value::Null))?;
    } else if is_notification && spec.methods("ServerNotification").contains_key(method) {
        if method != "notifications/tasks/status" {
            view::notification(spec, method, params)?;
        }
    } else if spec.has("ServerRequest")
        && spec.methods("ServerRequest").contains_key(method)
        && method != "ping"
    {
        if !method.starts_with("tasks/") {
            view::request(spec, method, params)?;
        }
    } else {
        return Ok(false);
    }
    Ok(true)
}

#[test]
fn the_example_files_are_what_the_schemas_allow() {
    let mut count = 0;
    for spec in Spec::all() {
        for Example { from, kind, value } in spec.examples() {
            if let Some(kind) = kind {
                count += 1;
                spec.check(&kind, &value).unwrap_or_else(|problem| panic!("{from}: {problem}"));
            }
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn what_a_server_sends_in_the_examples_is_read_without_a_warning_and_kept_byte_for_byte() {
    let mut problems = Vec::new();
    for spec in Spec::all() {
        let mut heard = 0;
        for example in spec.examples() {
            match hear(&spec, &example) {
                Ok(is_of_a_server) => heard += usize::from(is_of_a_server),
                Err(problem) => problems.push(format!("{}: {problem}", example.from)),
            }
        }
        println!("{}: {heard} examples of what a server sends", spec.version);
        assert!(heard >= 25, "{}: {heard}", spec.version);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A client as the one that sent the example: of the same name, with the same capabilities.
fn client_of(spec: &Spec, params: &Value) -> Client {
    let meta = &params["_meta"];
    let of = |legacy: &str, modern: &str| {
        let value = if spec.is_legacy() { &params[legacy] } else { &meta[modern] };
        value.clone()
    };
    let info = of("clientInfo", "io.modelcontextprotocol/clientInfo");
    let capabilities = of("capabilities", "io.modelcontextprotocol/clientCapabilities");
    let mut options = Options::default();
    if let (Some(name), Some(version)) = (info["name"].as_str(), info["version"].as_str()) {
        options = options.client(name, version);
    }
    if let Some(title) = info["title"].as_str() {
        options = options.client_title(title);
    }
    if let Some(description) = info["description"].as_str() {
        options = options.client_description(description);
    }
    if let Some(url) = info["websiteUrl"].as_str() {
        options = options.client_website_url(url);
    }
    if let Some(icons) = info.get("icons") {
        options = options.client_icons(raw(icons));
    }
    if capabilities.is_object() {
        options = options.capabilities(raw(&capabilities));
    }
    if params.get("inputResponses").is_some() {
        use tenure_mcp_proto::ClientFeature as Is;
        options = [Is::Sampling, Is::FormElicitation, Is::Roots].into_iter().fold(options, Options::offer);
    }
    if spec.is_legacy() {
        options = options.versions(spec.version, [] as [&str; 0]);
    } else {
        options = options.eras(Eras::Modern);
    }
    Client::new(options)
}

/// `_meta` without what the connection puts there itself.
fn own_meta(params: &Value) -> Option<Box<serde_json::value::RawValue>> {
    let mut meta = params["_meta"].as_object()?.clone();
    meta.retain(|name, _| !name.starts_with("io.modelcontextprotocol/"));
    (!meta.is_empty()).then(|| raw(&Value::Object(meta)))
}

/// The params, made of the example's values by what the library has for them. `None` if it has nothing.
fn composed(method: &str, params: &Value) -> Option<Box<serde_json::value::RawValue>> {
    let text = |value: &'_ Value| value.as_str().map(ToOwned::to_owned);
    let meta = own_meta(params);
    let meta = meta.as_deref();
    let arguments = params.get("arguments").map(raw);
    let arguments = arguments.as_deref();
    // A task is not for the caller to write.
    if params.get("task").is_some() {
        return None;
    }
    Some(match method {
        "tools/call" => {
            let name = text(&params["name"])?;
            CallToolParams { name: &name, arguments, meta }.to_raw()
        }
        "prompts/get" => GetPromptParams { name: &text(&params["name"])?, arguments, meta }.to_raw(),
        "resources/read" | "resources/subscribe" => {
            ResourceParams { uri: &text(&params["uri"])?, meta }.to_raw()
        }
        "logging/setLevel" => SetLevelParams { level: params["level"].as_str()?.parse().ok()? }.to_raw(),
        "tools/list" | "prompts/list" | "resources/list" | "resources/templates/list" => {
            let cursor = params.get("cursor").map(|cursor| Cursor::new(raw(cursor)));
            ListParams { cursor: cursor.as_ref() }.to_raw()
        }
        "completion/complete" => {
            let reference = &params["ref"];
            let (name, uri) = (text(&reference["name"]), text(&reference["uri"]));
            let reference = match (&name, &uri) {
                (Some(name), _) => CompletionReference::Prompt(name),
                (None, uri) => CompletionReference::Resource(uri.as_ref()?),
            };
            let filled = params["context"].get("arguments").map(raw);
            let (name, value) = (text(&params["argument"]["name"])?, text(&params["argument"]["value"])?);
            CompleteParams { reference, name: &name, value: &value, arguments: filled.as_deref(), meta }
                .to_raw()
        }
        _ => return None,
    })
}

/// The request that the example shows, or whose params it does.
fn request_of(example: &Example) -> Option<(String, Value)> {
    let method = match example.kind.as_deref() {
        Some("CallToolRequestParams") => "tools/call",
        Some("CompleteRequestParams") => "completion/complete",
        Some("GetPromptRequestParams") => "prompts/get",
        Some("PaginatedRequestParams") => "tools/list",
        _ => {
            let method = example.value["method"].as_str()?.to_owned();
            let params = example.value.get("params").cloned().unwrap_or_default();
            return example.value.get("id").map(|_| (method, params));
        }
    };
    Some((method.to_owned(), example.value.clone()))
}

#[test]
fn what_a_client_sends_in_the_examples_is_what_this_one_composes_of_the_same_values() {
    for spec in Spec::all() {
        let mut compared = Map::new();
        let client_requests = spec.methods("ClientRequest");
        for example in spec.examples() {
            let Some((method, params)) = request_of(&example) else { continue };
            if !client_requests.contains_key(&method) {
                continue;
            }
            let mut client = client_of(&spec, &params);
            let opens = matches!(&*method, "initialize" | "server/discover");
            if opens {
                client.connection.start(T0).expect("it starts");
            } else if method == "subscriptions/listen" {
                client.open_with(&client::opening_answer(&spec));
                client.connection.subscribe(T0, view::wish(&params["notifications"])).expect("it is taken");
            } else {
                let Some(made) =
                    composed(&method, &params).or_else(|| (method == "ping").then(|| raw(&json!({}))))
                else {
                    continue;
                };
                client.open_with(&client::opening_answer(&spec));
                let id = client.ask(&method, Some(&made), RequestOptions::default());
                if params.get("inputResponses").is_some() {
                    give_input(&mut client, &id, &params);
                }
            }
            client.send();
            let sent = client.sent.last().expect("it is sent");
            let mut meant = params.clone();
            if meant.is_null() {
                meant = json!({});
            }
            assert_eq!(sent["method"], method, "{}", example.from);
            let mut sent = sent["params"].clone();
            if !spec.is_legacy() && meant["_meta"].get("io.modelcontextprotocol/protocolVersion").is_none() {
                // Most pages leave the marks of each request out.
                remove_marks(&mut sent);
            }
            // The same members and values; which of them comes first says nothing.
            assert_eq!(sorted(&sent), sorted(&meant), "{}", example.from);
            compared.insert(method, Value::Null);
        }
        println!("{}: {} kinds of requests compared", spec.version, compared.len());
        assert!(compared.len() >= 10, "{}: {:?}", spec.version, compared.keys());
    }
}

/// The server wants what the example answers, and the host gives it: the request is made again with it.
fn give_input(client: &mut Client, id: &Value, params: &Value) {
    let answers = params["inputResponses"].as_object().expect("an object");
    let asks: Map<_, _> = answers.iter().map(|(name, answer)| (name.clone(), asked_for(answer))).collect();
    let mut result = json!({ "resultType": "input_required", "inputRequests": asks });
    if let Some(state) = params.get("requestState") {
        result["requestState"] = state.clone();
    }
    client.answer(id, &result);
    let given = client.events();
    assert_eq!(given.len(), answers.len(), "each is handed out: {given:?}");
    for (event, (_, answer)) in given.iter().zip(answers) {
        let Event::Request { id, .. } = event else { panic!("{event:?}") };
        client.connection.answer(T0, *id, Ok(&raw(answer))).expect("it is taken");
    }
}

/// What is answered so.
fn asked_for(answer: &Value) -> Value {
    let form = json!({ "message": "?", "requestedSchema": { "type": "object", "properties": {} } });
    if answer.get("action").is_some() {
        json!({ "method": "elicitation/create", "params": form })
    } else if answer.get("roots").is_some() {
        json!({ "method": "roots/list" })
    } else {
        json!({ "method": "sampling/createMessage", "params": { "messages": [], "maxTokens": 1 } })
    }
}

fn remove_marks(params: &mut Value) {
    let params = params.as_object_mut().expect("params");
    let meta = params["_meta"].as_object_mut().expect("there are marks");
    meta.retain(|name, _| !name.starts_with("io.modelcontextprotocol/"));
    if meta.is_empty() {
        params.remove("_meta");
    }
}

/// With the names of objects in order.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> =
                fields.iter().map(|(name, value)| format!("{name:?}:{}", sorted(value))).collect();
            fields.sort();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(elements) => format!("{:?}", elements.iter().map(sorted).collect::<Vec<_>>()),
        other => other.to_string(),
    }
}

#[test]
fn a_cancel_notice_is_the_one_of_the_examples() {
    for spec in Spec::all() {
        let example = spec.examples().find(|example| example.value["method"] == "notifications/cancelled");
        let mut meant = example.expect("there is one").value;
        let mut client = Client::open(&spec);
        let id = client.connection.request(T0, "tools/list", None, None).expect("it is taken");
        let wire_id = client.send();
        let reason = meant["params"]["reason"].as_str().map(ToOwned::to_owned);
        assert_eq!(client.connection.cancel(id, reason.as_deref()), Cancel::Notified);
        client.send();
        meant["params"]["requestId"] = wire_id;
        assert_eq!(client.sent.last(), Some(&meant));
    }
}
