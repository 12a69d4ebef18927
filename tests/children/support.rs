//! What the rows need of a runtime, and ways to see what became of a child.

use std::path::PathBuf;
use std::pin::pin;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_lite::future::poll_once;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tenure::{Config, KeepAlive};
use tenure_bounds::{BOUND, mark, whole};
use tenure_kit::Scenario;
use tenure_mcp::proto::types::Content;
use tenure_mcp::{Client, Error, Lease, Options, ServerEvent};

/// A deadline that no row reaches.
const LONG: Duration = Duration::from_secs(120);

/// A deadline that is meant to pass.
pub(crate) const SHORT: Duration = Duration::from_millis(200);

pub(crate) trait Runtime {
    fn stdio(command: Command, options: Options) -> Client;
    fn block_on<T>(body: impl Future<Output = T>) -> T;

    /// Runs `until` with a client whose driver is in a runtime of its own; then drops that runtime.
    fn drop_after<T, F: Future<Output = T>>(
        command: Command,
        options: Options,
        until: impl FnOnce(Client) -> F,
    ) -> T;
}

/// Runs a row to its end, which has to come.
pub(crate) fn run<R: Runtime, T>(body: impl Future<Output = T>) -> T {
    R::block_on(async {
        let test = std::thread::current().name().and_then(Scenario::of);
        whole(&test.map_or_else(|| "the row to end".to_owned(), ToString::to_string), body).await
    })
}

pub(crate) fn server(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scripted-server"));
    command.args(args);
    mark(&mut command);
    command
}

/// Deadlines that no row reaches unless it means to; a session that stays.
pub(crate) fn patient() -> Config {
    Config::default().stop(LONG).abort(LONG).discard(LONG).keep_alive(KeepAlive::Always)
}

/// Short deadlines, for servers that don't end by themselves.
pub(crate) fn strict() -> Config {
    patient().stop(SHORT).abort(SHORT).discard(LONG)
}

pub(crate) fn options(config: Config) -> Options {
    Options::new().session(config).call_timeout(None)
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
        Some(Content::Text { text, .. }) => Ok(text.clone()),
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

/// State and parent of a process, if there is one.
fn stat(pid: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Behind the name, which may hold anything.
    let mut fields = stat.rsplit(')').next()?.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// Returns whether the process runs or is a zombie of ours. A zombie of another parent is dead, and that one's to reap.
pub(crate) fn is_running(pid: u32) -> bool {
    match stat(pid) {
        None | Some(('X', _)) => false,
        Some(('Z', parent)) => parent == std::process::id(),
        Some(_) => true,
    }
}

/// Processes end when the system gets to it: the one thing here that is polled.
pub(crate) fn wait_until_gone(pids: &[u32]) {
    let until = Instant::now() + BOUND;
    for &pid in pids {
        while is_running(pid) {
            assert!(Instant::now() < until, "waited {BOUND:?} for process {pid} to be gone: {:?}", stat(pid));
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Polls `future` once; it must still be waiting, and is dropped.
pub(crate) async fn begin_and_cancel(future: impl Future) {
    let future = pin!(future);
    assert!(poll_once(future).await.is_none(), "it was over before it could be cancelled");
}
