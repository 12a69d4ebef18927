//! Section 9: servers that say too much, too little, or nothing ever again.

use std::time::{Duration, Instant};

use futures_lite::future::zip;
use serde_json::json;
use tenure::Mode;
use tenure_http_server::{Journal, Reply, Speaks, rpc};

use crate::outcome::{failure, text};
use crate::stage::{Stage, call};
use crate::support::{BOTH, Runtime, SHORT, SOON, Setup, all};

/// Far beyond every bound.
const MUCH: u64 = 100_000_000;

/// Beyond the bound of [`small`] messages; all of it is read, which takes its time.
const LARGE: u64 = 5_000_000;

/// Messages may have a million bytes.
fn small(setup: Setup) -> Setup {
    setup.options(|options| options.protocol(|protocol| protocol.max_message(1_000_000)))
}

fn head(fields: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{fields}\r\n")
}

/// Calls get these answers, and their callers are told so; then a correct one.
async fn told<R: Runtime>(speaks: Speaks, rows: Vec<(&str, Reply, &str)>) {
    let mut wrong = Vec::new();
    for (name, reply, expected) in rows {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        stage.server.next(rpc("tools/call"), reply);
        let begun = Instant::now();
        let said = stage.call(&lease, "hi").await;
        if !expected.split(" | ").any(|it| it == said) || begun.elapsed() > SOON {
            wrong.push(format!("{name}: {said} after {:?}, and not {expected}", begun.elapsed()));
        }
        let again = stage.call(&lease, "ho").await;
        if again != "ok ho" {
            wrong.push(format!("{name}: the next call: {again}"));
        }
        drop(lease);
        stage.close().await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

async fn heads_that_cant_be_are_not_read_on<R: Runtime>() {
    let fields = |many: usize| "X-A: b\r\n".repeat(many);
    let answer = r#"{"jsonrpc":"2.0","id":$ID,"result":{"content":[]}}"#;
    for speaks in BOTH {
        told::<R>(
            speaks,
            vec![
                (
                    "endless",
                    Reply::raw("HTTP/1.1 200 OK\r\n").execute().endless("X-A: b\r\n"),
                    "broken Head, unknown",
                ),
                (
                    "an endless line",
                    Reply::raw("HTTP/1.1 200 OK\r\nX-A: ").execute().endless("b"),
                    "broken Head, unknown",
                ),
                (
                    "endless, without a status",
                    Reply::raw("").executed().endless("HTTP"),
                    "broken Head, unknown",
                ),
                ("too many fields", Reply::raw(head(&fields(200))).executed(), "broken Head, unknown"),
                (
                    "too long a field",
                    Reply::raw(head(&format!("X-A: {}\r\n", "b".repeat(100_000)))).executed(),
                    "broken Head, unknown",
                ),
                (
                    "two lengths",
                    Reply::raw(format!("{}{answer}", head("Content-Length: 50\r\nContent-Length: 51\r\n")))
                        .executed(),
                    "broken Head, unknown",
                ),
                (
                    "no length",
                    Reply::raw(head("Content-Length: many\r\n")).executed(),
                    "broken Head, unknown",
                ),
                (
                    "a negative length",
                    Reply::raw(head("Content-Length: -5\r\n")).executed(),
                    "broken Head, unknown",
                ),
                (
                    "half a head",
                    Reply::raw("HTTP/1.1 200 OK\r\nContent-").executed(),
                    "broken Head, unknown | broken Sent, unknown",
                ),
            ],
        )
        .await;
    }
}

async fn bodies_that_cant_be_are_not_read_on<R: Runtime>() {
    let chunked =
        |chunks: &str| Reply::raw(format!("{}{chunks}", head("Transfer-Encoding: chunked\r\n"))).executed();
    for speaks in BOTH {
        told::<R>(
            speaks,
            vec![
                ("no size", chunked("zz\r\n{}\r\n0\r\n\r\n"), "broken Body, unknown"),
                ("a size beyond all", chunked("fffffffffffffffff\r\n{}\r\n"), "broken Body, unknown"),
                ("a negative size", chunked("-5\r\n{}\r\n"), "broken Body, unknown"),
                ("no end of line", chunked("2\r\n{}x\r\n0\r\n\r\n"), "broken Body, unknown"),
                ("no last chunk", chunked("2\r\n{}\r\n"), "broken Body, unknown"),
                ("an endless size", chunked("1;").endless("x"), "broken Body, unknown"),
                (
                    "half a body",
                    Reply::raw(format!("{}{{\"json", head("Content-Length: 50\r\n"))).executed(),
                    "broken Body, unknown",
                ),
                (
                    "half a body and reset",
                    Reply::raw(format!("{}{{\"json", head("Content-Length: 50\r\n"))).executed().reset(),
                    "broken Body, unknown",
                ),
            ],
        )
        .await;
    }
}

async fn what_is_larger_than_a_message_may_be_is_not_read_to_its_end<R: Runtime>() {
    let json = || Reply::status(200).header("Content-Type", "application/json").executed();
    let text = |status: u16| Reply::status(status).header("Content-Type", "text/plain");
    let answer = "data: {\"jsonrpc\":\"2.0\",\"id\":$ID,\"result\":\"";
    for speaks in BOTH {
        for (name, reply, expected) in [
            ("body", json().piece("{\"a\":\"").repeat("x", MUCH), "too large, unknown"),
            ("body in chunks", json().chunked().piece("{\"a\":\"").repeat("x", MUCH), "too large, unknown"),
            ("body without an end", json().chunked().endless("x"), "too large, unknown"),
            (
                "event",
                Reply::sse().executed().piece(answer).repeat("x", LARGE).piece("\"}\n\n").hold(),
                "too large, unknown",
            ),
            ("error's text", text(503).executed().repeat("x", MUCH), "status 503, unknown"),
            ("refusal's text", text(405).chunked().endless("x"), "status 405, refused"),
        ] {
            let stage = Stage::with::<R>(speaks, small);
            let lease = stage.lease().await;
            stage.server.next(rpc("tools/call"), reply);
            assert_eq!(stage.call(&lease, "hi").await, expected, "{name}");
            stage.server.dropped(rpc("tools/call")).await;
            assert_eq!(stage.call(&lease, "ho").await, "ok ho", "{name}");
            drop(lease);
            stage.close().await;
        }
    }
}

async fn what_is_too_large_and_nobodys_is_passed_over<R: Runtime>() {
    let stage = Stage::with::<R>(Speaks::Legacy, small);
    let lease = stage.lease().await;
    for (piece, times) in [("data: ", 0), (": ", 0), ("", LARGE / 14), ("event: ", 0), ("id: ", 0)] {
        let reply = Reply::sse().executed().piece(piece).repeat("x", if times == 0 { LARGE } else { 0 });
        let reply = reply.repeat("data: xxxxxxxx\n", times).piece("\n\n").event_result(&text("hi"));
        stage.server.next(rpc("tools/call"), reply);
        assert_eq!(call(&lease, "hi").await.unwrap().text(), "hi", "{piece}");
    }
    drop(lease);
    stage.client.shutdown(Mode::Force).await;
}

async fn what_is_just_not_too_large_is_read<R: Runtime>() {
    let stage = Stage::with::<R>(Speaks::Legacy, small);
    let lease = stage.lease().await;
    let long = "x".repeat(990_000);
    for reply in [
        Reply::result(&text(&long)),
        Reply::sse().event_result(&text(&long)),
        Reply::result(&text(&long)).chunked(),
    ] {
        stage.server.next(rpc("tools/call"), reply);
        assert_eq!(call(&lease, "hi").await.unwrap().text().len(), long.len());
    }
    drop(lease);
    stage.close().await;
}

async fn an_answer_byte_by_byte_is_an_answer<R: Runtime>() {
    for speaks in BOTH {
        let stage = Stage::new::<R>(speaks);
        stage.server.always(rpc("tools/call").key("b"), Reply::correct().bytewise().chunked());
        stage.server.always(tenure_http_server::any(), Reply::correct().bytewise());
        let lease = stage.lease().await;
        assert_eq!(stage.call(&lease, "a").await, "ok a");
        assert_eq!(stage.call(&lease, "b").await, "ok b");
        drop(lease);
        stage.close().await;
    }
}

async fn silence_at_any_point_is_waited_for_no_longer_than_the_deadline<R: Runtime>() {
    let quiet = |pieces: &str| Reply::raw(pieces).execute().hold();
    for speaks in BOTH {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await.with_call_timeout(Some(SHORT));
        let replies = [
            quiet(""),
            quiet("HTTP/1.1 200 OK\r\nContent-"),
            quiet(&head("Content-Length: 50\r\n")),
            quiet(&head("Content-Length: 50\r\n")).piece("{\"json"),
            Reply::sse().execute().hold(),
            Reply::sse().execute().piece(": hello\n\n").hold(),
            Reply::sse().execute().piece("data: {\"json").hold(),
        ];
        let begun = Instant::now();
        let calls = replies.into_iter().zip(["a", "b", "c", "d", "e", "f", "g"]).map(|(reply, key)| {
            stage.server.next(rpc("tools/call").key(key), reply);
            stage.call(&lease, key)
        });
        for said in all(calls).await {
            assert_eq!(said, "timed out, unknown");
        }
        assert!(begun.elapsed() < SOON);
        for key in ["a", "b", "c", "d", "e", "f", "g"] {
            stage.server.dropped(rpc("tools/call").key(key)).await;
        }
        assert_eq!(stage.call(&lease, "ho").await, "ok ho");
        drop(lease);
        let journal = stage.close().await;
        let notices = journal.rpc("notifications/cancelled").len();
        assert_eq!(notices, if speaks == Speaks::Legacy { 7 } else { 0 });
    }
}

async fn progress_is_a_sign_of_life_and_a_comment_is_none<R: Runtime>() {
    let params = json!({ "progressToken": "$TOKEN", "progress": "$N" });
    let told = json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params }).to_string();
    for speaks in BOTH {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await.with_call_idle_timeout(Some(2 * SHORT));
        let streams = [("talks", stage.server.stream()), ("comments", stage.server.stream())];
        for (key, stream) in streams {
            stage.server.next(rpc("tools/call").key(key), stage.server.following(stream, 0));
        }
        let saying = async {
            let [(talks, talking), (_, commenting)] = streams;
            let call = stage.server.seen(1, rpc("tools/call").key(talks)).await;
            let token = call.json["params"]["_meta"]["progressToken"].to_string();
            for number in 1..=4 {
                R::pause(SHORT).await;
                let told = told.replace("\"$TOKEN\"", &token).replace("\"$N\"", &number.to_string());
                stage.server.say(talking, &format!("data: {told}\n\n"));
                stage.server.say(commenting, ": still here\n\n");
            }
            let answer = json!({ "jsonrpc": "2.0", "id": call.id(), "result": text("talks") });
            stage.server.say(talking, &format!("data: {answer}\n\n"));
        };
        let calls = zip(stage.call(&lease, "talks"), stage.call(&lease, "comments"));
        let ((talks, comments), ()) = zip(calls, saying).await;
        assert_eq!([talks, comments], ["ok talks", "timed out, unknown"]);
        drop(lease);
        stage.close().await;
    }
}

