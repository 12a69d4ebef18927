//! What nothing can go below: the same bytes over the same pipe to the same server, and nothing else.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::value::RawValue;
use tenure_canned::text_result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use crate::runtime::{Runtime, Tokio};
use crate::{Case, case, pipe};

pub const CALL: &[u8] =
    br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":1,"b":2}}}
"#;
pub const INITIALIZE: &[u8] = br#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"floor","version":"1.0.0"}}}
"#;
pub const INITIALIZED: &[u8] = br#"{"jsonrpc":"2.0","method":"notifications/initialized"}
"#;

/// Sends a line and gives the line that comes.
pub async fn ask(pipe: &mut DuplexStream, line: &[u8], answer: &mut Vec<u8>) {
    answer.clear();
    pipe.write_all(line).await.expect("it is served");
    while answer.last() != Some(&b'\n') {
        pipe.read_buf(answer).await.expect("it is served");
    }
}

/// A pipe whose server has shaken hands.
pub async fn open<R: Runtime>() -> DuplexStream {
    let mut pipe = pipe::open::<R>();
    ask(&mut pipe, INITIALIZE, &mut Vec::new()).await;
    pipe.write_all(INITIALIZED).await.expect("it is served");
    pipe
}

/// A line there and a line back, again and again.
async fn lines<R: Runtime>(line: &[u8], times: u64) -> Duration {
    let mut pipe = pipe::open::<R>();
    let mut answer = Vec::new();
    let begun = Instant::now();
    for _ in 0..times {
        ask(&mut pipe, line, &mut answer).await;
    }
    begun.elapsed()
}

pub async fn call<R: Runtime>(times: u64) -> Duration {
    lines::<R>(CALL, times).await
}

/// A large answer over the pipe, unread.
async fn large_bytes<R: Runtime>(times: u64) -> Duration {
    let line = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"text-1000000"}}
"#;
    lines::<R>(line, times).await
}

/// A pipe, a handshake, and the end of the server.
pub async fn connect<R: Runtime>(times: u64) -> Duration {
    let begun = Instant::now();
    for _ in 0..times {
        let (mut client, ended) = pipe::open_watched::<R>();
        ask(&mut client, INITIALIZE, &mut Vec::new()).await;
        client.write_all(INITIALIZED).await.expect("it is served");
        drop(client);
        let _ = ended.recv().await;
    }
    begun.elapsed()
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    result: &'a RawValue,
}

#[derive(Deserialize)]
struct Outcome {
    content: Vec<Block>,
}

#[derive(Deserialize)]
struct Block {
    text: String,
}

fn large_line() -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"result":{}}}"#, text_result(1_000_000))
}

/// One pass of `serde_json` over a large answer that is there, for the raw result.
fn large_raw(times: u64) -> Duration {
    let line = large_line();
    let begun = Instant::now();
    for _ in 0..times {
        let envelope: Envelope<'_> = serde_json::from_str(&line).expect("JSON");
        assert!(envelope.result.get().len() > 900_000);
    }
    begun.elapsed()
}

/// The same, and its text.
fn large_typed(times: u64) -> Duration {
    let line = large_line();
    let begun = Instant::now();
    for _ in 0..times {
        let envelope: Envelope<'_> = serde_json::from_str(&line).expect("JSON");
        let outcome: Outcome = serde_json::from_str(envelope.result.get()).expect("a result");
        assert!(outcome.content[0].text.len() > 900_000);
    }
    begun.elapsed()
}

pub const CASES: &[Case] = &[
    case!("floor/call", (100, 1_100), Tokio, call),
    case!("floor/connect", (20, 220), Tokio, connect),
    case!("floor/large-bytes", (2, 12), Tokio, large_bytes),
    Case { name: "floor/large-json-raw", times: (2, 12), run: large_raw },
    Case { name: "floor/large-json-typed", times: (2, 12), run: large_typed },
];
