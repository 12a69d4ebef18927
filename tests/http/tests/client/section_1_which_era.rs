//! Section 1: which era a server speaks is found out, remembered and forgotten.

use serde_json::json;
use tenure::Mode;
use tenure_http_server::{PROTOCOL, Reply, Server, Speaks, http, rpc};
use tenure_mcp::Era;

use crate::outcome::failure;
use crate::stage::Stage;
use crate::support::{Runtime, SHORT, Setup};

const DISCOVER: &str = "server/discover";

/// An error of the modern era that names these versions.
fn unsupported(versions: &[&str]) -> Reply {
    let data = json!({ "supported": versions, "requested": PROTOCOL });
    let error = json!({ "code": -32022, "message": "Unsupported protocol version", "data": data });
    Reply::json(400, &json!({ "jsonrpc": "2.0", "id": "$ID", "error": error }))
}

fn discovered(versions: &[&str]) -> Reply {
    Reply::result(&json!({ "supportedVersions": versions, "capabilities": {}, "resultType": "complete" }))
}

/// What the client says of a session that it opens, and what the server heard until then.
async fn opened(stage: &Stage) -> (String, Vec<String>) {
    let lease = stage.client.acquire().await;
    let said = match &lease {
        Ok(lease) => format!("{:?}", lease.server().await.unwrap().era),
        Err(error) => failure(error),
    };
    let story = stage.server.journal().story().into_iter().map(str::to_owned).collect();
    (said, story)
}

/// Opens sessions with servers that answer the probe so, and expects each to be of this kind, with so many probes, and
/// with `initialize` or without.
async fn probes<R: Runtime>(
    speaks: Speaks,
    expected: &str,
    probes: usize,
    initializes: usize,
    replies: Vec<Reply>,
) {
    let mut wrong = Vec::new();
    for reply in replies {
        let stage = Stage::with::<R>(speaks, |mut setup| {
            setup.options = setup.options.eras(tenure_mcp::Eras::Auto);
            setup
        });
        stage.server.next(rpc(DISCOVER), reply.clone());
        let (said, story) = opened(&stage).await;
        let count = |method| story.iter().filter(|it| *it == method).count();
        if (said.as_str(), count(DISCOVER), count("initialize")) != (expected, probes, initializes) {
            wrong.push(format!("{said}, {story:?}: {reply:?}"));
        }
        stage.close().await;
    }
    assert!(wrong.is_empty(), "not {expected}: {wrong:#?}");
}

async fn a_modern_server_is_asked_nothing_else<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Both);
    assert_eq!(stage.call_once("hi").await, "ok hi");
    assert_eq!(stage.close().await.story(), [DISCOVER, "tools/call"]);
}

