//! Resources, prompts and completions: in columns, as they came, and with what doesn't fit.

use serde_json::{Value, json};

use crate::on_both_runtimes;
use crate::servers::{ORDERLY, called, embedded};
use crate::support::{Folder, Ran};

on_both_runtimes!(
    lists_are_in_columns_and_harm_no_terminal,
    lists_as_json_are_what_came_from_all_pages,
    a_resource_is_read,
    a_prompt_is_shown_with_who_says_what,
    completions_are_lines_and_say_if_there_are_more,
    each_asks_for_what_it_was_told_to,
    a_call_asks_for_progress_unless_its_deadline_is_chosen,
    what_does_not_fit_is_printed_as_it_came,
    a_server_without_them_is_status_1,
);

/// A command whose request is answered with this result.
fn answered(runtime: &str, command: &[&str], result: &str) -> Ran {
    let folder = Folder::new();
    let script = format!("cat <<'EOF'\n{{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{result}}}\nEOF\n{ORDERLY}");
    let ran = called(runtime, &folder, command, &script).wait();
    folder.nothing_left();
    ran
}

const RESOURCES: &str = r#"{"resources":[{"uri":"file:///a","name":"a","description":"One\u202e.\nTwo."},{"uri":"x:日本","name":"longe\u202e", "n":1.00}]}"#;
const PROMPTS: &str = r#"{"prompts":[{"name":"greet","description":"Says hello.","arguments":[{"name":"who","required":true},{"name":"how"}]},{"name":"b"}]}"#;

fn lists_are_in_columns_and_harm_no_terminal(runtime: &str) {
    let text = answered(runtime, &["resources"], RESOURCES).held_with("--json has them whole");
    assert_eq!(text, "file:///a  a       One\u{fffd}. …\nx:日本     longe\u{fffd}\n");
    let templates = r#"{"resourceTemplates":[{"uriTemplate":"file:///{p}","name":"n","description":"d"}]}"#;
    let text = answered(runtime, &["resources", "--templates"], templates).held();
    assert_eq!(text, "file:///{p}  n  d\n");
    assert_eq!(answered(runtime, &["prompts"], PROMPTS).held(), "greet who [how]  Says hello.\nb\n");
}

fn lists_as_json_are_what_came_from_all_pages(runtime: &str) {
    for (command, result) in [("resources", RESOURCES), ("prompts", PROMPTS)] {
        let expected = result.replace("]}\n", "]}") + "\n";
        assert_eq!(answered(runtime, &[command, "--json"], result).held(), expected);
    }
    let folder = Folder::new();
    let page = |id: u32, name: &str, more: &str| {
        format!(
            "echo '{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"prompts\":[{{\"name\":\"{name}\"}}]{more}}}}}';"
        )
    };
    let script =
        format!("{} read -r line; {} {ORDERLY}", page(2, "a", ",\"nextCursor\":\"x\""), page(3, "b", ""));
    let ran = called(runtime, &folder, &["prompts", "--json"], &script).wait();
    assert_eq!(ran.held(), "{\"prompts\":[{\"name\":\"a\"},{\"name\":\"b\"}]}\n");
}

fn a_resource_is_read(runtime: &str) {
    let result = r#"{"contents":[{"uri":"a:b","text":"one\u001b[2J\ntwo"},{"uri":"a:c","blob":"AAAA"}]}"#;
    let text = answered(runtime, &["read", "a:b"], result).held();
    assert_eq!(text, "one\u{fffd}[2J\ntwo\n{\"uri\":\"a:c\",\"blob\":\"AAAA\"}\n");
    assert_eq!(answered(runtime, &["read", "a:b", "--json"], result).held(), format!("{result}\n"));
}

