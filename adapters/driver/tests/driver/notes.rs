//! What a runner notes before it is ready is told to who waited, if the connect deadline passes.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tenure::Config;
use tenure_driver::{Builder, Error, Failure, Life, from_fn};
use tenure_kit::VirtualClock;

use crate::rig::Task;

/// What a caller is told whose connect takes too long, attempt by attempt: the first notes `notes`, later ones nothing.
fn told(notes: &'static [&'static str], attempts: usize) -> Vec<Option<Arc<str>>> {
    let config = Config::default();
    let connect_timeout = config.connect_timeout;
    let clock = VirtualClock::new();
    let attempt = AtomicU32::new(0);
    let connector = from_fn(move |life: Life<u32>| {
        let is_first = attempt.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            for note in notes.iter().filter(|_| is_first) {
                life.note(*note);
            }
            life.or_stopped(pending::<()>()).await?;
            Ok::<(), Failure>(())
        }
    });
    let (client, driver) = Builder::new(config).build(connector, clock.clone());
    let mut driver = Task::new(driver);
    let mut told = Vec::new();
    for _ in 0..attempts {
        let mut acquire = Task::new(client.acquire());
        acquire.assert_waits();
        driver.assert_waits();
        clock.advance(connect_timeout);
        driver.assert_waits();
        match acquire.done() {
            Err(Error::TimedOut { note, .. }) => told.push(note),
            other => panic!("{other:?}"),
        }
    }
    told
}

#[test]
fn the_latest_note_is_told_with_the_connect_deadline() {
    assert_eq!(told(&["the door is shut", "the door is stuck"], 1), [Some("the door is stuck".into())]);
}

#[test]
fn without_a_note_nothing_is_told_but_the_deadline() {
    assert_eq!(told(&[], 1), [None]);
}

#[test]
fn what_one_attempt_noted_is_not_told_of_the_next() {
    assert_eq!(told(&["the door is shut"], 2), [Some("the door is shut".into()), None]);
}
