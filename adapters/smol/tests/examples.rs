//! The examples run, say what they should, and leave no process.
#![cfg(unix)]

#[path = "../examples/lsp/framing.rs"]
mod framing;
#[path = "../examples/lsp/peer.rs"]
mod peer;
#[path = "../examples/lsp/runner.rs"]
mod runner;

use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tenure::Config;
use tenure_bounds::{Example, blocking, mark};
use tenure_driver::{Connector, Failure, Life, from_fn};
use tenure_kit::ConnectorCheck;
use tenure_smol::SmolReactor;

use peer::Peer;

#[cfg(feature = "mcp")]
const SHARED_LOST_AND_CLOSED: &[&str] = &[
    "[generation 1] connected, process ",
    "--- A caller gives up",
    "wait: given up",
    "report: the session was lost: the server ended: exit status: 3; how far it got: Unknown",
    "[generation 2] connected, process ",
    "report: ",
    "wait: closed by somebody",
    "[generation 3] connected, process ",
    "report: ",
    "--- This call is never answered",
];

#[cfg(feature = "mcp")]
#[test]
fn the_host_finds_a_server_for_each_call() {
    blocking("the host", || {
        let said = Example::start("smol-host").wait();
        said.assert_in_order(SHARED_LOST_AND_CLOSED);
        for sum in ["1 + 1: 2", "2 + 2: 4", "3 + 3: 6"] {
            said.assert_in_order(&["--- Three tasks", sum, "--- A caller gives up"]);
        }
        said.assert_in_order(&["--- This call is never answered", "wait: the call deadline passed"]);
        assert_eq!(said.assert_none_is_left(), 3);
    });
}

#[cfg(feature = "mcp")]
#[test]
fn ctrl_c_ends_the_host_in_order() {
    blocking("the host", || {
        let mut host = Example::start("smol-host");
        host.until("--- This call is never answered");
        host.interrupt();
        let said = host.wait();
        said.assert_in_order(SHARED_LOST_AND_CLOSED);
        said.assert_in_order(&["--- This call is never answered", "Ctrl-C"]);
        assert!(!said.any(|line| line.starts_with("wait: the call deadline")), "{said:#?}");
        assert_eq!(said.assert_none_is_left(), 3);
    });
}

#[test]
fn a_language_server_is_ended_in_order_hurried_and_lost() {
    blocking("the language servers", || {
        let said = Example::start("lsp").wait();
        said.assert_in_order(&[
            "[generation 1] starts process ",
            r#"main.rs: {"contents":"all about main.rs"}, lib.rs: {"contents":"all about lib.rs"}"#,
            "[generation 1] says: goodbye",
            "[generation 1] has ended: exit status: 0",
            "[generation 2] starts process ",
            "[generation 2] says: no, I'll stay",
            "[generation 2] is told to hurry",
            "[generation 2] has ended: signal: 15",
            "the call: the session was closed (generation 2)",
            "[generation 3] says: a bug in my parser",
            "main.rs: the session was lost (generation 3): the other side closed its output (exit status: 3)",
        ]);
        assert!(!said.any(|line| line.starts_with("[generation 1] is told to hurry")), "{said:#?}");
        assert_eq!(said.assert_none_is_left(), 3);
    });
}

/// What every connector must do, the example's own does: it is there to be copied.
#[test]
fn the_language_servers_connector_keeps_all_rules() {
    let connector = |script: Vec<String>| move || language_server(script.clone());
    let serve = |kind: &str| vec![Example::path("lsp").display().to_string(), "serve".into(), kind.into()];
    let call = async |peer: &Peer| {
        let hover = peer.request("textDocument/hover", json!({ "uri": "main.rs" })).await?;
        if hover["contents"] == "all about main.rs" { Ok(()) } else { Err(Failure::new(hover.to_string())) }
    };
    let check = ConnectorCheck::new(connector(serve("sound")), call)
        .config(Config::default().connect_timeout(Duration::from_secs(10)))
        .silent(connector(vec!["sleep".into(), "60".into()]))
        .stubborn(connector(serve("stubborn")));
    blocking("all situations", || smol::block_on(check.run()).assert());
}

fn language_server(words: Vec<String>) -> impl Connector<Handle = Peer> {
    from_fn(move |life: Life<Peer>| {
        let mut words = words.iter();
        let mut command = Command::new(words.next().map_or("", |program| program));
        mark(command.args(words));
        runner::run(life, SmolReactor::new(), command)
    })
}