async fn a_server_that_answers_nothing_any_more_is_left_in_time<R: Runtime>() {
    for speaks in BOTH {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        assert_eq!(stage.call(&lease, "before").await, "ok before");
        stage.server.always(tenure_http_server::any(), Reply::raw("").hold());
        let closing = async {
            stage.server.seen(2, rpc("tools/call")).await;
            let begun = Instant::now();
            stage.client.shutdown(Mode::Force).await;
            begun.elapsed()
        };
        let (said, took) = zip(stage.call(&lease, "hi"), closing).await;
        assert_eq!(said, "closed, unknown");
        assert!(took < Duration::from_secs(4), "{took:?}");
        let is_left = |journal: &Journal| journal.requests.iter().all(|it| it.is_answered || it.is_dropped);
        stage.server.until(|journal| is_left(journal).then_some(())).await;
    }
}

async fn a_connect_that_is_never_answered_ends_at_its_deadline<R: Runtime>() {
    for speaks in [Speaks::Legacy, Speaks::Modern, Speaks::Both] {
        let stage = Stage::with::<R>(speaks, |setup| setup.options(|options| options.connect_timeout(SHORT)));
        stage.server.always(tenure_http_server::any(), Reply::raw("").hold());
        let begun = Instant::now();
        let said = failure(&stage.client.acquire().await.unwrap_err());
        assert!(said.starts_with("timed out") || said.starts_with("connect failed"), "{said}");
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    }
}

tests!(
    heads_that_cant_be_are_not_read_on,
    bodies_that_cant_be_are_not_read_on,
    what_is_larger_than_a_message_may_be_is_not_read_to_its_end,
    what_is_too_large_and_nobodys_is_passed_over,
    what_is_just_not_too_large_is_read,
    an_answer_byte_by_byte_is_an_answer,
    silence_at_any_point_is_waited_for_no_longer_than_the_deadline,
    progress_is_a_sign_of_life_and_a_comment_is_none,
    a_server_that_answers_nothing_any_more_is_left_in_time,
    a_connect_that_is_never_answered_ends_at_its_deadline,
);
