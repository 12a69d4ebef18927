//! The canned server over HTTP on the loopback, and three clients of it.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rmcp::ServiceExt as _;
use rmcp::transport::StreamableHttpClientTransport;
use tenure_canned::answer;
use tenure_cases::runtime::{Runtime, Smol, Tokio};
use tenure_cases::{Case, case, floor, mcp};
use tenure_mcp::{Client, Options};
use tokio::net::{TcpListener, TcpStream};

use crate::peers::rmcp as beside;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// Answers as JSON, or as one event for whoever asks at `/events`.
async fn serve(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let status = |status| {
        let mut response = Response::new(Full::default());
        *response.status_mut() = status;
        Ok(response)
    };
    match *request.method() {
        Method::POST => {}
        Method::DELETE => return status(StatusCode::OK),
        _ => return status(StatusCode::METHOD_NOT_ALLOWED),
    }
    let is_event = request.uri().path() == "/events";
    let message = request.into_body().collect().await?.to_bytes();
    let mut body = Vec::new();
    if is_event {
        body.extend_from_slice(b"data: ");
    }
    let empty = body.len();
    answer(&message, &mut body);
    if body.len() == empty {
        return status(StatusCode::ACCEPTED);
    }
    if is_event {
        body.push(b'\n');
    }
    let mut response = Response::new(Full::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, (if is_event { EVENTS } else { JSON }).parse().expect("a header"));
    headers.insert("mcp-session-id", "canned".parse().expect("a header"));
    Ok(response)
}

async fn accept(listener: TcpListener) -> Result<Infallible, std::io::Error> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(serve)));
    }
}

/// One server for all, on a thread of its own; where it listens.
static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| {
    let (told, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        Tokio::block_on(async move {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
            told.send(listener.local_addr().expect("an address")).expect("it is waited for");
            accept(listener).await
        })
    });
    address.recv().expect("a server")
});

fn url(path: &str) -> String {
    format!("http://{}{path}", *SERVER)
}

/// Clients of tenure's that are reached over HTTP.
trait Http: Runtime {
    fn http(url: &str) -> Client;
}

impl Http for Tokio {
    fn http(url: &str) -> Client {
        tenure_tokio::mcp::http(url, Options::new()).expect("a URL")
    }
}

impl Http for Smol {
    fn http(url: &str) -> Client {
        let server = tenure_mcp::HttpServer::new(url).expect("a URL");
        let network = tenure_smol::SmolNetwork::new();
        let http = tenure_smol::http::Http::new(network, tenure_smol::http::Options::new());
        let transport = tenure_mcp::HttpTransport::new(http, server, Self::timer());
        let (client, driver) = tenure_mcp::connect(Options::new(), transport, Self::timer());
        Self::spawn(driver);
        client
    }
}

async fn json<R: Http>(times: u64) -> Duration {
    mcp::calls(R::http(&url("/")), times).await
}

async fn events<R: Http>(times: u64) -> Duration {
    mcp::calls(R::http(&url("/events")), times).await
}

async fn rmcp_calls(path: &str, times: u64) -> Duration {
    let transport = StreamableHttpClientTransport::from_uri(url(path));
    beside::calls(().serve(transport).await.expect("a handshake"), times).await
}

async fn rmcp_json<R: Runtime>(times: u64) -> Duration {
    rmcp_calls("/", times).await
}

async fn rmcp_events<R: Runtime>(times: u64) -> Duration {
    rmcp_calls("/events", times).await
}

async fn ask(sender: &mut SendRequest<Full<Bytes>>, path: &str) -> usize {
    let request = Request::post(path)
        .header(HOST, SERVER.to_string())
        .header(ACCEPT, "application/json, text/event-stream")
        .header(CONTENT_TYPE, JSON)
        .header("mcp-session-id", "canned")
        .header("mcp-protocol-version", "2025-11-25")
        .body(Full::from(floor::CALL))
        .expect("a request");
    sender.ready().await.expect("it is served");
    let response = sender.send_request(request).await.expect("it is served");
    response.into_body().collect().await.expect("a body").to_bytes().len()
}

/// hyper's client alone, with the bytes of a call; the answer is not looked into.
async fn bare(path: &'static str, times: u64) -> Duration {
    let stream = TcpStream::connect(*SERVER).await.expect("a connection");
    stream.set_nodelay(true).expect("an option");
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.expect("a handshake");
    tokio::spawn(connection);
    let begun = Instant::now();
    for _ in 0..times {
        assert!(ask(&mut sender, path).await > 100);
    }
    begun.elapsed()
}

async fn bare_json<R: Runtime>(times: u64) -> Duration {
    bare("/", times).await
}

async fn bare_events<R: Runtime>(times: u64) -> Duration {
    bare("/events", times).await
}

const CALLS: (u64, u64) = (50, 550);

pub const TIMED: &[Case] = &[
    case!("tokio/http-json", CALLS, Tokio, json),
    case!("smol/http-json", CALLS, Smol, json),
    case!("rmcp/http-json", CALLS, Tokio, rmcp_json),
    case!("hyper/http-json", CALLS, Tokio, bare_json),
    case!("tokio/http-events", CALLS, Tokio, events),
    case!("smol/http-events", CALLS, Smol, events),
    case!("rmcp/http-events", CALLS, Tokio, rmcp_events),
    case!("hyper/http-events", CALLS, Tokio, bare_events),
];
