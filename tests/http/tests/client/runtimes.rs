//! The client on each runtime.

use std::time::Duration;

use tenure_http::{Http, Options, Proxies};
use tenure_mcp::{Client, HttpServer};
use tenure_smol::SmolNetwork;
use tenure_tokio::TokioNetwork;

use crate::support::{Runtime, Setup};

pub(crate) struct Tokio;

impl Runtime for Tokio {
    fn http(url: &str, setup: Setup) -> Client {
        let client = Http::new(TokioNetwork::new(), http());
        tenure_tokio::mcp::http_by(setup.arrivals.of(client), server(url, &setup), setup.options)
    }

    async fn pause(time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn block_on<T>(body: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(2).enable_all().build().unwrap().block_on(body)
    }
}

pub(crate) struct Smol;

impl Runtime for Smol {
    fn http(url: &str, setup: Setup) -> Client {
        let client = Http::new(SmolNetwork::new(), http());
        tenure_smol::mcp::http_by(setup.arrivals.of(client), server(url, &setup), setup.options)
    }

    async fn pause(time: Duration) {
        smol::Timer::after(time).await;
    }

    fn block_on<T>(body: impl Future<Output = T>) -> T {
        smol::block_on(body)
    }
}

/// Whatever the environment says of proxies.
fn http() -> Options {
    Options::new().proxies(Proxies::none())
}

fn server(url: &str, setup: &Setup) -> HttpServer {
    let mut server = HttpServer::new(url).unwrap().old_transport(setup.old_transport);
    for (name, value) in &setup.headers {
        server = server.header(name, *value).unwrap();
    }
    if let Some(tokens) = &setup.credentials {
        server = server.credentials(tokens.clone());
    }
    match setup.max_exchanges {
        Some(most) => server.max_exchanges(most),
        None => server,
    }
}
