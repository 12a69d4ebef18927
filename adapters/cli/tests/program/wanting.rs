//! What servers ask for: where they may work, and what nobody is there to answer.

use serde_json::Value;

use crate::on_both_runtimes;
use crate::servers::{HANDSHAKE, ORDERLY, called, raw};
use crate::support::Folder;

on_both_runtimes!(
    a_server_is_told_the_roots_it_may_work_in,
    roots_that_are_no_folder_are_wrong_usage,
    a_call_that_needs_somebody_to_ask_says_what_the_server_wants,
    a_result_of_an_unknown_type_is_an_answer_that_failed,
);

pub(crate) const RESULT: &str =
    r#"echo '{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":"done"}]}}';"#;

/// Asks for this, and writes down what is answered, and what the client offers.
pub(crate) fn asks(method: &str, params: &str) -> String {
    format!(
        "{}cat <<'EOF'\n{{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"{method}\",\"params\":{params}}}\nEOF\n\
         read -r line; printf '%s' \"$line\" >\"$DIR/answer\"\n{RESULT} {ORDERLY}",
        // The line that is asked for the handshake says what is offered.
        HANDSHAKE.replacen("read -r line\n", "read -r line; printf '%s' \"$line\" >\"$DIR/hello\"\n", 1)
    )
}

pub(crate) fn answer(folder: &Folder) -> Value {
    serde_json::from_str::<Value>(&folder.text("answer")).unwrap()["result"].clone()
}

fn a_server_is_told_the_roots_it_may_work_in(runtime: &str) {
    let folder = Folder::new();
    let (one, two) = (folder.path("a b"), folder.path("ü"));
    for path in [&one, &two] {
        std::fs::create_dir(path).unwrap();
    }
    let [one, two] = [one, two].map(|path| path.to_str().unwrap().to_owned());
    let other_way = format!("{one}/../ü");
    let command = ["call", "t", "--roots", &one, "--roots", &other_way];
    let script = asks("roots/list", "{}");
    let text = called_raw(runtime, &folder, &command, &script);
    assert_eq!(text, "done\n");
    let root = if cfg!(windows) { "file:///" } else { "file://" };
    let slashes = |path: &str| if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let uri = |path: &str| slashes(path).replace(' ', "%20").replace('ü', "%C3%BC");
    let uri = |path: &str| format!("{root}{}", uri(path));
    let expected = serde_json::json!({"roots": [
        {"uri": uri(&one), "name": "a b"}, {"uri": uri(&two), "name": "ü"},
    ]});
    assert_eq!(answer(&folder), expected);
    assert!(folder.text("hello").contains("\"roots\":"), "{}", folder.text("hello"));
}

pub(crate) fn called_raw(runtime: &str, folder: &Folder, command: &[&str], script: &str) -> String {
    raw(runtime, folder, command, script).wait().held()
}

fn roots_that_are_no_folder_are_wrong_usage(runtime: &str) {
    let folder = Folder::new();
    let file = folder.write("file", "");
    let command = ["call", "t", "--roots", file.to_str().unwrap()];
    called(runtime, &folder, &command, RESULT).wait().failed(2, "it is no folder");
    called(runtime, &folder, &["call", "t", "--roots", "/no/such"], RESULT).wait().failed(2, "/no/such");
    assert!(!folder.path("pid").exists(), "the server was started");
}

fn a_call_that_needs_somebody_to_ask_says_what_the_server_wants(runtime: &str) {
    let folder = Folder::new();
    let wants =
        r#"{"resultType":"input_required","inputRequests":{"a":{"method":"roots/list","params":{}}}}"#;
    let result = wants.replacen('{', r#"{"requestState":"secret","#, 1);
    let script = format!(
        "read -r line\ncat <<'EOF'\n{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"resultType\":\"complete\",\
         \"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{{}}}}}}\nEOF\nread -r line\ncat <<'EOF'\n\
         {{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{result}}}\nEOF\n{ORDERLY}"
    );
    let ran = raw(runtime, &folder, &["call", "t", "--json", "--era", "modern"], &script).wait();
    let text = ran.failed(1, "the server wants input first");
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["error"]["kind"], "input_required");
    assert_eq!(document["error"]["data"], serde_json::from_str::<Value>(wants).unwrap());
}

fn a_result_of_an_unknown_type_is_an_answer_that_failed(runtime: &str) {
    let folder = Folder::new();
    let odd = r#"{"resultType":"elsewhere","content":[]}"#;
    let script = || {
        format!(
            "read -r line\ncat <<'EOF'\n{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"resultType\":\"complete\",\
             \"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{{}}}}}}\nEOF\nread -r line\ncat <<'EOF'\n\
             {{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{odd}}}\nEOF\n{ORDERLY}"
        )
    };
    let called = raw(runtime, &folder, &["call", "t", "--json", "--era", "modern"], &script()).wait();
    assert_eq!((called.status, &called.stdout), (1, &format!("{odd}\n")), "{called:?}");
    assert_eq!(called.stderr[1], "tenure: the answer is of a type that isn't known");
    let params = r#"{"name":"t"}"#;
    let asked = ["request", "tools/call", params, "--json", "--era", "modern"];
    let text = raw(runtime, &folder, &asked, &script()).wait().failed(1, "elsewhere");
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["error"]["kind"], "unreadable");
    assert_eq!(document["error"]["data"], serde_json::from_str::<Value>(odd).unwrap());
}
