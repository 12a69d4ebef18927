//! A small MCP server, so that the examples need no other program: an example that is started with the argument
//! `serve` is one. Plain blocking code, which knows nothing of tenure.

use std::io::Write as _;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

/// Starts this program again, as a server of this kind:
///
/// - `sound`;
/// - `fragile`: exits when it is asked for a report;
/// - `broken`: exits at once;
/// - `stubborn`: stays when its input ends, as a well-behaved server does not.
pub(crate) fn command(kind: &str) -> Command {
    // A path that isn't known can't be started, and the error says so.
    let mut command = Command::new(std::env::current_exe().unwrap_or_default());
    command.args(["serve", kind]);
    command
}

/// To be called first in `main`: serves if this program was started for that, and returns whether it was.
pub(crate) fn serve_if_asked() -> bool {
    let mut args = std::env::args().skip(1);
    let asked = args.next().is_some_and(|arg| arg == "serve");
    if asked {
        serve(&args.next().unwrap_or_default());
    }
    asked
}

fn serve(kind: &str) {
    if kind == "broken" {
        eprintln!("I can't find my settings");
        std::process::exit(2);
    }
    let mut out = std::io::stdout();
    // One JSON message a line, until the input ends.
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let message: Value = serde_json::from_str(&line).unwrap_or_default();
        if let Some(answer) = answer(kind, &message) {
            let _gone = writeln!(out, "{answer}").and_then(|()| out.flush());
        }
    }
    if kind == "stubborn" {
        std::thread::sleep(Duration::from_secs(30));
    }
}

/// The answer to a request; none to a notification, nor to the tool `wait`.
fn answer(kind: &str, message: &Value) -> Option<Value> {
    let id = message.get("id")?;
    let params = &message["params"];
    let answered = match message["method"].as_str()? {
        "initialize" => Ok(json!({
            "protocolVersion": params["protocolVersion"],
            "capabilities": { "tools": {} },
            "serverInfo": { "name": kind, "version": "1.0" },
        })),
        "ping" => Ok(json!({})),
        "tools/list" => {
            let tool = |name| json!({ "name": name, "inputSchema": { "type": "object" } });
            Ok(json!({ "tools": [tool("add"), tool("report"), tool("wait")] }))
        }
        "tools/call" => match (params["name"].as_str()?, &params["arguments"]) {
            ("add", numbers) => Ok(text(&(numbers["a"].as_i64()? + numbers["b"].as_i64()?).to_string())),
            ("report", _) if kind == "fragile" => {
                eprintln!("I have run out of paper");
                std::process::exit(3);
            }
            ("report", _) => Ok(text("all is well")),
            ("wait", _) => return None,
            (tool, _) => Err(json!({ "code": -32602, "message": format!("there is no tool {tool}") })),
        },
        method => Err(json!({ "code": -32601, "message": format!("there is no method {method}") })),
    };
    Some(match answered {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error }),
    })
}

fn text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}
