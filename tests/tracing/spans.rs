//! The span of each generation: when it is open, and who is inside.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_lite::future::{block_on, poll_once, yield_now};
use tenure::Mode;
use tenure_driver::{Builder, Failure, Life, from_fn};
use tenure_kit::Plan;
use tracing::{Level, info, info_span};

use crate::by_hand::{ByHand, config, scripted};
use crate::recorder::Recorder;

#[test]
fn each_generation_has_its_own_span() {
    let recorder = Recorder::up_to(Level::INFO);
    let _listening = recorder.listen();
    let (mut session, _peer) = scripted([]);
    for _ in 0..2 {
        drop(session.lease());
        drop(session.client.close(Mode::Force));
        session.turn();
    }
    let (first, second) = (recorder.generation(1), recorder.generation(2));
    assert_eq!(recorder.spans().len(), 2);
    assert_eq!(first.fields.get("session"), second.fields.get("session"));
    assert_eq!((first.parent, second.parent), (None, None));
    let of = |number: &str| {
        let told = recorder.messages(Level::INFO);
        let of = |told: &String| told.strip_prefix(number).map(|told| told.trim().to_owned());
        told.iter().filter_map(of).collect::<Vec<_>>()
    };
    let life = ["connecting", "live", "draining", "over"];
    assert_eq!((of("1"), of("2")), (life.map(String::from).into(), life.map(String::from).into()));
}

#[test]
fn sessions_are_told_apart() {
    let recorder = Recorder::up_to(Level::INFO);
    let _listening = recorder.listen();
    let (mut one, _) = scripted([]);
    let (mut other, _) = scripted([]);
    drop((one.lease(), other.lease()));
    let numbers: Vec<_> = recorder.spans().iter().map(|span| span.fields.get("session").to_owned()).collect();
    assert_eq!(numbers.len(), 2);
    assert_ne!(numbers[0], numbers[1]);
}

#[test]
fn a_reconnect_closes_the_old_span() {
    let recorder = Recorder::up_to(Level::INFO);
    let _listening = recorder.listen();
    let (mut session, _peer) = scripted([]);
    let old = session.lease();
    assert!(recorder.generation(1).is_open());
    drop(session.client.close(Mode::Force));
    let new = session.lease();
    assert!(!recorder.generation(1).is_open(), "the old span is closed, though its lease is still held");
    assert!(recorder.generation(2).is_open());
    drop((old, new));
}

#[test]
fn a_lost_session_closes_its_span() {
    let recorder = Recorder::up_to(Level::ERROR);
    let _listening = recorder.listen();
    let (mut session, peer) = scripted([]);
    let lease = session.lease();
    peer.die(1, "gone");
    session.turn();
    assert!(!recorder.generation(1).is_open(), "also where only errors are listened to");
    drop(lease);
}

#[test]
fn what_lingers_keeps_its_span_open_and_no_longer() {
    let recorder = Recorder::up_to(Level::INFO);
    let _listening = recorder.listen();
    let (mut session, peer) = scripted([Plan::new().lingers()]);
    drop(session.lease());
    drop(session.client.close(Mode::Force));
    session.turn();
    session.advance(Duration::from_secs(60));
    // An orphan, beside the next one.
    drop(session.lease());
    assert!(recorder.generation(1).is_open());
    assert!(recorder.generation(2).is_open());
    peer.let_go(1);
    session.turn();
    assert!(!recorder.generation(1).is_open());
}

#[test]
fn a_dropped_driver_closes_its_spans_and_tells_the_end() {
    let recorder = Recorder::up_to(Level::INFO);
    let _listening = recorder.listen();
    let (mut session, _peer) = scripted([]);
    let lease = session.lease();
    session.drop_driver();
    assert!(!recorder.generation(1).is_open());
    assert_eq!(recorder.event("over").fields.get("exit"), "dropped");
    drop(lease);
}

/// Says something when it is dropped.
struct LastWord;

impl Drop for LastWord {
    fn drop(&mut self) {
        info!("dropped");
    }
}

