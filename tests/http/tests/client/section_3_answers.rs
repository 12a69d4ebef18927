//! Section 3: what an answer to a call means, row by row.

use serde_json::{Value, json};
use tenure_http_server::{Reply, Speaks, http, rpc};

use crate::outcome::text;
use crate::stage::Stage;
use crate::support::Runtime;

/// An answer to a call of `hi`, what its caller is told, and whether the session lives on.
struct Row(&'static str, Reply, &'static str, bool);

const LIVES: bool = true;
const LOST: bool = false;

/// Statuses that say that the request was not taken, and never will be.
const REFUSALS: [u16; 14] = [405, 406, 411, 413, 414, 415, 417, 421, 425, 426, 428, 431, 451, 501];

/// Statuses that say nothing of what became of it.
const UNCLEAR: [u16; 9] = [402, 408, 409, 418, 500, 502, 503, 504, 599];

/// A session for each row, and all that went wrong at the end.
async fn play<R: Runtime>(speaks: Speaks, has_session: bool, rows: Vec<Row>) {
    let mut wrong = Vec::new();
    for Row(name, reply, expected, lives) in rows {
        let stage = Stage::new::<R>(speaks);
        stage.server.gives_sessions(has_session);
        let lease = stage.lease().await;
        stage.server.next(rpc("tools/call"), reply);
        let said = stage.call(&lease, "hi").await;
        if said != expected {
            wrong.push(format!("{name}: {said}, and not {expected}"));
        }
        if !lives {
            lease.revoked().await;
        }
        drop(lease);
        let generation = stage.generation().await;
        if generation != 1 + u64::from(!lives) {
            wrong.push(format!("{name}: generation {generation}"));
        }
        let again = stage.call_once("ho").await;
        if again != "ok ho" {
            wrong.push(format!("{name}: the next call: {again}"));
        }
        stage.close().await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn done(status: u16) -> Reply {
    Reply::json(status, &answer(&json!("$ID"))).executed()
}

fn answer(id: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": text("hi") })
}

fn error(status: u16, id: &Value, code: i64) -> Reply {
    Reply::json(status, &json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": "m" } }))
}

fn typed(kind: &str, body: impl Into<Vec<u8>>) -> Reply {
    Reply::status(200).header("Content-Type", kind).piece(body).executed()
}

/// What means the same in both eras, with a session or without.
fn common() -> Vec<Row> {
    let as_text = answer(&json!("$ID")).to_string();
    let as_number = as_text.replace("\"$ID\"", "$ID");
    let mut rows = vec![
        Row("2xx JSON, answer", done(200), "ok hi", LIVES),
        Row("201 JSON, answer", done(201), "ok hi", LIVES),
        Row("2xx JSON, error", error(200, &json!("$ID"), -32602), "error -32602", LIVES),
        Row("2xx JSON, error, id null", error(200, &json!(null), -32000), "error -32000", LIVES),
        Row(
            "2xx JSON, error without id",
            typed("application/json", r#"{"jsonrpc":"2.0","error":{"code":-32000,"message":"m"}}"#),
            "error -32000",
            LIVES,
        ),
        Row(
            "2xx JSON, foreign id",
            Reply::json(200, &answer(&json!(987_654))).executed(),
            "no answer, unknown",
            LIVES,
        ),
        Row("2xx JSON, our id as a string", typed("application/json", &*as_text), "ok hi", LIVES),
        Row("2xx JSON, no JSON", typed("application/json", "{\"jsonrpc\":"), "no answer, unknown", LIVES),
        Row("2xx JSON, empty", typed("application/json", ""), "no answer, unknown", LIVES),
        Row("2xx JSON, array", typed("application/json", format!("[{as_number}]")), "ok hi", LIVES),
        Row("2xx SSE, answer", Reply::sse().event(&answer(&json!("$ID"))).executed(), "ok hi", LIVES),
        Row("2xx, other type, answer", typed("text/plain", &*as_number), "ok hi", LIVES),
        Row("2xx, no type, answer", Reply::status(200).piece(&*as_number).executed(), "ok hi", LIVES),
        Row(
            "2xx, other type, no answer",
            typed("text/html", "<html>hello</html>"),
            "no answer, unknown",
            LIVES,
        ),
        Row("2xx, no type, no answer", Reply::status(200).executed(), "no answer, unknown", LIVES),
        Row(
            "media type in capitals, with parameters",
            typed("Application/JSON ; Charset=utf-8", &*as_number),
            "ok hi",
            LIVES,
        ),
        Row("202 to a request", Reply::status(202).executed(), "no answer, unknown", LIVES),
        Row("204 to a request", Reply::status(204).executed(), "no answer, unknown", LIVES),
        Row("an answer at 400", error(400, &json!("$ID"), -32602), "error -32602", LIVES),
        Row("an answer at 404", error(404, &json!("$ID"), -32601), "error -32601", LIVES),
        Row("an answer at 429", error(429, &json!("$ID"), -32603), "error -32603", LIVES),
        Row("an answer at 500", error(500, &json!("$ID"), -32603), "error -32603", LIVES),
        Row("a result at 500", done(500), "ok hi", LIVES),
        Row("401", Reply::status(401), "unauthorized 401, refused", LIVES),
        Row("403", Reply::status(403), "unauthorized 403, refused", LIVES),
        Row("407", Reply::status(407), "unauthorized 407, refused", LIVES),
        Row("401 with an answer", error(401, &json!("$ID"), -32603), "unauthorized 401, refused", LIVES),
        Row("429", Reply::status(429), "status 429, refused", LIVES),
        Row(
            "429, Retry-After",
            Reply::status(429).header("Retry-After", "7"),
            "status 429, refused, again in 7 s",
            LIVES,
        ),
        Row(
            "503, Retry-After",
            Reply::status(503).header("Retry-After", "9").executed(),
            "status 503, unknown, again in 9 s",
            LIVES,
        ),
        Row("400 without an answer", Reply::text(400, "bad request"), "status 400, refused", LIVES),
        Row("closed before the head", Reply::raw("").executed().close(), "broken Sent, unknown", LIVES),
        Row("reset before the head", Reply::raw("").executed().reset(), "broken Sent, unknown", LIVES),
        Row("bad head", Reply::raw("HTTP/9 nonsense\r\n\r\n").executed(), "broken Head, unknown", LIVES),
        Row("body cut", done(200).cut(150, false), "broken Body, unknown", LIVES),
        Row("body reset", done(200).cut(150, true), "broken Body, unknown", LIVES),
        Row(
            "unasked encoding",
            typed("application/json", &*as_number).header("Content-Encoding", "gzip"),
            "no answer, unknown",
            LIVES,
        ),
        Row(
            "SSE cut, no cursor",
            Reply::sse().executed().piece(": hello\n\n").reset(),
            "interrupted, unknown",
            LIVES,
        ),
        Row("SSE ended, no answer", Reply::sse().executed(), "interrupted, unknown", LIVES),
    ];
    let refusal = |status: &u16| {
        Row(name("status", *status), Reply::status(*status), name("status N, refused", *status), LIVES)
    };
    rows.extend(REFUSALS.iter().map(refusal));
    let unclear = |status: &u16| {
        Row(
            name("status", *status),
            Reply::text(*status, "m").executed(),
            name("status N, unknown", *status),
            LIVES,
        )
    };
    rows.extend(UNCLEAR.iter().map(unclear));
    rows
}

fn name(pattern: &str, status: u16) -> &'static str {
    pattern.replace('N', &status.to_string()).leak()
}

async fn each_answer_means_what_it_says_in_a_legacy_session<R: Runtime>() {
    let mut rows = common();
    rows.extend([
        Row("404, resource not found", error(404, &json!("$ID"), -32002), "error -32002", LIVES),
        Row("404, invalid params", error(404, &json!("$ID"), -32602), "error -32602", LIVES),
        Row("404, text", Reply::text(404, "not found"), "lost, refused", LOST),
        Row("404, empty", Reply::status(404), "lost, refused", LOST),
        Row("404, session not found", error(404, &json!(null), -32001), "lost, refused", LOST),
        Row("404, another answer", error(404, &json!("$ID"), -32001), "lost, refused", LOST),
        Row("404, id of nobody", error(404, &json!("server-error"), -32600), "lost, refused", LOST),
        Row("410", Reply::status(410), "lost, refused", LOST),
    ]);
    play::<R>(Speaks::Legacy, true, rows).await;
}

async fn without_a_session_id_no_answer_ends_a_legacy_session<R: Runtime>() {
    play::<R>(
        Speaks::Legacy,
        false,
        vec![
            Row("404", Reply::text(404, "not found"), "status 404, refused", LIVES),
            Row("404, null id", error(404, &json!(null), -32001), "status 404, refused", LIVES),
            Row("400", Reply::text(400, "no"), "status 400, refused", LIVES),
            Row("410", Reply::status(410), "status 410, unknown", LIVES),
        ],
    )
    .await;
}

async fn each_answer_means_what_it_says_to_a_modern_client<R: Runtime>() {
    let mut rows = common();
    rows.extend([
        Row("404, no answer", Reply::text(404, "not found"), "status 404, refused", LIVES),
        Row("a modern error, id null", error(400, &json!(null), -32021), "error -32021", LIVES),
        Row("a modern error of another id", error(200, &json!(99), -32021), "error -32021", LIVES),
        Row("a modern error at 500", error(500, &json!("$ID"), -32021), "error -32021", LIVES),
    ]);
    play::<R>(Speaks::Modern, true, rows).await;
}

async fn an_answer_of_another_type_is_warned_of<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let as_number = answer(&json!("$ID")).to_string().replace("\"$ID\"", "$ID");
    stage.server.next(rpc("tools/call"), typed("text/plain", &*as_number));
    assert_eq!(stage.call_once("hi").await, "ok hi");
    assert_eq!(stage.heard.protocol_errors().len(), 1, "{:?}", stage.heard.all());
    stage.close().await;
}

async fn what_answers_a_notification_is_nobodys_business<R: Runtime>() {
    for reply in [
        Reply::status(200),
        Reply::text(200, "thanks"),
        Reply::json(200, &answer(&json!(1))),
        Reply::status(204),
        Reply::status(500),
    ] {
        let stage = Stage::new::<R>(Speaks::Legacy);
        let lease = stage.lease().await;
        stage.server.next(rpc("notifications/roots/list_changed"), reply);
        lease.notify("notifications/roots/list_changed", ()).await.unwrap();
        stage.server.seen(1, rpc("notifications/roots/list_changed")).await;
        assert_eq!(stage.call(&lease, "hi").await, "ok hi");
        drop(lease);
        stage.close().await;
    }
}

/// The words are a short, safe piece of what came.
async fn an_error_says_what_came_and_nothing_secret<R: Runtime>() {
    let stage = Stage::with::<R>(Speaks::Legacy, |mut setup| {
        setup.headers = vec![("Authorization", "Bearer sesame")];
        setup
    });
    let lease = stage.lease().await;
    let body = format!("overloaded\u{1b}[31m\n{}", "x".repeat(10_000));
    stage.server.next(rpc("tools/call"), Reply::text(503, &body).header("X-Secret", "sesame"));
    let error = crate::stage::call(&lease, "hi").await.unwrap_err();
    let words = format!("{error} {error:?}");
    assert!(words.contains("overloaded") && words.contains("503"), "{words}");
    assert!(!words.contains('\u{1b}') && !words.contains("sesame"), "{words}");
    assert!(words.len() < 2_000, "{words}");
    drop(lease);
    stage.close().await;
}

/// 301, 302, 307, 308 within the origin: the same method and body there, for this exchange alone.
async fn a_redirect_within_the_origin_is_followed_by_this_exchange_alone<R: Runtime>() {
    for speaks in [Speaks::Legacy, Speaks::Modern] {
        for (status, location) in [(301, "/a?q=1"), (302, "a"), (307, "http://$HOST/a"), (308, "//$HOST/a")] {
            let stage = Stage::new::<R>(speaks);
            let lease = stage.lease().await;
            let first = rpc("tools/call").and(|request| request.target == "/mcp").key("hi");
            stage.server.next(first, Reply::status(status).header("Location", location));
            assert_eq!(stage.call(&lease, "hi").await, "ok hi", "{status}");
            assert_eq!(stage.call(&lease, "ho").await, "ok ho", "{status}");
            drop(lease);
            let journal = stage.close().await;
            let calls = journal.rpc("tools/call");
            let targets: Vec<_> =
                calls.iter().map(|it| (it.method.as_str(), it.target.split('?').next())).collect();
            assert_eq!(targets, [("POST", Some("/mcp")), ("POST", Some("/a")), ("POST", Some("/mcp"))]);
            assert_eq!(calls[0].body, calls[1].body);
            assert_eq!(calls[0].session(), calls[1].session());
        }
    }
}

async fn listening_is_redirected_too<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let first = http("GET").and(|request| request.target == "/mcp");
    stage.server.next(first, Reply::status(307).header("Location", "/moved"));
    drop(stage.lease().await);
    stage.server.seen(1, http("GET").and(|request| request.target == "/moved")).await;
    assert_eq!(stage.call_once("hi").await, "ok hi");
    stage.close().await;
}

tests!(
    each_answer_means_what_it_says_in_a_legacy_session,
    without_a_session_id_no_answer_ends_a_legacy_session,
    each_answer_means_what_it_says_to_a_modern_client,
    an_answer_of_another_type_is_warned_of,
    what_answers_a_notification_is_nobodys_business,
    an_error_says_what_came_and_nothing_secret,
    a_redirect_within_the_origin_is_followed_by_this_exchange_alone,
    listening_is_redirected_too,
);
