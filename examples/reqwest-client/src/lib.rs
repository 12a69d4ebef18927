//! reqwest as a program's own HTTP client for MCP servers.
//!
//! A program that has one already (with its proxies, certificates, metrics) passes it to the session, and needs no
//! other. What matters for an [`HttpClient`] is said where it is done: no redirects, no repetitions, no deadline but
//! for connecting, and failures that say how far it got. `main.rs` has a session over it.

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_lite::StreamExt as _;
use futures_lite::stream::unfold;
use http::{Request, Response};
use tenure_mcp::{
    Client, HttpBody, HttpClient, HttpFailure, HttpServer, HttpTransport, Options, Reuse, Stage,
};
use tenure_tokio::TokioTimer;

/// A client of the MCP server at `server`, which is reached by `http`. A task of its own carries it.
pub fn session(http: Reqwest, server: HttpServer, options: Options) -> Client {
    let timer = TokioTimer::new();
    let (client, driver) = tenure_mcp::connect(options, HttpTransport::new(http, server, timer), timer);
    drop(tenure_tokio::spawn(driver));
    client
}

/// Two clients of reqwest: one that uses connections again, and one that never does.
#[derive(Clone, Debug)]
pub struct Reqwest {
    pooled: reqwest::Client,
    fresh: reqwest::Client,
}

impl Reqwest {
    /// Both as `configure` makes them, but for what must hold for MCP.
    ///
    /// # Errors
    /// Whatever reqwest finds wrong with the configuration.
    pub fn new(
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<Self, reqwest::Error> {
        // The first call decides for the process; a program that has decided otherwise is fine, too.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = |idle| {
            configure(reqwest::Client::builder())
                // Redirects are followed above, where it is known what may leave the origin.
                .redirect(reqwest::redirect::Policy::none())
                // Nothing is repeated here, unless not a byte of it was written.
                .retry(reqwest::retry::never())
                // Connecting is all that has a deadline here: an answer may be a stream of hours.
                .connect_timeout(Duration::from_secs(10))
                .tcp_keepalive(Duration::from_secs(30))
                // Servers close idle connections at 5 s, and a request must not meet that.
                .pool_idle_timeout(Duration::from_secs(4))
                .pool_max_idle_per_host(idle)
                .build()
        };
        Ok(Self { pooled: client(8)?, fresh: client(0)? })
    }
}

#[async_trait]
impl HttpClient for Reqwest {
    async fn send(&self, request: Request<Bytes>, reuse: Reuse) -> Result<Response<HttpBody>, HttpFailure> {
        // reqwest doesn't say which connection it takes: what must not meet a closed one gets a new one.
        let (client, may_be_used) = match reuse {
            Reuse::Any => (&self.pooled, true),
            _ => (&self.fresh, false),
        };
        let failed = |error| failure(error, may_be_used, Stage::Sent);
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut answer = client.execute(request).await.map_err(failed)?;
        let mut head = Response::builder().status(answer.status()).version(answer.version());
        if let Some(headers) = head.headers_mut() {
            *headers = std::mem::take(answer.headers_mut());
        }
        head.body(body(answer, may_be_used)).map_err(|error| HttpFailure {
            stage: Stage::Head,
            was_reused: may_be_used,
            is_permanent: false,
            reason: error.to_string(),
        })
    }
}

/// The pieces as they come, then nothing or one failure. Dropped with the exchange, it closes the connection.
fn body(answer: reqwest::Response, may_be_used: bool) -> HttpBody {
    unfold(Some(answer), move |answer| async move {
        let mut answer = answer?;
        match answer.chunk().await {
            Ok(Some(piece)) => Some((Ok(piece), Some(answer))),
            Ok(None) => None,
            Err(error) => Some((Err(failure(error, may_be_used, Stage::Body)), None)),
        }
    })
    .boxed()
}

/// How far it got: never earlier than it may have been.
fn failure(error: reqwest::Error, may_be_used: bool, stage: Stage) -> HttpFailure {
    let is_certificate = causes(&error).any(is_bad_certificate);
    let stage = if error.is_connect() {
        if is_certificate { Stage::Tls } else { Stage::Connect }
    } else if error.is_builder() {
        Stage::Unwritten
    } else {
        stage
    };
    // Without the URL, whose query may be a secret.
    let error = error.without_url();
    let reasons: Vec<String> = causes(&error).map(ToString::to_string).collect();
    HttpFailure {
        stage,
        was_reused: may_be_used && !stage.is_unsent(),
        is_permanent: is_certificate || error.is_builder(),
        reason: reasons.join(": "),
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

fn is_bad_certificate(error: &(dyn Error + 'static)) -> bool {
    let of_io = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let of_tls = error.downcast_ref().or_else(|| of_io.and_then(|inner| inner.downcast_ref()));
    matches!(of_tls, Some(rustls::Error::InvalidCertificate(_)))
}
