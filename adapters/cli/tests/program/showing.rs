//! What of a server's words reaches a terminal, and what programs get.

use crate::on_both_runtimes;
use crate::servers::{ORDERLY, called, embedded};
use crate::support::{Folder, Ran};

on_both_runtimes!(
    nothing_turns_the_line_around_or_hides,
    wide_names_keep_the_columns_straight,
    what_is_cut_says_so_and_where_to_see_it,
    an_answer_that_is_no_result_of_a_tool_is_printed_as_it_came,
    an_answer_that_says_it_is_an_error_is_one,
    a_page_that_cannot_be_read_keeps_those_before,
    a_servers_error_is_a_document,
    a_request_of_any_method_prints_its_result,
);

/// A call that is answered with this result.
fn answered(runtime: &str, command: &[&str], result: &str) -> Ran {
    let folder = Folder::new();
    let script = format!("cat <<'EOF'\n{{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{result}}}\nEOF\n{ORDERLY}");
    let ran = called(runtime, &folder, command, &script).wait();
    folder.nothing_left();
    ran
}

const TRICKS: &str = "a\u{202e}b\u{200b}c\u{e0041}d\u{9b}e\u{2028}f\u{feff}g";
const HARMLESS: &str = "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}f\u{fffd}g";

fn nothing_turns_the_line_around_or_hides(runtime: &str) {
    let result =
        format!(r#"{{"content":[{{"type":"text","text":"{TRICKS}"}},{{"type":"x","x":"{TRICKS}"}}]}}"#);
    let harmless = HARMLESS.replace("e\u{fffd}f", "e f");
    let expected = format!("{HARMLESS}\n{{\"type\":\"x\",\"x\":\"{harmless}\"}}\n");
    assert_eq!(answered(runtime, &["call", "a"], &result).held(), expected);
    // Programs get what came.
    assert_eq!(answered(runtime, &["call", "a", "--json"], &result).held(), format!("{result}\n"));
    let result =
        format!(r#"{{"tools":[{{"name":"{TRICKS}","description":"{TRICKS}","inputSchema":{{}}}}]}}"#);
    assert_eq!(answered(runtime, &["tools"], &result).held(), format!("{harmless}  {harmless}\n"));
    assert_eq!(answered(runtime, &["tools", "--json"], &result).held(), format!("{result}\n"));
    let result = format!(r#"{{"structuredContent":"{TRICKS}"}}"#);
    assert_eq!(answered(runtime, &["call", "a"], &result).held(), format!("\"{HARMLESS}\"\n"));
    // An answer that doesn't fit.
    let ran = answered(runtime, &["call", "a"], &format!(r#"{{"content":"{TRICKS}"}}"#));
    assert_eq!(ran.held_with("as it came"), format!("{{\"content\":\"{HARMLESS}\"}}\n"));
}

fn wide_names_keep_the_columns_straight(runtime: &str) {
    let tool = |name: &str| format!(r#"{{"name":"{name}","description":"x","inputSchema":{{}}}}"#);
    let result = format!(r#"{{"tools":[{},{},{}]}}"#, tool("日本語"), tool("abcdefg"), tool("e\u{301}"));
    let expected = "日本語   x\nabcdefg  x\ne\u{301}        x\n";
    assert_eq!(answered(runtime, &["tools"], &result).held(), expected);
}

fn what_is_cut_says_so_and_where_to_see_it(runtime: &str) {
    let result = format!(r#"{{"content":[{{"type":"image","data":"{}"}}]}}"#, "x".repeat(1000));
    let text = answered(runtime, &["call", "a"], &result).held();
    assert!(text.ends_with("xxx… (906 characters cut; --json has it whole)\n"), "{text}");
    let result = r#"{"tools":[{"name":"a","description":"one\ntwo","inputSchema":{}}]}"#;
    assert_eq!(answered(runtime, &["tools"], result).held_with("--json has them whole"), "a  one …\n");
}

fn an_answer_that_is_no_result_of_a_tool_is_printed_as_it_came(runtime: &str) {
    for result in [
        r#"{"content":"the answer"}"#,
        r#"{"content":{"type":"text","text":"the answer"}}"#,
        r#"{"content":[],"isError":"false"}"#,
        r#""the answer""#,
        r#"{"success": true}"#,
        r#"{"content":[],"isError":false,"text":"the answer"}"#,
        "[1, 2]",
        "null",
    ] {
        for command in [&["call", "a"][..], &["call", "a", "--json"]] {
            assert_eq!(answered(runtime, command, result).held_with("as it came"), format!("{result}\n"));
        }
    }
    // One of a type that isn't known may be anything but a result.
    let strange = r#"{"resultType":"strange", "n":1.00}"#;
    let ran = answered(runtime, &["call", "a"], strange);
    assert_eq!((ran.status, ran.stdout, ran.stderr.len()), (1, format!("{strange}\n"), 2));
    // These are odd, but fit.
    assert_eq!(answered(runtime, &["call", "a"], r#"{"structuredContent":[1, 2]}"#).held(), "[1, 2]\n");
}

fn an_answer_that_says_it_is_an_error_is_one(runtime: &str) {
    let result = r#"{"content":[{"type":"text","text":"boom"}],"isError":"true"}"#;
    for command in [&["call", "a"][..], &["call", "a", "--json"]] {
        let ran = answered(runtime, command, result);
        assert_eq!((ran.status, ran.stdout, ran.stderr.len()), (1, format!("{result}\n"), 2));
    }
}

fn a_page_that_cannot_be_read_keeps_those_before(runtime: &str) {
    let folder = Folder::new();
    let good = r#"{"name":"a","inputSchema":{}}"#;
    let script = format!(
        "echo '{{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{{\"tools\":[{good}],\"nextCursor\":\"x\"}}}}'; read -r line\n\
         echo '{{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{{\"tools\":7}}}}'; {ORDERLY}"
    );
    let ran = called(runtime, &folder, &["tools"], &script).wait();
    assert_eq!((ran.status, ran.stdout.as_str()), (0, "a\n"), "{ran:?}");
    assert!(ran.stderr[0].contains("page 2: "), "{ran:?}");
    let ran = called(runtime, &folder, &["tools", "--json"], &script).wait();
    assert_eq!((ran.status, ran.stdout), (0, format!("{{\"tools\":[{good}]}}\n")));
}

fn a_servers_error_is_a_document(runtime: &str) {
    let folder = Folder::new();
    let error = r#"printf '%s\n' '{"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"no\ngood","data":{"n":1.00}}}'"#;
    for command in ["call", "request"] {
        let ran = called(runtime, &folder, &[command, "a", "--json"], &format!("{error}; {ORDERLY}")).wait();
        assert_eq!(
            ran.failed(1, "no good"),
            "{\"error\":{\"kind\":\"server\",\"code\":-32602,\"message\":\"no\\ngood\",\"data\":{\"n\":1.00}}}\n"
        );
    }
}

fn a_request_of_any_method_prints_its_result(runtime: &str) {
    let result = "{ \"b\":1.00, \"a\":\"\u{202e}\" }";
    let text = answered(runtime, &["request", "x/y", r#"{"n":1}"#], result).held();
    assert_eq!(text, result.replace('\u{202e}', "\u{fffd}") + "\n");
    assert_eq!(answered(runtime, &["request", "x/y", "--json"], result).held(), format!("{result}\n"));
    assert!(
        embedded(runtime, &["request", "tools/list"]).held().starts_with("{\"tools\":[{\"description\":")
    );
}
