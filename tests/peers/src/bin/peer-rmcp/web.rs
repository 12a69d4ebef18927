//! The peer over HTTP.

use std::{env, error::Error, net::Ipv4Addr, sync::Arc, time::Duration};

use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
};
use tokio::net::TcpListener;

use crate::{Peer, changes::Listeners};

/// Until it is killed. Who listens, in the modern era, does so to all of it: there each request has a peer of its own.
pub async fn serve(page: usize) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, env::var("PORT")?.parse()?)).await?;
    println!("listening on port {}", listener.local_addr()?.port());
    let listeners = Arc::new(Listeners::default());
    let peer = move || Ok(Peer { page, listeners: Arc::clone(&listeners), ..Peer::default() });
    // Whoever was cut off needn't wait long.
    let retry = Some(Duration::from_millis(200));
    let mut sessions = LocalSessionManager::default();
    sessions.session_config.sse_retry = retry;
    let config = StreamableHttpServerConfig::default().with_sse_retry(retry);
    let service = StreamableHttpService::new(peer, Arc::new(sessions), config);
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            // A connection that breaks off is the client's affair.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