async fn a_legacy_server_is_initialized_whatever_it_answers_to_the_probe<R: Runtime>() {
    let error = |status, code, id| {
        Reply::json(status, &json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": "m" } }))
    };
    probes::<R>(
        Speaks::Legacy,
        "Legacy",
        1,
        1,
        vec![
            // Any other JSON-RPC error, or result.
            error(200, -32601, json!("$ID")),
            error(400, -32000, json!(null)),
            error(400, -32602, json!("server-error")),
            error(404, -32601, json!("$ID")),
            error(500, -32603, json!("$ID")),
            Reply::result(&json!({})),
            Reply::result(&json!({ "tools": [] })),
            // Without JSON-RPC.
            Reply::status(400),
            Reply::text(400, "Invalid session ID"),
            Reply::text(404, "not found"),
            Reply::status(405),
            Reply::status(406),
            Reply::status(415),
        ],
    )
    .await;
}

async fn whatever_else_comes_initialize_decides<R: Runtime>() {
    probes::<R>(
        Speaks::Legacy,
        "Legacy",
        1,
        1,
        vec![
            Reply::status(401),
            Reply::status(403),
            Reply::status(500),
            Reply::text(502, "bad gateway"),
            Reply::text(200, "hello"),
            Reply::status(202),
            Reply::sse(),
            Reply::raw("").close(),
            Reply::raw("").reset(),
            Reply::raw("HTTP/9 nonsense\r\n\r\n"),
        ],
    )
    .await;
}

async fn only_legacy_versions_in_common_are_a_choice<R: Runtime>() {
    probes::<R>(
        Speaks::Legacy,
        "Legacy",
        1,
        1,
        vec![discovered(&["2025-06-18", "2031-01-01"]), unsupported(&["2025-06-18", "2025-03-26"])],
    )
    .await;
    let stage = Stage::new::<R>(Speaks::Both);
    stage.server.next(rpc(DISCOVER), discovered(&["2025-03-26", "2025-06-18"]));
    drop(stage.lease().await);
    let journal = stage.close().await;
    assert_eq!(journal.rpc("initialize")[0].json["params"]["protocolVersion"], "2025-06-18");
}

async fn errors_of_the_modern_era_are_final<R: Runtime>() {
    probes::<R>(
        Speaks::Both,
        "connect failed for good",
        1,
        0,
        vec![
            Reply::error(400, -32020, "the headers are not those of the body"),
            Reply::error(400, -32021, "something is missing"),
            Reply::error(200, -32021, "something is missing"),
            unsupported(&["2031-01-01"]),
            discovered(&["2031-01-01"]),
        ],
    )
    .await;
}

async fn a_modern_version_in_the_refusal_is_asked_for_once<R: Runtime>() {
    // Also if it is the one that was refused.
    probes::<R>(Speaks::Both, "Modern", 2, 0, vec![unsupported(&[PROTOCOL])]).await;
    let stage = Stage::new::<R>(Speaks::Both);
    stage.server.always(rpc(DISCOVER), unsupported(&[PROTOCOL]));
    let (said, story) = opened(&stage).await;
    assert_eq!((said.as_str(), story.len()), ("connect failed for good", 2), "{story:?}");
    stage.close().await;
}

async fn a_busy_server_is_asked_again_when_it_says<R: Runtime>() {
    let busy = |status, after| Reply::status(status).header("Retry-After", after);
    probes::<R>(Speaks::Both, "Modern", 2, 0, vec![busy(429, "0"), busy(503, "1")]).await;
    // Not after the deadline, and once.
    probes::<R>(Speaks::Both, "connect failed", 1, 0, vec![busy(429, "600")]).await;
    let stage = Stage::new::<R>(Speaks::Both);
    stage.server.always(rpc(DISCOVER), busy(503, "0"));
    let story = opened(&stage).await.1;
    assert_eq!(story.iter().filter(|it| *it == DISCOVER).count(), 2, "{story:?}");
    stage.close().await;
}

async fn a_server_that_answers_neither_is_told_of_with_both_findings<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Both);
    stage.server.next(rpc(DISCOVER), Reply::text(502, "first finding"));
    stage.server.next(rpc("initialize"), Reply::text(500, "second finding"));
    let error = stage.client.acquire().await.unwrap_err();
    let words = error.to_string();
    assert!(words.contains("502") && words.contains("500"), "{words}");
    assert_eq!(failure(&error), "connect failed");
    stage.close().await;
}

async fn refused_credentials_are_reported_when_initialize_is_refused_too<R: Runtime>() {
    for status in [401, 403] {
        let stage = Stage::new::<R>(Speaks::Both);
        stage
            .server
            .always(http("POST"), Reply::status(status).header("WWW-Authenticate", "Bearer realm=\"r\""));
        let error = stage.client.acquire().await.unwrap_err();
        assert!(error.to_string().contains(&status.to_string()), "{error}");
        assert_eq!(stage.server.journal().story(), [DISCOVER, "initialize"]);
        stage.close().await;
    }
}

async fn silence_is_waited_for_as_long_as_the_window_is_open<R: Runtime>() {
    let stage = Stage::with::<R>(Speaks::Legacy, |mut setup| {
        setup.options = setup.options.eras(tenure_mcp::Eras::Auto);
        with_window(setup)
    });
    stage.server.next(rpc(DISCOVER), Reply::raw("").hold());
    assert_eq!(opened(&stage).await.0, "Legacy");
    stage.close().await;
}

/// The probe is waited for that long, and not half of the deadline, which would take the tests too long.
fn with_window(setup: Setup) -> Setup {
    setup.options(|options| options.protocol(|protocol| protocol.discover_window(Some(SHORT))))
}

