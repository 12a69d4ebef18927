//! The libraries against the peer that other hands wrote.

use std::{
    os::unix::process::ExitStatusExt as _,
    process::Command,
    time::{Duration, Instant},
};

use futures_lite::future::poll_once;
use serde_json::{Value, json};
use tenure::{Config, KeepAlive, Mode};
use tenure_mcp::{Error, Lease, Options, ServerEnded, proto::types::CallToolResult};
use tenure_peers::LIMIT;

use support::{Runtime, on_both, raw, run};

mod support;

on_both!(
    lists_its_tools,
    lists_its_tools_in_pages,
    calls_its_tools,
    a_call_that_is_dropped_leaves_the_next_one_alone,
    ends_in_order,
    killed_under_a_call,
);

fn peer() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peer-rmcp"));
    command.env_remove("PEER_PAGES");
    command
}

fn options() -> Options {
    // No deadline is reached unless a test means to.
    let session = Config::default()
        .stop_timeout(LIMIT)
        .abort_timeout(LIMIT)
        .discard_timeout(LIMIT)
        .keep_alive(KeepAlive::Always);
    Options::new().session(|_| session).call_timeout(None)
}

async fn call(lease: &Lease, name: &str, arguments: Value) -> Result<CallToolResult, Error> {
    lease.call_tool(name, Some(&raw(arguments))).await
}

fn lists<R: Runtime>(command: Command) {
    run::<R, _>(LIMIT, async {
        let client = R::stdio(command, options());
        let tools = client.list_tools().await.expect("a list");
        let names: Vec<_> = tools.iter().map(|tool| &*tool.name).collect();
        assert_eq!(names, ["echo", "add", "slow", "fail"]);
        client.shutdown(Mode::Force).await;
    });
}

fn lists_its_tools<R: Runtime>() {
    lists::<R>(peer());
}

fn lists_its_tools_in_pages<R: Runtime>() {
    for pages in ["1", "3", "4"] {
        let mut command = peer();
        command.env("PEER_PAGES", pages);
        lists::<R>(command);
    }
}

fn calls_its_tools<R: Runtime>() {
    run::<R, _>(LIMIT, async {
        let client = R::stdio(peer(), options());
        let lease = client.acquire().await.expect("a lease");
        let server = lease.server().await.expect("it is live");
        assert_eq!(server.name, "peer-rmcp");

        let echo = call(&lease, "echo", json!({ "text": "grüß\ndich" })).await.expect("an echo");
        assert!(echo.raw.get().contains(r#""grüß\ndich""#), "{}", echo.raw);
        let add = call(&lease, "add", json!({ "a": 2, "b": 0.5 })).await.expect("a sum");
        assert_eq!(add.structured_content.expect("it is structured").get(), r#"{"sum":2.5}"#);
        let fail = call(&lease, "fail", json!({})).await.expect("a failing tool is a result");
        assert!(fail.is_error);
        match call(&lease, "nonesuch", json!({})).await {
            Err(Error::Server(error)) => {
                assert_eq!((error.code, &*error.message), (Some(-32602), "no tool named nonesuch"));
            }
            other => panic!("{other:?}"),
        }
        lease.ping().await.expect("a sign of life");
        assert_eq!(lease.generation().number(), 1);
        client.shutdown(Mode::Force).await;
    });
}

fn a_call_that_is_dropped_leaves_the_next_one_alone<R: Runtime>() {
    run::<R, _>(LIMIT, async {
        let client = R::stdio(peer(), options());
        let lease = client.acquire().await.expect("a lease");
        let mut slow = Box::pin(call(&lease, "slow", json!({ "ms": 3_600_000 })));
        assert!(poll_once(&mut slow).await.is_none());
        // It answers in order, so it has the slow call when it answers this one.
        lease.ping().await.expect("a sign of life");
        drop(slow);
        let echo = call(&lease, "echo", json!({ "text": "next" })).await.expect("an echo");
        assert!(echo.raw.get().contains("next"));
        drop(lease);
        // It waits up to 5 s for calls in flight: that it ends sooner says that the call was cancelled.
        let begun = Instant::now();
        client.shutdown(Mode::Force).await;
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    });
}

/// The exit code of the peer goes through a shell, which notes it.
fn ends_in_order<R: Runtime>() {
    run::<R, _>(LIMIT, async {
        let note = std::env::temp_dir().join(format!("tenure-peers-{}-{}", std::process::id(), R::NAME));
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "\"$0\"; echo $? >\"$1\"", env!("CARGO_BIN_EXE_peer-rmcp")]).arg(&note);
        command.env_remove("PEER_PAGES");
        let client = R::stdio(command, options());
        client.list_tools().await.expect("a list");
        let begun = Instant::now();
        client.close(Mode::Graceful).await;
        let took = begun.elapsed();
        let exit = std::fs::read_to_string(&note);
        let _ = std::fs::remove_file(&note);
        assert_eq!(exit.expect("it ended by itself").trim(), "0");
        assert!(took < Duration::from_secs(3), "{took:?}");
    });
}

fn killed_under_a_call<R: Runtime>() {
    run::<R, _>(LIMIT, async {
        let mut command = Command::new("/bin/sh");
        // The shell says its number and becomes the peer.
        let note = std::env::temp_dir().join(format!("tenure-peers-pid-{}-{}", std::process::id(), R::NAME));
        command.args(["-c", "echo $$ >\"$1\"; exec \"$0\"", env!("CARGO_BIN_EXE_peer-rmcp")]).arg(&note);
        command.env_remove("PEER_PAGES");
        let client = R::stdio(command, options());
        let lease = client.acquire().await.expect("a lease");
        let pid = std::fs::read_to_string(&note).expect("it said its number");
        let _ = std::fs::remove_file(&note);
        let mut slow = Box::pin(call(&lease, "slow", json!({ "ms": 3_600_000 })));
        assert!(poll_once(&mut slow).await.is_none());
        lease.ping().await.expect("a sign of life");

        assert!(Command::new("kill").args(["-9", pid.trim()]).status().expect("kill runs").success());
        let error = slow.await.expect_err("the peer is gone");
        match &error {
            Error::Lost { generation: Some(generation), failure, .. } => {
                assert_eq!(generation.number(), 1);
                let ended: &ServerEnded = failure.downcast_ref().expect("how it ended");
                assert_eq!(ended.0.signal(), Some(9));
            }
            other => panic!("{other:?}"),
        }
        assert!(error.to_string().contains("signal: 9"), "{error}");
        assert!(lease.check().is_err());

        let next = client.acquire().await.expect("another life");
        assert_eq!(next.generation().number(), 2);
        call(&next, "echo", json!({ "text": "again" })).await.expect("an echo");
        let _ = std::fs::remove_file(&note);
        client.shutdown(Mode::Force).await;
    });
}