/// Says something at each turn of its life.
async fn talkative(life: Life<u32>) -> Result<(), Failure> {
    let _last = LastWord;
    info!("opening");
    yield_now().await;
    info!("opened");
    let serving = life.ready(7);
    yield_now().await;
    info!("serving");
    serving.stopped().await;
    info!("stopped");
    std::future::pending().await
}

/// What the runner said itself, each with the generation of the span that it was said in.
fn said(recorder: &Recorder) -> Vec<String> {
    let driver = ["connecting", "live", "draining", "over", "closed for good"];
    let told = recorder.messages(Level::INFO);
    told.into_iter().filter(|told| !driver.iter().any(|word| told.ends_with(word))).collect()
}

#[test]
fn a_runner_is_in_its_span_across_awaits_and_when_it_is_dropped() {
    for discard in [true, false] {
        let recorder = Recorder::up_to(Level::INFO);
        let _listening = recorder.listen();
        let connector = from_fn(|life| {
            info!("started");
            talkative(life)
        });
        let mut session = ByHand::new(Builder::new(config()), connector);
        // Whatever span others are in at the same time.
        let other = info_span!("other");
        let lease = other.in_scope(|| session.lease());
        drop(session.client.close(Mode::Force));
        session.turn();
        if discard {
            // Stop, abort, discard.
            (0..3).for_each(|_| session.advance(Duration::from_secs(60)));
        } else {
            session.drop_driver();
        }
        let words = ["started", "opening", "opened", "serving", "stopped", "dropped"];
        assert_eq!(said(&recorder), words.map(|word| format!("1 {word}")));
        assert_eq!(recorder.messages(Level::INFO)[0], "1 connecting", "before its runner says anything");
        drop(lease);
    }
}

#[test]
fn a_runner_that_panics_leaves_its_span() {
    let recorder = Recorder::up_to(Level::INFO);
    let _listening = recorder.listen();
    let (mut session, peer) = scripted([Plan::new().panics(tenure_kit::Panics::WhileServing)]);
    let lease = session.lease();
    peer.die(1, "let it panic");
    session.turn();
    assert!(tracing::Span::current().is_none());
    info!("outside");
    assert_eq!(recorder.event("outside").span, None);
    drop(lease);
}

#[test]
fn what_a_runner_knows_of_the_other_side_is_recorded() {
    let recorder = Recorder::up_to(Level::INFO);
    let _listening = recorder.listen();
    let task = Arc::new(Mutex::new(None));
    let own = task.clone();
    let connector = from_fn(move |life: Life<u32>| {
        let own = own.clone();
        async move {
            life.span().record("server.name", "by hand");
            let serving = life.ready(7);
            *own.lock().unwrap() = Some(serving.span());
            serving.stopped().await;
            Ok(())
        }
    });
    let mut session = ByHand::new(Builder::new(config()), connector);
    let lease = session.lease();
    assert_eq!(recorder.generation(1).fields.get("server.name"), "by hand");
    task.lock().unwrap().take().unwrap().in_scope(|| info!("a task of the runner's"));
    assert_eq!(said(&recorder), ["1 a task of the runner's"]);
    drop(lease);
}

#[test]
fn spans_are_in_the_one_that_the_session_was_given() {
    let recorder = Recorder::up_to(Level::INFO);
    let _listening = recorder.listen();
    let connector = from_fn(|life: Life<u32>| async move {
        life.ready(7).stopped().await;
        Ok(())
    });
    let builder = Builder::new(config()).parent_span(info_span!("server", name = "git"));
    let mut session = ByHand::new(builder, connector);
    drop(session.lease());
    let parent = recorder.generation(1).parent.expect("a parent");
    assert_eq!(recorder.spans()[parent].fields.get("name"), "git");
    assert!(recorder.spans()[parent].is_open());
    drop(session);
    assert!(!recorder.spans()[parent].is_open());
}

#[test]
fn without_anybody_who_listens_it_all_works() {
    let (mut session, peer) = scripted([]);
    let lease = session.lease();
    assert_eq!(block_on(poll_once(lease.run(async |handle| handle.echo(3)))).unwrap().unwrap(), 3);
    peer.die(1, "gone");
    session.turn();
    assert!(lease.check().is_err());
}
