//! Calls in flight: between callers, and a runner that is played by hand.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use loom::thread::{JoinHandle, spawn};
use tenure_mcp_proto::{Event, Incoming, Options, Outgoing, RequestOptions};

use crate::cases::cases;
use crate::channel::{Answering, Channel};
use crate::hearing::Hearing;
use crate::rig::{Alarm, block_on, poll_once, saw, ways};

cases! {
    a_call_reaches_a_runner_that_goes_to_sleep: 4,
    an_answer_reaches_a_caller_that_goes_to_sleep: 4,
    a_cancel_reaches_a_runner_that_goes_to_sleep: 4,
    a_cancel_meets_an_answer: ways(4, &["cancelled first", "answered first"]),
    a_sign_of_life_reaches_who_waits_for_one: 4,
    progress_reaches_a_caller_that_goes_to_sleep: 3,
    progress_is_told_before_its_answer: 3,
}

/// A connection whose handshake is done; its next request has the id 2.
fn ready() -> Arc<Channel> {
    let channel = Channel::new(Options::default(), Arc::new(|| Duration::ZERO));
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
    channel.call("x", None, RequestOptions::default(), false).expect("there is room")
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

/// A call whose progress is wanted.
fn watch(channel: &Arc<Channel>) -> Answering {
    let options = RequestOptions::default().progress(true);
    channel.call("x", None, options, true).expect("there is room")
}

/// Progress of the call with the id 2.
fn progress(channel: &Channel) {
    let params = "{\"progressToken\":2,\"progress\":1}";
    hear(channel, &format!("\"method\":\"notifications/progress\",\"params\":{params}"));
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
    let hearing = Hearing::of(&channel);
    let running = runner(&channel, |channel| hear(channel, "\"method\":\"notifications/x\""));
    block_on(hearing);
    running.join().unwrap();
}

/// Progress comes while the caller of its call polls.
fn progress_reaches_a_caller_that_goes_to_sleep() {
    let channel = ready();
    let mut answering = watch(&channel);
    assert!(send(&channel).contains("\"id\":2"));
    let running = runner(&channel, |channel| {
        progress(channel);
        hand_out(channel);
    });
    let told = block_on(poll_fn(|cx| {
        let mut told = 0;
        let answer = answering.poll_telling(cx, &mut |reports| told += reports.progress.len());
        assert!(answer.is_pending(), "there is none");
        if told == 0 { Poll::Pending } else { Poll::Ready(told) }
    }));
    assert_eq!(told, 1);
    running.join().unwrap();
}

/// Progress and the answer come while the caller polls: it has both when it has the answer.
fn progress_is_told_before_its_answer() {
    let channel = ready();
    let mut answering = watch(&channel);
    assert!(send(&channel).contains("\"id\":2"));
    let running = runner(&channel, |channel| {
        progress(channel);
        answer(channel, 2);
        hand_out(channel);
    });
    let mut told = 0;
    let answer =
        block_on(poll_fn(|cx| answering.poll_telling(cx, &mut |reports| told += reports.progress.len())));
    assert_answered(answer.expect("it is answered").get(), 2);
    assert_eq!(told, 1, "progress was lost");
    running.join().unwrap();
}
