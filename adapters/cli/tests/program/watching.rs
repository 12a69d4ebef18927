//! A session that stays, and what is printed of it.

use std::io::{BufRead as _, BufReader};

use serde_json::Value;
use tenure_bounds::blocking;

use crate::on_both_runtimes;
use crate::servers::{ORDERLY, raw};
#[cfg(unix)]
use crate::support::is_heard;
use crate::support::{Folder, exit};

on_both_runtimes!(
    each_thing_is_a_line_and_harms_no_terminal,
    as_json_each_thing_is_an_object_with_what_came,
    a_server_that_is_lost_is_started_again_until_it_is_hopeless,
    #[cfg(unix)]
    ctrl_c_ends_it_in_order,
    a_reader_that_went_away_ends_it,
    the_log_alone_is_shown_from_a_level_on,
    a_server_without_a_log_says_so,
    a_server_of_the_modern_era_is_asked_for_what_is_watched,
    a_server_of_the_legacy_era_is_asked_for_what_is_watched,
);

const READY: &str = r#"
read -r line
echo '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"1"}}}'
read -r line
"#;
const NEWS: &str = r#"
cat <<'EOF'
{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","logger":"l","data":"hi\u001b[2J\u202e"}}
{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}
{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"file:///a"}}
{"jsonrpc":"2.0","method":"x/y","params":{"b":1.00}}
EOF
"#;
/// Says that the next request was heard, and lets it stand.
const ONCE: &[&str] = &["--attempts", "1"];

fn command<'a>(first: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    first.iter().chain(more).copied().collect()
}

fn each_thing_is_a_line_and_harms_no_terminal(runtime: &str) {
    let folder = Folder::new();
    let ran = raw(runtime, &folder, &command(&["watch"], ONCE), &format!("{READY}{NEWS}exit 3")).wait();
    let text = ran.failed(3, &format!("the server ended: {}", exit(3)));
    for line in [
        "Z g1    info           l: hi\u{fffd}[2J\u{fffd}\n",
        "Z g1    changed        tools\n",
        "Z g1    updated        file:///a\n",
        "Z g1    notified       x/y {\"b\":1.00}\n",
        &format!("Z g1    disconnected   by itself: the server ended: {}\n", exit(3)),
    ] {
        assert!(text.contains(line), "{line:?} is not in {text}");
    }
    assert!(
        text.contains(" connected      s 1, MCP 2025-11-25, process ") && text.contains(" state "),
        "{text}"
    );
}

