//! What the rows need of a runtime, and ways to see what became of a child.

use std::path::PathBuf;
use std::pin::pin;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_lite::future::poll_once;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tenure::{Config, KeepAlive};
use tenure_bounds::{mark, whole};
use tenure_kit::Scenario;
use tenure_mcp::proto::types::Content;
use tenure_mcp::{Client, Error, Lease, Options, ServerCommand, ServerEvent, Stdio, Transport};
use tenure_process::Reactor;

use crate::processes::is_running;

/// A deadline that no row reaches.
const LONG: Duration = Duration::from_secs(120);

/// A deadline that is meant to pass.
pub(crate) const SHORT: Duration = Duration::from_millis(200);

pub(crate) trait Runtime {
    type Reactor: Reactor;

    #[cfg_attr(windows, allow(dead_code, reason = "no child has a guardian there"))]
    fn reactor() -> Self::Reactor;

    fn stdio(command: impl Into<ServerCommand>, options: Options) -> Client;

    /// A client over a transport that is made of this runtime's own.
    fn around<T: Transport>(
        command: impl Into<ServerCommand>,
        options: Options,
        transport: impl FnOnce(Stdio<Self::Reactor>) -> T,
    ) -> Client;

    fn block_on<T>(body: impl Future<Output = T>) -> T;

    /// Threads of this runtime that no other row's drivers are on.
    fn apart() -> impl Apart;

    /// Runs `until` with a client whose driver is in a runtime of its own; then drops that runtime.
    fn drop_after<T, F: Future<Output = T>>(
        command: impl Into<ServerCommand>,
        options: Options,
        until: impl FnOnce(Client) -> F,
    ) -> T;

    /// Runs `body` with a client whose driver is on the same one thread.
    #[cfg_attr(windows, allow(dead_code, reason = "no child has a guardian there"))]
    fn on_one_thread<T, F: Future<Output = T>>(
        command: impl Into<ServerCommand>,
        options: Options,
        body: impl FnOnce(Client) -> F,
    ) -> T;
}

/// Where clients can be blocked, and nobody else is.
pub(crate) trait Apart {
    fn stdio(&self, command: impl Into<ServerCommand>, options: Options) -> Client;

    /// Blocks all of the threads for so long.
    fn stall(&self, time: Duration) -> impl Future<Output = ()>;
}

/// Runs a row to its end, which has to come.
pub(crate) fn run<R: Runtime, T>(body: impl Future<Output = T>) -> T {
    let test = std::thread::current().name().and_then(Scenario::of);
    R::block_on(whole(&test.map_or_else(|| "the row to end".to_owned(), ToString::to_string), body))
}

const SERVER: &str = env!("CARGO_BIN_EXE_scripted-server");

pub(crate) fn server(args: &[&str]) -> Command {
    let mut command = Command::new(SERVER);
    command.args(args);
    mark(&mut command);
    command
}

/// The same server behind a script that waits for it, as `npx` and `npx.cmd` are.
pub(crate) fn server_behind_a_script(folder: &Notes, args: &[&str]) -> Command {
    let server = std::path::absolute(SERVER).unwrap();
    let (name, script) = if cfg!(windows) {
        ("wrapper.cmd", format!("@\"{}\" %*\r\n", server.display()))
    } else {
        ("wrapper", format!("'{}' \"$@\"\nexit\n", server.display()))
    };
    let path = folder.0.join(name);
    std::fs::write(&path, script).unwrap();
    // Given to a shell where that can be: a program that is still open for writing somewhere can't be run.
    let mut command = Command::new(if cfg!(windows) { path.as_os_str() } else { "sh".as_ref() });
    if cfg!(unix) {
        command.arg(&path);
    }
    command.args(args);
    mark(&mut command);
    command
}

#[cfg(unix)]
pub(crate) fn guardian() -> tenure_mcp::Guardian {
    tenure_mcp::Guardian::new(env!("CARGO_BIN_EXE_guardian"))
}

/// The same server under this guardian.
#[cfg(unix)]
pub(crate) fn guarded(guardian: &tenure_mcp::Guardian, args: &[&str]) -> ServerCommand {
    to_be_guarded(guardian, args).guarded(guardian.clone())
}

/// The same server, started by a command of this guardian's; who starts it is still to be told of the guardian.
#[cfg(unix)]
pub(crate) fn to_be_guarded(guardian: &tenure_mcp::Guardian, args: &[&str]) -> ServerCommand {
    let mut command = guardian.command(SERVER);
    command.args(args);
    mark(&mut command);
    ServerCommand::new(command)
}

/// Deadlines that no row reaches unless it means to; a session that stays.
pub(crate) fn patient() -> Config {
    Config::default()
        .stop_timeout(LONG)
        .abort_timeout(LONG)
        .discard_timeout(LONG)
        .keep_alive(KeepAlive::Always)
}

/// Short deadlines, for servers that don't end by themselves.
pub(crate) fn strict() -> Config {
    patient().stop_timeout(SHORT).abort_timeout(SHORT).discard_timeout(LONG)
}

pub(crate) fn options(config: Config) -> Options {
    Options::new().session(|_| config).call_timeout(None)
}

/// Where servers note that they ended by themselves.
pub(crate) struct Notes(PathBuf);

impl Notes {
    pub(crate) fn new(row: &str) -> Self {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("children-{}-{row}-{number}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
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

/// What the server said without being asked.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<ServerEvent>>>);

impl Heard {
    pub(crate) fn by(&self, options: Options) -> Options {
        let heard = self.0.clone();
        options.on_event(move |_, event| heard.lock().unwrap().push(event.clone()))
    }

    /// The protocol errors so far.
    pub(crate) fn errors(&self) -> Vec<tenure_mcp::proto::ProtocolError> {
        let heard = self.0.lock().unwrap();
        heard
            .iter()
            .filter_map(|event| match event {
                ServerEvent::ProtocolError(error) => Some(error.clone()),
                _ => None,
            })
            .collect()
    }
}

pub(crate) fn raw(value: &Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).unwrap()
}

/// Calls a tool and gives back the text that it answers with.
pub(crate) async fn call(lease: &Lease, name: &str, arguments: Value) -> Result<String, Error> {
    let result = lease.call_tool(name, Some(&raw(&arguments))).await?;
    match result.content.first() {
        Some(Content::Text { text, .. }) => Ok(text.to_string()),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn pid(lease: &Lease) -> u32 {
    call(lease, "pid", json!({})).await.unwrap().parse().unwrap()
}

pub(crate) async fn grandchild(lease: &Lease) -> u32 {
    let pid = call(lease, "spawn-grandchild", json!({})).await.unwrap().parse().unwrap();
    assert!(is_running(pid));
    pid
}

/// A call that is never answered, seen by the server: it reads in order.
pub(crate) async fn in_flight(
    lease: &Lease,
) -> std::pin::Pin<Box<dyn Future<Output = Result<String, Error>> + '_>> {
    let mut never = Box::pin(call(lease, "never", json!({})));
    assert!(poll_once(&mut never).await.is_none());
    assert_eq!(call(lease, "echo", json!({ "text": "seen" })).await.unwrap(), "seen");
    never
}

/// Polls `future` once; it must still be waiting, and is dropped.
pub(crate) async fn begin_and_cancel(future: impl Future) {
    let future = pin!(future);
    assert!(poll_once(future).await.is_none(), "it was over before it could be cancelled");
}

/// Said to people too: the harness keeps what is printed by its macros.
#[cfg(unix)]
pub(crate) fn skipped(why: &str) {
    let line = format!("SKIPPED: {}: {why}\n", std::thread::current().name().unwrap_or_default());
    let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
}
