//! The connector keeps the rules of all connectors, with a server in memory, wherever it is polled.

use std::collections::VecDeque;
use std::future::pending;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use futures_lite::{AsyncRead, AsyncWrite, future};
use serde_json::{Value, json};
use tenure::{Config, Probe};
use tenure_driver::Failure;
use tenure_kit::{ConnectorCheck, VirtualClock};
use tenure_mcp_proto::RequestOptions;

use crate::session::common::Common;
use crate::session::connector::McpConnector;
use crate::session::handle::Handle;
use crate::wire::{Linger, Peer, Transport, Wire};

/// What the server does.
#[derive(Clone, Copy)]
enum Manner {
    Answers,
    IsSilent,
    /// It goes when it is told to hurry, not before.
    IsStubborn,
    /// It closes its input when it is called, and answers when it was given up. The clock is what that waits for.
    ClosesItsInput,
}

/// A server that answers within each write to it.
#[derive(Clone)]
struct Server(Arc<Mutex<Pipes>>);

struct Pipes {
    manner: Manner,
    heard: Vec<u8>,
    says: VecDeque<u8>,
    /// What it says when it was given up.
    late: Option<Value>,
    reader: Waker,
    closed: bool,
    /// The clock of a server that takes nothing any more, until it has moved it.
    clock: VirtualClock,
    one_way: OneWay,
}

/// How far a server is that [closes its input](Manner::ClosesItsInput).
#[derive(Clone, Copy, PartialEq, Eq)]
enum OneWay {
    NotYet,
    /// Its input is closed, and the client has not noticed.
    Closed,
    /// The client knows, and waits for more.
    Noticed,
    /// The time that the client waits has passed.
    Passed,
    Answered,
}

impl Server {
    fn lock(&self) -> MutexGuard<'_, Pipes> {
        self.0.lock().unwrap()
    }
}

impl Pipes {
    fn hear(&mut self, bytes: &[u8]) {
        self.heard.extend(bytes);
        while let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.heard.drain(..=end).collect();
            let message = serde_json::from_slice(&line).unwrap();
            let answer = answer(&message);
            if matches!(self.manner, Manner::ClosesItsInput) && message["method"] == "ping" {
                self.one_way = OneWay::Closed;
                // What the client is to answer, and can't.
                self.says.extend(b"{\"jsonrpc\":\"2.0\",\"id\":\"s\",\"method\":\"ping\"}\n");
                self.late = answer;
                return;
            }
            if let Some(answer) = answer.filter(|_| !matches!(self.manner, Manner::IsSilent)) {
                self.says.extend(format!("{answer}\n").bytes());
            }
        }
    }
}

impl Pipes {
    /// The client reads: how a server goes on that takes nothing. Returns the clock if it is to be moved.
    fn go_on(&mut self) -> Option<VirtualClock> {
        match self.one_way {
            OneWay::Noticed if self.says.is_empty() => {
                self.one_way = OneWay::Passed;
                return Some(self.clock.clone());
            }
            OneWay::Passed => {
                self.one_way = OneWay::Answered;
                if let Some(late) = self.late.take() {
                    self.says.extend(format!("{late}\n").bytes());
                }
            }
            OneWay::NotYet | OneWay::Closed | OneWay::Noticed | OneWay::Answered => {}
        }
        None
    }
}

fn answer(message: &Value) -> Option<Value> {
    let id = message.get("id")?;
    let result = match message["method"].as_str()? {
        "initialize" => json!({
            "protocolVersion": message["params"]["protocolVersion"],
            "capabilities": {},
            "serverInfo": {"name": "in memory", "version": "1"},
        }),
        _ => json!({}),
    };
    Some(json!({"jsonrpc": "2.0", "id": id, "result": result}))
}

struct Reader(Server);
struct Writer(Server);

impl AsyncRead for Reader {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut pipes = self.0.lock();
        let moment = pipes.go_on();
        if let Some(clock) = moment {
            // Its wakers are called.
            drop(pipes);
            clock.advance(Duration::from_millis(100));
            pipes = self.0.lock();
        }
        if pipes.says.is_empty() && !pipes.closed {
            pipes.reader = cx.waker().clone();
            return Poll::Pending;
        }
        Poll::Ready(pipes.says.read(buffer))
    }
}

impl AsyncWrite for Writer {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut pipes = self.0.lock();
        if pipes.one_way != OneWay::NotYet {
            pipes.one_way = OneWay::Noticed;
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        pipes.hear(bytes);
        pipes.reader.wake_by_ref();
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut pipes = self.0.lock();
        pipes.closed = !matches!(pipes.manner, Manner::IsStubborn);
        pipes.reader.wake_by_ref();
        Poll::Ready(Ok(()))
    }
}

/// Lets go when its output is closed, or when it is told to hurry.
struct Other {
    lets_go: bool,
    _linger: Linger,
}

#[async_trait]
impl Peer for Other {
    async fn ended(&mut self) -> Option<Failure> {
        pending().await
    }

    async fn unwound(&mut self) -> Result<(), Failure> {
        if self.lets_go { Ok(()) } else { pending().await }
    }

    fn hurry(&mut self) {
        self.lets_go = true;
    }
}

/// A server of this manner, for a client with this clock.
struct Play(Manner, VirtualClock);

#[async_trait]
impl Transport for Play {
    async fn open(&self, linger: Linger) -> Result<Wire, Failure> {
        let Self(manner, clock) = self;
        let pipes = Pipes {
            manner: *manner,
            heard: Vec::new(),
            says: VecDeque::new(),
            late: None,
            reader: Waker::noop().clone(),
            closed: false,
            clock: clock.clone(),
            one_way: OneWay::NotYet,
        };
        let server = Server(Arc::new(Mutex::new(pipes)));
        let other = Other { lets_go: !matches!(manner, Manner::IsStubborn), _linger: linger };
        Ok(Wire::lines(Reader(server.clone()), Writer(server), other))
    }
}

fn connector(manner: Manner) -> McpConnector<VirtualClock> {
    let timer = VirtualClock::new();
    let transport = Play(manner, timer.clone());
    let protocol = tenure_mcp_proto::Options::default();
    McpConnector::new(Common::plain(timer, protocol, transport))
}

async fn check() {
    let ping = async |handle: &Handle| {
        handle.channel.call("ping", None, RequestOptions::default(), false)?.await?;
        Ok(())
    };
    let probe = Probe { interval: Duration::from_millis(10), timeout: Duration::from_secs(1) };
    let config = Config::default().stop_timeout(Duration::from_millis(500)).probe(Some(probe));
    let check = ConnectorCheck::new(|| connector(Manner::Answers), ping)
        .config(config)
        .silent(|| connector(Manner::IsSilent))
        .stubborn(|| connector(Manner::IsStubborn))
        .retiring(|| connector(Manner::ClosesItsInput));
    let report = check.run().await;
    report.assert();
    assert!(report.not_checked().is_empty(), "{report}");
}

#[test]
fn the_connector_keeps_all_rules_of_connectors() {
    future::block_on(check());
}

#[test]
fn it_keeps_them_on_one_thread_of_tokio() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(check());
}

#[test]
fn it_keeps_them_on_tokio() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(check());
}

#[test]
fn it_keeps_them_on_smol() {
    smol::block_on(check());
}
