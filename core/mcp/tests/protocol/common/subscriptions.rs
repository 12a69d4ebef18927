//! What the tests of subscriptions need.

use tenure_mcp_proto::{Event, Options, SubscriptionEnd, Subscriptions};

use super::eras::*;
use super::*;

pub(crate) const ALL: &str = r#"{"tools":{"listChanged":true},"resources":{"subscribe":true},"logging":{}}"#;

pub(crate) fn legacy(capabilities: &str) -> OnLines {
    let mut connection = opening(Options::default());
    let hello = initialize_answer("2025-11-25")
        .replace(r#""capabilities":{}"#, &format!(r#""capabilities":{capabilities}"#));
    feed(&mut connection, &hello);
    assert!(matches!(only(&mut connection), Event::Ready(_)));
    connection.poll_line().unwrap();
    connection
}

pub(crate) fn modern_with(capabilities: &str) -> OnLines {
    let mut connection = probed(modern());
    let hello = discovered(r#"["2026-07-28"]"#)
        .replace(r#""capabilities":{}"#, &format!(r#""capabilities":{capabilities}"#));
    answer(&mut connection, 1, &hello);
    server(&mut connection);
    connection
}

pub(crate) fn uris(uris: &[&str]) -> Subscriptions {
    uris.iter().fold(Subscriptions::default(), |wished, uri| wished.resource(*uri))
}

pub(crate) fn subscribed(connection: &mut OnLines) -> (Subscriptions, Subscriptions) {
    match only(connection) {
        Event::Subscribed { granted, refused } => (granted, refused),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn ended(connection: &mut OnLines) -> (SubscriptionEnd, bool) {
    match only(connection) {
        Event::SubscriptionEnded { why, again } => (why, again),
        other => panic!("{other:?}"),
    }
}

/// A notification of a subscription.
pub(crate) fn told(connection: &mut OnLines, id: &str, method: &str, fields: &str) {
    let meta = format!(r#""_meta":{{"io.modelcontextprotocol/subscriptionId":{id}}}"#);
    feed(
        connection,
        &format!(r#"{{"jsonrpc":"2.0","method":"notifications/{method}","params":{{{meta}{fields}}}}}"#),
    );
}

pub(crate) fn acknowledged(connection: &mut OnLines, id: u64, filter: &str) {
    let fields = format!(r#","notifications":{filter}"#);
    told(connection, &id.to_string(), "subscriptions/acknowledged", &fields);
}

/// A connection that listens to changes of tools, by the request 2.
pub(crate) fn listening() -> OnLines {
    let mut connection = modern_with("{}");
    connection.subscribe(T0, Subscriptions::default().tools(true)).unwrap();
    line(&mut connection);
    acknowledged(&mut connection, 2, r#"{"toolsListChanged":true}"#);
    subscribed(&mut connection);
    connection
}
