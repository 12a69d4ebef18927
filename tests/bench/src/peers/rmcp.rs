//! The official crate over the same pipe to the same server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rmcp::model::{CallToolRequestParams, JsonObject};
use rmcp::service::RunningService;
use rmcp::{RoleClient, ServiceExt as _};
use serde_json::Value;
use tenure_cases::runtime::{Runtime, Tokio, TokioWorkers};
use tenure_cases::{Case, case, mcp, pipe};

pub type Running = RunningService<RoleClient, ()>;

pub async fn open<R: Runtime>() -> Running {
    ().serve(pipe::open::<R>()).await.expect("a handshake")
}

fn arguments() -> JsonObject {
    match mcp::arguments() {
        Value::Object(arguments) => arguments,
        _ => JsonObject::new(),
    }
}

fn add(arguments: &JsonObject) -> CallToolRequestParams {
    CallToolRequestParams::new("add").with_arguments(arguments.clone())
}

pub async fn calls(running: Running, times: u64) -> Duration {
    let arguments = arguments();
    let begun = Instant::now();
    for _ in 0..times {
        let result = running.call_tool(add(&arguments)).await.expect("a result");
        assert_eq!(result.is_error, Some(false));
    }
    let took = begun.elapsed();
    running.cancel().await.expect("an end");
    took
}

async fn call<R: Runtime>(times: u64) -> Duration {
    calls(open::<R>().await, times).await
}

pub async fn texts<R: Runtime>(bytes: usize, times: u64) -> Duration {
    let (running, name) = (open::<R>().await, format!("text-{bytes}"));
    let begun = Instant::now();
    for _ in 0..times {
        let result = running.call_tool(CallToolRequestParams::new(name.clone())).await.expect("a result");
        assert!(result.content[0].as_text().expect("a text").text.len() > bytes / 2);
    }
    let took = begun.elapsed();
    running.cancel().await.expect("an end");
    took
}

async fn large<R: Runtime>(times: u64) -> Duration {
    texts::<R>(1_000_000, times).await
}

async fn list<R: Runtime>(times: u64) -> Duration {
    let running = open::<R>().await;
    let begun = Instant::now();
    for _ in 0..times {
        assert_eq!(running.list_all_tools().await.expect("tools").len(), 1_000);
    }
    let took = begun.elapsed();
    running.cancel().await.expect("an end");
    took
}

async fn connect<R: Runtime>(times: u64) -> Duration {
    let begun = Instant::now();
    for _ in 0..times {
        open::<R>().await.cancel().await.expect("an end");
    }
    begun.elapsed()
}

pub async fn callers<R: Runtime>(callers: u64, times: u64) -> Duration {
    let running = open::<R>().await;
    let arguments = Arc::new(arguments());
    let begun = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (peer, arguments) = (running.peer().clone(), arguments.clone());
            tokio::spawn(async move {
                for _ in 0..times.div_ceil(callers) {
                    peer.call_tool(add(&arguments)).await.expect("a result");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("it doesn't panic");
    }
    let took = begun.elapsed();
    running.cancel().await.expect("an end");
    took
}

pub const CASES: &[Case] = &[
    case!("rmcp/call-typed", (100, 600), Tokio, call),
    case!("rmcp/connect", (20, 120), Tokio, connect),
    case!("rmcp/large-typed", (2, 12), Tokio, large),
    case!("rmcp/list-1000", (2, 12), Tokio, list),
];

/// Those that are timed only.
pub const TIMED: &[Case] = &[
    case!("rmcp-workers/call-typed", (100, 600), TokioWorkers, call),
    Case {
        name: "rmcp-workers/callers-64",
        times: (640, 6_400),
        run: |times| TokioWorkers::block_on(callers::<TokioWorkers>(64, times)),
    },
];
