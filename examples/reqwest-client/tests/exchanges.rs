//! It does what is asked of an `HttpClient`, against servers on this machine.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "tests")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use futures_lite::StreamExt as _;
use http::{Request, Response};
use tenure_http_server::{Server, Speaks};
use tenure_mcp::{HttpBody, HttpClient as _, HttpFailure, HttpServer, Options, Reuse, Stage};
use tenure_reqwest_client::{Reqwest, session};
use tenure_tokio::Mode;

/// A server that reads something of each connection, says `answer` and closes. Its URL has something secret.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/mcp?key=secret", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream: TcpStream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

fn run<T>(exchange: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), exchange).await.unwrap() })
}

async fn send(url: &str, reuse: Reuse) -> Result<Response<HttpBody>, HttpFailure> {
    let client = Reqwest::new(reqwest::ClientBuilder::no_proxy).unwrap();
    let request = Request::post(url).body(Bytes::from_static(b"{}")).unwrap();
    client.send(request, reuse).await
}

fn failure(url: &str) -> HttpFailure {
    let failure = run(send(url, Reuse::Any)).err().unwrap();
    assert!(!format!("{failure:?}").contains("secret"), "{failure:?}");
    failure
}

#[test]
fn a_session_over_it_finds_the_tools_of_a_server_of_either_era_and_ends_in_order() {
    for speaks in [Speaks::Legacy, Speaks::Modern] {
        let server = Server::start(speaks);
        run(async {
            let http = Reqwest::new(reqwest::ClientBuilder::no_proxy).unwrap();
            let client = session(http, HttpServer::new(&server.url()).unwrap(), Options::new());
            let tools = client.list_tools().await.unwrap();
            assert!(tools.iter().any(|tool| tool.name == "echo"));
            client.shutdown(Mode::Graceful).await;
        });
        assert_eq!(server.journal().faults, [""; 0]);
    }
}

#[test]
fn an_answer_has_its_head_and_its_body() {
    let url = server("HTTP/1.1 201 Created\r\nX: y\r\nContent-Length: 5\r\n\r\nhello");
    for reuse in [Reuse::Any, Reuse::Youngest, Reuse::Fresh] {
        run(async {
            let mut answer = send(&url, reuse).await.unwrap();
            assert_eq!(answer.status(), 201);
            assert_eq!(answer.headers()["x"], "y");
            assert_eq!(answer.body_mut().next().await.unwrap().unwrap(), "hello");
            assert!(answer.body_mut().next().await.is_none());
        });
    }
}

#[test]
fn a_redirect_is_an_answer() {
    let url = server("HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(run(send(&url, Reuse::Any)).ok().unwrap().status(), 307);
}

#[test]
fn failures_say_how_far_it_got() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(failure(&format!("http://{nobody}/?secret")).stage, Stage::Connect);
    assert_eq!(failure(&server("")).stage, Stage::Sent);
    assert_eq!(failure(&server("no HTTP at all\r\n\r\n")).stage, Stage::Sent);
}

#[test]
fn a_body_that_is_cut_fails_once() {
    let url = server("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
    run(async {
        let mut answer = send(&url, Reuse::Any).await.unwrap();
        assert_eq!(answer.body_mut().next().await.unwrap().unwrap(), "hello");
        let failure = answer.body_mut().next().await.unwrap().unwrap_err();
        assert_eq!(failure.stage, Stage::Body);
        assert!(!failure.reason.contains("secret"));
        assert!(answer.body_mut().next().await.is_none());
    });
}
