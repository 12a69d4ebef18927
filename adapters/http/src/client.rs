//! The client.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_lite::future::poll_fn;
use http::header::{ACCEPT_ENCODING, HOST, PROXY_AUTHORIZATION};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, Request, Response, Uri, Version};
use hyper::body::Incoming;
use std::task::Poll;
use tenure_mcp::{HttpBody, HttpClient, HttpFailure, Reuse, Stage};

use crate::body::{Body, Home};
use crate::conn::{Conn, Form};
use crate::connect::Opener;
use crate::failure::permanent;
use crate::network::Network;
use crate::options::Options;
use crate::origin::Place;
use crate::pool::{self, Pool};
use crate::tls::Tls;

/// A client of HTTP/1.1, over the sockets of any runtime.
///
/// Clones share its connections. [The crate's first page](crate) says what it does.
#[derive(Clone)]
pub struct Http {
    shared: Arc<Shared>,
}

struct Shared {
    network: Arc<dyn Network>,
    options: Options,
    tls: Tls,
    pool: Arc<Pool>,
}

impl Http {
    /// A client over this runtime's sockets.
    pub fn new(network: impl Network, options: Options) -> Self {
        let tls = Tls::new(options.roots.clone());
        let pool = Arc::new(Pool::default());
        Self { shared: Arc::new(Shared { network: Arc::new(network), options, tls, pool }) }
    }

    /// So many connections are open and carry nothing now.
    pub fn idle_connections(&self) -> usize {
        self.shared.pool.len()
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("options", &self.shared.options)
            .field("idle_connections", &self.idle_connections())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for Http {
    async fn send(&self, request: Request<Bytes>, reuse: Reuse) -> Result<Response<HttpBody>, HttpFailure> {
        let shared = &*self.shared;
        let place = Place::of(request.uri())?;
        let mut kept = shared.pool.take(place, reuse, shared.network.now());
        loop {
            let is_kept = kept.is_some();
            let conn = match kept.take() {
                Some(conn) => conn,
                // Apart, since most exchanges need none of it.
                None => Box::pin(shared.open(place)).await?,
            };
            match shared.exchange(conn, &request).await {
                Err(failure) if is_kept => {
                    shared.pool.clear(place);
                    // Else the server closed it since it was looked at, and none of the request was written: it is no
                    // repetition.
                    if failure.stage != Stage::Unwritten {
                        return Err(failure);
                    }
                }
                outcome => return outcome,
            }
        }
    }
}

impl Shared {
    async fn open(&self, place: Place<'_>) -> Result<Box<Conn>, HttpFailure> {
        let origin = place.origin();
        Opener { network: &*self.network, options: &self.options, tls: &self.tls }.open(&origin).await
    }

    async fn exchange(
        &self,
        mut conn: Box<Conn>,
        request: &Request<Bytes>,
    ) -> Result<Response<HttpBody>, HttpFailure> {
        let request = prepare(request, &conn)?;
        let was_reused = conn.was_used();
        let (head, incoming) = conn.send(request).await?.into_parts();
        let keep = pool::keep(&head.headers);
        let home = Home { pool: self.pool.clone(), network: self.network.clone(), keep };
        let body = settled(incoming, conn, home, was_reused).await;
        Ok(Response::from_parts(head, Box::pin(body)))
    }
}

async fn settled(incoming: Incoming, conn: Box<Conn>, home: Home, was_reused: bool) -> Body {
    let mut body = Body::new(incoming, conn, home, was_reused);
    poll_fn(|cx| {
        body.settle(cx);
        Poll::Ready(())
    })
    .await;
    body
}

/// The request as this connection wants it.
fn prepare(request: &Request<Bytes>, conn: &Conn) -> Result<Request<Bytes>, HttpFailure> {
    let mut prepared = Request::new(request.body().clone());
    *prepared.method_mut() = request.method().clone();
    *prepared.uri_mut() = target(request.uri(), conn)
        .ok_or_else(|| permanent(Stage::Unwritten, "the address can't be written as HTTP"))?;
    *prepared.version_mut() = Version::HTTP_11;
    *prepared.headers_mut() = headers(request.headers(), conn);
    Ok(prepared)
}

fn headers(wanted: &HeaderMap, conn: &Conn) -> HeaderMap {
    // With room for the host and the length, which hyper adds: to make room later costs a copy.
    let mut headers = HeaderMap::with_capacity(wanted.len().saturating_add(2));
    headers.insert(HOST, conn.host.clone());
    // No body here is decoded.
    let is_own = |name: &HeaderName| [HOST, ACCEPT_ENCODING].contains(name);
    for (name, value) in wanted.iter().filter(|(name, _)| !is_own(name)) {
        headers.append(name.clone(), value.clone());
    }
    if let Some(value) = &conn.proxy_authorization {
        headers.insert(PROXY_AUTHORIZATION, value.clone());
    }
    headers
}

fn target(uri: &Uri, conn: &Conn) -> Option<Uri> {
    let path = uri.path_and_query();
    match conn.form {
        Form::Origin => Some(path.map_or(PathAndQuery::from_static("/"), Clone::clone).into()),
        // Without what may be between the scheme and the host.
        Form::Absolute => {
            Uri::try_from(format!("{}{}", conn.origin, path.map_or("/", PathAndQuery::as_str))).ok()
        }
    }
}
