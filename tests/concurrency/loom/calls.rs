//! Calls in flight: between callers, and a runner that is played by hand.

use std::sync::Arc;
use std::time::Duration;

use loom::thread::{JoinHandle, spawn};
use tenure_mcp_proto::{Event, Incoming, Options, Outgoing};

use crate::cases::cases;
use crate::channel::{Answering, Channel};
use crate::rig::{Alarm, block_on, poll_once, saw, ways};

cases! {
    a_call_reaches_a_runner_that_goes_to_sleep: 4,
    an_answer_reaches_a_caller_that_goes_to_sleep: 4,
    a_cancel_reaches_a_runner_that_goes_to_sleep: 4,
    a_cancel_meets_an_answer: ways(4, &["cancelled first", "answered first"]),
    a_sign_of_life_reaches_who_waits_for_one: 4,
}

/// A connection whose handshake is done; its next request has the id 2.
fn ready() -> Arc<Channel> {
    let channel = Channel::new(Options::default(), || Duration::ZERO);
    channel.start().expect("it is new");
    assert!(send(&channel).contains("initialize"));
    hear(
        &channel,
        r#""id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"1"}}"#,
    );
    assert!(matches!(channel.poll_event(), Some(Event::Ready(_))));
    assert!(send(&channel).contains("initialized"));
    channel
}

fn call(channel: &Arc<Channel>) -> Answering {
    channel.call("x", None, None).expect("there is room")
}

/// What there is to send; nothing: an empty text.
fn send(channel: &Channel) -> String {
    let message = channel.poll_message().map(Outgoing::into_bytes).unwrap_or_default();
    String::from_utf8(message).unwrap()
}

/// The server says that.
fn hear(channel: &Channel, members: &str) {
    let message = format!("{{\"jsonrpc\":\"2.0\",{members}}}");
    channel.handle_message(Incoming::Message(message.as_bytes()));
    channel.handle_sign_of_life();
}

fn answer(channel: &Channel, id: u64) {
    hear(channel, &format!("\"id\":{id},\"result\":{{\"of\":{id}}}"));
}

fn hand_out(channel: &Channel) {
    while channel.poll_event().is_some() {}
}

/// Registers, looks for something to send, and sleeps if there is nothing: as the runner does.
fn wait_for_message(channel: &Channel) -> String {
    let (alarm, waker) = Alarm::new();
    let mut key = None;
    loop {
        channel.register(&mut key, &waker);
        let message = send(channel);
        if !message.is_empty() {
            channel.deregister(&mut key);
            return message;
        }
        alarm.wait();
    }
}

/// Panics if it isn't the answer to the call with that id.
fn assert_answered(text: &str, id: u64) {
    assert_eq!(text, format!("{{\"of\":{id}}}"));
}

/// A runner on a thread of its own.
fn runner(channel: &Arc<Channel>, run: impl FnOnce(&Channel) + 'static) -> JoinHandle<()> {
    let channel = channel.clone();
    spawn(move || run(&channel))
}

/// A call is made while the runner goes to sleep: it is sent, and the answer, however fast, finds its caller.
fn a_call_reaches_a_runner_that_goes_to_sleep() {
    let channel = ready();
    let running = runner(&channel, |channel| {
        assert!(wait_for_message(channel).contains("\"id\":2"));
        answer(channel, 2);
        hand_out(channel);
    });
    assert_answered(block_on(call(&channel)).expect("it is answered").get(), 2);
    running.join().unwrap();
}

/// An answer comes while its caller polls.
fn an_answer_reaches_a_caller_that_goes_to_sleep() {
    let channel = ready();
    let answering = call(&channel);
    assert!(send(&channel).contains("\"id\":2"));
    let running = runner(&channel, |channel| {
        answer(channel, 2);
        hand_out(channel);
    });
    assert_answered(block_on(answering).expect("it is answered").get(), 2);
    running.join().unwrap();
}

/// A call is dropped while the runner goes to sleep: the server is told.
fn a_cancel_reaches_a_runner_that_goes_to_sleep() {
    let channel = ready();
    let answering = call(&channel);
    assert!(send(&channel).contains("\"id\":2"));
    let running = runner(&channel, |channel| {
        assert!(wait_for_message(channel).contains("notifications/cancelled"));
    });
    drop(answering);
    running.join().unwrap();
}

/// A call is dropped while its answer comes: the server is told of it, or it isn't needed; and the answer
/// that comes with it finds its own caller.
fn a_cancel_meets_an_answer() {
    let channel = ready();
    let (mut dropped, kept) = (call(&channel), call(&channel));
    assert!(send(&channel).contains("\"id\":2"));
    assert!(send(&channel).contains("\"id\":3"));
    let running = runner(&channel, |channel| {
        answer(channel, 2);
        answer(channel, 3);
        hand_out(channel);
    });
    let answered = poll_once(&mut dropped).is_ready();
    drop(dropped);
    assert_answered(block_on(kept).expect("it is answered").get(), 3);
    running.join().unwrap();
    let notice = send(&channel);
    assert!(notice.is_empty() || (!answered && notice.contains("notifications/cancelled")), "{notice}");
    saw(if notice.is_empty() { "answered first" } else { "cancelled first" });
    assert!(send(&channel).is_empty(), "it is cancelled twice");
}

/// The server says something while somebody waits for that.
fn a_sign_of_life_reaches_who_waits_for_one() {
    let channel = ready();
    let hearing = channel.hears();
    let running = runner(&channel, |channel| hear(channel, "\"method\":\"notifications/x\""));
    block_on(hearing);
    running.join().unwrap();
}
