//! Secrets over HTTP: in the URL and the headers, in the session's id, in what a server answers.

use serde_json::{Value, json};
use tenure::Mode;
use tenure_http_server::{Reply, Server, Speaks, any, http, rpc};
use tenure_mcp::{Client, Eras, FixedHeaders, HttpServer, Secret};
use tracing::Level;

use crate::recorder::Recorder;
use crate::secrets::{SECRET, assert_kept};
use crate::servers::{Runtime, call, on_each_runtime, options};

/// The server, with a secret wherever who asks may have one.
fn asked(server: &Server) -> HttpServer {
    let credentials = FixedHeaders::new().bearer(&Secret::from(SECRET)).unwrap();
    let credentials = credentials.header("X-Key", Secret::from(SECRET)).unwrap();
    let url = format!("{}?key={SECRET}", server.url());
    HttpServer::new(&url).unwrap().header("X-Own", SECRET).unwrap().credentials(credentials)
}

/// All of it was sent.
fn assert_sent(server: &Server) {
    for request in server.journal().requests {
        assert!(request.target.ends_with(&format!("?key={SECRET}")), "{request:?}");
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {SECRET}")));
        assert_eq!((request.header("x-key"), request.header("x-own")), (Some(SECRET), Some(SECRET)));
    }
}

/// What a server may answer to a call, with a secret in it.
fn answers() -> Vec<Reply> {
    let telling =
        json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "data": SECRET } });
    let error = |id: Value| json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32001, "message": SECRET, "data": SECRET } });
    vec![
        Reply::result(&json!({ "content": [{ "type": "text", "text": SECRET }] })),
        Reply::json(200, &error("$ID".into())),
        Reply::text(500, SECRET),
        Reply::text(404, SECRET),
        Reply::json(400, &error(Value::Null)),
        Reply::text(401, SECRET).header(
            "WWW-Authenticate",
            &format!("Bearer realm=\"{SECRET}\", error=\"invalid_token\", error_description=\"{SECRET}\""),
        ),
        Reply::status(307).header("Location", &format!("http://u:{SECRET}@other.test/{SECRET}?{SECRET}")),
        Reply::json(200, &json!(SECRET)),
        Reply::raw(format!("{SECRET} {SECRET}\r\n")),
        Reply::sse()
            .event(&telling)
            .piece(format!("data: {SECRET}\n\n"))
            .event(&json!({ "jsonrpc": "2.0", "id": SECRET, "result": {} })),
    ]
}

fn a_secret_over_http_is_nowhere<R: Runtime>() {
    for (speaks, eras) in [(Speaks::Legacy, Eras::Legacy), (Speaks::Modern, Eras::Modern)] {
        let (recorder, server) = (Recorder::up_to(Level::TRACE), Server::start(speaks));
        let answering = &server;
        let body = async |client: Client| {
            for answer in answers() {
                answering.next(rpc("tools/call"), answer);
                let lease = client.acquire().await.unwrap();
                let _ = call(&lease, SECRET, json!({ "password": SECRET })).await;
            }
            client.shutdown(Mode::Force).await;
        };
        R::run_http(&recorder, asked(&server), options().eras(eras), body);
        assert_sent(&server);
        assert_kept(
            &recorder,
            &["tools/call", "-32001", "notifications/message", "the server breaks the protocol"],
        );
        let text = recorder.text();
        assert!(!text.contains("session-1"), "the session's id is shown: {text}");
        let generations = recorder.spans().iter().filter(|span| span.name == "generation").count();
        assert_eq!(generations, if speaks == Speaks::Legacy { 2 } else { 1 }, "{text}");
    }
}

fn a_secret_in_a_refused_connect_is_nowhere<R: Runtime>() {
    for reply in [
        Reply::text(503, SECRET),
        Reply::text(401, SECRET).header("WWW-Authenticate", &format!("Bearer realm=\"{SECRET}\"")),
        Reply::status(308).header("Location", &format!("https://{SECRET}.test/{SECRET}?{SECRET}")),
        Reply::json(200, &json!({ "jsonrpc": "2.0", "id": "$ID", "result": { "protocolVersion": SECRET } })),
        // An id that no header may have.
        Reply::result(&json!({ "protocolVersion": "2025-11-25", "capabilities": {} }))
            .header("Mcp-Session-Id", &format!("{SECRET} {SECRET}")),
    ] {
        let (recorder, server) = (Recorder::up_to(Level::TRACE), Server::start(Speaks::Legacy));
        server.always(any(), reply);
        server.always(http("DELETE"), Reply::status(405));
        let body = async |client: Client| {
            client.acquire().await.unwrap_err();
            client.shutdown(Mode::Force).await;
        };
        R::run_http(&recorder, asked(&server), options(), body);
        assert_sent(&server);
        assert_kept(&recorder, &["connecting", "over"]);
    }
}

on_each_runtime! {
    a_secret_over_http_is_nowhere
    a_secret_in_a_refused_connect_is_nowhere
}
