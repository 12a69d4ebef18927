//! Events as a stream: whoever reads it slowly costs himself.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use serde_json::json;
use tenure::{Generation, Mode};
use tenure_mcp::proto::Dropped;
use tenure_mcp::proto::types::Notification;
use tenure_mcp::{Events, Heard, Options, ServerEvent, listen};

use crate::stage::{Call, Server, Stage, config};

/// A stage that is heard through a stream with so much room, live, and the stream after what it took to come so far.
fn live(most: usize) -> (Stage, Events, Server) {
    let (listener, mut events) = listen(most);
    let mut stage = Stage::heard_by(Options::new().session(|_| config()), listener);
    let (lease, server) = stage.live();
    drop(lease);
    while Call::new(events.next()).poll().is_some() {}
    (stage, events, server)
}

fn tell(stage: &mut Stage, server: &Server, number: u32) {
    let params = json!({ "level": "info", "data": number });
    server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": params }));
    stage.turn();
}

/// What a log message says.
fn number(heard: &Heard) -> String {
    match heard.event.notification() {
        Some(Notification::Log { data, .. }) => data.get().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_reader_that_is_slow_misses_the_oldest_and_is_told_how_many() {
    let (mut stage, mut events, server) = live(3);
    for round in 0..5 {
        tell(&mut stage, &server, round);
    }
    let mut heard = Vec::new();
    while let Some(Some(next)) = Call::new(events.next()).poll() {
        heard.push((number(&next), next.missed, next.generation.number()));
    }
    assert_eq!(heard, [("2".to_owned(), 2, 1), ("3".to_owned(), 0, 1), ("4".to_owned(), 0, 1)]);
}

#[test]
fn a_reader_that_waits_is_woken_and_hears_the_end_of_the_session() {
    let (mut stage, mut events, server) = live(3);
    let mut next = Call::begun(async move { (events.next().await, events) });
    tell(&mut stage, &server, 7);
    let (heard, mut events) = next.poll().unwrap();
    assert_eq!(number(&heard.unwrap()), "7");
    let mut closed = Call::begun(stage.client.shutdown(Mode::Force));
    stage.turn();
    server.close_output();
    stage.turn();
    assert!(closed.poll().is_some());
    drop(closed);
    drop(stage);
    let mut last = None;
    while let Some(Some(heard)) = Call::new(events.next()).poll() {
        last = Some(heard);
    }
    assert!(last.is_some(), "it is told that it was disconnected");
    assert!(Call::new(events.next()).poll().unwrap().is_none(), "and that this was all");
}

#[test]
fn there_is_room_for_one_event_at_least() {
    let (mut stage, mut events, server) = live(0);
    tell(&mut stage, &server, 1);
    assert_eq!(Call::new(events.next()).poll().unwrap().unwrap().missed, 0);
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_reader_that_went_to_sleep_is_woken_by_an_event_and_by_the_end() {
    let (listener, mut events) = listen(3);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut is_pending = || pin!(events.next()).poll(&mut Context::from_waker(&waker)).is_pending();
    assert!(is_pending());
    listener(Generation::FIRST, &ServerEvent::Dropped(Dropped::default()));
    assert!(woken.0.swap(false, Ordering::SeqCst));
    assert!(!is_pending() && is_pending());
    drop(listener);
    assert!(woken.0.load(Ordering::SeqCst));
    assert!(!is_pending());
}

#[test]
fn who_listens_no_more_is_let_go() {
    struct Reader;
    impl std::task::Wake for Reader {
        fn wake(self: std::sync::Arc<Self>) {}
    }
    let (_listener, mut events) = listen(1);
    let reader = std::sync::Arc::new(Reader);
    assert!(Call::new(events.next()).poll_with(&reader.clone().into()).is_none());
    assert!(std::sync::Arc::strong_count(&reader) > 1);
    drop(events);
    assert_eq!(std::sync::Arc::strong_count(&reader), 1);
}
