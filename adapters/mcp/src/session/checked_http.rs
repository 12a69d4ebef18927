//! The connector keeps the rules of all connectors over HTTP, too, with a server in memory.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::future::{pending, poll_fn};
use std::sync::Mutex;
use std::task::{Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_lite::{StreamExt as _, future, stream};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tenure::{Config, Probe};
use tenure_kit::{ConnectorCheck, VirtualClock};
use tenure_mcp_proto::http::{Failure, Reuse};
use tenure_mcp_proto::{Eras, RequestOptions};

use crate::session::common::Common;
use crate::session::connector::McpConnector;
use crate::session::handle::Handle;
use crate::wire::http::client::{HttpBody, HttpClient};
use crate::wire::http::transport::{HttpServer, HttpTransport};

/// What the server does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Answers,
    IsSilent,
    /// It never answers the request that ends the session.
    IsStubborn,
    /// It forgets the session when it is called, and answers the call when the client knows.
    Forgets,
}

struct Server {
    manner: Manner,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_called: bool,
    /// The client asked whether the session is known, and was told that it isn't.
    is_refused: bool,
    wakers: Vec<Waker>,
}

impl Server {
    fn change(&self, change: impl FnOnce(&mut State)) {
        let wakers = {
            let mut state = self.state.lock().unwrap();
            change(&mut state);
            std::mem::take(&mut state.wakers)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    async fn until(&self, is_so: impl Fn(&State) -> bool) {
        poll_fn(|cx| {
            let mut state = self.state.lock().unwrap();
            state.wakers.push(cx.waker().clone());
            if is_so(&state) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    async fn hear(&self, message: &Value) -> Response<HttpBody> {
        let is_forgetful = self.manner == Manner::Forgets;
        match (message["method"].as_str(), &message["id"]) {
            (Some("initialize" | "server/discover"), _) if self.manner == Manner::IsSilent => pending().await,
            (Some("server/discover"), _) => {
                answer(message, &json!({ "supportedVersions": ["2026-07-28"], "capabilities": {} }))
            }
            (Some("initialize"), _) => {
                let mut answer = answer(
                    message,
                    &json!({
                        "protocolVersion": message["params"]["protocolVersion"],
                        "capabilities": {},
                        "serverInfo": { "name": "in memory", "version": "1" },
                    }),
                );
                answer.headers_mut().insert("mcp-session-id", HeaderValue::from_static("session"));
                answer
            }
            (Some("ping"), Value::String(_)) if is_forgetful => {
                self.change(|state| state.is_refused = true);
                status(404)
            }
            (Some("ping"), _) if is_forgetful => {
                self.change(|state| state.is_called = true);
                self.until(|state| state.is_refused).await;
                answer(message, &json!({}))
            }
            (Some(_), Value::Null) => status(202),
            _ => answer(message, &json!({})),
        }
    }
}

fn status(status: u16) -> Response<HttpBody> {
    let mut response = Response::new(stream::empty().boxed() as HttpBody);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn answer(message: &Value, result: &Value) -> Response<HttpBody> {
    let body = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }).to_string();
    let mut response = Response::new(stream::once(Ok(Bytes::from(body))).boxed() as HttpBody);
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

#[async_trait]
impl HttpClient for Server {
    async fn send(&self, request: Request<Bytes>, _: Reuse) -> Result<Response<HttpBody>, Failure> {
        Ok(match *request.method() {
            Method::POST => self.hear(&serde_json::from_slice(request.body()).unwrap()).await,
            Method::DELETE if self.manner == Manner::IsStubborn => pending().await,
            Method::DELETE => status(200),
            // The stream that the client listens to.
            _ if self.manner == Manner::Forgets => {
                self.until(|state| state.is_called).await;
                status(404)
            }
            _ => status(405),
        })
    }
}

fn connector(manner: Manner, eras: Eras) -> McpConnector<VirtualClock> {
    let timer = VirtualClock::new();
    let server = Server { manner, state: Mutex::default() };
    let at = HttpServer::new("http://127.0.0.1/mcp").unwrap();
    let transport = HttpTransport::new(server, at, timer.clone());
    let protocol = tenure_mcp_proto::Options::default().eras(eras);
    McpConnector::new(Common::plain(timer, protocol, transport))
}

fn config() -> Config {
    let probe = Probe { interval: Duration::from_millis(10), timeout: Duration::from_secs(1) };
    Config::default().stop_timeout(Duration::from_millis(500)).probe(Some(probe))
}

async fn call(handle: &Handle, method: &str) -> Result<(), tenure_driver::Failure> {
    handle.channel.call(method, None, RequestOptions::default(), false)?.await?;
    Ok(())
}

/// All but one that is silent: an opening may have made a session, so its answer is waited for until it is told to
/// hurry, which says what there is to be ended (MCP 2025-11-25, basic/transports, "Session Management").
async fn check_legacy() {
    let connector = |manner| connector(manner, Eras::Legacy);
    let ping = async |handle: &Handle| call(handle, "ping").await;
    let check = ConnectorCheck::new(|| connector(Manner::Answers), ping)
        .config(config())
        .stubborn(|| connector(Manner::IsStubborn))
        .retiring(|| connector(Manner::Forgets));
    let report = check.run().await;
    report.assert();
    assert_eq!(report.not_checked().len(), 1, "{report}");
}

/// There is no session that an opening could make, or that could be forgotten.
async fn check_modern() {
    let connector = |manner| connector(manner, Eras::Modern);
    let list = async |handle: &Handle| call(handle, "tools/list").await;
    let check = ConnectorCheck::new(|| connector(Manner::Answers), list)
        .config(config())
        .silent(|| connector(Manner::IsSilent));
    let report = check.run().await;
    report.assert();
    assert_eq!(report.not_checked().len(), 1, "{report}");
}

/// Both, which mostly wait, at once.
async fn check() {
    future::zip(check_legacy(), check_modern()).await;
}

#[test]
fn the_connector_keeps_all_rules_of_connectors_over_http() {
    future::block_on(check());
}

#[test]
fn it_keeps_them_on_tokio() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(check());
}

#[test]
fn it_keeps_them_on_smol() {
    smol::block_on(check());
}
