//! How much memory a server can make the client take: a program of its own, in which nothing else runs. Each flood is
//! this program once more.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

#[path = "client/arrivals.rs"]
#[allow(dead_code, reason = "the tests of the client share it")]
mod arrivals;
#[path = "client/outcome.rs"]
#[allow(dead_code, reason = "the tests of the client share it")]
mod outcome;
#[path = "client/runtimes.rs"]
#[allow(dead_code, reason = "the tests of the client share it")]
mod runtimes;
#[path = "client/stage.rs"]
#[allow(dead_code, reason = "the tests of the client share it")]
mod stage;
#[path = "client/support.rs"]
#[allow(dead_code, reason = "the tests of the client share it")]
mod support;
#[path = "client/tokens.rs"]
#[allow(dead_code, reason = "the tests of the client share it")]
mod tokens;

use std::process::{Command, Stdio};

use serde_json::json;
use tenure_http_server::{Reply, Speaks, http, rpc};

use crate::runtimes::{Smol, Tokio};
use crate::stage::Stage;
use crate::support::{Runtime, run};

/// One of them, kept, would be seen.
const MUCH: u64 = 100_000_000;

/// The largest message that may come, 16 MiB, is there twice: on the listening stream and on a call's. What an
/// allocator does with that on several threads was up to 53 million bytes.
const MOST: u64 = 70_000_000;

/// The most that this program ever had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

async fn floods<R: Runtime>(speaks: Speaks) {
    let stage = Stage::new::<R>(speaks);
    let told = json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": "info", "data": "z" } });
    if speaks == Speaks::Legacy {
        stage.server.always(http("GET"), Reply::sse().piece("data: ").repeat("x", MUCH).hold());
    }
    let json = || Reply::status(200).header("Content-Type", "application/json").executed();
    let lease = stage.lease().await;
    for (key, reply, expected) in [
        ("body", json().piece("{\"a\":\"").repeat("x", MUCH), "too large, unknown"),
        ("text", Reply::text(503, "").chunked().repeat("x", MUCH).executed(), "status 503, unknown"),
        ("event", Reply::sse().executed().piece("data: ").repeat("x", MUCH), "interrupted, unknown"),
        (
            "flood",
            Reply::sse().executed().repeat(format!("data: {told}\n\n"), 50_000),
            "interrupted, unknown",
        ),
    ] {
        stage.server.next(rpc("tools/call").key(key), reply);
        assert_eq!(stage.call(&lease, key).await, expected, "{key}");
    }
    drop(lease);
    stage.close().await;
}

/// Names, in its environment, which flood a part of this test is to be.
const PART: &str = "TENURE_TEST_FLOOD";

fn flood(part: &str) {
    match part {
        "tokio, legacy" => run::<Tokio, _>(floods::<Tokio>(Speaks::Legacy)),
        "tokio, modern" => run::<Tokio, _>(floods::<Tokio>(Speaks::Modern)),
        "smol, legacy" => run::<Smol, _>(floods::<Smol>(Speaks::Legacy)),
        "smol, modern" => run::<Smol, _>(floods::<Smol>(Speaks::Modern)),
        unknown => panic!("{unknown}"),
    }
}

/// Each flood in a process of its own, whose peak is that flood's.
#[test]
fn however_much_a_server_says_little_of_it_is_kept() {
    if let Ok(part) = std::env::var(PART) {
        let before = peak();
        flood(&part);
        let taken = peak() - before;
        assert!(taken < MOST, "{taken} bytes on {part}");
        return;
    }
    let parts = ["tokio, legacy", "tokio, modern", "smol, legacy", "smol, modern"].map(|part| {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "however_much_a_server_says_little_of_it_is_kept"]).env(PART, part);
        again.stdout(Stdio::piped()).stderr(Stdio::piped());
        tenure_bounds::mark(&mut again).spawn().unwrap()
    });
    for part in parts {
        let output = tenure_bounds::blocking("a flood", || part.wait_with_output()).unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("test result: ok. 1 passed"), "{said}");
    }
}
