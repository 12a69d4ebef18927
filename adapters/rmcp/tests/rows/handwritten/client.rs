#![allow(unreachable_pub, reason = "README.md shows it as it would stand in a library")]
//! As it is written by hand; the lines below the dashes stand in README.md.

use tenure_rmcp::rmcp::{
    Peer, RoleClient, ServiceExt, service::RunningService, transport::TokioChildProcess,
};
use tokio::{process::Command, sync::Mutex};

type Error = Box<dyn std::error::Error>;
use crate::support::Deaf as Handler;

type Start = Box<dyn Fn() -> (Command, Handler)>;

impl Client {
    pub(crate) fn new(start: impl Fn() -> (Command, Handler) + 'static) -> Self {
        Self { start: Box::new(start), running: Mutex::new(None) }
    }
}

// ---
pub struct Client {
    start: Start,
    running: Mutex<Option<RunningService<RoleClient, Handler>>>,
}

impl Client {
    pub async fn peer(&self) -> Result<Peer<RoleClient>, Error> {
        let mut running = self.running.lock().await;
        if running.as_ref().is_none_or(|running| running.is_transport_closed()) {
            let (command, handler) = (self.start)();
            *running = Some(handler.serve(TokioChildProcess::new(command)?).await?);
        }
        Ok(running.as_ref().ok_or("not connected")?.peer().clone())
    }

    pub async fn close(&self) {
        if let Some(running) = self.running.lock().await.take() {
            let _ = running.cancel().await;
        }
    }
}
