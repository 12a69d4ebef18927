//! The peers over HTTP, and what is asked of each.

use std::process::Command;

use tenure_peers::installed;

use crate::peers::{
    BOTH, MODERN, Peer, Reached, Resumes, Subscription, everything, python, servers, subscription, with_all,
};

/// Sessions, and nothing of a call that was cut off.
const SESSIONS: Reached = Reached { has_sessions: true, resumes: Resumes::Never, is_mute: false };
const RESUMES: Reached = Reached { resumes: Resumes::AtOnce, ..SESSIONS };
const RESUMES_LATE: Reached = Reached { resumes: Resumes::Afterwards, ..SESSIONS };
/// Each request stands alone.
const STATELESS: Reached = Reached { has_sessions: false, resumes: Resumes::Never, is_mute: true };

pub fn all() -> Vec<Peer> {
    vec![
        Peer { web: Some(RESUMES), ..with_all("rmcp 3", BOTH, true, rmcp) },
        Peer { web: Some(RESUMES_LATE), command: everything_command, ..everything() },
        Peer { web: Some(STATELESS), ..with_all("sdk 2", BOTH, false, || sdk(false)) },
        Peer { web: Some(STATELESS), ..with_all("sdk 2, modern only", MODERN, false, || sdk(true)) },
        Peer {
            web: Some(SESSIONS),
            // In the legacy era the library doesn't say that it tells of other tools.
            subscription: Some(Subscription { has_tools: false, ..subscription() }),
            ..with_all("mcp 2", BOTH, false, || over_http(python("mcp", "mcp_peer.py")))
        },
        Peer {
            web: Some(RESUMES),
            cannot: &[("subscription", "– (the library has none)")],
            subscription: None,
            ..with_all("fastmcp 4", BOTH, false, || over_http(python("fastmcp", "fastmcp_peer.py")))
        },
    ]
}

fn over_http(command: Option<Command>) -> Option<Command> {
    let mut command = command?;
    command.arg("http");
    Some(command)
}

fn rmcp() -> Option<Command> {
    over_http(Some(Command::new(env!("CARGO_BIN_EXE_peer-rmcp"))))
}

fn sdk(is_modern_only: bool) -> Option<Command> {
    let mut command = Command::new("node");
    command.arg(installed("sdk", "sdk.mjs")?).args(is_modern_only.then_some("modern"));
    over_http(Some(command))
}

fn everything_command() -> Option<Command> {
    let mut command = Command::new("node");
    command.arg("--import").arg(servers().join("loopback.mjs"));
    command.arg(installed("everything", "node_modules/.bin/mcp-server-everything")?).arg("streamableHttp");
    Some(command)
}
