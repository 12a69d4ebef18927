//! One client, its driver polled by hand, and the server's ends of the pipes.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use async_trait::async_trait;
use futures_lite::{AsyncRead, AsyncWrite};
use serde_json::{Value, json};
use tenure::{Config, KeepAlive, Time};
use tenure_driver::{Failure, Timer};
use tenure_mcp::{Client, Linger, McpDriver, Options, Peer, ServerEvent, Transport, Wire};

/// One direction of a connection.
#[derive(Default)]
struct Pipe {
    bytes: VecDeque<u8>,
    /// How many bytes it takes; `None`: any number.
    capacity: Option<usize>,
    /// The writing end is gone, or the reading end.
    closed: bool,
    /// Said again and again, without end.
    endless: Option<Vec<u8>>,
    reads: u64,
    /// Nobody else waits for a turn, so more of it may be read.
    is_read_on: bool,
    waker: Option<Waker>,
}

#[derive(Clone, Default)]
struct End(Arc<Mutex<Pipe>>);

impl End {
    fn with<T>(&self, act: impl FnOnce(&mut Pipe) -> T) -> T {
        let (result, waker) = {
            let mut pipe = self.0.lock().unwrap();
            (act(&mut pipe), pipe.waker.take())
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        result
    }
}

struct Reader(End);
struct Writer(End);

impl AsyncRead for Reader {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut pipe = self.0.0.lock().unwrap();
        pipe.reads += 1;
        let most = if pipe.is_read_on { 3000 } else { 1000 };
        assert!(pipe.reads < most, "it reads on and on, and lets nobody else have a turn");
        if pipe.bytes.is_empty()
            && let Some(endless) = pipe.endless.clone()
        {
            pipe.bytes.extend(endless);
        }
        if pipe.bytes.is_empty() && !pipe.closed {
            pipe.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(io::Read::read(&mut pipe.bytes, buffer))
    }
}

impl AsyncWrite for Writer {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut pipe = self.0.0.lock().unwrap();
        if pipe.closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let room = pipe.capacity.map_or(usize::MAX, |capacity| capacity.saturating_sub(pipe.bytes.len()));
        if room == 0 {
            pipe.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let length = bytes.len().min(room);
        pipe.bytes.extend(&bytes[..length]);
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.with(|pipe| pipe.closed = true);
        Poll::Ready(Ok(()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.with(|pipe| pipe.closed = true);
    }
}

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

    /// All whole messages that came since the last look.
    pub(crate) fn heard(&self) -> Vec<Value> {
        self.hears.with(|pipe| {
            let whole = pipe.bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
            let bytes: Vec<u8> = pipe.bytes.drain(..whole).collect();
            bytes
                .split(|&byte| byte == b'\n')
                .filter(|line| !line.is_empty())
                .map(|line| serde_json::from_slice(line).unwrap())
                .collect()
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

/// A clock that is set by hand.
#[derive(Clone, Default)]
struct Clock(Arc<Mutex<(Time, Vec<Waker>)>>);

struct Sleep {
    clock: Clock,
    until: Time,
}

impl Timer for Clock {
    type Sleep = Sleep;

    fn now(&self) -> Time {
        self.0.lock().unwrap().0
    }

    fn sleep_until(&self, until: Time) -> Sleep {
        Sleep { clock: self.clone(), until }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut clock = self.clock.0.lock().unwrap();
        if clock.0 >= self.until {
            return Poll::Ready(());
        }
        clock.1.push(cx.waker().clone());
        Poll::Pending
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

pub(crate) fn config() -> Config {
    Config::default().keep_alive(KeepAlive::Always)
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(Options::new().session(config()))
    }

    pub(crate) fn with(options: Options) -> Self {
        Self::on(options, Memory::default())
    }

    /// With servers that are processes.
    pub(crate) fn of_processes() -> Self {
        Self::on(Options::new().session(config()), Memory { watched: true, ..Memory::default() })
    }

    fn on(options: Options, servers: Memory) -> Self {
        let clock = Clock::default();
        let events = Arc::new(Mutex::new(Vec::new()));
        let heard = events.clone();
        let options = options.on_event(move |_, event| heard.lock().unwrap().push(event.clone()));
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
        let wakers = {
            let mut clock = self.clock.0.lock().unwrap();
            clock.0 = clock.0.saturating_add(time);
            std::mem::take(&mut clock.1)
        };
        wakers.into_iter().for_each(Waker::wake);
        self.turn();
    }

    /// The server that was started last.
    pub(crate) fn server(&self) -> Server {
        self.servers.servers.lock().unwrap().last().unwrap().clone()
    }

    /// Starts a server and takes it through the handshake, with a lease of it.
    pub(crate) fn live(&mut self) -> (tenure_mcp::Lease, Server) {
        let client = self.client.clone();
        let mut acquire = Call::new(async move { client.acquire().await });
        assert!(acquire.poll().is_none());
        self.turn();
        let server = self.server();
        let initialize = server.heard_one();
        assert_eq!(initialize["method"], "initialize");
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

    /// The events since the last look.
    pub(crate) fn events(&self) -> Vec<ServerEvent> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }
}

/// A caller's future, polled by hand.
pub(crate) struct Call<'a, T>(Pin<Box<dyn Future<Output = T> + 'a>>);

impl<'a, T> Call<'a, T> {
    pub(crate) fn new(future: impl Future<Output = T> + 'a) -> Self {
        Self(Box::pin(future))
    }

    /// A call that was made and waits.
    #[track_caller]
    pub(crate) fn begun(future: impl Future<Output = T> + 'a) -> Self {
        let mut call = Self::new(future);
        assert!(call.poll().is_none(), "it has completed already");
        call
    }

    pub(crate) fn poll(&mut self) -> Option<T> {
        match self.0.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        }
    }
}
