//! Credentials that a server refuses.

use tenure_mcp_proto::http::HttpErrorKind;
use tenure_mcp_proto::{Delivery, Eras, Event};

use crate::world::*;

const BEARER: &[(&str, &str)] =
    &[("www-authenticate", "Bearer error=\"invalid_token\", error_description=\"too old\"")];

#[test]
fn other_credentials_are_asked_for_once_for_all_who_wait() {
    let mut world = World::legacy();
    let (first, one) = world.tool();
    let (second, two) = world.tool();
    world.head(&one, 401, BEARER);
    world.head(&two, 401, BEARER);
    assert_eq!(world.asked, [Some(1)]);
    world.nothing_sent();
    world.exchanges.credentials(world.now, Ok(2));
    for id in [first, second] {
        let again = world.next();
        assert!(again.is("tools/call"));
        world.exchanges.authorized(again.exchange, 2);
        world.answer(&again, "{}");
        assert!(world.ended(id).is_ok());
    }
}

#[test]
fn a_second_refusal_is_final_and_says_why() {
    let mut world = World::modern();
    let (id, sent) = world.tool();
    world.head(&sent, 401, BEARER);
    world.exchanges.credentials(world.now, Ok(2));
    let again = world.next();
    world.exchanges.authorized(again.exchange, 2);
    world.head(&again, 401, BEARER);
    let error = world.failed(id);
    assert_eq!((error.status, error.delivery), (Some(401), Delivery::Refused));
    let HttpErrorKind::Unauthorized { challenge: Some(challenge) } = &error.kind else { panic!("{error:?}") };
    assert_eq!(challenge, "invalid_token: too old");
    assert_eq!(world.asked.len(), 1);
}

#[test]
fn newer_ones_that_are_there_are_used_without_asking() {
    let mut world = World::legacy();
    let (_, one) = world.tool();
    let (_, two) = world.tool();
    world.head(&one, 401, BEARER);
    world.exchanges.credentials(world.now, Ok(2));
    let again = world.next();
    world.exchanges.authorized(again.exchange, 2);
    world.head(&two, 401, BEARER);
    assert!(world.next().is("tools/call"));
    assert_eq!(world.asked.len(), 1);
}

#[test]
fn without_others_the_refusal_stands_for_all() {
    for answer in [Ok(1), Err("the helper failed".to_owned())] {
        let mut world = World::modern();
        let (first, one) = world.tool();
        let (second, two) = world.tool();
        world.head(&one, 401, BEARER);
        world.head(&two, 401, BEARER);
        world.exchanges.credentials(world.now, answer);
        for id in [first, second] {
            let error = world.failed(id);
            assert_eq!((error.status, error.delivery), (Some(401), Delivery::Refused));
            assert!(error.to_string().contains("too old"), "{error}");
        }
        world.nothing_sent();
    }
}

#[test]
fn more_scope_is_asked_for_twice_for_the_same_thing() {
    let scope = [("www-authenticate", "Bearer error=\"insufficient_scope\", scope=\"a b\"")];
    let mut world = World::legacy();
    let (id, mut sent) = world.tool();
    for version in 2..=3 {
        world.head(&sent, 403, &scope);
        world.exchanges.credentials(world.now, Ok(version));
        sent = world.next();
        world.exchanges.authorized(sent.exchange, version);
    }
    world.head(&sent, 403, &scope);
    assert_eq!(world.delivery(id), Delivery::Refused);
    assert_eq!(world.asked.len(), 2);
}

#[test]
fn any_other_403_and_407_are_final() {
    for status in [403, 407] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        world.head(&sent, status, BEARER);
        assert_eq!(world.failed(id).status, Some(status));
        assert!(world.asked.is_empty());
        assert!(world.retiring.is_none());
    }
}

#[test]
fn a_401_that_other_credentials_do_not_cure_puts_the_session_in_doubt() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.head(&sent, 401, &[]);
    world.exchanges.credentials(world.now, Ok(2));
    let again = world.next();
    world.exchanges.authorized(again.exchange, 2);
    world.head(&again, 401, &[]);
    let ping = world.next();
    assert!(ping.is("ping"), "{}", ping.text());
    world.answer(&ping, "{}");
    assert!(matches!(world.failed(id).kind, HttpErrorKind::Unauthorized { .. }));
    assert!(world.retiring.is_none());
    // The same answer to the ping: the server knows nothing of the session.
    let (id, sent) = world.tool();
    world.exchanges.authorized(sent.exchange, 2);
    world.head(&sent, 401, &[]);
    world.exchanges.credentials(world.now, Err("there are no others".to_owned()));
    let ping = world.next();
    world.head(&ping, 401, &[]);
    assert!(world.retiring.is_some());
    assert!(matches!(world.failed(id).kind, HttpErrorKind::Expired));
}

#[test]
fn a_gateway_that_refuses_what_it_does_not_know_is_initialized_with_the_same_credentials() {
    let mut world = World::of(Eras::Auto);
    let probe = world.next();
    assert!(probe.is("server/discover"));
    world.head(&probe, 401, &[]);
    world.exchanges.credentials(world.now, Ok(1));
    assert!(world.next().is("initialize"));
    let mut world = World::of(Eras::Auto);
    let probe = world.next();
    world.head(&probe, 403, &[]);
    let sent = world.next();
    world.head(&sent, 403, &[]);
    assert!(matches!(world.event(), Event::HandshakeFailed(error) if error.to_string().contains("403")));
}

#[test]
fn more_scope_is_asked_for_twice_for_each_thing_apart() {
    let scope = [("www-authenticate", "Bearer error=\"insufficient_scope\"")];
    let mut world = World::legacy();
    let mut version = 1;
    for (method, params) in [
        ("tools/call", r#"{"name":"t"}"#),
        ("tools/call", r#"{"name":"u"}"#),
        ("prompts/get", r#"{"name":"t"}"#),
    ] {
        let id = world.call(method, params);
        let mut sent = world.next();
        for _ in 0..2 {
            world.exchanges.authorized(sent.exchange, version);
            world.head(&sent, 403, &scope);
            version += 1;
            world.exchanges.credentials(world.now, Ok(version));
            sent = world.next();
        }
        world.answer(&sent, "{}");
        assert!(world.ended(id).is_ok(), "{method} {params}");
    }
    assert_eq!(world.asked.len(), 6);
}

#[test]
fn a_401_to_what_is_no_call_puts_no_session_in_doubt() {
    let no_others = || Err("there are no others".to_owned());
    let mut world = World::of(Eras::Legacy);
    let sent = world.next();
    let result = r#"{"protocolVersion":"2025-11-25","capabilities":{}}"#;
    world.answer_with(&sent, &[("mcp-session-id", "s-1")], result);
    let confirm = world.next();
    world.head(&confirm, 401, &[]);
    world.exchanges.credentials(world.now, no_others());
    assert!(matches!(world.event(), Event::ProtocolError(_)));
    assert!(matches!(world.event(), Event::Ready(_)), "requests are made then");
    let listen = world.next();
    world.head(&listen, 401, &[]);
    world.exchanges.credentials(world.now, no_others());
    world.quiet();
    world.nothing_sent();
}
