//! What the parts of a session say of themselves, and small questions they answer.

use std::fmt::Debug;

use tenure::{Config, Generation, Mode, Refusal, Status};
use tenure_driver::{Builder, Client, Error, Failure, Stopped};
use tenure_kit::{Gate, Plan};

use crate::rig::{Rig, Task};

#[track_caller]
fn says(part: &impl Debug, words: &[&str]) {
    let said = format!("{part:?}");
    assert!(words.iter().all(|word| said.contains(word)), "{said} lacks one of {words:?}");
}

#[test]
fn all_parts_say_what_they_are() {
    let mut rig = Rig::new([]);
    let lease = rig.lease();
    says(&rig.client, &["Client", "Live"]);
    says(&rig.client.downgrade(), &["WeakClient", "clients: 1"]);
    says(&rig.client.acquire(), &["Acquire", "ticket: None"]);
    says(&rig.client.states(), &["States", "seen: None"]);
    says(&lease, &["Lease", "Generation(1)", "revoked: None"]);
    says(&lease.revoked(), &["Revoked", "Generation(1)"]);
    says(&rig.client.close(Mode::Force), &["Close", "Generation(1)"]);
    says(&lease, &["Closed"]);
    says(&Builder::new(Config::default()), &["Builder", "config"]);
    assert_eq!(Stopped.to_string(), "the runner was told to stop");
}

#[test]
fn a_close_says_which_generation_it_waits_for() {
    let mut rig = Rig::new([]);
    assert_eq!(rig.client.close(Mode::Force).generation(), None);
    let lease = rig.lease();
    assert_eq!(rig.client.close(Mode::Force).generation(), Some(lease.generation()));
    assert_eq!(lease.generation().number(), 1);
}

#[test]
fn a_close_waits_for_its_generation_and_no_longer() {
    let unwinding = Gate::new();
    let mut rig = Rig::new([Plan::new().unwinding(&unwinding)]);
    let lease = rig.lease();
    let mut closing = Task::new(rig.client.close(Mode::Force));
    closing.assert_waits();
    rig.run();
    closing.assert_waits();
    unwinding.open();
    rig.run();
    // The next one lives already when it is looked at again.
    let next = rig.lease();
    closing.done();
    assert!(next.generation() > lease.generation());
}

#[test]
fn a_weak_client_is_one_as_long_as_there_is_one() {
    let rig = Rig::new([]);
    let weak = rig.client.downgrade();
    let upgraded: Option<Client<_>> = weak.clone().upgrade();
    assert!(matches!(upgraded.unwrap().state(), Status::Idle { .. }));
    drop(rig.client);
    assert!(weak.upgrade().is_none());
}

#[test]
fn who_asks_for_a_lease_at_once_is_told_why_there_is_none() {
    let rig = Rig::new([]);
    let error = rig.client.try_acquire().unwrap_err();
    assert!(matches!(error, Error::Refused { reason: Refusal::NotLive }), "{error:?}");
    assert_eq!(error.generation(), None::<Generation>);
}

#[test]
fn a_failures_note_is_shown_behind_its_error_and_is_no_part_of_it() {
    let failure = Failure::new("no such host").permanent().with_note("its last words: none");
    assert_eq!(failure.to_string(), "no such host; its last words: none");
    assert_eq!(failure.error().map(ToString::to_string).as_deref(), Some("no such host"));
    assert_eq!(failure.note(), Some("its last words: none"));
    assert!(!failure.is_retryable());
    assert_eq!(Failure::new("no such host").note(), None);
}