fn a_prompt_is_shown_with_who_says_what(runtime: &str) {
    let result = r#"{"messages":[{"role":"user","content":{"type":"text","text":"Hi\u202e"}},{"role":"assistant","content":{"type":"text","text":"Ho"}}]}"#;
    assert_eq!(answered(runtime, &["prompt", "greet"], result).held(), "user: Hi\u{fffd}\nassistant: Ho\n");
    assert_eq!(answered(runtime, &["prompt", "greet", "--json"], result).held(), format!("{result}\n"));
}

fn completions_are_lines_and_say_if_there_are_more(runtime: &str) {
    let command = ["complete", "--prompt", "greet", "who", "A"];
    let result = r#"{"completion":{"values":["Ada","Al\nan"]}}"#;
    assert_eq!(answered(runtime, &command, result).held(), "Ada\nAl an\n");
    let result = r#"{"completion":{"values":["Ada"],"total":7,"hasMore":true}}"#;
    assert_eq!(answered(runtime, &command, result).held_with("there are more values, 7 in all"), "Ada\n");
}

/// The request that a command makes.
fn asked(runtime: &str, command: &[&str]) -> Value {
    let folder = Folder::new();
    let script = r#"printf '%s' "$line" >"$DIR/asked"; exit 3"#;
    called(runtime, &folder, command, script).wait();
    serde_json::from_str(&folder.text("asked")).unwrap()
}

fn each_asks_for_what_it_was_told_to(runtime: &str) {
    let wanted: &[(&[&str], &str, Value)] = &[
        (&["read", "a:b"], "resources/read", json!({ "uri": "a:b" })),
        (&["prompt", "p", r#"{"a":"b"}"#], "prompts/get", json!({ "name": "p", "arguments": { "a": "b" } })),
        (
            &["complete", "--prompt", "p", "a", "v"],
            "completion/complete",
            json!({ "ref": { "type": "ref/prompt", "name": "p" }, "argument": { "name": "a", "value": "v" } }),
        ),
        (
            &["complete", "--resource", "a:{b}", "b", "v", "--context", r#"{"c":"d"}"#],
            "completion/complete",
            json!({
                "ref": { "type": "ref/resource", "uri": "a:{b}" }, "argument": { "name": "b", "value": "v" },
                "context": { "arguments": { "c": "d" } },
            }),
        ),
    ];
    for (command, method, params) in wanted {
        let asked = asked(runtime, command);
        assert_eq!((&asked["method"], &asked["params"]), (&(*method).into(), params), "{command:?}");
    }
    for (command, method) in [
        (&["resources"][..], "resources/list"),
        (&["resources", "--templates"], "resources/templates/list"),
        (&["prompts"], "prompts/list"),
    ] {
        assert_eq!(asked(runtime, command)["method"], method);
    }
}

fn a_call_asks_for_progress_unless_its_deadline_is_chosen(runtime: &str) {
    for command in ["call", "request"] {
        for (more, asks) in [(&[][..], true), (&["--call-timeout", "30s"], false)] {
            let command: Vec<&str> = [command, "a"].iter().chain(more).copied().collect();
            let asked = asked(runtime, &command);
            assert_eq!(!asked["params"]["_meta"]["progressToken"].is_null(), asks, "{command:?}: {asked}");
        }
    }
}

fn what_does_not_fit_is_printed_as_it_came(runtime: &str) {
    let result = r#"{"nonsense":7}"#;
    for command in [
        &["resources"][..],
        &["prompts"],
        &["read", "a:b"],
        &["prompt", "a"],
        &["complete", "--prompt", "a", "b", ""],
    ] {
        let ran = answered(runtime, command, result);
        assert_eq!(ran.held_with("the answer is printed as it came"), format!("{result}\n"), "{command:?}");
    }
}

fn a_server_without_them_is_status_1(runtime: &str) {
    for command in [&["resources"][..], &["prompts"], &["read", "a:b"], &["prompt", "a"]] {
        embedded(runtime, command).failed(1, "");
    }
    embedded(runtime, &["complete", "a", "b"]).failed(2, "--prompt");
    embedded(runtime, &["prompt", "a", "[]"]).failed(2, "JSON object");
}
