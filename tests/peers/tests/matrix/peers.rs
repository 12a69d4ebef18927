//! The peers, and what is asked of each.

use std::{path::Path, process::Command};

use serde_json::{Value, json};
use tenure_mcp::proto::Eras;
use tenure_peers::installed;

use crate::desk::{FILLED_IN, MODEL_SAYS, PAGE, ROOT};

/// What a client is asked to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    Auto,
    Legacy,
    Modern,
}

impl Era {
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Legacy => "legacy",
            Self::Modern => "modern",
        }
    }

    pub fn eras(self) -> Eras {
        match self {
            Self::Auto => Eras::Auto,
            Self::Legacy => Eras::Legacy,
            Self::Modern => Eras::Modern,
        }
    }
}

/// The person visits the page.
const ACCEPTED: &str = "accept";

/// A tool, with arguments and something that it then says.
pub type Call = (&'static str, Value, &'static str);

#[derive(Debug)]
pub struct Peer {
    pub name: &'static str,
    /// The eras that it speaks, the preferred one first.
    pub eras: &'static [Era],
    /// Starts at once.
    pub is_quick: bool,
    /// `None` where it is not installed.
    pub command: fn() -> Option<Command>,
    pub call: Call,
    /// A call that takes longer than anybody waits.
    pub slow: Option<Call>,
    /// A call that tells its progress.
    pub progress: Option<Call>,
    /// A prompt with its arguments.
    pub prompt: Option<(&'static str, Value)>,
    /// A completion of an argument of a prompt: the prompt, the argument, and what is typed of it.
    pub completion: Option<[&'static str; 3]>,
    /// A call under which the server asks the client's model.
    pub sampling: Option<Call>,
    /// A call under which the server has a form filled in.
    pub elicitation: Option<Call>,
    /// A call under which the server has the person visit a page.
    pub url: Option<Call>,
    /// A call under which the server asks for the roots.
    pub roots: Option<Call>,
    pub subscription: Option<Subscription>,
    /// It is reached over HTTP; `None` if it is a child process.
    pub web: Option<Reached>,
    /// Steps that the server's library can't do, and the cell that says so.
    pub cannot: &'static [(&'static str, &'static str)],
}

/// When a server, in the legacy era, gives what the client of a call has missed that was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumes {
    Never,
    /// At once, and then what follows.
    AtOnce,
    /// When it is asked once the call is over; whoever asks sooner hears nothing more.
    Afterwards,
}

/// What a server does over HTTP, in the legacy era.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    /// It has sessions.
    pub has_sessions: bool,
    pub resumes: Resumes,
    /// What it can't do in the legacy era, because it has no way to tell the client anything.
    pub is_mute: bool,
}

/// What can be subscribed to, and what then changes.
#[derive(Debug)]
pub struct Subscription {
    /// A resource.
    pub uri: &'static str,
    /// The call that changes it.
    pub change: Call,
    /// The call changes the list of tools, too.
    pub has_tools: bool,
}

pub const BOTH: &[Era] = &[Era::Modern, Era::Legacy];
pub const LEGACY: &[Era] = &[Era::Legacy];
pub const MODERN: &[Era] = &[Era::Modern];

pub fn all() -> Vec<Peer> {
    vec![
        with_all("rmcp 3", BOTH, true, || Some(Command::new(env!("CARGO_BIN_EXE_peer-rmcp")))),
        Peer {
            is_quick: true,
            slow: Some(slow()),
            sampling: Some(("sample", json!({}), MODEL_SAYS)),
            elicitation: Some(("elicit", json!({}), FILLED_IN)),
            roots: Some(("roots", json!({}), ROOT)),
            subscription: Some(subscription()),
            ..plain("rmcp 1", LEGACY, || Some(Command::new(env!("CARGO_BIN_EXE_peer-rmcp1"))), echo())
        },
        everything(),
        plain("server-filesystem", LEGACY, filesystem, ("list_allowed_directories", json!({}), "servers")),
        plain("server-memory", LEGACY, memory, ("read_graph", json!({}), "entities")),
        with_all("sdk 2", BOTH, false, || sdk(false)),
        with_all("sdk 2, modern only", MODERN, false, || sdk(true)),
        plain(
            "server-time",
            BOTH,
            time,
            ("get_current_time", json!({ "timezone": "Asia/Tokyo" }), "Asia/Tokyo"),
        ),
        Peer {
            // In the legacy era the library doesn't say that it tells of other tools.
            subscription: Some(Subscription { has_tools: false, ..subscription() }),
            ..with_all("mcp 2", BOTH, false, || python("mcp", "mcp_peer.py"))
        },
        Peer {
            cannot: &[("subscription", "– (the library has none)")],
            subscription: None,
            ..with_all("fastmcp 4", BOTH, false, || python("fastmcp", "fastmcp_peer.py"))
        },
    ]
}

