//! All of it at once: many calls, each answered in one of many ways, by seed. Whatever becomes of a call, it ends, and
//! what is said of it is true.

use std::time::Duration;

use futures_lite::future::{or, poll_once, zip};
use serde_json::json;
use tenure::Mode;
use tenure_http_server::{Reply, Speaks, http, rpc};
use tenure_mcp::Client;

use crate::outcome::text;
use crate::stage::Stage;
use crate::support::{Runtime, all};

const CALLS: usize = 40;

/// Longer than a call may take with all that can happen to it.
const PATIENCE: Duration = Duration::from_secs(8);

const MOMENT: Duration = Duration::from_millis(20);

/// Calls, and doesn't look at what comes of it.
async fn call(client: &Client, key: &str) {
    let _ = client.call_tool("echo", json!({ "text": key })).await;
}

/// Numbers that look random, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % sides
    }
}

/// What may come of a call.
fn ways(key: &str) -> Vec<Reply> {
    let answer = || Reply::result(&text(key)).executed();
    let stream = || Reply::sse().executed().event_result(&text(key));
    vec![
        answer(),
        answer().bytewise(),
        answer().cut(30, true),
        answer().cut(140, false),
        answer().close(),
        stream(),
        stream().bytewise(),
        stream().reset(),
        Reply::sse().executed().reset(),
        Reply::sse().executed().piece("id: w-1\nretry: 20\ndata:\n\n"),
        Reply::raw("").reset(),
        Reply::raw("").executed().close(),
        Reply::raw("HTTP/0 what\r\n\r\n").executed(),
        Reply::status(404),
        Reply::status(400),
        Reply::status(401),
        Reply::status(405),
        Reply::status(410),
        Reply::status(429).header("Retry-After", "1"),
        Reply::status(500).executed(),
        Reply::text(502, "bad gateway").executed(),
        Reply::status(307).header("Location", "/elsewhere"),
        Reply::status(307).header("Location", "http://127.0.0.1:1/away"),
        Reply::status(202).executed(),
        Reply::error(200, -32603, "no"),
        Reply::json(200, &json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -1, "message": "m" } })),
        Reply::json(200, &json!({ "jsonrpc": "2.0", "id": 4_000_000, "result": {} })).executed(),
    ]
}

async fn weathered<R: Runtime>(speaks: Speaks, seed: u64) {
    let mut dice = Dice(seed);
    let stage =
        Stage::with::<R>(speaks, |setup| setup.options(|options| options.call_timeout(Some(PATIENCE))));
    let keys: Vec<String> = (0..CALLS).map(|number| format!("k{number}")).collect();
    for key in &keys {
        let mut ways = ways(key);
        let way = ways.swap_remove(dice.roll(ways.len()));
        let mine = key.clone();
        stage.server.next(rpc("tools/call").and(move |request| request.key() == Some(&mine)), way);
    }
    // Streams that are taken up bring nothing more, and those that listen end now and then.
    stage.server.always(http("GET").and(|request| request.header("last-event-id").is_some()), Reply::sse());
    stage.server.next(http("GET"), Reply::sse().piece(": hello\n\n").reset());
    let mut said = Vec::new();
    for some in keys.chunks(8) {
        let storm = dice.roll(4);
        let calls = all(some.iter().map(|key| stage.call_once(key)));
        let meanwhile = async {
            match storm {
                0 => stage.server.expire(),
                1 => stage.client.close(Mode::Force).await,
                // Somebody who gives up at once, or a little later.
                2 => {
                    let _ = poll_once(call(&stage.client, "given up")).await;
                }
                _ => or(call(&stage.client, "given up"), R::pause(MOMENT)).await,
            }
        };
        said.extend(zip(calls, meanwhile).await.0);
    }
    let lies: Vec<_> = said.iter().zip(&keys).filter(|(said, _)| said.contains(" done")).collect();
    assert!(lies.is_empty(), "seed {seed}: {lies:#?}");
    let late: Vec<_> = said.iter().zip(&keys).filter(|(said, _)| said.starts_with("timed out")).collect();
    assert!(late.is_empty(), "seed {seed}: {late:#?}");
    // After the storm it is as before.
    let tools = stage.client.list_tools().await;
    assert!(tools.is_ok(), "seed {seed}: {tools:?}");
    // Whoever gives up and begins again may well have it done again.
    stage.client.shutdown(Mode::Force).await;
    let journal = stage.server.journal();
    assert_eq!(journal.faults, [""; 0], "seed {seed}: {:#?}", journal.story());
    for key in &keys {
        assert!(journal.executed(key) <= 1, "seed {seed}: {key} was done {} times", journal.executed(key));
    }
}

/// Few; another number of them where the environment says so, for whoever has the time.
fn seeds() -> std::ops::RangeInclusive<u64> {
    let most = std::env::var("TENURE_HTTP_SEEDS").ok().and_then(|text| text.parse().ok());
    1..=most.unwrap_or(4)
}

async fn whatever_comes_of_many_calls_what_is_said_of_them_is_true<R: Runtime>() {
    for seed in seeds() {
        for speaks in [Speaks::Legacy, Speaks::Modern] {
            weathered::<R>(speaks, seed).await;
        }
    }
}

tests!(whatever_comes_of_many_calls_what_is_said_of_them_is_true);
