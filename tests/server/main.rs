//! An MCP server over stdio that does what it is told, also what no server should: the child of the
//! tests in `tests/children`. Blocking, one thread for its input and one for each slow answer; it shares no
//! code with the client. Whatever happens, it is gone after a minute.
//!
//! Options: `--ignore-eof`, `--ignore-sigterm` (on Windows Ctrl-Break), `--teardown-ms N`
//! (from the end of its input to its exit), `--done DIR` (writes `DIR/PID` right before it exits by itself),
//! `--never-answer-initialize`, `--die-after-ready`, `--stop-reading N` (after so many messages), `--banner`
//! (garbage before anything else), `--refuse-initialize`, `--exit-at-discover`
//! (as servers do that know `initialize` alone as first message), `--exit CODE` (at once); those beside its messages:
//! see `beside`; `--family` (see `family`); `--leave-group FILE` (at once, see `unix::leave_group`). What it is
//! instead of such a server: see `instead`. Tools: see `Server::tool`.

mod beside;
#[cfg(unix)]
mod family;
mod instead;
mod out;
mod sleeper;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use beside::Beside;
use instead::Instead;
use out::{answer, fail, send, text, write};
use sleeper::{LIFE, sleeper};
#[cfg(unix)]
use unix as sys;
#[cfg(windows)]
use windows as sys;

const TOOLS: [&str; 18] = [
    "echo",
    "slow",
    "never",
    "crash",
    "spawn-grandchild",
    "pid",
    "big",
    "say",
    "say-half",
    "stderr-flood",
    "flood",
    "cancelled",
    "log",
    "env",
    "stop",
    "ask-terminal",
    "daemon",
    "nonblocking-stderr",
];

#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "one for each option")]
struct Args {
    ignore_eof: bool,
    ignore_sigterm: bool,
    teardown: Duration,
    done: Option<PathBuf>,
    never_answer_initialize: bool,
    die_after_ready: bool,
    stop_reading: Option<u64>,
    banner: bool,
    refuse_initialize: bool,
    exit_at_discover: bool,
    exit: Option<u64>,
    #[cfg(unix)]
    family: bool,
    beside: Beside,
    instead: Option<Instead>,
}

#[derive(Default)]
struct Server {
    args: Args,
    cancelled: u64,
}

fn main() {
    let args = parse();
    let _deaf = args.ignore_sigterm.then(sys::ignore_request_to_end);
    thread::spawn(|| {
        thread::sleep(LIFE);
        std::process::exit(70);
    });
    #[cfg(unix)]
    if args.family {
        family::start();
    }
    args.beside.begin();
    if let Some(code) = args.exit {
        std::process::exit(i32::try_from(code).unwrap_or(1));
    }
    if let Some(instead) = args.instead {
        instead.run();
    }
    if args.banner {
        write(b"Welcome! Listening on stdio.\n\xff\xfe\n\n");
    }
    let mut server = Server { args, cancelled: 0 };
    let mut read = 0_u64;
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    loop {
        if server.args.stop_reading.is_some_and(|most| read >= most) {
            // Its input stays open and fills up.
            thread::sleep(LIFE);
        }
        line.clear();
        match input.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        read += 1;
        match serde_json::from_slice(&line) {
            Ok(message) => server.handle(&message),
            Err(error) => fail(&format!("not JSON: {error}")),
        }
    }
    if server.args.ignore_eof {
        thread::sleep(LIFE);
    }
    thread::sleep(server.args.teardown);
    server.args.beside.end();
    server.exit(0);
}

fn parse() -> Args {
    let mut args = Args::default();
    let mut given = std::env::args().skip(1);
    while let Some(arg) = given.next() {
        let mut number = || given.next().and_then(|text| text.parse().ok());
        match &*arg {
            "--ignore-eof" => args.ignore_eof = true,
            "--ignore-sigterm" => args.ignore_sigterm = true,
            "--teardown-ms" => args.teardown = Duration::from_millis(number().unwrap_or_default()),
            "--done" => args.done = given.next().map(PathBuf::from),
            "--never-answer-initialize" => args.never_answer_initialize = true,
            "--die-after-ready" => args.die_after_ready = true,
            "--stop-reading" => args.stop_reading = number(),
            "--banner" => args.banner = true,
            "--refuse-initialize" => args.refuse_initialize = true,
            "--exit-at-discover" => args.exit_at_discover = true,
            "--exit" => args.exit = number(),
            #[cfg(unix)]
            "--family" => args.family = true,
            #[cfg(unix)]
            "--leave-group" => unix::leave_group(&given.next().unwrap_or_default()),
            "--sleep" => args.instead = Some(Instead::Sleep),
            "--echo" => args.instead = Some(Instead::Echo { then_sleep: false }),
            "--echo-and-stay" => args.instead = Some(Instead::Echo { then_sleep: true }),
            "--one-way" => args.instead = Some(Instead::OneWay),
            "--ask-terminal" => args.beside.ask_terminal = true,
            "--stderr" => args.beside.first_words = given.next(),
            "--last-words" => args.beside.last_words = number(),
            other => fail(&format!("unknown option {other}")),
        }
    }
    args
}

