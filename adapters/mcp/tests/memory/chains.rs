//! Errors and what is behind them: the reason is told once.

use std::error::Error as _;
use std::fmt;

use serde_json::json;
use tenure_mcp::{Error, Failure};

use crate::stage::{Call, Stage, config};

/// The error and all that is behind it, each as it says it.
fn chain(error: &Error) -> Vec<String> {
    let mut words = vec![error.to_string()];
    let mut source = error.source();
    while let Some(behind) = source {
        words.push(behind.to_string());
        source = behind.source();
    }
    words
}

#[track_caller]
fn assert_told_once(error: &Error) {
    let words = chain(error);
    for (place, later) in words.iter().enumerate().skip(1) {
        assert!(words[..place].iter().all(|earlier| !earlier.contains(later)), "said twice: {words:?}");
    }
}

/// A failure with something behind it.
#[derive(Debug)]
struct Outer(Inner);

#[derive(Debug)]
struct Inner;

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the tunnel collapsed")
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rain")
    }
}

impl std::error::Error for Outer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl std::error::Error for Inner {}

#[test]
fn what_is_behind_a_failure_is_behind_the_error() {
    let generation = tenure::Generation::FIRST;
    let error = Error::ConnectFailed { generation, failure: Failure::new(Outer(Inner)) };
    assert_eq!(chain(&error), ["could not connect: the tunnel collapsed", "rain"]);
}

#[test]
fn a_failed_handshake_is_told_once() {
    let mut stage = Stage::new();
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    let server = stage.server();
    let initialize = stage.asked_for_handshake(&server);
    server.answer(&initialize, &json!("no"));
    stage.turn();
    let error = acquire.poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::ConnectFailed { .. }), "{error:?}");
    assert_told_once(&error);
}

#[test]
fn a_handshake_that_takes_too_long_is_told_once() {
    let second = std::time::Duration::from_secs(1);
    let options = tenure_mcp::Options::new()
        .session(|_| config())
        .protocol(|protocol| protocol.handshake_timeout(Some(second)));
    let mut stage = Stage::with(options);
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    stage.advance(second);
    let error = acquire.poll().unwrap().unwrap_err();
    assert_eq!(chain(&error), ["could not connect: the handshake failed: the request timed out"]);
}

#[test]
fn a_lost_session_is_told_once() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    server.close_output();
    stage.turn();
    assert_told_once(&lease.check().unwrap_err());
}
