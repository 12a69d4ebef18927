//! Section 3: what HTTP/1.1 allows, and servers therefore do; and what it doesn't, and they do all the same.

use serde_json::json;
use tenure::Mode;
use tenure_http_server::{Reply, Server, Speaks, http, rpc};

use crate::outcome::{failure, text};
use crate::stage::{Stage, call};
use crate::support::{Runtime, all};

const BOTH: [Speaks; 2] = [Speaks::Legacy, Speaks::Modern];

/// The answer to the call of `hi`.
fn answer() -> String {
    let answer = json!({ "jsonrpc": "2.0", "id": "$ID", "result": text("hi") });
    answer.to_string().replace("\"$ID\"", "$ID")
}

/// A head with these fields and the answer.
fn with_head(first: &str, fields: &str) -> Reply {
    Reply::raw(format!("{first}\r\nContent-Type: application/json\r\n{fields}\r\n{}", answer())).executed()
}

async fn whatever_http_allows_is_read<R: Runtime>() {
    let event = format!("data: {}\n\n", answer());
    let mut wrong = Vec::new();
    for speaks in BOTH {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        for (name, reply) in [
            ("HTTP/1.0, to the end of the connection", with_head("HTTP/1.0 200 OK", "")),
            ("to the end of the connection", with_head("HTTP/1.1 200 OK", "Connection: close\r\n")),
            ("without a reason", with_head("HTTP/1.1 200", "")),
            ("a stream to the end of the connection", Reply::sse().piece(&*event).until_close()),
            ("100 first", with_head("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK", "")),
            ("103 first", with_head("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK", "")),
            ("a field in two lines", with_head("HTTP/1.1 200 OK", "X-A: b\r\nX-A: c\r\n")),
            ("text beyond ASCII in a field", with_head("HTTP/1.1 200 OK", "X-A: gr\u{fc}n\r\n")),
        ] {
            stage.server.next(rpc("tools/call"), reply);
            let said = crate::outcome::outcome(&lease.call_tool("echo", json!({})).await);
            if said != "ok hi" {
                wrong.push(format!("{name}: {said}"));
            }
        }
        for (first, trailer) in [("5;a=b\r\n", ""), ("0005\r\n", ""), ("5\r\n", "X-Sum: 1\r\n")] {
            stage.server.next(rpc("tools/call"), chunked(&stage, first, trailer).keep());
            let said = crate::outcome::outcome(&lease.call_tool("echo", json!({})).await);
            if said != "ok hi" {
                wrong.push(format!("{first}, {trailer}: {said}"));
            }
        }
        drop(lease);
        stage.close().await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The answer to the next request in two chunks, of which the first has five bytes.
fn chunked(stage: &Stage, first: &str, trailer: &str) -> Reply {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let last = stage.server.journal().requests.iter().filter_map(|request| request.id().as_u64()).max();
    let answer = answer().replace("$ID", &(last.unwrap() + 1).to_string());
    let (five, rest) = answer.split_at(5);
    let rest = format!("{:x}\r\n{rest}\r\n0\r\n{trailer}\r\n", rest.len());
    Reply::raw(format!("{head}{first}{five}\r\n{rest}"))
}

async fn a_status_that_nobody_knows_is_no_answer<R: Runtime>() {
    for speaks in BOTH {
        for (first, expected) in [
            ("HTTP/1.1 300 Choose", "status 300, unknown"),
            ("HTTP/1.1 304 Same", "status 304, unknown"),
            ("HTTP/1.1 699 Odd", "status 699, unknown"),
            ("HTTP/1.1 999 Odd", "status 999, unknown"),
            ("HTTP/1.1 101 Switching", "unknown"),
            ("HTTP/1.1 20 Short", "broken Head, unknown"),
            ("HTTP/1.1 2000 Long", "broken Head, unknown"),
            ("HTTP/1.1 OK", "broken Head, unknown"),
            ("HTTP/2.0 200 OK", "broken Head, unknown"),
            ("ICY 200 OK", "broken Head, unknown"),
            ("<html>", "broken Head, unknown"),
        ] {
            let stage = Stage::new::<R>(speaks);
            let lease = stage.lease().await;
            let reply = Reply::raw(format!("{first}\r\nContent-Length: 0\r\n\r\n")).executed().keep();
            stage.server.next(rpc("tools/call"), reply);
            let said = stage.call(&lease, "hi").await;
            assert!(said.ends_with(expected), "{first}: {said}");
            assert_eq!(stage.call(&lease, "ho").await, "ok ho", "{first}");
            drop(lease);
            stage.close().await;
        }
    }
}

/// What follows an answer belongs to nothing, however much it looks like the next one.
async fn an_answer_that_comes_before_its_request_is_not_taken<R: Runtime>() {
    for speaks in BOTH {
        let forged = json!({ "jsonrpc": "2.0", "id": "$ID", "result": text("forged") });
        let forged = forged.to_string().replace("\"$ID\"", "$ID");
        let fields = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        for after in ["HTTP/1.1 200 OK\r\n", "\r\n", "garbage"] {
            // A server for each: it may read the second request when its caller has given it up.
            let stage = Stage::new::<R>(speaks);
            let lease = stage.lease().await;
            let one = chunked(&stage, "5\r\n", "");
            let two = format!("{after}{fields}{forged}");
            stage.server.next(rpc("tools/call"), one.piece(two).keep());
            let said = crate::outcome::outcome(&lease.call_tool("echo", json!({})).await);
            assert_eq!(said, "ok hi", "{after:?}");
            // It may come so late that the next request is written already; then that one has no answer.
            let said = crate::outcome::outcome(&call(&lease, after).await);
            let is_honest = said == format!("ok {after}") || said.ends_with(", unknown");
            assert!(is_honest, "{after:?}: {said}");
            drop(lease);
            stage.close().await;
        }
    }
}

async fn a_server_that_says_that_it_closes_is_taken_at_its_word<R: Runtime>() {
    for speaks in BOTH {
        let stage = Stage::new::<R>(speaks);
        stage.server.always(rpc("tools/call"), Reply::correct().header("Connection", "close").close());
        let lease = stage.lease().await;
        for key in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            assert_eq!(stage.call(&lease, key).await, format!("ok {key}"));
        }
        drop(lease);
        stage.close().await;
    }
}

/// As proxies refuse what is too large for them: at the head, while the body is still being written.
async fn a_refusal_that_comes_before_the_request_was_written_is_heard_or_unknown<R: Runtime>() {
    for speaks in BOTH {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        stage.server.early(Reply::text(413, "too much"));
        let much = "x".repeat(6_000_000);
        let error = lease.call_tool("echo", json!({ "text": much })).await.unwrap_err();
        let said = failure(&error);
        assert!(["status 413, refused", "broken Sent, unknown"].contains(&&*said), "{said}");
        assert_eq!(stage.call(&lease, "ho").await, "ok ho");
        drop(lease);
        stage.client.shutdown(Mode::Force).await;
    }
}

async fn many_calls_at_once_are_all_answered<R: Runtime>() {
    for speaks in BOTH {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        let keys: Vec<String> = (0..200).map(|number| format!("k{number}")).collect();
        let said = all(keys.iter().map(|key| stage.call(&lease, key))).await;
        for (said, key) in said.iter().zip(&keys) {
            assert_eq!(*said, format!("ok {key}"));
        }
        drop(lease);
        let most = stage.close().await.most_waiting;
        assert!(most <= 64 + 4 + 1, "{most} at once");
    }
}

async fn answers_to_notifications_and_goodbyes_that_never_end_hold_nobody_up<R: Runtime>() {
    let begun = std::time::Instant::now();
    for endless in [
        Reply::sse().hold(),
        Reply::text(200, "").chunked().endless("x"),
        Reply::text(202, "").chunked().hold(),
    ] {
        let stage = Stage::new::<R>(Speaks::Legacy);
        stage.server.always(rpc("notifications/initialized"), endless.clone());
        stage.server.always(http("DELETE"), endless);
        assert_eq!(stage.call_once("hi").await, "ok hi");
        stage.close().await;
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(6), "{:?}", begun.elapsed());
}

async fn a_server_that_was_restarted_is_found_again<R: Runtime>() {
    for speaks in BOTH {
        let mut stage = Stage::new::<R>(speaks);
        for round in 0..3 {
            let key = ["a", "b", "c"][round];
            assert_eq!(stage.call_once(key).await, format!("ok {key}"));
            // Another one listens meanwhile, elsewhere.
            let server = std::mem::replace(&mut stage.server, Server::start(speaks));
            stage.server = server.restart(speaks);
        }
        assert_eq!(stage.call_once("d").await, "ok d");
        stage.client.shutdown(Mode::Force).await;
    }
}

tests!(
    whatever_http_allows_is_read,
    a_status_that_nobody_knows_is_no_answer,
    an_answer_that_comes_before_its_request_is_not_taken,
    a_server_that_says_that_it_closes_is_taken_at_its_word,
    a_refusal_that_comes_before_the_request_was_written_is_heard_or_unknown,
    many_calls_at_once_are_all_answered,
    answers_to_notifications_and_goodbyes_that_never_end_hold_nobody_up,
    a_server_that_was_restarted_is_found_again,
);