async fn a_late_answer_to_the_probe_wins_if_initialize_fails<R: Runtime>() {
    let stage = Stage::with::<R>(Speaks::Both, with_window);
    let late = stage.server.gate();
    stage.server.next(rpc(DISCOVER), Reply::correct().held(&late));
    let initialize = stage.server.gate();
    stage.server.next(rpc("initialize"), Reply::status(500).held(&initialize));
    let opening = async { opened(&stage).await.0 };
    let serving = async {
        stage.server.seen(1, rpc("initialize")).await;
        late.open();
        // It is to be read before the other one.
        stage.arrivals.until(1, 200).await;
        initialize.open();
    };
    let (said, ()) = futures_lite::future::zip(opening, serving).await;
    assert_eq!(said, "Modern");
    stage.close().await;
}

async fn what_a_slow_server_was_taken_for_is_not_remembered<R: Runtime>() {
    let stage = Stage::with::<R>(Speaks::Both, with_window);
    let late = stage.server.gate();
    stage.server.next(rpc(DISCOVER), Reply::correct().held(&late));
    let initialize = stage.server.gate();
    stage.server.next(rpc("initialize"), Reply::correct().held(&initialize));
    let serving = async {
        stage.server.seen(1, rpc("initialize")).await;
        late.open();
        // It is to be read before the other one.
        stage.arrivals.until(1, 200).await;
        initialize.open();
    };
    let ((said, _), ()) = futures_lite::future::zip(opened(&stage), serving).await;
    assert_eq!(said, "Legacy");
    assert_eq!(stage.call_once("hi").await, "ok hi");
    stage.client.close(Mode::Force).await;
    assert_eq!(opened(&stage).await.0, "Modern");
    stage.close().await;
}

async fn a_slow_modern_server_says_so_to_initialize<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Both);
    stage.server.next(rpc(DISCOVER), Reply::status(503));
    stage.server.next(rpc("initialize"), unsupported(&[PROTOCOL]));
    let (said, story) = opened(&stage).await;
    assert_eq!(
        (said.as_str(), story),
        ("Modern", [DISCOVER, "initialize", DISCOVER].map(str::to_owned).to_vec())
    );
    stage.close().await;
}

async fn a_version_that_nobody_here_knows_is_refused_and_its_session_deleted<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Legacy);
    let result = json!({ "protocolVersion": "2031-01-01", "capabilities": {}, "serverInfo": {} });
    stage.server.next(rpc("initialize"), Reply::result(&result).header("MCP-Session-Id", "s"));
    assert_eq!(failure(&stage.client.acquire().await.unwrap_err()), "connect failed for good");
    stage.server.seen(1, http("DELETE").and(|request| request.session() == Some("s"))).await;
    assert_eq!(stage.server.journal().story(), ["initialize", "DELETE"]);
}

async fn nobody_there_is_a_failed_connect<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Both);
    let url = stage.server.url();
    drop(stage);
    for url in [url, "http://no-such-host.invalid/mcp".to_owned()] {
        let client = R::http(&url, crate::support::Setup::new(tenure_mcp::Eras::Auto));
        assert_eq!(failure(&client.acquire().await.unwrap_err()), "connect failed", "{url}");
        client.shutdown(Mode::Force).await;
    }
}

async fn what_was_found_out_is_remembered<R: Runtime>() {
    for (speaks, later) in [(Speaks::Legacy, "initialize"), (Speaks::Both, DISCOVER)] {
        let stage = Stage::with::<R>(speaks, |mut setup| {
            setup.options = setup.options.eras(tenure_mcp::Eras::Auto);
            setup
        });
        assert_eq!(stage.call_once("one").await, "ok one");
        stage.client.close(Mode::Force).await;
        let before = stage.server.journal().requests.len();
        assert_eq!(stage.call_once("two").await, "ok two");
        let journal = stage.close().await;
        let story = &journal.story()[before..];
        assert_eq!(story[0], later, "{story:?}");
        assert!(later == DISCOVER || !story.contains(&DISCOVER), "{story:?}");
    }
}

async fn a_legacy_session_that_meets_a_modern_error_is_lost_and_asked_anew<R: Runtime>() {
    let stage = Stage::with::<R>(Speaks::Both, |setup| setup);
    stage.server.next(rpc(DISCOVER), Reply::status(404));
    let lease = stage.lease().await;
    assert_eq!(lease.server().await.unwrap().era, Era::Legacy);
    stage.server.next(rpc("tools/call"), unsupported(&[PROTOCOL]));
    let said = stage.call(&lease, "one").await;
    assert!(!said.starts_with("ok"), "{said}");
    let lease = stage.lease().await;
    assert_eq!((lease.generation().number(), lease.server().await.unwrap().era), (2, Era::Modern));
    stage.close().await;
}

