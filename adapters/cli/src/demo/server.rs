//! The embedded server: a small MCP server in plain blocking code.

use std::io::{self, BufRead as _, Write as _};

use serde_json::{Value, json};

use crate::args::DemoServerArgs;
use crate::exit::{ANSWERED, Failed};

/// Serves until its input ends; then it takes its time.
pub(crate) fn serve(args: &DemoServerArgs) -> Result<(), Failed> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line.map_err(failed)?;
        let message: Value = serde_json::from_str(&line)
            .map_err(|error| Failed::new(ANSWERED, format!("no JSON: {error}")))?;
        if let Some(answer) = answer(&message) {
            writeln!(out, "{answer}").and_then(|()| out.flush()).map_err(failed)?;
        }
    }
    // This is what is demonstrated: a teardown that takes long.
    std::thread::sleep(args.teardown);
    Ok(())
}

fn failed(error: io::Error) -> Failed {
    Failed::new(ANSWERED, error)
}

/// `None` for notifications, and for the call that is never answered.
fn answer(message: &Value) -> Option<Value> {
    let id = message.get("id")?;
    let method = message.get("method")?.as_str()?;
    let params = message.get("params").unwrap_or(&Value::Null);
    let result = match method {
        "initialize" => json!({
            "protocolVersion": params.get("protocolVersion"),
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "tenure-demo-server", "version": env!("CARGO_PKG_VERSION") },
        }),
        "ping" => json!({}),
        "tools/list" => json!({ "tools": tools() }),
        "tools/call" => return call(id, params),
        _ => return Some(error(id, -32601, "method not found")),
    };
    Some(json!({ "jsonrpc": "2.0", "id": id, "result": result }))
}

fn tools() -> Value {
    let tool = |name: &str, description: &str| json!({ "name": name, "description": description, "inputSchema": { "type": "object" } });
    json!([
        tool("echo", "Says the text that it is given."),
        tool("pid", "Tells the server's process id."),
        tool("wait", "Is never answered."),
    ])
}

fn call(id: &Value, params: &Value) -> Option<Value> {
    let text = match params.get("name").and_then(Value::as_str) {
        Some("echo") => {
            params.pointer("/arguments/text").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        Some("pid") => std::process::id().to_string(),
        Some("wait") => return None,
        _ => return Some(error(id, -32602, "no such tool")),
    };
    let content = json!([{ "type": "text", "text": text }]);
    Some(json!({ "jsonrpc": "2.0", "id": id, "result": { "content": content } }))
}

fn error(id: &Value, code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}
