//! What a server says of itself, and which eras it is offered.

use serde_json::Value;

use crate::on_both_runtimes;
use crate::servers::{ORDERLY, embedded, raw};
use crate::support::{Folder, Ran};

on_both_runtimes!(
    info_shows_who_the_server_is,
    info_as_json_has_the_answer_as_it_came,
    nothing_in_it_harms_a_terminal,
    an_era_is_offered_as_it_was_said,
    a_server_of_the_modern_era_is_described_too,
);

/// A server that answers the first request with this result.
fn opened(runtime: &str, command: &[&str], result: &str) -> Ran {
    let folder = Folder::new();
    let script = format!(
        "read -r line\ncat <<'EOF'\n{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{result}}}\nEOF\n{ORDERLY}"
    );
    let ran = raw(runtime, &folder, command, &script).wait();
    folder.nothing_left();
    ran
}

const LEGACY: &str = r#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"logging":{},"tasks":{},"n":1.00},"serverInfo":{"name":"s","version":"1","title":"The server"},"instructions":"Ask it.\n\nThen ask again, and go on until the line is longer than a terminal is wide."}"#;

fn info_shows_who_the_server_is(runtime: &str) {
    let text = opened(runtime, &["info"], LEGACY).held();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..2], ["server        s 1", "title         The server"], "{text}");
    assert_eq!(lines[2], "protocol      2025-11-25, the legacy era");
    assert_eq!(lines[3], "offers        tools (tells changes), resources (tells changes, subscriptions),");
    assert_eq!(lines[4], "              logging, n, tasks");
    assert!(lines[5].starts_with("process       ") && lines[6].starts_with("connected in  "), "{text}");
    assert_eq!(lines[7..9], ["instructions  Ask it.", ""], "{text}");
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{text}");
}

fn info_as_json_has_the_answer_as_it_came(runtime: &str) {
    let text = opened(runtime, &["info", "--json"], LEGACY).held();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&document["era"], &document["protocolVersion"]), (&"legacy".into(), &"2025-11-25".into()));
    assert!(document["pid"].is_u64() && document["connectMilliseconds"].as_f64().unwrap() > 0.0, "{text}");
    assert!(text.ends_with(&format!("\"server\":{LEGACY}}}\n")), "{text}");
}

fn nothing_in_it_harms_a_terminal(runtime: &str) {
    let result = LEGACY.replace("The server", "\u{202e}t\u{9b}").replace("Ask it.", "a\u{7f}\u{200b}");
    let text = opened(runtime, &["info"], &result.replace("\"tasks\"", "\"t\u{202e}\"")).held();
    assert!(
        text.contains("title         \u{fffd}t\u{fffd}\n") && text.contains("  a\u{fffd}\u{fffd}\n"),
        "{text}"
    );
    assert!(text.contains("t\u{fffd}") && !text.contains('\u{202e}'), "{text}");
}

/// The first line that the server got with these options.
fn first_request(runtime: &str, options: &[&str]) -> String {
    let folder = Folder::new();
    let command: Vec<&str> = ["info"].iter().chain(options).copied().collect();
    raw(
        runtime,
        &folder,
        &command,
        "read -r line; [ -e \"$DIR/first\" ] || printf '%s' \"$line\" >\"$DIR/first\"; exit 0",
    )
    .wait();
    folder.text("first")
}

fn an_era_is_offered_as_it_was_said(runtime: &str) {
    for (era, method) in
        [("auto", "server/discover"), ("legacy", "initialize"), ("modern", "server/discover")]
    {
        let first: Value = serde_json::from_str(&first_request(runtime, &["--era", era])).unwrap();
        assert_eq!(first["method"], method, "{era}");
    }
    embedded(runtime, &["info", "--era", "auto"]).held();
    embedded(runtime, &["info", "--era", "modern"]).failed(3, "refused the handshake");
}

fn a_server_of_the_modern_era_is_described_too(runtime: &str) {
    let result = r#"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"prompts":{}},"serverInfo":{"name":"s","version":"1"},"ttlMs":0,"cacheScope":"private"}"#;
    let text = opened(runtime, &["info", "--era", "modern"], result).held();
    assert!(text.contains("protocol      2026-07-28, the modern era\noffers        prompts\n"), "{text}");
}
