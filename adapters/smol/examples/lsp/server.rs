//! A small language server: this program, started with the argument `serve`. Blocking; it knows nothing of tenure.

use std::io;
use std::process::{Command, exit};

use serde_json::{Value, json};
use smol::io::{AssertAsync, BufReader};

use crate::framing;

/// Starts this program again, as a server of this kind:
///
/// - `sound`;
/// - `stubborn`: doesn't end when it is told to;
/// - `fragile`: dies when it is asked something.
pub(crate) fn command(kind: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap_or_default());
    command.args(["serve", kind]);
    command
}

/// Serves if this program was started for that, and returns whether it was.
pub(crate) fn serve_if_asked() -> io::Result<bool> {
    let mut args = std::env::args().skip(1);
    let asked = args.next().is_some_and(|arg| arg == "serve");
    if asked {
        smol::block_on(serve(&args.next().unwrap_or_default()))?;
    }
    Ok(asked)
}

async fn serve(kind: &str) -> io::Result<()> {
    let (mut input, mut out) =
        (BufReader::new(AssertAsync::new(io::stdin())), AssertAsync::new(io::stdout()));
    eprintln!("a {kind} server, ready to work");
    loop {
        let message = framing::read(&mut input).await?;
        let id = &message["id"];
        let result = match message["method"].as_str().unwrap_or_default() {
            "initialize" => json!({ "capabilities": { "hoverProvider": true } }),
            "shutdown" | "exit" if kind == "stubborn" => {
                eprintln!("no, I'll stay");
                std::thread::sleep(std::time::Duration::from_secs(30));
                continue;
            }
            "shutdown" => Value::Null,
            "exit" => {
                eprintln!("goodbye");
                exit(0);
            }
            "textDocument/hover" if kind == "fragile" => {
                eprintln!("a bug in my parser");
                exit(3);
            }
            "textDocument/hover" => {
                json!({ "contents": format!("all about {}", message["params"]["uri"].as_str().unwrap_or("?")) })
            }
            // Never answered, and nothing to be done for notifications.
            _ => continue,
        };
        framing::write(&mut out, &json!({ "jsonrpc": "2.0", "id": id, "result": result })).await?;
    }
}