/// One that has tools and no more.
pub fn plain(name: &'static str, eras: &'static [Era], command: fn() -> Option<Command>, call: Call) -> Peer {
    Peer {
        name,
        eras,
        is_quick: false,
        command,
        call,
        slow: None,
        progress: None,
        prompt: None,
        completion: None,
        sampling: None,
        elicitation: None,
        url: None,
        roots: None,
        subscription: None,
        web: None,
        cannot: &[],
    }
}

/// One of ours, on an SDK of others: with one of everything.
pub fn with_all(
    name: &'static str,
    eras: &'static [Era],
    is_quick: bool,
    command: fn() -> Option<Command>,
) -> Peer {
    Peer {
        is_quick,
        slow: Some(slow()),
        progress: Some(("slow", json!({ "ms": 1 }), "1 ms")),
        prompt: Some(("greet", json!({ "name": "ada" }))),
        completion: Some(["greet", "name", "a"]),
        sampling: Some(("sample", json!({}), MODEL_SAYS)),
        elicitation: Some(("elicit", json!({}), FILLED_IN)),
        url: Some(("elicit_url", json!({}), ACCEPTED)),
        roots: Some(("roots", json!({}), ROOT)),
        subscription: Some(subscription()),
        ..plain(name, eras, command, echo())
    }
}

pub fn subscription() -> Subscription {
    Subscription { uri: "peer://text", change: ("change", json!({}), "changed"), has_tools: true }
}

fn echo() -> Call {
    ("echo", json!({ "text": "grüß dich" }), "grüß dich")
}

fn slow() -> Call {
    ("slow", json!({ "ms": 600_000 }), "")
}

pub fn everything() -> Peer {
    let long = "trigger-long-running-operation";
    Peer {
        slow: Some((long, json!({ "duration": 600, "steps": 10 }), "")),
        progress: Some((long, json!({ "duration": 0.2, "steps": 2 }), "completed")),
        prompt: Some(("simple-prompt", json!({}))),
        completion: Some(["completable-prompt", "department", "E"]),
        sampling: Some(("trigger-sampling-request", json!({ "prompt": "hi" }), MODEL_SAYS)),
        elicitation: Some(("trigger-elicitation-request", json!({}), FILLED_IN)),
        url: Some(("trigger-url-elicitation", json!({ "url": PAGE }), ACCEPTED)),
        roots: Some(("get-roots-list", json!({}), ROOT)),
        subscription: Some(Subscription {
            uri: "demo://resource/dynamic/text/1",
            change: ("toggle-subscriber-updates", json!({}), "updates"),
            has_tools: false,
        }),
        ..plain("server-everything", LEGACY, everything_command, ("echo", json!({ "message": "hi" }), "hi"))
    }
}

fn everything_command() -> Option<Command> {
    let mut command = Command::new(installed("everything", "node_modules/.bin/mcp-server-everything")?);
    command.arg("stdio");
    Some(command)
}

pub fn servers() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/servers"))
}

fn filesystem() -> Option<Command> {
    let mut command = Command::new(installed("filesystem", "node_modules/.bin/mcp-server-filesystem")?);
    command.arg(servers());
    Some(command)
}

fn memory() -> Option<Command> {
    let mut command = Command::new(installed("memory", "node_modules/.bin/mcp-server-memory")?);
    command.env("MEMORY_FILE_PATH", std::env::temp_dir().join("tenure-peers-memory.jsonl"));
    Some(command)
}

fn sdk(is_modern_only: bool) -> Option<Command> {
    let mut command = Command::new("node");
    command.arg(installed("sdk", "sdk.mjs")?).args(is_modern_only.then_some("modern"));
    Some(command)
}

fn time() -> Option<Command> {
    let mut command = Command::new(installed("time", "bin/python")?);
    command.args(["-m", "mcp_server_time", "--local-timezone", "UTC"]);
    Some(command)
}

pub fn python(name: &str, script: &str) -> Option<Command> {
    let mut command = Command::new(installed(name, "bin/python")?);
    command.arg(servers().join(script));
    Some(command)
}
