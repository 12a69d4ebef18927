//! Help, and what is said of wrong usage.

use crate::support::{run, start};

const COMMANDS: [&str; 18] = [
    "demo",
    "info",
    "tools",
    "call",
    "resources",
    "read",
    "prompts",
    "prompt",
    "complete",
    "request",
    "ping",
    "watch",
    "log",
    "soak",
    "graph",
    "replay",
    "completions",
    "man",
];

#[test]
fn there_is_help_for_everything() {
    let all = run(["--help"]).held();
    for command in COMMANDS {
        assert!(all.contains(&format!("\n  {command} ")), "{all}");
        let help = run([command, "--help"]).held();
        assert!(
            help.contains("\nExamples:\n  tenure ")
                && help.contains(&format!("Usage: tenure{} ", std::env::consts::EXE_SUFFIX)),
            "{help}"
        );
        assert_eq!(run(["help", command]).held(), help);
    }
    assert!(
        all.contains("Exit status:")
            && all.contains("{\"error\":{\"kind\":")
            && all.contains("watch and log print an object a line")
            && !all.contains("die-by")
            && !all.contains("demo-server"),
        "{all}"
    );
    assert!(run(["--version"]).held().starts_with("tenure "));
}

#[test]
fn help_for_a_reader_that_went_away_is_no_panic() {
    for arguments in [&["--help"][..], &["tools", "--help"], &["--version"], &["graph"]] {
        let mut running = start(arguments);
        drop(running.stdout());
        running.wait().held();
    }
}

