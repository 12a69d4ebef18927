//! The canned server as a child process.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rmcp::ServiceExt as _;
use rmcp::transport::TokioChildProcess;
use tenure_cases::floor::{CALL, INITIALIZE, INITIALIZED};
use tenure_cases::runtime::{Runtime, Smol, Tokio, TokioWorkers};
use tenure_cases::{Case, case, mcp};
use tenure_mcp::{Client, Options, ServerCommand};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::peers::rmcp as beside;

/// A program that is built beside this one.
pub fn sibling(name: &str) -> PathBuf {
    std::env::current_exe().expect("a path").with_file_name(name)
}

fn command() -> Command {
    Command::new(sibling("canned-server"))
}

fn client<R: Runtime>() -> Client {
    R::stdio(ServerCommand::from_fn(command), Options::new())
}

async fn call<R: Runtime>(times: u64) -> Duration {
    mcp::calls(client::<R>(), times).await
}

async fn connect<R: Runtime>(times: u64) -> Duration {
    mcp::connects(client::<R>(), times).await
}

async fn open() -> beside::Running {
    let child = TokioChildProcess::new(tokio::process::Command::from(command())).expect("a child");
    ().serve(child).await.expect("a handshake")
}

/// `R` is said for the runtime that this is run on.
async fn rmcp_call<R: Runtime>(times: u64) -> Duration {
    beside::calls(open().await, times).await
}

async fn rmcp_connect<R: Runtime>(times: u64) -> Duration {
    let begun = Instant::now();
    for _ in 0..times {
        open().await.cancel().await.expect("an end");
    }
    begun.elapsed()
}

/// A child whose answers are waited for by the thread that asks.
struct Echo {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    line: Vec<u8>,
}

impl Echo {
    fn new() -> Self {
        let mut child = command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a child");
        let (stdin, stdout) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        Self { child, stdin, stdout: BufReader::new(stdout), line: Vec::new() }
    }

    fn ask(&mut self, line: &[u8]) {
        self.stdin.write_all(line).expect("it is served");
        self.line.clear();
        self.stdout.read_until(b'\n', &mut self.line).expect("it is served");
    }

    fn end(mut self) {
        drop(self.stdin);
        assert!(self.child.wait().expect("an end").success());
    }
}

fn echo(times: u64) -> Duration {
    let mut echo = Echo::new();
    let begun = Instant::now();
    for _ in 0..times {
        echo.ask(CALL);
    }
    let took = begun.elapsed();
    echo.end();
    took
}

/// Started, one reply, the end of its input, waited for.
fn spawn(times: u64) -> Duration {
    let begun = Instant::now();
    for _ in 0..times {
        let mut echo = Echo::new();
        echo.ask(INITIALIZE);
        echo.stdin.write_all(INITIALIZED).expect("it is served");
        echo.end();
    }
    begun.elapsed()
}

/// The same by tokio: a child and its pipes, and nothing else.
struct AsyncEcho {
    child: tokio::process::Child,
    stdin: tokio::process::ChildStdin,
    stdout: tokio::process::ChildStdout,
    line: Vec<u8>,
}

impl AsyncEcho {
    fn new() -> Self {
        let mut command = tokio::process::Command::from(command());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a child");
        let (stdin, stdout) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        Self { child, stdin, stdout, line: Vec::new() }
    }

    async fn ask(&mut self, line: &[u8]) {
        self.stdin.write_all(line).await.expect("it is served");
        self.line.clear();
        while self.line.last() != Some(&b'\n') {
            self.stdout.read_buf(&mut self.line).await.expect("it is served");
        }
    }

    async fn end(mut self) {
        drop(self.stdin);
        assert!(self.child.wait().await.expect("an end").success());
    }
}

/// `R` is said for the runtime that this is run on.
async fn async_echo<R: Runtime>(times: u64) -> Duration {
    let mut echo = AsyncEcho::new();
    let begun = Instant::now();
    for _ in 0..times {
        echo.ask(CALL).await;
    }
    let took = begun.elapsed();
    echo.end().await;
    took
}

async fn async_spawn<R: Runtime>(times: u64) -> Duration {
    let begun = Instant::now();
    for _ in 0..times {
        let mut echo = AsyncEcho::new();
        echo.ask(INITIALIZE).await;
        echo.stdin.write_all(INITIALIZED).await.expect("it is served");
        echo.end().await;
    }
    begun.elapsed()
}

const CALLS: (u64, u64) = (100, 1_100);
const CONNECTS: (u64, u64) = (5, 25);

pub const CASES: &[Case] = &[
    case!("tokio/stdio-call", CALLS, Tokio, call),
    case!("tokio-workers/stdio-call", CALLS, TokioWorkers, call),
    case!("smol/stdio-call", CALLS, Smol, call),
    case!("rmcp/stdio-call", CALLS, Tokio, rmcp_call),
    case!("rmcp-workers/stdio-call", CALLS, TokioWorkers, rmcp_call),
    Case { name: "floor/stdio-call", times: CALLS, run: echo },
    case!("floor-tokio/stdio-call", CALLS, Tokio, async_echo),
    case!("floor-workers/stdio-call", CALLS, TokioWorkers, async_echo),
    case!("tokio/stdio-connect", CONNECTS, Tokio, connect),
    case!("smol/stdio-connect", CONNECTS, Smol, connect),
    case!("rmcp/stdio-connect", CONNECTS, Tokio, rmcp_connect),
    Case { name: "floor/stdio-connect", times: CONNECTS, run: spawn },
    case!("floor-tokio/stdio-connect", CONNECTS, Tokio, async_spawn),
];
