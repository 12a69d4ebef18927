//! One client over HTTP, its driver polled by hand.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use serde_json::{Value, json};
use tenure::{Config, KeepAlive};
use tenure_mcp::{Client, Eras, HttpServer, HttpTransport, Lease, McpDriver, Options, ServerEvent};

pub(crate) use crate::call::Call;
use crate::clock::Clock;
use crate::web::{Served, Web};

#[derive(Default)]
struct Woken(AtomicBool, AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

pub(crate) struct Stage {
    pub(crate) client: Client,
    pub(crate) web: Web,
    driver: Option<Pin<Box<McpDriver<Clock>>>>,
    woken: Arc<Woken>,
    clock: Clock,
    events: Arc<Mutex<Vec<ServerEvent>>>,
}

pub(crate) fn server() -> HttpServer {
    HttpServer::new("http://127.0.0.1:80/mcp?key=query-secret").unwrap()
}

pub(crate) fn options() -> Options {
    Options::new().session(|_| Config::default().keep_alive(KeepAlive::Always))
}

impl Stage {
    /// A client of a server of the legacy era.
    pub(crate) fn legacy() -> Self {
        Self::with(options().eras(Eras::Legacy), server())
    }

    pub(crate) fn with(options: Options, server: HttpServer) -> Self {
        let (clock, web) = (Clock::default(), Web::default());
        let events = Arc::new(Mutex::new(Vec::new()));
        let heard = events.clone();
        let options = options.on_event(move |_, event| heard.lock().unwrap().push(event.clone()));
        let transport = HttpTransport::new(web.clone(), server, clock.clone());
        let (client, driver) = tenure_mcp::connect(options, transport, clock.clone());
        let woken = Arc::new(Woken(AtomicBool::new(true), AtomicUsize::new(0)));
        Self { client, web, driver: Some(Box::pin(driver)), woken, clock, events }
    }

    /// Polls the driver for as long as it is woken.
    #[track_caller]
    pub(crate) fn turn(&mut self) {
        for _ in 0..1_000 {
            if !self.turn_once() {
                return;
            }
        }
        panic!("the driver is woken again and again");
    }

    /// Polls the driver once if it was woken; returns whether it was.
    pub(crate) fn turn_once(&mut self) -> bool {
        if !self.woken.0.swap(false, Ordering::SeqCst) {
            return false;
        }
        self.woken.1.fetch_add(1, Ordering::SeqCst);
        let waker = Waker::from(self.woken.clone());
        let driver = self.driver.as_mut();
        if driver.is_some_and(|driver| driver.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()) {
            self.driver = None;
        }
        true
    }

    /// How often the driver was polled.
    pub(crate) fn polls(&self) -> usize {
        self.woken.1.load(Ordering::SeqCst)
    }

    /// Lets time pass, and the driver see it.
    #[track_caller]
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

    /// The events since the last look.
    pub(crate) fn events(&self) -> Vec<ServerEvent> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }

    pub(crate) fn is_over(&self) -> bool {
        self.driver.is_none()
    }

    /// How many wakers of the driver are kept, but for those of the clock.
    pub(crate) fn wakers(&self) -> usize {
        self.clock.0.lock().unwrap().1.clear();
        Arc::strong_count(&self.woken).saturating_sub(1)
    }

    /// Everything at once, as when the program ends.
    pub(crate) fn drop_driver(&mut self) {
        self.driver = None;
    }

    /// Somebody acquires, and `initialize` comes.
    #[track_caller]
    pub(crate) fn opening<'a>(&mut self) -> (Call<'a, Result<Lease, tenure_mcp::Error>>, Served) {
        let client = self.client.clone();
        let acquire = Call::begun(async move { client.acquire().await });
        self.turn();
        (acquire, self.web.asked_for("initialize"))
    }

    /// A session of the legacy era with this id, and a lease of it; its listening stream isn't offered.
    #[track_caller]
    pub(crate) fn live(&mut self, session: &str) -> Lease {
        let (mut acquire, initialize) = self.opening();
        self.accept(&initialize, session);
        acquire.poll().unwrap().unwrap()
    }

    /// A server of the modern era with tools, and a lease of it.
    #[track_caller]
    pub(crate) fn modern() -> (Self, Lease) {
        let mut stage = Self::with(options().eras(Eras::Modern), server());
        let client = stage.client.clone();
        let mut acquire = Call::begun(client.acquire());
        stage.turn();
        stage.web.asked_for("server/discover").answer(&discovered());
        stage.turn();
        let lease = acquire.poll().unwrap().unwrap();
        (stage, lease)
    }

    /// The server accepts `initialize` and what confirms it; what listens is asked for.
    #[track_caller]
    pub(crate) fn confirm(&mut self, initialize: &Served, session: &str) {
        initialize.answer_with(&[("mcp-session-id", session)], &initialized());
        self.turn();
        self.web.asked_for("notifications/initialized").status(202);
        self.turn();
    }

    /// The server accepts `initialize`, and all that follows.
    #[track_caller]
    pub(crate) fn accept(&mut self, initialize: &Served, session: &str) {
        self.confirm(initialize, session);
        for asked in self.web.asked() {
            assert_eq!(asked.name(), "GET");
            assert_eq!(asked.header("mcp-session-id"), Some(session));
            asked.status(405);
        }
        self.turn();
    }
}

pub(crate) fn initialized() -> Value {
    json!({
        "protocolVersion": "2025-11-25",
        "capabilities": { "tools": {} },
        "serverInfo": { "name": "by hand", "version": "1" },
    })
}

pub(crate) fn discovered() -> Value {
    json!({
        "resultType": "complete",
        "supportedVersions": ["2026-07-28"],
        "capabilities": { "tools": {} },
    })
}