fn as_json_each_thing_is_an_object_with_what_came(runtime: &str) {
    let folder = Folder::new();
    let options = command(&["watch", "--json"], ONCE);
    let ran = raw(runtime, &folder, &options, &format!("{READY}{NEWS}exit 3")).wait();
    let text = ran.failed(3, "the server ended");
    let all: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |event: &str| all.iter().filter(|news| news["event"] == event).collect::<Vec<_>>();
    assert_eq!(of("connected")[0]["server"]["serverInfo"]["name"], "s");
    assert!(of("connected")[0]["pid"].is_u64() && !of("state").is_empty(), "{text}");
    let methods: Vec<&Value> = of("notification").iter().map(|news| &news["method"]).collect();
    assert_eq!(methods.len(), 4, "{text}");
    assert!(
        text.contains(r#""generation":1,"event":"notification","method":"x/y","params":{"b":1.00}}"#),
        "{text}"
    );
    assert!(of("disconnected")[0]["time"].as_str().unwrap().ends_with('Z'));
    assert_eq!(all.last().unwrap()["error"]["kind"], "lost");
}

fn a_server_that_is_lost_is_started_again_until_it_is_hopeless(runtime: &str) {
    let folder = Folder::new();
    let script = format!("echo x >>\"$DIR/starts\"\n{READY}exit 3");
    let ran = raw(runtime, &folder, &["watch", "--attempts", "3"], &script).wait();
    let text = ran.failed(3, &exit(3));
    assert_eq!(folder.text("starts"), "x\nx\nx\n", "{text}");
    assert!(text.contains(" g3    connected "), "{text}");
}

#[cfg(unix)]
fn ctrl_c_ends_it_in_order(runtime: &str) {
    if !is_heard(2) {
        return;
    }
    let folder = Folder::new();
    let script = format!("{READY}echo 'server: ready' >&2; {ORDERLY}");
    let mut running = raw(runtime, &folder, &["watch"], &script);
    running.until("server: ready").signal(rustix::process::Signal::INT);
    running.wait().died(2, "ended by Ctrl-C");
    assert_eq!(folder.text("end"), "orderly\n");
    folder.nothing_left();
}

fn a_reader_that_went_away_ends_it(runtime: &str) {
    let folder = Folder::new();
    let flood = r#"while echo '{"jsonrpc":"2.0","method":"x/y"}' 2>/dev/null; do :; done"#;
    let mut running = raw(runtime, &folder, &["watch"], &format!("trap '' PIPE\n{READY}{flood}; {ORDERLY}"));
    let mut stdout = BufReader::new(running.stdout());
    let mut line = String::new();
    blocking("a line", || stdout.read_line(&mut line)).unwrap();
    drop(stdout);
    assert_eq!(running.wait().status, 0);
    folder.nothing_left();
}

fn the_log_alone_is_shown_from_a_level_on(runtime: &str) {
    let folder = Folder::new();
    let ready = READY.replace("{}", "{\"logging\":{}}");
    let script = format!(
        "{ready}read -r line; printf '%s' \"$line\" >\"$DIR/asked\"\n\
         echo '{{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{{}}}}'\n{NEWS}exit 3"
    );
    let ran = raw(runtime, &folder, &command(&["log", "warning"], ONCE), &script).wait();
    let text = ran.failed(3, &exit(3));
    let kinds: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    assert_eq!(kinds, ["info", "disconnected"], "{text}");
    let asked: Value = serde_json::from_str(&folder.text("asked")).unwrap();
    assert_eq!(
        (&asked["method"], &asked["params"]["level"]),
        (&"logging/setLevel".into(), &"warning".into())
    );
}

fn a_server_without_a_log_says_so(runtime: &str) {
    let folder = Folder::new();
    let error = r#"echo '{"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"no log"}}'"#;
    let ready = READY.replace("{}", "{\"logging\":{}}");
    let script = format!("{ready}read -r line; {error}; {ORDERLY}");
    raw(runtime, &folder, &["log", "info"], &script).wait().failed(1, "no log");
    let script = format!("{READY}{ORDERLY}");
    raw(runtime, &folder, &["log", "info"], &script).wait().failed(1, "the server does not offer logging");
    let modern = r#"read -r line; echo '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"logging":{}}}}'"#;
    let script = format!("{modern}; {ORDERLY}");
    let command = ["log", "info", "--era", "modern"];
    raw(runtime, &folder, &command, &script).wait().failed(1, "only while it answers a request");
    raw(runtime, &folder, &["log", "loud"], "true").wait().failed(2, "emergency");
}

const WATCH: &[&str] =
    &["watch", "--attempts", "1", "--subscribe", "a:b", "--subscribe", "a:c", "--log-level", "info"];

fn a_server_of_the_modern_era_is_asked_for_what_is_watched(runtime: &str) {
    let folder = Folder::new();
    let script = r#"
read -r line
echo '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true}},"serverInfo":{"name":"s","version":"1"},"ttlMs":0,"cacheScope":"private"}}'
read -r line; printf '%s' "$line" >"$DIR/asked"
cat <<'EOF'
{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":2},"notifications":{"toolsListChanged":true,"resourceSubscriptions":["a:b"]}}}
{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":2}}}
{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete"}}
EOF
exit 3"#;
    let text = raw(runtime, &folder, &command(WATCH, &["--era", "modern"]), script).wait().failed(3, "");
    for line in [
        "g1    subscribed     tools, a:b; refused: prompts, resources, a:c\n",
        "g1    changed        tools\n",
        "g1    unsubscribed   ended by the server; it is asked for again\n",
        "g1    connected      MCP 2026-07-28, process ",
        "g1    refused        the server does not offer logging\n",
    ] {
        assert!(text.contains(line), "{line:?} is not in {text}");
    }
    let asked: Value = serde_json::from_str(&folder.text("asked")).unwrap();
    assert_eq!(asked["method"], "subscriptions/listen", "{asked}");
    assert_eq!(asked["params"]["notifications"]["resourceSubscriptions"], serde_json::json!(["a:b", "a:c"]));
    let json = raw(runtime, &folder, &command(WATCH, &["--era", "modern", "--json"]), script).wait().stdout;
    let subscribed = r#""event":"subscribed","granted":{"prompts":false,"resources":false,"tools":true,"uris":["a:b"]},"refused":{"prompts":true,"#;
    assert!(json.contains(subscribed), "{json}");
}

fn a_server_of_the_legacy_era_is_asked_for_what_is_watched(runtime: &str) {
    let folder = Folder::new();
    let ready = READY.replace("{}", r#"{"logging":{},"resources":{"subscribe":true}}"#);
    let script =
        format!("{ready}for n in 1 2 3; do read -r line; echo \"$line\" >>\"$DIR/asked\"; done; exit 3");
    raw(runtime, &folder, WATCH, &script).wait().failed(3, &exit(3));
    let asked = folder.text("asked");
    let asked: Vec<Value> = asked.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |at: usize, field: &str| (asked[at]["method"].clone(), asked[at]["params"][field].clone());
    assert_eq!(of(0, "level"), ("logging/setLevel".into(), "info".into()));
    assert_eq!(of(1, "uri"), ("resources/subscribe".into(), "a:b".into()));
    assert_eq!(of(2, "uri"), ("resources/subscribe".into(), "a:c".into()));
}
