//! What servers ask a person at the terminal.

use rustix::process::Signal;
use serde_json::Value;

use crate::on_both_runtimes;
use crate::servers::{HANDSHAKE, ORDERLY, arguments};
use crate::support::{Folder, is_heard};
use crate::terminal::Terminal;
use crate::wanting::{RESULT, answer, asks, called_raw};

on_both_runtimes!(
    a_form_is_filled_in_field_by_field,
    a_call_of_the_modern_era_goes_on_with_what_was_filled_in,
    a_form_is_asked_again_declined_and_cancelled,
    the_end_of_input_cancels_a_form,
    a_page_is_shown_and_never_opened,
    nothing_typed_before_is_an_answer,
    ctrl_c_ends_a_dialogue_in_order,
    a_question_that_the_server_takes_back_takes_no_line_from_the_next,
    without_a_terminal_nobody_can_be_asked,
    progress_is_a_bar_that_is_gone_before_the_result,
    a_bar_is_not_drawn_over_a_question,
    programs_get_no_bar,
);

const FORM: &str = r#"{"mode":"form","message":"Who are\u001b[2J you?\n> yes","requestedSchema":{"type":"object","required":["name","tags"],"properties":{
 "name":{"type":"string","title":"Your name","description":"As on paper.","minLength":2,"maxLength":9},
 "age":{"type":"integer","minimum":1},
 "colour":{"type":"string","oneOf":[{"const":"r","title":"Red"},{"const":"g","title":"Green"}],"default":"g"},
 "tags":{"type":"array","items":{"type":"string","enum":["a","b","c"]},"minItems":1},
 "sure":{"type":"boolean","default":true}}}}"#;

fn form() -> String {
    asks("elicitation/create", &FORM.replace('\n', ""))
}

fn on_terminal(runtime: &str, folder: &Folder, script: &str) -> Terminal {
    Terminal::start(arguments(runtime, folder, &["call", "t"], script))
}

