//! What the tests against peers share: a child spoken to by hand, line by line, and the `tenure` program.
//!
//! Every wait has a limit and none is a sleep: lines come through a channel, a child's end through its pidfd.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{
        OnceLock,
        mpsc::{self, Receiver},
    },
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, PidfdFlags, pidfd_open},
};
use serde_json::{Value, json};

pub mod runtime;
pub mod server;

/// How long a test waits for anything: generous, because machines that run tests are busy.
pub const LIMIT: Duration = Duration::from_secs(30);

/// A child spoken to in lines of JSON over its pipes. Dropped, it is killed and reaped.
#[derive(Debug)]
pub struct RawPeer {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    last_id: u64,
}

impl RawPeer {
    /// Starts `command` with pipes for its standard input and output; its standard error is the test's.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let (sender, lines) = mpsc::channel();
        // It ends when the child's side of the pipe, or the receiver, is gone.
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { child, stdin, lines, last_id: 0 }
    }

    /// Writes one line.
    ///
    /// # Panics
    /// When the child doesn't read, or after [`RawPeer::close_stdin`].
    pub fn send(&mut self, message: &Value) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        writeln!(stdin, "{message}").expect("the child reads");
    }

    /// The next line, as JSON; `None` when the child closed its standard output.
    ///
    /// # Panics
    /// When nothing comes in time, or something that is no JSON.
    pub fn receive(&mut self) -> Option<Value> {
        match self.lines.recv_timeout(LIMIT) {
            Ok(line) => {
                Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("not JSON ({error}): {line}")))
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("nothing came in {LIMIT:?}"),
        }
    }

    /// Sends a request and gives back its response: the first message that carries the request's id.
    ///
    /// # Panics
    /// When no response comes.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive().expect("a response comes before the end");
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    /// Sends a notification.
    pub fn notify(&mut self, method: &str) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method }));
    }

    /// The handshake of the eras up to 2025-11-25; gives back the server's answer.
    ///
    /// # Panics
    /// When no answer comes.
    pub fn initialize(&mut self, version: &str) -> Value {
        let answer = self.request(
            "initialize",
            json!({
                "protocolVersion": version,
                "capabilities": {},
                "clientInfo": { "name": "raw", "version": "0" },
            }),
        );
        self.notify("notifications/initialized");
        answer
    }

    /// Closes the child's standard input.
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Waits for the child's end.
    ///
    /// # Panics
    /// When it doesn't end within `limit`.
    pub fn wait(mut self, limit: Duration) -> ExitStatus {
        assert!(ended_within(&self.child, limit), "still there after {limit:?}");
        self.child.wait().expect("a child of ours")
    }
}

impl Drop for RawPeer {
    fn drop(&mut self) {
        // After `wait` both do nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// True if `child` ends within `limit`. It is not reaped.
///
/// # Panics
/// When it was reaped already.
pub fn ended_within(child: &Child, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    let pidfd = pidfd_open(Pid::from_child(child), PidfdFlags::empty()).expect("a child of ours");
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).expect("a limit of a test");
        match poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&left)) {
            Ok(ready) => return ready > 0,
            Err(Errno::INTR) => {}
            Err(error) => panic!("poll: {error}"),
        }
    }
}

/// The `tenure` program: `$TENURE_BIN`, or else built once from the workspace around this one.
///
/// # Panics
/// When it can't be built.
pub fn tenure_bin() -> PathBuf {
    static BIN: OnceLock<PathBuf> = OnceLock::new();
    BIN.get_or_init(|| {
        if let Some(bin) = std::env::var_os("TENURE_BIN") {
            return bin.into();
        }
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
        let output = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--locked", "-p", "tenure-cli", "--bin", "tenure"])
            .args(["--message-format", "json", "--manifest-path", manifest])
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "tenure-cli does not build");
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find_map(|message| message["executable"].as_str().map(PathBuf::from))
            .expect("cargo names the program it built")
    })
    .clone()
}

/// The program of a server that `tests/peers/real-servers` installs; `None`, and a word about it, where it has
/// not.
pub fn installed(name: &str, program: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/real-servers").join(name);
    let program = folder.join(program);
    if folder.join("installed").is_file() && program.exists() {
        return Some(program);
    }
    eprintln!("SKIPPED: the server {name} is not installed; tests/peers/real-servers does that");
    None
}