async fn a_modern_session_whose_server_is_gone_is_lost_if_the_probe_fails_too<R: Runtime>() {
    // The probe says that it is still there.
    let stage = Stage::new::<R>(Speaks::Both);
    let lease = stage.lease().await;
    stage.server.next(rpc("tools/call"), Reply::text(404, "not found"));
    assert_eq!(stage.call(&lease, "one").await, "status 404, refused");
    stage.server.seen(2, rpc(DISCOVER)).await;
    assert_eq!(stage.call(&lease, "two").await, "ok two");
    // It says that it isn't.
    for matching in [rpc("tools/call"), rpc(DISCOVER)] {
        stage.server.next(matching, Reply::text(404, "not found"));
    }
    let said = stage.call(&lease, "three").await;
    assert!(said.ends_with("refused"), "{said}");
    lease.revoked().await;
    assert_eq!(stage.generation().await, 2);
    stage.close().await;
}

async fn the_old_transport_is_tried_if_that_is_wanted<R: Runtime>() {
    let with = |old: bool| {
        move |mut setup: crate::support::Setup| {
            setup.old_transport = old;
            setup
        }
    };
    for status in [400, 404, 405] {
        let stage = Stage::with::<R>(Speaks::Legacy, with(true));
        old_server(&stage.server, status);
        let opening = async { stage.client.acquire().await };
        let serving = serve_old(&stage.server);
        let (lease, ()) = futures_lite::future::zip(opening, serving).await;
        assert_eq!(lease.unwrap().server().await.unwrap().protocol_version, "2024-11-05");
    }
    let stage = Stage::with::<R>(Speaks::Legacy, with(false));
    stage.server.always(http("POST"), Reply::text(404, "not found"));
    let said = failure(&stage.client.acquire().await.unwrap_err());
    assert!(said.starts_with("connect failed"), "{said}");
    assert_eq!(stage.server.journal().story(), ["initialize"]);
}

/// Answers of the transport of 2024-11-05: posts are taken, their answers come on the stream.
fn old_server(server: &Server, status: u16) {
    let stream = server.stream();
    assert_eq!(stream, 0);
    server.always(http("GET"), server.following(stream, 0));
    server.say(stream, "event: endpoint\ndata: /messages?session=1\n\n");
    server.always(http("POST").and(|request| request.target == "/mcp"), Reply::text(status, "no"));
    server.always(http("POST"), Reply::status(202));
}

async fn serve_old(server: &Server) {
    let request = server.seen(1, http("POST").and(|it| it.target == "/messages?session=1")).await;
    assert_eq!(request.rpc(), Some("initialize"));
    let result = json!({ "protocolVersion": "2024-11-05", "capabilities": {}, "serverInfo": {} });
    let answer = json!({ "jsonrpc": "2.0", "id": request.id(), "result": result });
    server.say(0, &format!("event: message\ndata: {answer}\n\n"));
}

tests!(
    a_modern_server_is_asked_nothing_else,
    a_legacy_server_is_initialized_whatever_it_answers_to_the_probe,
    whatever_else_comes_initialize_decides,
    only_legacy_versions_in_common_are_a_choice,
    errors_of_the_modern_era_are_final,
    a_modern_version_in_the_refusal_is_asked_for_once,
    a_busy_server_is_asked_again_when_it_says,
    a_server_that_answers_neither_is_told_of_with_both_findings,
    refused_credentials_are_reported_when_initialize_is_refused_too,
    silence_is_waited_for_as_long_as_the_window_is_open,
    a_late_answer_to_the_probe_wins_if_initialize_fails,
    what_a_slow_server_was_taken_for_is_not_remembered,
    a_slow_modern_server_says_so_to_initialize,
    a_version_that_nobody_here_knows_is_refused_and_its_session_deleted,
    nobody_there_is_a_failed_connect,
    what_was_found_out_is_remembered,
    a_legacy_session_that_meets_a_modern_error_is_lost_and_asked_anew,
    a_modern_session_whose_server_is_gone_is_lost_if_the_probe_fails_too,
    the_old_transport_is_tried_if_that_is_wanted,
);
