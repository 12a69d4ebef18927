//! A peer over HTTP, behind a proxy that sees and cuts.

use std::{process::Command, sync::Mutex, time::Duration};

use tenure_peers::server::Server;

use proxy::Proxy;

mod proxy;
mod steps;

#[derive(Debug)]
pub struct Web {
    pub proxy: Proxy,
    server: Mutex<Option<Server>>,
}

impl Web {
    pub fn start(command: Command) -> Result<Self, String> {
        let server = Server::start(command)?;
        Ok(Self { proxy: Proxy::new(server.port), server: Mutex::new(Some(server)) })
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/mcp", self.proxy.port)
    }

    /// The server is killed, and nobody listens in its place.
    pub fn stop(&self) {
        self.proxy.down();
        *self.server.lock().expect("no thread panicked") = None;
    }

    /// Another one is at the same place.
    fn restart(&self, command: Command) -> Result<(), String> {
        let server = Server::start(command)?;
        self.proxy.up(server.port);
        *self.server.lock().expect("no thread panicked") = Some(server);
        Ok(())
    }

    /// The connections are cut, and for this long there are no others. The server is there all the while.
    pub async fn away_for(&self, time: Duration) {
        let target = self.server.lock().expect("no thread panicked").as_ref().map(|server| server.port);
        self.proxy.down();
        smol::Timer::after(time).await;
        self.proxy.up(target.unwrap_or_default());
    }

    /// The server ends the client's session, and the client isn't told.
    fn expire(&self) -> Result<(), String> {
        let session = self.proxy.session().ok_or("the client has named no session")?;
        let server = self.server.lock().expect("no thread panicked");
        server.as_ref().ok_or("there is no server")?.end_session(&session)
    }
}
