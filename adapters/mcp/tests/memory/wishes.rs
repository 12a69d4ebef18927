//! What servers are asked to tell of: the client's wishes, made again in each generation, whichever way its era has.

use serde_json::{Value, json};
use tenure::Mode;
use tenure_mcp::proto::types::LogLevel;
use tenure_mcp::{Eras, Lease, Options, ServerEvent, Subscriptions};

use crate::stage::{Call, Server, Stage, config, discovered};

fn options(eras: Eras) -> Options {
    Options::new().session(|_| config()).eras(eras)
}

/// Starts a server that offers everything; what it hears then is still to be looked at.
fn open(stage: &mut Stage) -> (Lease, Server) {
    let capabilities = json!({
        "tools": { "listChanged": true },
        "resources": { "subscribe": true, "listChanged": true },
        "logging": {},
    });
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    let server = stage.server();
    let first = server.heard_one();
    let result = if first["method"] == "initialize" {
        let info = json!({ "name": "s", "version": "1" });
        json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "serverInfo": info })
    } else {
        discovered(&capabilities)
    };
    server.answer(&first, &result);
    stage.turn();
    let lease = acquire.poll().unwrap().unwrap();
    (lease, server)
}

fn close(stage: &mut Stage, server: &Server) {
    let mut close = Call::begun(stage.client.close(Mode::Force));
    stage.turn();
    server.close_output();
    stage.turn();
    assert!(close.poll().is_some());
    stage.events();
}

/// The requests and notifications that were heard, but for the confirmation of a handshake.
fn heard(server: &Server) -> Vec<Value> {
    let confirmation = "notifications/initialized";
    server.heard().into_iter().filter(|message| message["method"] != confirmation).collect()
}

fn subscribed(events: &[ServerEvent]) -> Option<(Subscriptions, Subscriptions)> {
    events.iter().find_map(|event| match event {
        ServerEvent::Subscribed { granted, refused } => Some((granted.clone(), refused.clone())),
        _ => None,
    })
}

/// The server takes what it is asked for, and says so.
fn grant(server: &Server, listen: &Value) {
    let id = json!({ "io.modelcontextprotocol/subscriptionId": listen["id"] });
    let params = json!({ "notifications": listen["params"]["notifications"], "_meta": id });
    server.say(&json!({
        "jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged", "params": params,
    }));
}

#[test]
fn each_generation_of_a_legacy_server_is_asked_for_what_is_wished() {
    let wished = Subscriptions::default().tools(true).resource("file:///a");
    let mut stage = Stage::with(options(Eras::Legacy).subscribe(wished.clone()));
    for _ in 0..2 {
        let (lease, server) = open(&mut stage);
        let [request] = <[Value; 1]>::try_from(heard(&server)).unwrap();
        assert_eq!(request["method"], "resources/subscribe");
        assert_eq!(request["params"], json!({ "uri": "file:///a" }));
        server.answer(&request, &json!({}));
        stage.turn();
        assert_eq!(subscribed(&stage.events()), Some((wished.clone(), Subscriptions::default())));
        drop(lease);
        close(&mut stage, &server);
    }
}

#[test]
fn each_generation_of_a_modern_server_is_asked_for_what_is_wished() {
    let wished = Subscriptions::default().tools(true).resource("file:///a");
    let mut stage = Stage::with(options(Eras::Modern).subscribe(wished.clone()));
    for _ in 0..2 {
        let (lease, server) = open(&mut stage);
        let listen = server.heard_one();
        assert_eq!(listen["method"], "subscriptions/listen");
        let filter = json!({ "toolsListChanged": true, "resourceSubscriptions": ["file:///a"] });
        assert_eq!(listen["params"]["notifications"], filter);
        grant(&server, &listen);
        stage.turn();
        assert_eq!(subscribed(&stage.events()), Some((wished.clone(), Subscriptions::default())));
        drop(lease);
        close(&mut stage, &server);
    }
}

