//! A visit at the far side for each generation.

use std::sync::Arc;

use async_trait::async_trait;
use tenure_driver::Failure;
use tenure_mcp::{HttpServer, HttpTransport, Linger, Transport, Wire};

use crate::clock::VirtualTimer;
use crate::ground::Ground;
use crate::held::{Thing, Token};
use crate::tally::Seen;
use crate::web::client::{HOST, WebClient};
use crate::web::{Site, Web};

pub(crate) struct WebTransport {
    ground: Arc<Ground>,
    site: Arc<Site>,
    web: Web,
    timer: VirtualTimer,
    _token: Token,
}

impl WebTransport {
    pub(crate) fn new(ground: &Arc<Ground>, site: Arc<Site>, web: Web, timer: VirtualTimer) -> Self {
        let token = ground.token(Thing::Transport);
        Self { ground: ground.clone(), site, web, timer, _token: token }
    }
}

#[async_trait]
impl Transport for WebTransport {
    async fn open(&self, linger: Linger) -> Result<Wire, Failure> {
        let (ground, generation) = (&self.ground, linger.generation().number());
        let is_other = ground.fault(ground.mood.eras, 15);
        let knows = if is_other { ground.knows() } else { ground.mood.knows };
        if knows != ground.mood.knows {
            ground.saw(Seen::Replaced);
        }
        let visit = self.site.visit(generation, knows);
        let token = ground.token(Thing::Peer);
        let client = WebClient { visit, web: self.web, _token: token };
        let server = HttpServer::new(&format!("https://{HOST}/mcp?key=1")).map_err(Failure::new)?;
        HttpTransport::new(client, server, self.timer.clone()).open(linger).await
    }
}
