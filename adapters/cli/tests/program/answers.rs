//! What the commands print when all goes well.

use serde_json::Value;

use crate::on_both_runtimes;
use crate::servers::embedded;
use crate::support::run;

on_both_runtimes!(
    tools_are_listed_in_columns,
    tools_as_json_are_one_document,
    a_call_prints_the_text,
    a_call_as_json_prints_the_result_as_it_came,
    arguments_may_span_lines,
    pings_are_counted,
    pings_as_json_are_one_document,
    very_long_deadlines_are_no_overflow,
    verbose_tells_the_life_on_standard_error,
);

pub(crate) fn json(text: &str) -> Value {
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

fn verbose_tells_the_life_on_standard_error(runtime: &str) {
    let ran = embedded(runtime, &["tools", "-v"]);
    assert_eq!((ran.status, ran.stdout.lines().count()), (0, 3));
    for words in ["connect", "server tenure-demo-server", "handshake complete", "shut down; finished"] {
        assert!(ran.stderr.iter().any(|line| line.contains(words)), "{words}: {ran:?}");
    }
}

#[test]
fn the_graph_is_the_cores() {
    assert_eq!(run(["graph"]).held(), tenure::Graph::Mermaid.to_string());
    assert_eq!(run(["graph", "--format", "mermaid"]).held(), tenure::Graph::Mermaid.to_string());
    assert_eq!(run(["graph", "--format", "dot"]).held(), tenure::Graph::Dot.to_string());
}
