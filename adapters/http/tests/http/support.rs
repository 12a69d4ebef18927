//! Both runtimes, and a bound for each test.

use std::pin::Pin;
use std::sync::mpsc;
use std::time::Duration;

use bytes::Bytes;
use futures_lite::future::poll_once;
use futures_lite::{FutureExt as _, StreamExt as _};
use http::{Request, Response};
use tenure_http::{Http, Network, Options, Proxies};
use tenure_mcp::{HttpBody, HttpClient as _, HttpFailure, HttpServer, Reuse};
use tenure_smol::SmolNetwork;
use tenure_tokio::TokioNetwork;

use crate::server::Server;

/// Far longer than a test takes, on a busy machine too.
const BOUND: Duration = Duration::from_secs(20);

/// The test on tokio and then on smol, each bounded in time.
pub(crate) fn on_both(test: impl AsyncFn(Net) + Copy + Send + 'static) {
    bounded("tokio", move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(test(Net::Tokio).boxed_local());
    });
    bounded("smol", move || smol::block_on(test(Net::Smol).boxed_local()));
}

pub(crate) fn bounded(name: &str, test: impl FnOnce() + Send + 'static) {
    bounded_box(name, Box::new(test));
}

fn bounded_box(name: &str, test: Box<dyn FnOnce() + Send>) {
    let (done, is_done) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    match is_done.recv_timeout(BOUND) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("on {name}: not done within {BOUND:?}"),
        _ => {
            if let Err(panic) = thread.join() {
                eprintln!("on {name}:");
                std::panic::resume_unwind(panic);
            }
        }
    }
}

/// Which runtime it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Net {
    Tokio,
    Smol,
}

impl Net {
    pub(crate) fn client(self) -> Http {
        self.client_with(plain())
    }

    pub(crate) fn client_with(self, options: Options) -> Http {
        match self {
            Self::Tokio => Http::new(TokioNetwork::new(), options),
            Self::Smol => Http::new(SmolNetwork::new(), options),
        }
    }

    /// A client of MCP that reaches its server so.
    pub(crate) fn mcp(self, url: &str, options: Options) -> tenure_mcp::Client {
        let (http, server) = (self.client_with(options), HttpServer::new(url).unwrap());
        match self {
            Self::Tokio => tenure_tokio::mcp::http_by(http, server, tenure_mcp::Options::new()),
            Self::Smol => tenure_smol::mcp::http_by(http, server, tenure_mcp::Options::new()),
        }
    }

    pub(crate) fn network(self) -> Box<dyn Network> {
        match self {
            Self::Tokio => Box::new(TokioNetwork::new()),
            Self::Smol => Box::new(SmolNetwork::new()),
        }
    }
}

/// Lets the future go on until the server saw something, and says what.
pub(crate) async fn until_seen<F: Future>(net: Net, server: &Server, mut future: Pin<&mut F>) -> String {
    let network = net.network();
    loop {
        assert!(poll_once(future.as_mut()).await.is_none(), "it is over already");
        if let Some(seen) = server.saw_now() {
            return seen;
        }
        network.sleep(Duration::from_millis(1)).await;
    }
}

/// Nothing of the environment.
pub(crate) fn plain() -> Options {
    Options::new().proxies(Proxies::none())
}

pub(crate) fn get(url: &str) -> Request<Bytes> {
    Request::get(url).body(Bytes::new()).unwrap()
}

pub(crate) fn post(url: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    Request::post(url).header("content-type", "application/json").body(body.into()).unwrap()
}

/// Sends it and reads the whole answer.
pub(crate) async fn ask(http: &Http, request: Request<Bytes>) -> Result<String, HttpFailure> {
    ask_with(http, request, Reuse::Any).await
}

pub(crate) async fn ask_with(
    http: &Http,
    request: Request<Bytes>,
    reuse: Reuse,
) -> Result<String, HttpFailure> {
    read(http.send(request, reuse).await?).await
}

pub(crate) async fn read(answer: Response<HttpBody>) -> Result<String, HttpFailure> {
    let mut body = answer.into_body();
    let mut text = Vec::new();
    while let Some(piece) = body.next().await {
        text.extend_from_slice(&piece?);
    }
    Ok(String::from_utf8(text).unwrap())
}