#[test]
fn a_wish_starts_no_server_and_one_that_changes_is_sent_at_once() {
    let mut stage = Stage::with(options(Eras::Legacy));
    stage.client.subscribe(|wished| wished.resource("a"));
    stage.turn();
    assert_eq!(stage.starts(), 0);
    let (_lease, server) = open(&mut stage);
    let [first] = <[Value; 1]>::try_from(heard(&server)).unwrap();
    assert_eq!(first["params"], json!({ "uri": "a" }));
    stage.client.subscribe(|mut wished| {
        wished.uris.remove("a");
        wished.resource("b")
    });
    assert_eq!(stage.client.subscriptions(), Subscriptions::default().resource("b"));
    stage.turn();
    let asked = |message: Value| (message["method"].clone(), message["params"].clone());
    let now: Vec<_> = heard(&server).into_iter().map(asked).collect();
    assert_eq!(now, [(json!("resources/subscribe"), json!({ "uri": "b" }))]);
    server.answer(&first, &json!({}));
    stage.turn();
    let then: Vec<_> = heard(&server).into_iter().map(asked).collect();
    assert_eq!(then, [(json!("resources/unsubscribe"), json!({ "uri": "a" }))]);
}

#[test]
fn who_wishes_nothing_asks_for_nothing() {
    for eras in [Eras::Legacy, Eras::Modern] {
        let mut stage = Stage::with(options(eras));
        let (_lease, server) = open(&mut stage);
        assert_eq!(heard(&server), Vec::<Value>::new());
        assert!(subscribed(&stage.events()).is_none());
    }
}

#[test]
fn the_log_level_is_each_generations_and_stands_before_the_first_call() {
    let mut stage = Stage::with(options(Eras::Legacy).log_level(Some(LogLevel::Error)));
    for _ in 0..2 {
        let (lease, server) = open(&mut stage);
        let [request] = <[Value; 1]>::try_from(heard(&server)).unwrap();
        assert_eq!(
            (&request["method"], &request["params"]),
            (&json!("logging/setLevel"), &json!({ "level": "error" }))
        );
        server.refuse(&request);
        stage.turn();
        let events = stage.events();
        assert!(events.iter().any(|event| matches!(event, ServerEvent::LogLevelRefused(_))), "{events:?}");
        drop(lease);
        close(&mut stage, &server);
    }
    let mut stage = Stage::with(options(Eras::Modern).log_level(Some(LogLevel::Error)));
    let (lease, server) = open(&mut stage);
    let _call = Call::begun(lease.call_tool("t", ()));
    stage.turn();
    let level = "io.modelcontextprotocol/logLevel";
    assert_eq!(server.heard_one()["params"]["_meta"][level], "error");
    stage.client.set_log_level(LogLevel::Debug);
    stage.turn();
    let _call = Call::begun(lease.call_tool("t", ()));
    stage.turn();
    assert_eq!(server.heard_one()["params"]["_meta"][level], "debug");
}

#[test]
fn a_server_that_offers_no_log_messages_is_told_of() {
    let mut stage = Stage::with(options(Eras::Legacy).log_level(Some(LogLevel::Info)));
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    let server = stage.server();
    let info = json!({ "name": "s", "version": "1" });
    let result = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": info });
    server.answer(&server.heard_one(), &result);
    stage.turn();
    let _lease = acquire.poll().unwrap().unwrap();
    assert_eq!(heard(&server), Vec::<Value>::new());
    let told = |event: &ServerEvent| matches!(event, ServerEvent::WishNotSent(_));
    assert_eq!(stage.events().iter().filter(|event| told(event)).count(), 1);
}

#[test]
fn a_subscription_that_the_server_ends_is_told_of_and_made_again() {
    let mut stage = Stage::with(options(Eras::Modern).subscribe(Subscriptions::default().tools(true)));
    let (_lease, server) = open(&mut stage);
    let listen = server.heard_one();
    grant(&server, &listen);
    server.answer(&listen, &json!({ "resultType": "complete" }));
    stage.turn();
    let ended = |event: &ServerEvent| matches!(event, ServerEvent::SubscriptionEnded { again: true, .. });
    assert!(stage.events().iter().any(ended));
    stage.advance(std::time::Duration::from_secs(60));
    let again = server.heard_one();
    assert_eq!(again["method"], "subscriptions/listen");
    assert_ne!(again["id"], listen["id"]);
}

#[test]
fn a_change_that_meets_another_is_made_on_top_of_it() {
    let stage = Stage::with(options(Eras::Legacy));
    let mut runs = 0;
    stage.client.subscribe(|wished| {
        runs += 1;
        if runs == 1 {
            stage.client.subscribe(|wished| wished.resource("by another"));
        }
        wished.resource("mine")
    });
    assert_eq!(runs, 2);
    let both = Subscriptions::default().resource("by another").resource("mine");
    assert_eq!(stage.client.subscriptions(), both);
}