impl Server {
    fn handle(&mut self, message: &Value) {
        let params = &message["params"];
        let Some(id) = message.get("id").cloned() else {
            match message["method"].as_str() {
                Some("notifications/cancelled") => self.cancelled += 1,
                Some("notifications/initialized") if self.args.die_after_ready => self.exit(5),
                _ => {}
            }
            return;
        };
        match message["method"].as_str() {
            Some("server/discover") if self.args.exit_at_discover => self.exit(1),
            Some("initialize") if self.args.never_answer_initialize => {}
            Some("initialize") if self.args.refuse_initialize => send(&json!({
                "jsonrpc": "2.0", "id": id, "error": { "code": -32000, "message": "not today" },
            })),
            Some("initialize") => answer(
                &id,
                &json!({
                    "protocolVersion": params["protocolVersion"],
                    "capabilities": { "tools": {} },
                    "serverInfo": { "name": "scripted-server", "version": "1" },
                }),
            ),
            Some("ping") => answer(&id, &json!({})),
            Some("tools/list") => {
                let tools: Vec<Value> = TOOLS
                    .iter()
                    .map(|name| json!({ "name": name, "inputSchema": { "type": "object" } }))
                    .collect();
                answer(&id, &json!({ "tools": tools }));
            }
            Some("tools/call") => self.tool(id, &params["name"], &params["arguments"]),
            _ => send(&json!({
                "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": "no such method" },
            })),
        }
    }

    fn tool(&self, id: Value, name: &Value, arguments: &Value) {
        let number = |name: &str| arguments[name].as_u64().unwrap_or_default();
        match name.as_str().unwrap_or_default() {
            "echo" => text(&id, arguments["text"].as_str().unwrap_or_default()),
            // {ms}
            "slow" => {
                let time = Duration::from_millis(number("ms"));
                thread::spawn(move || {
                    thread::sleep(time);
                    text(&id, "slow");
                });
            }
            "never" => {}
            // {code}: exits at once, without an answer.
            "crash" => self.exit(i32::try_from(number("code")).unwrap_or(1)),
            // A child of its own, which holds on to its output.
            "spawn-grandchild" => {
                let child = sleeper().spawn();
                let pid = child.map_or(0, |child| child.id());
                text(&id, &pid.to_string());
            }
            "pid" => text(&id, &std::process::id().to_string()),
            // {bytes}: an answer of about so many.
            "big" => text(&id, &"x".repeat(usize::try_from(number("bytes")).unwrap_or_default())),
            "say" => say(&id, arguments["what"].as_str().unwrap_or_default()),
            // Half a line and dies.
            "say-half" => {
                write(format!(r#"{{"jsonrpc":"2.0","id":{id},"resu"#).as_bytes());
                self.exit(3);
            }
            // {bytes}
            "stderr-flood" => {
                let mut left = number("bytes");
                let chunk = "y".repeat(1023) + "\n";
                while left > 0 && std::io::stderr().write_all(chunk.as_bytes()).is_ok() {
                    left = left.saturating_sub(1024);
                }
                text(&id, "flooded");
            }
            // Notifications without a pause, and nothing else ever after.
            "flood" => {
                let line =
                    json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "data": "z" } });
                let lines = format!("{line}\n").repeat(500);
                text(&id, "flooding");
                loop {
                    write(lines.as_bytes());
                }
            }
            // How many cancel notices came.
            "cancelled" => text(&id, &self.cancelled.to_string()),
            // {line}
            "log" => {
                beside::log(arguments["line"].as_str().unwrap_or_default());
                text(&id, "logged");
            }
            // {name}
            "env" => {
                let value = std::env::var(arguments["name"].as_str().unwrap_or_default());
                text(&id, &value.unwrap_or_else(|_| "unset".to_owned()));
            }
            // Until it is continued.
            "stop" => {
                sys::stop();
                text(&id, "continued");
            }
            "ask-terminal" => {
                sys::ask_terminal();
                text(&id, "asked");
            }
            "daemon" => text(&id, &sys::daemon().to_string()),
            "nonblocking-stderr" => {
                sys::make_stderr_nonblocking();
                text(&id, "made");
            }
            _ => send(&json!({
                "jsonrpc": "2.0", "id": id,
                "error": { "code": -32602, "message": "no such tool", "data": { "tools": TOOLS } },
            })),
        }
    }

    fn exit(&self, code: i32) -> ! {
        if let Some(done) = &self.args.done {
            let file = done.join(std::process::id().to_string());
            if let Err(error) = std::fs::write(file, code.to_string()) {
                fail(&format!("{}: {error}", done.display()));
            }
        }
        std::process::exit(code)
    }
}

/// Something that no server should say, and then the answer.
fn say(id: &Value, what: &str) {
    match what {
        "garbage" => write(b"this is no JSON\n{\"jsonrpc\":\n"),
        "invalid-utf8" => write(b"{\"jsonrpc\":\"2.0\",\"method\":\"\xff\xfe\"}\n"),
        "long" => {
            write("x".repeat(10 << 20).as_bytes());
            write(b"\n");
        }
        "unknown-id" => answer(&json!(987_654_321), &json!({})),
        "repeated-id" => text(id, "said"),
        // Instead of the answer.
        "broken" => {
            return write(format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":nonsense}}\n").as_bytes());
        }
        other => return text(id, &format!("can't say {other}")),
    }
    text(id, "said");
}
