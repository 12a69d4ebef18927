//! Servers that people use, installed by `tests/peers/real-servers`; each is skipped where it is not
//! installed, and says so.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use serde_json::json;
use tenure::{Config, KeepAlive, Mode};
use tenure_mcp::Options;
use tenure_peers::installed;

use support::{Runtime, on_both, raw, run};

mod support;

on_both!(everything, time);

/// They are slow to start on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// Lists the tools, calls one, and ends the server in order; twice, for a second life.
fn works<R: Runtime>(
    name: &str,
    command: Command,
    tools: &[&str],
    tool: &str,
    arguments: serde_json::Value,
    says: &str,
) {
    run::<R, _>(LIMIT, async {
        let session = Config::default()
            .connect_timeout(LIMIT)
            .stop_timeout(LIMIT)
            .abort_timeout(LIMIT)
            .discard_timeout(LIMIT)
            .keep_alive(KeepAlive::Always);
        let client = R::stdio(command, Options::new().session(|_| session).call_timeout(Some(LIMIT)));
        let arguments = raw(arguments);
        for life in 1..=2 {
            let begun = Instant::now();
            let lease = client.acquire().await.expect("it starts");
            let started = begun.elapsed();
            assert_eq!(lease.generation().number(), life);
            let list = lease.list_tools().await.expect("a list");
            for tool in tools {
                assert!(list.iter().any(|listed| listed.name == *tool), "{tool} is not listed");
            }
            let result = lease.call_tool(tool, Some(&arguments)).await.expect("a result");
            assert!(!result.is_error && result.raw.get().contains(says), "{}", result.raw);
            lease.ping().await.expect("a sign of life");
            drop(lease);
            let begun = Instant::now();
            client.close(Mode::Graceful).await;
            eprintln!(
                "{name} on {}: {} tools, ready after {started:.0?}, ended after {:.0?}",
                R::NAME,
                list.len(),
                begun.elapsed()
            );
        }
    });
}

fn everything<R: Runtime>() {
    if let Some(program) = installed("everything", "node_modules/.bin/mcp-server-everything") {
        let mut command = Command::new(program);
        command.arg("stdio");
        works::<R>("everything", command, &["echo", "get-sum"], "echo", json!({ "message": "hi" }), "hi");
    }
}

fn time<R: Runtime>() {
    if let Some(program) = installed("time", "bin/python") {
        let mut command = Command::new(program);
        command.args(["-m", "mcp_server_time", "--local-timezone", "UTC"]);
        let tools = ["get_current_time", "convert_time"];
        let arguments = json!({ "timezone": "Asia/Tokyo" });
        works::<R>("time", command, &tools, "get_current_time", arguments, "Asia/Tokyo");
    }
}
