//! Servers over HTTP by TLS, and sessions with them that stay.

use std::fs;
use std::io::BufReader;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustix::process::Signal;
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use tenure_bounds::blocking;

use crate::on_both_runtimes;
use crate::support::{Folder, is_heard, run, start};
use crate::web::{Answer, Heard, Web, answered, modern};

on_both_runtimes!(
    what_a_server_tells_is_watched_until_the_session_is_ended,
    what_a_server_of_the_modern_era_tells_is_watched,
    the_log_of_a_server_is_shown_from_a_level_on,
    a_server_is_known_by_an_authority_that_is_given,
);

/// A stream of what the server tells.
fn telling(told: &Value) -> Answer {
    (200, vec![("content-type", "text/event-stream".to_owned())], format!("data: {told}\n\n"))
}

/// Reads until a line has these words.
fn until(stdout: &mut impl std::io::BufRead, words: &str) {
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        let read = blocking("a line", || stdout.read_line(&mut line)).unwrap();
        assert!(read > 0, "{words:?} was not printed");
    }
}

/// Runs until it has printed that, and is told to end.
fn printed(web: &Web, runtime: &str, command: &[&str], words: &str) {
    printed_as(web, runtime, "legacy", command, words);
    assert!(web.heard().iter().any(|heard| heard.method == "DELETE"), "the session is ended");
}

fn printed_as(web: &Web, runtime: &str, era: &str, command: &[&str], words: &str) {
    let url = web.url();
    let rest = ["--runtime", runtime, "--era", era, "--url", &url];
    let mut running = start(command.iter().copied().chain(rest));
    let mut stdout = BufReader::new(running.stdout());
    until(&mut stdout, words);
    running.signal(Signal::INT);
    let ran = running.wait();
    // There may be more to read, and a reader that goes ends it, too.
    drop(stdout);
    ran.died(2, "ended by Ctrl-C");
}

fn what_a_server_tells_is_watched_until_the_session_is_ended(runtime: &str) {
    if !is_heard(2) {
        return;
    }
    let changed = json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" });
    let web = Web::answering(move |heard| (heard.method == "GET").then(|| telling(&changed)));
    printed(&web, runtime, &["watch"], "changed        tools");
}

/// What it was asked for, and that it has changed, on one stream.
fn subscribed(heard: &Heard) -> Answer {
    let meta = json!({ "io.modelcontextprotocol/subscriptionId": heard.message["id"] });
    let notification = |method: &str, mut params: Value| {
        params["_meta"] = meta.clone();
        json!({ "jsonrpc": "2.0", "method": method, "params": params })
    };
    let granted = json!({ "notifications": { "toolsListChanged": true } });
    let granted = notification("notifications/subscriptions/acknowledged", granted);
    let (status, headers, mut events) = telling(&granted);
    events += &telling(&notification("notifications/tools/list_changed", json!({}))).2;
    (status, headers, events)
}

fn what_a_server_of_the_modern_era_tells_is_watched(runtime: &str) {
    if !is_heard(2) {
        return;
    }
    for era in ["modern", "auto"] {
        let web = Web::answering(|heard| match heard.name() {
            "subscriptions/listen" => Some(subscribed(heard)),
            _ => Some(modern(heard)),
        });
        printed_as(&web, runtime, era, &["watch"], "changed        tools");
    }
}

fn the_log_of_a_server_is_shown_from_a_level_on(runtime: &str) {
    if !is_heard(2) {
        return;
    }
    let params = json!({ "level": "error", "data": "it burns" });
    let burns = json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": params });
    let web = Web::answering(move |heard| logging(heard, &burns));
    printed(&web, runtime, &["log", "warning"], "it burns");
    let asked = web.heard().into_iter().find(|heard| heard.name() == "logging/setLevel").unwrap();
    assert_eq!(asked.message["params"]["level"], "warning");
}

fn logging(heard: &Heard, told: &Value) -> Option<Answer> {
    let result = match heard.name() {
        "GET" => return Some(telling(told)),
        "initialize" => json!({ "protocolVersion": "2025-11-25", "capabilities": { "logging": {} } }),
        "logging/setLevel" => json!({}),
        _ => return None,
    };
    let session = vec![("mcp-session-id", crate::web::SESSION.to_owned())];
    Some(answered(heard, session, &result))
}

/// What a server of this machine shows, and who vouches for it.
fn certified() -> (Arc<ServerConfig>, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&own, &issuer).unwrap();
    let own = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], own)
        .unwrap();
    (Arc::new(config), authority.pem())
}

fn a_server_is_known_by_an_authority_that_is_given(runtime: &str) {
    let (tls, authority) = certified();
    let web = Web::secure(tls);
    let folder = Folder::new();
    let file = folder.path("authority.pem");
    fs::write(&file, authority).unwrap();
    let (url, file) = (web.url(), file.to_str().unwrap().to_owned());
    let rest = ["tools", "--runtime", runtime, "--era", "legacy", "--url", &url];
    run(rest).failed(3, "TLS");
    assert!(web.heard().is_empty());
    assert!(run(rest.into_iter().chain(["--ca-file", &file])).held().contains("says it again"));
}
