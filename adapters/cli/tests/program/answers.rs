//! What the commands print when all goes well, and where it goes.

use serde_json::Value;

use crate::on_both_runtimes;
use crate::servers::{DEAF, NO_TOOLS, ORDERLY, called, embedded, raw};
use crate::support::{Folder, TENURE, run};

on_both_runtimes!(
    tools_are_listed_in_columns,
    tools_as_json_are_one_document,
    a_call_prints_the_text,
    a_call_as_json_prints_the_result_as_it_came,
    arguments_may_span_lines,
    pings_are_counted,
    pings_as_json_are_one_document,
    very_long_deadlines_are_no_overflow,
    the_environment_and_the_folder_are_the_servers,
    the_servers_errors_go_to_a_file,
    the_servers_errors_go_nowhere,
    verbose_tells_the_life_on_standard_error,
    a_server_that_ends_in_order_is_given_time,
    a_deaf_server_is_ended_with_its_children,
    a_tool_that_fails_still_prints_its_result,
    structured_content_is_shown_when_there_is_no_other,
    a_reader_that_goes_away_is_no_failure,
    pinging_ends_when_nobody_reads,
);

fn json(text: &str) -> Value {
    assert!(text.ends_with('\n') && text.lines().count() == 1, "{text:?}");
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text:?}"))
}

fn tools_are_listed_in_columns(runtime: &str) {
    assert_eq!(
        embedded(runtime, &["tools"]).held(),
        "echo  Says the text that it is given.\npid   Tells the server's process id.\nwait  Is never answered.\n"
    );
}

fn tools_as_json_are_one_document(runtime: &str) {
    let document = json(&embedded(runtime, &["tools", "--json"]).held());
    assert_eq!(document["tools"].as_array().map(Vec::len), Some(3));
    assert_eq!(document["tools"][0]["inputSchema"]["type"], "object");
}

fn a_call_prints_the_text(runtime: &str) {
    let text = r#"  {"text": "hello\nyou \u001b[2J"}  "#;
    assert_eq!(embedded(runtime, &["call", "echo", text]).held(), "hello\nyou \u{fffd}[2J\n");
}

