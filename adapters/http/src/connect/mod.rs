//! From an origin to a connection: a name, a proxy, a socket, TLS; all of it within one deadline.

mod eyeballs;
mod tunnel;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use futures_lite::future::or;
use tenure_mcp::{HttpFailure, Stage};

use crate::conn::{Conn, Form};
use crate::failure::{failure, permanent};
use crate::io::{Noted, Notes};
use crate::network::{BoxSocket, Network};
use crate::options::Options;
use crate::origin::Origin;
use crate::proxy::Proxy;
use crate::tls::Tls;

/// Opens connections, as the options say.
pub(crate) struct Opener<'a> {
    pub(crate) network: &'a dyn Network,
    pub(crate) options: &'a Options,
    pub(crate) tls: &'a Tls,
}

impl Opener<'_> {
    pub(crate) async fn open(&self, origin: &Origin) -> Result<Box<Conn>, HttpFailure> {
        let limit = self.options.connect_timeout;
        let stage = StageCell::new();
        let late = async {
            self.network.sleep(limit).await;
            Err(failure(stage.now(), format!("no connection within {}", Seconds(limit))))
        };
        or(self.open_at_leisure(origin, &stage), late).await
    }

    async fn open_at_leisure(&self, origin: &Origin, stage: &StageCell) -> Result<Box<Conn>, HttpFailure> {
        let notes = Notes::default();
        if let Some(path) = &self.options.unix_socket {
            let socket = self.unix(path, &notes).await?;
            return self.handshake(origin, socket, notes, stage).await;
        }
        let proxy = self.options.proxies.of(origin).map_err(|reason| permanent(Stage::Connect, reason))?;
        let Some(proxy) = proxy else {
            let socket = self.tcp(origin, &notes).await?;
            return self.handshake(origin, socket, notes, stage).await;
        };
        let mut socket = self.to_proxy(proxy, &notes).await?;
        if origin.is_secure {
            tunnel::open(&mut socket, origin, proxy.authorization()).await?;
            return self.handshake(origin, socket, notes, stage).await;
        }
        let mut conn = Conn::new(socket, notes, Form::Absolute, origin).await?;
        conn.proxy_authorization = proxy.authorization().cloned();
        Ok(conn)
    }

    /// TLS if the origin has it, and then HTTP.
    async fn handshake(
        &self,
        origin: &Origin,
        socket: BoxSocket,
        notes: Notes,
        stage: &StageCell,
    ) -> Result<Box<Conn>, HttpFailure> {
        let socket = if origin.is_secure {
            stage.tls();
            self.tls.connect(&origin.host, socket).await?
        } else {
            socket
        };
        Conn::new(socket, notes, Form::Origin, origin).await
    }

    async fn unix(&self, path: &Path, notes: &Notes) -> Result<BoxSocket, HttpFailure> {
        let socket = self.network.connect_unix(path).await;
        let socket =
            socket.map_err(|error| failure(Stage::Connect, format!("{}: {error}", path.display())))?;
        Ok(Box::new(Noted::new(socket, notes.clone())))
    }

    async fn tcp(&self, origin: &Origin, notes: &Notes) -> Result<BoxSocket, HttpFailure> {
        let addresses = self.resolve(origin).await?;
        let socket = eyeballs::connect(self.network, addresses).await;
        let socket = socket.map_err(|reason| failure(Stage::Connect, reason))?;
        Ok(Box::new(Noted::new(socket, notes.clone())))
    }

    async fn resolve(&self, origin: &Origin) -> Result<Vec<SocketAddr>, HttpFailure> {
        if let Some(ip) = origin.ip() {
            return Ok(vec![SocketAddr::new(ip, origin.port)]);
        }
        let addresses = self.network.resolve(&origin.host, origin.port).await;
        addresses.map_err(|error| failure(Stage::Connect, format!("{}: {error}", origin.host)))
    }

    /// A connection to the proxy itself. Whatever is wrong with it, the server wasn't reached.
    async fn to_proxy(&self, proxy: &Proxy, notes: &Notes) -> Result<BoxSocket, HttpFailure> {
        let opened = async {
            let socket = self.tcp(&proxy.origin, notes).await?;
            if proxy.origin.is_secure {
                self.tls.connect(&proxy.origin.host, socket).await
            } else {
                Ok(socket)
            }
        };
        opened.await.map_err(|broken| HttpFailure {
            stage: Stage::Connect,
            reason: format!("the proxy {}: {}", proxy.origin, broken.reason),
            ..broken
        })
    }
}

/// How far a connection is, for the deadline to tell.
struct StageCell(std::sync::atomic::AtomicBool);

impl StageCell {
    fn new() -> Self {
        Self(std::sync::atomic::AtomicBool::new(false))
    }

    fn tls(&self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    fn now(&self) -> Stage {
        if self.0.load(std::sync::atomic::Ordering::Relaxed) { Stage::Tls } else { Stage::Connect }
    }
}

struct Seconds(Duration);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} s", self.0.as_secs_f64())
    }
}