#[test]
fn wrong_usage_is_one_line() {
    let server = ["--", "true"];
    let wrong: &[(&[&str], &str)] = &[
        (&[], "--help"),
        (&["nonsense"], "'nonsense'"),
        (&["tools"], "<COMMAND>"),
        (&["tools", "--"], "<COMMAND>"),
        (&["tools", "true"], "'true'"),
        (&["call", "--", "true"], "<TOOL>"),
        (&["call", "a", "{}", "{}", "--", "true"], "'{}'"),
        (&["replay"], "<TRACE>"),
        (&["graph", "--format", "png"], "mermaid, dot"),
        (&["demo", "--runtime", "none"], "tokio, smol"),
        (&["tools", "a\nb\x1b[2J"], "a b"),
    ];
    for (arguments, words) in wrong {
        assert_eq!(run(*arguments).failed(2, words), "");
    }
    let options: &[(&[&str], &str)] = &[
        (&["ping", "--count", "0"], "--count"),
        (&["ping", "--count", "4294967296"], "--count"),
        (&["ping", "--count", "-1"], "'-1'"),
        (&["tools", "--connect-timeout", "5"], "--connect-timeout"),
        (&["tools", "--connect-timeout", ""], "--connect-timeout"),
        (&["tools", "--connect-timeout", "99999999999999999999s"], "--connect-timeout"),
        (&["tools", "--env", "=x"], "NAME=VALUE"),
        (&["tools", "--env", "X"], "NAME=VALUE"),
        (&["tools", "--max-message", "0"], "--max-message"),
        (&["tools", "--max-message", "1T"], "--max-message"),
        (&["tools", "--force"], "--trace"),
        (&["call", "a", "@/no/such/file"], "can't read the tool's arguments from /no/such/file"),
        (&["request", "a/b", "[]"], "JSON object"),
        (&["tools", "--stderr", "/no/such/folder/file"], "/no/such/folder/file"),
        (&["tools", "--trace", "/no/such/folder/file"], "/no/such/folder/file"),
        (&["call", "a", "[1]"], "JSON object"),
        (&["call", "a", "null"], "JSON object"),
        (&["call", "a", ""], "no JSON"),
        (&["call", "a", "{"], "no JSON"),
        (&["call", "a", "{} {}"], "no JSON"),
    ];
    for (arguments, words) in options {
        assert_eq!(run(arguments.iter().chain(&server)).failed(2, words), "");
    }
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text_are_no_panic() {
    use std::ffi::{OsStr, OsString};
    use std::os::unix::ffi::OsStringExt as _;

    let odd = OsString::from_vec(b"od\xffd".to_vec());
    let odd = odd.as_os_str();
    let text = OsStr::new;
    run([odd]).failed(2, "--help");
    run([text("call"), odd, text("--"), text("true")]).failed(2, "UTF-8");
    run([text("call"), text("a"), odd, text("--"), text("true")]).failed(2, "UTF-8");
    run([text("tools"), text("--env"), odd, text("--"), text("true")]).failed(2, "NAME=VALUE");
    run([text("replay"), odd]).failed(2, "can't read the trace od\u{fffd}d");
    run([text("tools"), text("--cwd"), odd, text("--"), text("true")]).failed(3, "working directory");
    run([text("tools"), text("--"), odd]).failed(3, "not found");
    run([text("tools"), text("--"), text("/bin/sh"), text("-c"), text("exit 5"), odd])
        .failed(3, "exit status: 5");
}

#[test]
fn misspelt_words_get_a_hint() {
    run(["tool"]).failed(2, "did you mean 'tools'");
    run(["pnig"]).failed(2, "did you mean 'ping'");
    run(["tools", "--verbos", "--", "true"]).failed(2, "did you mean '--verbose'");
    run(["call", "a", "--jsno", "--", "true"]).failed(2, "did you mean '--json'");
    run(["graph", "--format", "mermade"]).failed(2, "did you mean 'mermaid'");
    run(["completions", "bahs"]).failed(2, "did you mean 'bash'");
}

#[test]
fn forgotten_dashes_get_a_hint() {
    let hint = "the server's command comes after --, as in: tenure ";
    for forgotten in [
        &["tools", "npx", "-y", "server"][..],
        &["tools", "./my-server"],
        &["tools"],
        &["info", "./my-server"],
        &["read", "a:b"],
        &["soak", "--cycles", "2", "./my-server"],
        &["ping", "--count", "2", "python", "-m", "server"],
        &["call", "echo", "{}", "./my-server"],
        &["call", "echo", "{}"],
        &["request", "a/b", "{}", "npx", "-y", "server"],
    ] {
        run(forgotten).failed(2, hint);
    }
    run(["call", "echo", "npx", "--", "server"]).failed(2, "a server's command comes after --");
    let told = run(["tools", "--", "true", "--nonsense"]);
    assert!(!told.stderr[0].contains(hint), "{told:?}");
}

#[test]
fn wrong_usage_is_a_document_where_json_is_wanted() {
    for arguments in [
        &["tools", "--json"][..],
        &["call", "--json", "a", "[]", "--", "true"],
        &["replay", "/no/such/file", "--json"],
        &["demo", "--json", "--trace", "/no/such/folder/file"],
        &["nonsense", "--json"],
    ] {
        let text = run(arguments).failed(2, "");
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let error = &document["error"];
        assert_eq!((&error["kind"], text.lines().count()), (&"usage".into(), 1), "{text}");
        assert!(error["code"].is_null() && error["data"].is_null() && error["message"].is_string());
    }
    assert_eq!(run(["tools", "x", "--", "true", "--json"]).failed(2, ""), "");
}

#[test]
fn shells_and_man_are_told_all_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(["completions", shell]).held();
        assert!(COMMANDS.iter().all(|command| script.contains(command)), "{shell}");
        assert!(!script.contains("demo-server") && !script.contains("die-by"), "{shell}");
    }
    let page = run(["man"]).held();
    assert!(
        page.contains(".TH tenure 1") && page.contains("Exit status") && !page.contains("demo\\-server"),
        "{page}"
    );
    let page = run(["man", "call"]).held();
    assert!(page.contains("\\-\\-max\\-message") && page.contains("@FILE"), "{page}");
    run(["man", "nonsense"]).failed(2, "there is no command 'nonsense'");
    run(["man", "die-by"]).failed(2, "there is no command");
}
