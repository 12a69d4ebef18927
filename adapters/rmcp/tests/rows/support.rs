//! Servers, clients, and ways to see what became of a process.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tenure_bounds::{BOUND, mark};
#[allow(deprecated, reason = "sampling is on its way out of the protocol, and is still there")]
use tenure_rmcp::rmcp::model::{
    CallToolRequestParams, CallToolResult, CreateMessageRequestParams, CreateMessageResult,
};
use tenure_rmcp::rmcp::service::RequestContext;
use tenure_rmcp::rmcp::{ClientHandler, ErrorData, Peer, RoleClient, ServiceError};
use tenure_rmcp::{Client, Error, KeepAlive, Lease, Options};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;

/// A deadline that no row reaches.
pub(crate) const LONG: Duration = Duration::from_secs(120);

/// A deadline that is meant to pass.
/// How many tools the scripted server has.
pub(crate) const TOOLS: usize = 18;

pub(crate) const SHORT: Duration = Duration::from_millis(200);

/// Does what it is told, also what no server should.
pub(crate) fn scripted(args: &[&str]) -> Command {
    command(env!("CARGO_BIN_EXE_scripted-server"), args)
}

/// Turns to its client.
pub(crate) fn asking(args: &[&str]) -> Command {
    command(env!("CARGO_BIN_EXE_asking-server"), args)
}

fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    mark(&mut command);
    command
}

/// Deadlines that no row reaches unless it means to; a session that stays.
pub(crate) fn patient() -> Options {
    Options::new()
        .stop_timeout(LONG)
        .keep_alive(KeepAlive::Always)
        .configure(|config| config.abort_timeout(LONG).discard_timeout(LONG))
}

/// Short deadlines, for servers that don't end by themselves.
pub(crate) fn strict() -> Options {
    patient().stop_timeout(SHORT).configure(|config| config.abort_timeout(SHORT))
}

/// A client of the scripted server, with a service that offers nothing.
pub(crate) fn client(args: &'static [&'static str], options: Options) -> Client {
    tenure_rmcp::stdio(|| scripted(args), || (), options)
}

pub(crate) fn params(tool: &'static str, arguments: Value) -> CallToolRequestParams {
    match arguments {
        Value::Object(arguments) => CallToolRequestParams::new(tool).with_arguments(arguments),
        _ => CallToolRequestParams::new(tool),
    }
}

/// The text that a tool answered with.
pub(crate) fn text(result: &CallToolResult) -> String {
    result.content[0].as_text().unwrap().text.clone()
}

pub(crate) async fn call(lease: &Lease, tool: &'static str, arguments: Value) -> Result<String, Error> {
    Ok(text(&lease.call_tool(params(tool, arguments)).await?))
}

pub(crate) async fn pid(lease: &Lease) -> u32 {
    call(lease, "pid", json!({})).await.unwrap().parse().unwrap()
}

/// As rmcp alone has it.
pub(crate) async fn pid_of(peer: &Peer<RoleClient>) -> Result<u32, ServiceError> {
    Ok(text(&peer.call_tool(params("pid", json!({}))).await?).parse().unwrap())
}

pub(crate) async fn grandchild(lease: &Lease) -> u32 {
    let pid = call(lease, "spawn-grandchild", json!({})).await.unwrap().parse().unwrap();
    assert!(is_running(pid));
    pid
}

/// A service that is never done with what the server asks, and doesn't care that nobody waits any more.
/// It tells when it is asked.
pub(crate) struct Deaf(pub(crate) UnboundedSender<()>);

/// A call in which the server has asked its client, whose service works on it.
pub(crate) async fn in_sampling(
    client: &Client,
    mut asked: UnboundedReceiver<()>,
) -> JoinHandle<Result<CallToolResult, Error>> {
    let client = client.clone();
    let asking = tokio::spawn(async move { client.call_tool(params("ask", json!({}))).await });
    asked.recv().await.unwrap();
    asking
}

#[allow(deprecated, reason = "sampling is on its way out of the protocol, and is still there")]
impl ClientHandler for Deaf {
    async fn create_message(
        &self,
        _: CreateMessageRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        self.0.send(()).unwrap();
        std::future::pending().await
    }
}

/// Where servers note that they ended by themselves.
pub(crate) struct Notes(PathBuf);

impl Notes {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("rows-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> String {
        self.0.to_str().unwrap().to_owned()
    }

    /// With what the server `pid` exited by itself; `None` if it didn't, or not yet.
    pub(crate) fn exit_of(&self, pid: u32) -> Option<String> {
        std::fs::read_to_string(self.0.join(pid.to_string())).ok()
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// State and parent of a process, if there is one.
fn stat(pid: u32) -> Option<(String, String)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Behind the name, which may hold anything.
    let mut fields = stat.rsplit(')').next()?.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
}

/// Returns whether the process runs or is a zombie of ours. A zombie of another parent is dead, and that one's to reap.
pub(crate) fn is_running(pid: u32) -> bool {
    match stat(pid) {
        None => false,
        Some((state, parent)) => match &*state {
            "X" => false,
            "Z" => parent == std::process::id().to_string(),
            _ => true,
        },
    }
}

pub(crate) fn wait_until_gone(pids: &[u32]) {
    for &pid in pids {
        wait_while(&format!("process {pid} to be gone"), || is_running(pid));
    }
}

/// Nobody may have reaped it.
pub(crate) fn wait_until_ended(pid: u32) {
    wait_while(&format!("process {pid} to end"), || stat(pid).is_some_and(|(state, _)| state != "Z"));
}

/// Processes end when the system gets to it: the one thing here that is polled.
fn wait_while(what: &str, mut it_is: impl FnMut() -> bool) {
    let until = Instant::now() + BOUND;
    while it_is() {
        assert!(Instant::now() < until, "waited {BOUND:?} for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub(crate) fn kill(pid: u32) {
    let status = Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(status.success());
}
