//! One client, its driver polled by hand, and the server's ends of the pipes.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tenure::{Config, Generation, KeepAlive};
use tenure_driver::Failure;
use tenure_mcp::{Client, Eras, Linger, McpDriver, Options, Peer, ServerEvent, Transport, Wire};

pub(crate) use crate::call::Call;
use crate::clock::Clock;
use crate::pipe::{End, Reader, Writer};

/// The server's side of one connection.
#[derive(Clone)]
pub(crate) struct Server {
    /// What the client reads.
    says: End,
    /// What the client writes.
    hears: End,
    process: Arc<Mutex<Process>>,
}

/// What is known of a server beside what it says.
#[derive(Default)]
struct Process {
    ended: Option<&'static str>,
    hurried: bool,
    waker: Option<Waker>,
}

impl Server {
    pub(crate) fn say_bytes(&self, bytes: &[u8]) {
        self.says.with(|pipe| pipe.bytes.extend(bytes));
    }

    pub(crate) fn say(&self, message: &Value) {
        self.say_bytes(format!("{message}\n").as_bytes());
    }

    /// Says it again and again from now on.
    pub(crate) fn say_without_end(&self, message: &Value) {
        let line = format!("{message}\n").repeat(100).into_bytes();
        self.says.with(|pipe| pipe.endless = Some(line));
    }

    pub(crate) fn close_output(&self) {
        self.says.with(|pipe| pipe.closed = true);
    }

