//! What comes of servers' answers and of the ways in which they end, and where it goes.

use crate::answers::json;
use crate::on_both_runtimes;
use crate::servers::{DEAF, HANDSHAKE, NO_TOOLS, ORDERLY, called, raw};
use crate::support::{Folder, TENURE, exit};

on_both_runtimes!(
    the_environment_and_the_folder_are_the_servers,
    the_servers_errors_go_to_a_file,
    the_servers_errors_go_nowhere,
    verbose_tells_what_the_server_says_before_the_handshake,
    a_server_that_ends_in_order_is_given_time,
    a_deaf_server_is_ended_with_its_children,
    a_tool_that_fails_still_prints_its_result,
    structured_content_is_shown_when_there_is_no_other,
    a_reader_that_goes_away_is_no_failure,
    pinging_ends_when_nobody_reads,
    the_last_words_of_a_server_are_not_lost,
    the_words_of_a_server_come_before_those_about_it,
);

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

fn verbose_tells_what_the_server_says_before_the_handshake(runtime: &str) {
    let early = r#"
echo 'Welcome!'
echo '{"jsonrpc":"2.0","method":"x/early","params":{}}'
"#;
    let folder = Folder::new();
    let script = format!("{early}{HANDSHAKE}{NO_TOOLS} {ORDERLY}");
    let ran = raw(runtime, &folder, &["tools", "-v"], &script).wait();
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{ran:?}");
    let told = |words: &str| ran.stderr.iter().position(|line| line.contains(words));
    let complete = told("handshake complete");
    for words in ["server breaks the protocol: ", "Welcome!", "server notifies x/early"] {
        assert!(told(words).is_some() && told(words) < complete, "{words}: {ran:?}");
    }
    // A server that says nothing else than that.
    let command = ["tools", "-v", "--connect-timeout", if cfg!(windows) { "5s" } else { "500ms" }];
    let ran = raw(runtime, &folder, &command, &format!("{early}{ORDERLY}")).wait();
    assert_eq!(ran.status, 4, "{ran:?}");
    for words in ["server breaks the protocol: ", "server notifies x/early"] {
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
    let script = format!("exec '{TENURE}' demo-server");
    let mut running = raw(runtime, &folder, &["ping", "--count", "4294967295"], &script);
    drop(running.stdout());
    assert_eq!(running.wait().held(), "");
    folder.nothing_left();
}

fn the_last_words_of_a_server_are_not_lost(runtime: &str) {
    let folder = Folder::new();
    let script = format!("{NO_TOOLS} cat >/dev/null; seq 1 5000 >&2");
    let ran = raw(runtime, &folder, &["tools"], &format!("{HANDSHAKE}{script}")).wait();
    let lines: Vec<String> = (1..=5000).map(|number| number.to_string()).collect();
    assert_eq!((ran.status, ran.stderr == lines), (0, true), "{:?}", ran.stderr.len());
}

fn the_words_of_a_server_come_before_those_about_it(runtime: &str) {
    let folder = Folder::new();
    let ran = raw(runtime, &folder, &["tools"], "echo 'no such thing' >&2; exit 3").wait();
    assert_eq!(ran.stderr[0], "no such thing", "{ran:?}");
    assert!(ran.stderr.len() == 2 && ran.stderr[1].contains(&exit(3)), "{ran:?}");
}
