//! What the machine did, as events.

use std::time::Duration;

use futures_lite::future::{block_on, poll_once};
use tenure::{Config, Mode, Probe};
use tenure_driver::{Builder, Failure, Life, from_fn};
use tenure_kit::{Panics, Plan, Scripted};
use tracing::Level;

use crate::by_hand::{ByHand, Held, Session, config, scripted};
use crate::recorder::Recorder;

/// A session that was live and is shut down.
fn lived(session: &mut Session) {
    let lease = session.lease();
    drop(session.client.close(Mode::Graceful));
    session.turn();
    drop(lease);
    session.turn();
    drop(session.client.shutdown(Mode::Graceful));
    session.turn();
}

#[test]
fn a_life_is_told_at_info() {
    let recorder = Recorder::up_to(Level::INFO);
    let _listening = recorder.listen();
    let (mut session, _peer) = scripted([]);
    lived(&mut session);
    let life = ["1 connecting", "1 live", "1 draining", "1 over", "- closed for good"];
    assert_eq!(recorder.messages(Level::INFO), life);
    assert_eq!(recorder.events().len(), life.len());
    assert!(recorder.events().iter().all(|told| told.target == "tenure_driver"));
    let draining = recorder.event("draining").fields;
    assert_eq!((draining.get("cause"), draining.get("step")), ("closed", "finish"));
}

#[test]
fn steps_are_told_at_debug() {
    let recorder = Recorder::up_to(Level::DEBUG);
    let _listening = recorder.listen();
    let (mut session, _peer) = scripted([]);
    lived(&mut session);
    let steps = [
        "1 close (graceful)",
        "1 revoke g1 (closed)",
        "1 stop g1",
        "1 runner g1 has ended (finished)",
        "- shutdown (graceful)",
    ];
    assert_eq!(recorder.messages(Level::DEBUG), steps);
}

#[test]
fn leases_callers_and_probes_are_told_at_trace() {
    let recorder = Recorder::up_to(Level::TRACE);
    let _listening = recorder.listen();
    let probe = Probe { interval: Duration::from_secs(1), timeout: Duration::from_secs(1) };
    let peer = tenure_kit::Peer::default();
    let mut session = ByHand::new(Builder::new(config().probe(Some(probe))), Scripted::new(&peer));
    let lease: Held = session.lease();
    session.advance(Duration::from_secs(1));
    drop(session.client.try_acquire());
    drop(lease);
    session.turn();
    let told = recorder.messages(Level::TRACE);
    let expected = [
        "1 a caller acquires",
        "1 caller 1 gets lease 1 of g1",
        "1 probe 1 of g1",
        "1 a caller acquires if it need not wait",
        "1 lease 2 is released",
        "1 lease 1 is released",
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_nobody_wants_to_hear_of_does_not_wake_the_driver() {
    let recorder = Recorder::up_to(Level::DEBUG);
    let _listening = recorder.listen();
    let (mut session, _peer) = scripted([]);
    let lease = session.lease();
    session.turn();
    drop(session.client.try_acquire().unwrap());
    assert!(!session.is_woken(), "a lease that is taken and given back is no work for the driver");
    drop(lease);
}

#[test]
fn what_is_shown_says_cause_and_failure() {
    let recorder = Recorder::up_to(Level::INFO);
    let _listening = recorder.listen();
    let (mut session, peer) = scripted([]);
    let lease = session.lease();
    peer.die(1, "the cable was cut");
    session.turn();
    let over = recorder.event("over").fields;
    assert_eq!(over.get("cause"), "by itself");
    assert_eq!(over.get("exit"), "failed");
    assert_eq!(over.get("failure"), "the cable was cut");
    drop(lease);
}

#[test]
fn an_end_in_order_has_no_failure() {
    let recorder = Recorder::up_to(Level::INFO);
    let _listening = recorder.listen();
    let (mut session, _peer) = scripted([]);
    lived(&mut session);
    let over = recorder.event("over").fields;
    assert_eq!((over.get("cause"), over.get("exit"), over.get("failure")), ("closed", "finished", ""));
}

/// What is told of a session whose runner fails like this.
fn told_of(failure: impl Fn() -> Failure + Send + 'static) -> Recorder {
    let recorder = Recorder::up_to(Level::TRACE);
    let _listening = recorder.listen();
    let connector = from_fn(move |life: Life<u32>| {
        let failure = failure();
        async move {
            drop(life);
            Err(failure)
        }
    });
    let mut session = ByHand::new(Builder::new(Config::default()), connector);
    let client = session.client.clone();
    let mut acquire = Box::pin(async move { client.acquire().await });
    assert!(block_on(poll_once(&mut acquire)).is_none());
    session.turn();
    drop(session);
    recorder
}

#[test]
fn a_confidential_failure_and_a_note_are_told_of_without_their_words() {
    let open = told_of(|| Failure::new("no route to host").with_note("SECRET of the note"));
    assert_eq!(open.event("over").fields.get("failure"), "no route to host");
    assert!(!open.text().contains("SECRET"));
    let kept = told_of(|| Failure::new("SECRET of the other side").confidential());
    assert_eq!(kept.event("over").fields.get("exit"), "failed");
    assert!(!kept.text().contains("SECRET"));
}

#[test]
fn the_message_of_a_panic_is_not_told() {
    let recorder = Recorder::up_to(Level::TRACE);
    let _listening = recorder.listen();
    let (mut session, peer) = scripted([Plan::new().panics(Panics::WhileServing)]);
    let lease = session.lease();
    peer.die(1, "let it panic");
    session.turn();
    assert_eq!(recorder.event("over").fields.get("exit"), "panicked");
    assert!(!recorder.text().contains(tenure_kit::PANIC));
    drop(lease);
}