fn a_call_as_json_prints_the_result_as_it_came(runtime: &str) {
    let document = json(&embedded(runtime, &["call", "--json", "echo", r#"{"text":"ä"}"#]).held());
    assert_eq!(document["content"][0]["text"], "ä");
}

fn arguments_may_span_lines(runtime: &str) {
    assert_eq!(embedded(runtime, &["call", "echo", "{\n\"text\":\r\n\"a\"\n}"]).held(), "a\n");
}

fn pings_are_counted(runtime: &str) {
    let lines = embedded(runtime, &["ping", "--count", "3"]).held();
    let starts = ["ping 1: ", "ping 2: ", "ping 3: "];
    assert_eq!(lines.lines().count(), 3);
    assert!(lines.lines().zip(starts).all(|(line, start)| line.starts_with(start) && line.ends_with(" ms")));
}

fn pings_as_json_are_one_document(runtime: &str) {
    let document = json(&embedded(runtime, &["ping", "--json", "--count", "2"]).held());
    let times = document["milliseconds"].as_array().unwrap();
    assert!(times.len() == 2 && times.iter().all(Value::is_f64));
}

fn very_long_deadlines_are_no_overflow(runtime: &str) {
    let long = "999999999d";
    let names =
        ["--connect-timeout", "--call-timeout", "--finish-timeout", "--stop-timeout", "--abort-timeout"];
    let command: Vec<&str> =
        ["call", "pid"].into_iter().chain(names.into_iter().flat_map(|name| [name, long])).collect();
    assert!(embedded(runtime, &command).held().trim().parse::<u32>().is_ok());
}

fn the_environment_and_the_folder_are_the_servers(runtime: &str) {
    let folder = Folder::new();
    let command = ["tools", "--env", "A=b=c", "--env", "EMPTY=", "--cwd", folder.as_ref().to_str().unwrap()];
    let script = format!("pwd -P >seen; echo \"$A,${{EMPTY-unset}}\" >>seen; {NO_TOOLS} {ORDERLY}");
    assert_eq!(called(runtime, &folder, &command, &script).wait().held(), "");
    assert_eq!(folder.text("seen"), format!("{}\nb=c,\n", folder.as_ref().display()));
    folder.nothing_left();
}

fn the_servers_errors_go_to_a_file(runtime: &str) {
    let folder = Folder::new();
    let file = folder.write("log", "before\n");
    let command = ["tools", "--stderr", file.to_str().unwrap()];
    called(runtime, &folder, &command, &format!("{NO_TOOLS} echo oops >&2; {ORDERLY}")).wait().held();
    assert_eq!(folder.text("log"), "before\nserver: called\noops\n");
}

fn the_servers_errors_go_nowhere(runtime: &str) {
    let folder = Folder::new();
    let script = format!("{NO_TOOLS} echo oops >&2; {ORDERLY}");
    assert_eq!(called(runtime, &folder, &["tools", "--stderr", "null"], &script).wait().held(), "");
    let told = called(runtime, &folder, &["tools"], &script).wait();
    assert_eq!((told.status, told.stderr), (0, vec!["oops".to_owned()]));
}

fn verbose_tells_the_life_on_standard_error(runtime: &str) {
    let ran = embedded(runtime, &["tools", "-v"]);
    assert_eq!((ran.status, ran.stdout.lines().count()), (0, 3));
    for words in ["connect", "server tenure-demo-server", "handshake complete", "shut down; finished"] {
        assert!(ran.stderr.iter().any(|line| line.contains(words)), "{words}: {ran:?}");
    }
}

fn a_server_that_ends_in_order_is_given_time(runtime: &str) {
    let folder = Folder::new();
    assert_eq!(called(runtime, &folder, &["tools"], &format!("{NO_TOOLS} {ORDERLY}")).wait().held(), "");
    assert_eq!(folder.text("end"), "orderly\n");
    folder.nothing_left();
}

fn a_deaf_server_is_ended_with_its_children(runtime: &str) {
    let folder = Folder::new();
    let command = ["tools", "--json", "--stop-timeout", "50ms", "--abort-timeout", "50ms"];
    let ran = called(runtime, &folder, &command, &format!("{NO_TOOLS} {DEAF}")).wait();
    assert_eq!(ran.held(), "{\"tools\":[]}\n");
    folder.nothing_left();
}

fn a_tool_that_fails_still_prints_its_result(runtime: &str) {
    let folder = Folder::new();
    let answer = r#"echo '{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":"no"}],"isError":true}}'"#;
    let script = format!("{answer}; {ORDERLY}");
    let text = called(runtime, &folder, &["call", "a\nb"], &script).wait().failed(1, "the tool a b failed");
    assert_eq!(text, "no\n");
    let text = called(runtime, &folder, &["call", "a", "--json"], &script).wait().failed(1, "failed");
    assert_eq!(json(&text)["isError"], true);
}

fn structured_content_is_shown_when_there_is_no_other(runtime: &str) {
    let folder = Folder::new();
    let answer = r#"echo '{"jsonrpc":"2.0","id":2,"result":{"content":[],"structuredContent":{"n":1.0}}}'"#;
    let ran = called(runtime, &folder, &["call", "a"], &format!("{answer}; {ORDERLY}")).wait();
    assert_eq!(ran.held(), "{\"n\":1.0}\n");
}

fn a_reader_that_goes_away_is_no_failure(runtime: &str) {
    let folder = Folder::new();
    let mut running = called(runtime, &folder, &["tools", "--json"], &format!("{NO_TOOLS} {ORDERLY}"));
    drop(running.stdout());
    assert_eq!(running.wait().held(), "");
    folder.nothing_left();
}

fn pinging_ends_when_nobody_reads(runtime: &str) {
    let folder = Folder::new();
    let script = format!("exec {TENURE} demo-server");
    let mut running = raw(runtime, &folder, &["ping", "--count", "4294967295"], &script);
    drop(running.stdout());
    assert_eq!(running.wait().held(), "");
    folder.nothing_left();
}

#[test]
fn the_graph_is_the_cores() {
    assert_eq!(run(["graph"]).held(), tenure::Graph::Mermaid.to_string());
    assert_eq!(run(["graph", "--format", "mermaid"]).held(), tenure::Graph::Mermaid.to_string());
    assert_eq!(run(["graph", "--format", "dot"]).held(), tenure::Graph::Dot.to_string());
}