fn a_form_is_filled_in_field_by_field(runtime: &str) {
    let folder = Folder::new();
    let mut terminal = on_terminal(runtime, &folder, &form());
    terminal
        .until("The server s asks:\r\n  │ Who are\u{fffd}[2J you?\r\n  │ > yes")
        .answer("Your name: text, 2 to 9 characters\r\n  │ As on paper.\r\n> ", "A")
        .answer("That is too short.\r\n> ", "Ada \"L\"")
        .answer("age: a whole number, at least 1, may be left out\r\n> ", "x")
        .answer("That is no number.\r\n> ", "")
        .until("colour: one of these, may be left out\r\n   1  Red\r\n   2  Green\r\n")
        .answer("[Green] > ", "Blue")
        .answer("That is none of the choices.\r\n[Green] > ", "")
        .answer("tags: some of these", "")
        .answer("That are too few.\r\n> ", "3, a")
        .answer("[yes] > ", "no")
        .until("  Your name: Ada \"L\"\r\n  age: (left out)\r\n  colour: Green\r\n  tags: c, a\r\n  sure: no\r\n")
        .answer("Send this? (yes, no, again) ", "")
        .answer("Send this? (yes, no, again) ", "yes");
    let (status, text) = terminal.wait();
    assert_eq!(status, 0, "{text}");
    assert!(text.ends_with("yes\ndone\n") && !text.contains('\u{1b}'), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert_eq!(
        answer(&folder).to_string(),
        r#"{"action":"accept","content":{"colour":"g","name":"Ada \"L\"","sure":false,"tags":["c","a"]}}"#
    );
    folder.nothing_left();
}

fn a_call_of_the_modern_era_goes_on_with_what_was_filled_in(runtime: &str) {
    let folder = Folder::new();
    let params = r#"{"mode":"form","message":"m","requestedSchema":{"type":"object","properties":{"a":{"type":"string","default":"x"}}}}"#;
    let script = format!(
        r#"
read -r line
echo '{{"jsonrpc":"2.0","id":1,"result":{{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{{"tools":{{}}}},"serverInfo":{{"name":"s","version":"1"}},"ttlMs":0,"cacheScope":"private"}}}}'
read -r line
echo '{{"jsonrpc":"2.0","id":2,"result":{{"resultType":"input_required","inputRequests":{{"k":{{"method":"elicitation/create","params":{params}}}}},"requestState":"s"}}}}'
read -r line; printf '%s' "$line" >"$DIR/answer"
echo '{{"jsonrpc":"2.0","id":3,"result":{{"resultType":"complete","content":[{{"type":"text","text":"done"}}]}}}}'
{ORDERLY}"#
    );
    let mut terminal =
        Terminal::start(arguments(runtime, &folder, &["call", "t", "--era", "modern"], &script));
    terminal.until("The server asks:\r\n  │ m\r\n").answer("[x] > ", "").answer("again) ", "yes");
    let (status, text) = terminal.wait();
    assert!(status == 0 && text.ends_with("\ndone\n"), "{text}");
    let sent: Value = serde_json::from_str(&folder.text("answer")).unwrap();
    let filled = r#"{"action":"accept","content":{"a":"x"}}"#;
    assert_eq!(sent["params"]["inputResponses"]["k"].to_string(), filled, "{sent}");
}

fn a_form_is_asked_again_declined_and_cancelled(runtime: &str) {
    for (last, action) in [(":decline", "decline"), (":cancel", "cancel")] {
        let folder = Folder::new();
        let schema = r#"{"type":"object","properties":{"a":{"type":"string"}}}"#;
        let params = format!("{{\"message\":\"m\",\"requestedSchema\":{schema}}}");
        let mut terminal = on_terminal(runtime, &folder, &asks("elicitation/create", &params));
        terminal.answer("> ", "x").answer("again) ", "again").answer("left out\r\n> ", last);
        let (status, text) = terminal.wait();
        assert_eq!(
            (status, answer(&folder).to_string()),
            (0, format!("{{\"action\":\"{action}\"}}")),
            "{text}"
        );
    }
}

fn the_end_of_input_cancels_a_form(runtime: &str) {
    let folder = Folder::new();
    let mut terminal = on_terminal(runtime, &folder, &form());
    terminal.until("on paper.\r\n> ").press("\u{4}");
    let (status, text) = terminal.wait();
    assert_eq!((status, answer(&folder).to_string().as_str()), (0, r#"{"action":"cancel"}"#), "{text}");
    assert!(text.ends_with("\n> \ndone\n"), "the result is in a line of its own: {text:?}");
}

fn a_page_is_shown_and_never_opened(runtime: &str) {
    let params = r#"{"mode":"url","message":"Sign in","elicitationId":"e","url":"https://bank.example@evil.example/\u202ea?b"}"#;
    for (typed, action) in [("y", "accept"), ("no", "decline"), (":cancel", "cancel")] {
        let folder = Folder::new();
        let mut terminal = on_terminal(runtime, &folder, &asks("elicitation/create", params));
        terminal
            .until("  │ Sign in\r\n")
            .until("\r\n  https://bank.example@evil.example/\u{fffd}a?b\r\n")
            .until("a page of evil.example.\r\nBe careful: what stands before the @")
            .answer("Will you open it? (yes, no, cancel) ", "maybe")
            .answer("Will you open it? (yes, no, cancel) ", typed);
        let (status, text) = terminal.wait();
        assert_eq!(
            (status, answer(&folder).to_string()),
            (0, format!("{{\"action\":\"{action}\"}}")),
            "{text}"
        );
    }
}

fn nothing_typed_before_is_an_answer(runtime: &str) {
    let folder = Folder::new();
    let script = form().replace("cat <<", "echo 'server: typed?' >&2; cat \"$DIR/go\"; cat <<");
    assert!(std::process::Command::new("mkfifo").arg(folder.path("go")).status().unwrap().success());
    let mut terminal = on_terminal(runtime, &folder, &script);
    terminal.until("server: typed?").press("hurry\n").until("hurry");
    folder.write_pipe("go", "");
    terminal.answer("on paper.\r\n> ", ":decline");
    let (_, text) = terminal.wait();
    assert_eq!(answer(&folder).to_string(), r#"{"action":"decline"}"#, "{text}");
    assert!(!text.contains("age: "), "{text}");
}

fn ctrl_c_ends_a_dialogue_in_order(runtime: &str) {
    if !is_heard(2) {
        return;
    }
    let folder = Folder::new();
    let script = form().replace("read -r line; printf '%s' \"$line\" >\"$DIR/answer\"", "exec 3<&0");
    let script = script.replace(RESULT, "");
    let mut terminal = on_terminal(runtime, &folder, &script);
    terminal.until("on paper.\r\n> ").press("half").until("half").signal(Signal::INT);
    let (status, text) = terminal.wait();
    assert_eq!(status, 130, "{text}");
    assert!(text.contains("> half\ntenure: ended by Ctrl-C"), "{text}");
    assert_eq!(folder.text("end"), "orderly\n");
    folder.nothing_left();
}

fn a_question_that_the_server_takes_back_takes_no_line_from_the_next(runtime: &str) {
    let folder = Folder::new();
    assert!(std::process::Command::new("mkfifo").arg(folder.path("go")).status().unwrap().success());
    let first = r#"{"jsonrpc":"2.0","id":"first","method":"elicitation/create","params":{"message":"m","requestedSchema":{"type":"object","properties":{"f":{"type":"string"}}}}}"#;
    let back = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"first"}}"#;
    let script =
        form().replacen("cat <<", &format!("echo '{first}'; cat \"$DIR/go\"; echo '{back}'; cat <<"), 1);
    let mut terminal = on_terminal(runtime, &folder, &script);
    // What the server says on its standard error may come in between.
    terminal.until("f: text, may be left out\r\n").until("> ");
    folder.write_pipe("go", "");
    terminal.until("\nThe server s asks:").answer("on paper.\r\n> ", "Ada").answer("age", ":decline");
    let (status, text) = terminal.wait();
    assert_eq!((status, answer(&folder).to_string().as_str()), (0, r#"{"action":"decline"}"#), "{text}");
}

fn without_a_terminal_nobody_can_be_asked(runtime: &str) {
    let folder = Folder::new();
    let offers = || folder.text("hello").contains("elicitation");
    assert_eq!(called_raw(runtime, &folder, &["call", "t"], &form()), "done\n");
    assert!(answer(&folder).is_null() && !offers());
    let json = Terminal::start(arguments(runtime, &folder, &["call", "t", "--json"], &form()));
    let (status, text) = json.wait();
    assert_eq!((status, text.lines().count()), (0, 1), "{text}");
    assert!(answer(&folder).is_null() && !offers());
}

/// Reports progress of the call, then goes on with this once somebody writes to the pipe `go`.
fn reports(then: &str) -> String {
    let report = |progress: &str| {
        format!(
            "echo '{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{{\"progressToken\":'\"$token\"',{progress}}}}}';"
        )
    };
    let token = r#"token=$(printf '%s' "$line" | sed -n 's/.*"progressToken":\([^,}]*\).*/\1/p'); printf '%s' "$token" >"$DIR/token";"#;
    let first = report(r#""progress":3,"total":12,"message":"three\u001b[2J""#);
    let second = report(r#""progress":4"#);
    format!("{HANDSHAKE}{token}\n{first}\ncat \"$DIR/go\";\n{second}\ncat \"$DIR/go\";\n{then}")
}

fn with_pipe() -> Folder {
    let folder = Folder::new();
    assert!(std::process::Command::new("mkfifo").arg(folder.path("go")).status().unwrap().success());
    folder
}

fn progress_is_a_bar_that_is_gone_before_the_result(runtime: &str) {
    for command in [["call", "t"], ["request", "tools/call"]] {
        let folder = with_pipe();
        let script = reports(&format!("{RESULT} {ORDERLY}"));
        let mut terminal = Terminal::start(arguments(runtime, &folder, &command, &script));
        terminal.until("██████░░░░░░░░░░░░░░░░░░ 3/12 three\u{fffd}[2J");
        folder.write_pipe("go", "");
        // In between, if it comes so late: what the server says on its standard error, for which the bar goes, too.
        terminal.until("4");
        folder.write_pipe("go", "");
        let (status, text) = terminal.wait();
        assert_eq!(status, 0, "{text}");
        assert!(text.contains("\r\u{1b}[K4"), "{text:?}");
        let (_, result) = text.rsplit_once("4\r\u{1b}[K").unwrap_or_else(|| panic!("{text:?}"));
        assert!(result.contains("done") && !result.contains('\u{1b}'), "{text:?}");
    }
}

fn a_bar_is_not_drawn_over_a_question(runtime: &str) {
    let folder = with_pipe();
    let ask = r#"echo '{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"mode":"url","message":"m","url":"https://a.example/"}}';"#;
    // The answer to this tells that what came before was heard.
    let heard = r#"echo '{"jsonrpc":"2.0","id":"r","method":"roots/list"}'; read -r line;"#;
    let script = reports(&format!("read -r line; {RESULT} {ORDERLY}"));
    let wait = "cat \"$DIR/go\";";
    let script = script.replacen(wait, &format!("{ask} cat \"$DIR/shown\";"), 1);
    let script = script.replacen(wait, &format!("{heard} {wait}"), 1);
    assert!(std::process::Command::new("mkfifo").arg(folder.path("shown")).status().unwrap().success());
    let mut terminal = Terminal::start(arguments(runtime, &folder, &["call", "t", "--roots", "/"], &script));
    terminal.until("cancel) ");
    folder.write_pipe("shown", "");
    folder.write_pipe("go", "");
    terminal.press("yes\n");
    let (status, text) = terminal.wait();
    assert!(status == 0 && text.contains("cancel) yes\n"), "{text:?}");
}

fn programs_get_no_bar(runtime: &str) {
    let folder = with_pipe();
    let script = reports(&format!("{RESULT} {ORDERLY}")).replace("cat \"$DIR/go\";", "");
    called_raw(runtime, &folder, &["call", "t"], &script);
    // Progress puts off the deadline that nobody has chosen, and is asked for nothing else.
    for (more, is_asked) in [(&[][..], true), (&["--call-timeout", "30s"], false)] {
        let command: Vec<&str> = ["call", "t", "--json"].iter().chain(more).copied().collect();
        let json = Terminal::start(arguments(runtime, &folder, &command, &script));
        let (status, text) = json.wait();
        assert_eq!((status, text.lines().count()), (0, 1), "{text}");
        assert_eq!(!folder.text("token").is_empty(), is_asked, "{command:?}");
    }
}
