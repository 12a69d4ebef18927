//! A secret is planted wherever a host or a server has one, and all is listened to.

use std::process::Command;

use serde_json::json;
use tenure::Mode;
use tenure_bounds::mark;
use tenure_mcp::{Client, Eras, Options, ServerCommand};
use tracing::Level;

use crate::recorder::Recorder;
use crate::servers::{Runtime, call, on_each_runtime, options};

pub(crate) const SECRET: &str = "hunter2-SECRET";

/// A server that says its secret everywhere: on standard error, in place of a message, in a notification, in its
/// answers and in its errors.
const SERVER: &str = r#"
id() { printf '%s' "$line" | sed -nE 's/.*"id":([0-9]+).*/\1/p'; }
say() { printf '%s\n' "$1"; }
echo "stderr: $SECRET" >&2
say "banner $SECRET"
read -r line
case $MODE in
refuse) say "{\"jsonrpc\":\"2.0\",\"id\":$(id),\"error\":{\"code\":-32001,\"message\":\"bad token $SECRET\"}}"; exit ;;
nonsense) say "{\"jsonrpc\":\"2.0\",\"id\":$(id),\"result\":{\"protocolVersion\":\"$SECRET\"}}"; exit ;;
esac
say "{\"jsonrpc\":\"2.0\",\"id\":$(id),\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"serverInfo\":{\"name\":\"sh\",\"version\":\"1\"}}}"
read -r line
say "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"data\":\"$SECRET\"}}"
say "{\"jsonrpc\":\"2.0\",\"id\":\"$SECRET\",\"result\":{}}"
say "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,\"message\":\"$SECRET\"}}"
read -r line
say "{\"jsonrpc\":\"2.0\",\"id\":$(id),\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"$SECRET\"}]}}"
read -r line
say "{\"jsonrpc\":\"2.0\",\"id\":$(id),\"error\":{\"code\":-32002,\"message\":\"$SECRET\",\"data\":\"$SECRET\"}}"
read -r line
say "{\"jsonrpc\":\"2.0\",\"id\":$(id),\"result\":$SECRET}"
read -r line
say "{\"jsonrpc\":\"2.0\",\"id\":$(id),\"resu$SECRET"
echo "last words: $SECRET" >&2
exit 7
"#;

fn server(mode: &'static str) -> ServerCommand {
    ServerCommand::from_fn(move || {
        let mut command = Command::new("sh");
        command.args(["-c", SERVER, "sh", "--token", SECRET]).env("SECRET", SECRET).env("MODE", mode);
        command.stderr(std::process::Stdio::piped());
        mark(&mut command);
        command
    })
}

#[track_caller]
pub(crate) fn assert_kept(recorder: &Recorder, told: &[&str]) {
    let text = recorder.text();
    for told in told {
        assert!(text.contains(told), "{told:?} is not told: {text}");
    }
    let at = text.find(SECRET);
    assert!(at.is_none(), "…{}…", &text[at.unwrap().saturating_sub(200)..]);
}

fn a_secret_in_arguments_is_nowhere<R: Runtime>() {
    let recorder = Recorder::up_to(Level::TRACE);
    let body = async |client: Client| {
        let lease = client.acquire().await.unwrap();
        let result = call(&lease, "t", json!({ "password": SECRET })).await.unwrap();
        assert!(result.contains(SECRET));
        for _ in 0..3 {
            call(&lease, SECRET, json!({ "password": SECRET })).await.unwrap_err();
        }
        client.shutdown(Mode::Force).await;
    };
    R::run(&recorder, server("answers"), options().eras(Eras::Legacy), body);
    let told =
        ["tools/call", "-32002", "protocol error", "lost", "notifications/message", "not a JSON-RPC message"];
    assert_kept(&recorder, &told);
}

fn a_secret_in_a_refusal_is_nowhere<R: Runtime>() {
    for (mode, told) in [("refuse", "-32001"), ("nonsense", "unsupported version")] {
        let recorder = Recorder::up_to(Level::TRACE);
        let body = async |client: Client| {
            let error = client.acquire().await.unwrap_err();
            assert!(error.to_string().contains(SECRET), "callers are told: {error}");
            client.shutdown(Mode::Force).await;
        };
        R::run(&recorder, server(mode), options(), body);
        assert_kept(&recorder, &[told, "failed for good"]);
    }
}

fn a_secret_of_a_server_that_can_not_be_started_is_nowhere<R: Runtime>() {
    let recorder = Recorder::up_to(Level::TRACE);
    let mut command = Command::new("/nowhere/server");
    command.args(["--token", SECRET]).env("SECRET", SECRET);
    let body = async |client: Client| {
        client.acquire().await.unwrap_err();
        client.shutdown(Mode::Force).await;
    };
    R::run(&recorder, command, Options::new(), body);
    assert_kept(&recorder, &["can't start `/nowhere/server`"]);
}

on_each_runtime! {
    a_secret_in_arguments_is_nowhere
    a_secret_in_a_refusal_is_nowhere
    a_secret_of_a_server_that_can_not_be_started_is_nowhere
}