    pub(crate) fn answer(&self, request: &Value, result: &Value) {
        self.say(&json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }));
    }

    pub(crate) fn refuse(&self, request: &Value) {
        let error = json!({ "code": -32601, "message": "what?" });
        self.say(&json!({ "jsonrpc": "2.0", "id": request["id"], "error": error }));
    }

    /// All whole messages that came since the last look.
    pub(crate) fn heard(&self) -> Vec<Value> {
        self.heard_text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The same, as they came.
    pub(crate) fn heard_text(&self) -> String {
        self.hears.with(|pipe| {
            let whole = pipe.bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
            String::from_utf8(pipe.bytes.drain(..whole).collect()).unwrap()
        })
    }

    /// The one message that came since the last look.
    #[track_caller]
    pub(crate) fn heard_one(&self) -> Value {
        let [message] = <[Value; 1]>::try_from(self.heard()).unwrap();
        message
    }

    /// Takes only so many unread bytes from now on.
    pub(crate) fn take_only(&self, bytes: usize) {
        self.hears.with(|pipe| pipe.capacity = Some(bytes));
    }

    pub(crate) fn close_input(&self) {
        self.hears.with(|pipe| pipe.closed = true);
    }

    /// Nobody else waits for a turn: what it says may be read on and on, within bounds.
    pub(crate) fn may_read_on(&self) {
        self.says.with(|pipe| pipe.is_read_on = true);
    }

    /// What it says comes in pieces of so many bytes from now on.
    pub(crate) fn say_in_pieces_of(&self, bytes: usize) {
        self.says.with(|pipe| pipe.piece = Some(bytes));
    }

    /// How many bytes of what it says are not read yet.
    pub(crate) fn unread(&self) -> usize {
        self.says.with(|pipe| pipe.bytes.len())
    }

    /// The process exits; its pipes stay as they are.
    pub(crate) fn exit(&self, how: &'static str) {
        let waker = {
            let mut process = self.process.lock().unwrap();
            process.ended = Some(how);
            process.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(crate) fn is_hurried(&self) -> bool {
        self.process.lock().unwrap().hurried
    }

    pub(crate) fn sees_end_of_input(&self) -> bool {
        self.hears.with(|pipe| pipe.closed)
    }
}

/// The process id of a server that is known to be a process.
pub(crate) const PID: u32 = 4711;

/// The other end of a wire, when it is known to be a process.
struct Watched(Arc<Mutex<Process>>);

impl Watched {
    async fn wait(&self) -> &'static str {
        std::future::poll_fn(|cx| {
            let mut process = self.0.lock().unwrap();
            process.waker = Some(cx.waker().clone());
            process.ended.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

#[async_trait]
impl Peer for Watched {
    async fn ended(&mut self) -> Option<Failure> {
        Some(Failure::new(self.wait().await))
    }

    async fn unwound(&mut self) -> Result<(), Failure> {
        self.wait().await;
        Ok(())
    }

    fn hurry(&mut self) {
        self.0.lock().unwrap().hurried = true;
    }

    fn pid(&self) -> Option<u32> {
        Some(PID)
    }
}

#[derive(Clone, Default)]
struct Memory {
    servers: Arc<Mutex<Vec<Server>>>,
    /// Whether they are known to be processes.
    watched: bool,
}

#[async_trait]
impl Transport for Memory {
    async fn open(&self, linger: Linger) -> Result<Wire, Failure> {
        assert!(format!("{linger:?}").contains(&format!("{:?}", linger.generation())));
        let server = Server { says: End::default(), hears: End::default(), process: Arc::default() };
        let (reader, writer) = (Reader(server.says.clone()), Writer(server.hears.clone()));
        let wire = if self.watched {
            Wire::lines(reader, writer, Watched(server.process.clone()))
        } else {
            Wire::of_bytes(reader, writer)
        };
        self.servers.lock().unwrap().push(server);
        Ok(wire)
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

pub(crate) struct Stage {
    pub(crate) client: Client,
    driver: Pin<Box<McpDriver<Clock>>>,
    ended: bool,
    woken: Arc<Woken>,
    clock: Clock,
    servers: Memory,
    events: Arc<Mutex<Vec<ServerEvent>>>,
}

/// What a server of the modern era says of itself that has these capabilities.
pub(crate) fn discovered(capabilities: &Value) -> Value {
    json!({ "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": capabilities })
}

pub(crate) fn config() -> Config {
    Config::default().keep_alive(KeepAlive::Always)
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(Options::new().session(|_| config()))
    }

    pub(crate) fn with(options: Options) -> Self {
        Self::on(options, Memory::default())
    }

    /// With servers that are processes.
    pub(crate) fn of_processes() -> Self {
        Self::of_processes_with(Options::new().session(|_| config()))
    }

    /// The same, without being asked for another era.
    pub(crate) fn of_legacy_processes() -> Self {
        Self::of_processes_with(Options::new().session(|_| config()).eras(Eras::Legacy))
    }

    pub(crate) fn of_processes_with(options: Options) -> Self {
        Self::on(options, Memory { watched: true, ..Memory::default() })
    }

    fn on(options: Options, servers: Memory) -> Self {
        let events = Arc::new(Mutex::new(Vec::new()));
        let heard = events.clone();
        let options = options.on_event(move |_, event| heard.lock().unwrap().push(event.clone()));
        Self::made(options, servers, events)
    }

    /// With somebody else who listens.
    pub(crate) fn heard_by(
        options: Options,
        listener: impl Fn(Generation, &ServerEvent) + Send + Sync + 'static,
    ) -> Self {
        Self::made(options.on_event(listener), Memory::default(), Arc::default())
    }

    fn made(options: Options, servers: Memory, events: Arc<Mutex<Vec<ServerEvent>>>) -> Self {
        let clock = Clock::default();
        let (client, driver) = tenure_mcp::connect(options, servers.clone(), clock.clone());
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        Self { client, driver: Box::pin(driver), ended: false, woken, clock, servers, events }
    }

    /// How many wakers of the driver are left when it has ended, but for those of clock and pipes.
    pub(crate) fn wakers(&mut self) -> usize {
        assert!(self.ended);
        self.clock.0.lock().unwrap().1.clear();
        for server in &*self.servers.servers.lock().unwrap() {
            server.says.with(|_| ());
            server.hears.with(|_| ());
        }
        Arc::strong_count(&self.woken).saturating_sub(1)
    }

    pub(crate) fn driver(&self) -> &impl std::fmt::Debug {
        &self.driver
    }

    /// Polls the driver for as long as it is woken.
    pub(crate) fn turn(&mut self) {
        for _ in 0..10_000 {
            if !self.turn_once() {
                return;
            }
        }
        panic!("the driver is woken again and again");
    }

    /// Polls the driver once if it was woken; returns whether it was.
    pub(crate) fn turn_once(&mut self) -> bool {
        if self.ended || !self.woken.0.swap(false, Ordering::SeqCst) {
            return false;
        }
        let waker = Waker::from(self.woken.clone());
        self.ended = self.driver.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        true
    }

    /// Lets time pass, and the driver see it.
    pub(crate) fn advance(&mut self, time: Duration) {
        self.pass(time);
        self.turn();
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, time: Duration) {
        let wakers = {
            let mut clock = self.clock.0.lock().unwrap();
            clock.0 = clock.0.saturating_add(time);
            std::mem::take(&mut clock.1)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    /// The runtime tells of input only when it has had so long to look for it.
    pub(crate) fn lags_behind(&self, by: Duration) {
        self.clock.1.store(u64::try_from(by.as_nanos()).unwrap(), Ordering::SeqCst);
    }

    /// The server that was started last.
    pub(crate) fn server(&self) -> Server {
        self.servers.servers.lock().unwrap().last().unwrap().clone()
    }

    /// How many servers were started.
    pub(crate) fn starts(&self) -> usize {
        self.servers.servers.lock().unwrap().len()
    }

    /// Starts a server and takes it through the handshake, with a lease of it.
    pub(crate) fn live(&mut self) -> (tenure_mcp::Lease, Server) {
        let client = self.client.clone();
        let mut acquire = Call::new(async move { client.acquire().await });
        assert!(acquire.poll().is_none());
        self.turn();
        let server = self.server();
        let initialize = self.asked_for_handshake(&server);
        server.answer(
            &initialize,
            &json!({
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "serverInfo": { "name": "by hand", "version": "1" },
            }),
        );
        self.turn();
        assert_eq!(server.heard_one()["method"], "notifications/initialized");
        self.events();
        (acquire.poll().unwrap().unwrap(), server)
    }

    /// The request for the handshake, of a server that knows of no other era.
    pub(crate) fn asked_for_handshake(&mut self, server: &Server) -> Value {
        let mut first = server.heard_one();
        if first["method"] == "server/discover" {
            server.refuse(&first);
            self.turn();
            first = server.heard_one();
        }
        assert_eq!(first["method"], "initialize");
        first
    }

    /// The events since the last look.
    pub(crate) fn events(&self) -> Vec<ServerEvent> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }
}
