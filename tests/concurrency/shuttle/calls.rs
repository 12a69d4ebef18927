//! Calls in flight of an MCP session: several callers, and a runner that answers in its own time and order.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_lite::future;
use shuttle::future::block_on;
use shuttle::sync::atomic::{AtomicBool, Ordering};
use shuttle::thread;
use tenure_driver::wake::Waiters;
use tenure_mcp_proto::{Event, Incoming, Options, Outgoing, RequestOptions};

use crate::channel::Channel;
use crate::peer::{one_in, some, some_time};
use crate::tally::{Seen, note};

/// What the callers and the runner share beside the channel.
struct Stage {
    channel: Arc<Channel>,
    /// No caller will call any more.
    over: AtomicBool,
    ended: Waiters,
}

/// Three callers call, wait for their answers or give up; each answer finds its own caller, and who waits is
/// answered.
pub(crate) fn callers_meet_their_answers() {
    let stage = Arc::new(Stage { channel: ready(), over: AtomicBool::new(false), ended: Waiters::default() });
    let served = stage.clone();
    let runner = thread::spawn(move || block_on(serve(&served)));
    let callers = [(); 3].map(|()| {
        let channel = stage.channel.clone();
        thread::spawn(move || block_on(call_some_times(&channel)))
    });
    let mut seen = Vec::new();
    for caller in callers {
        seen.extend(caller.join().unwrap());
    }
    stage.over.store(true, Ordering::SeqCst);
    stage.ended.wake_all();
    seen.extend(runner.join().unwrap());
    note(&seen);
}

/// A connection whose handshake is done.
fn ready() -> Arc<Channel> {
    let channel = Channel::new(Options::default(), Arc::new(|| Duration::ZERO));
    channel.start().expect("it is new");
    assert!(send(&channel).is_some());
    hear(
        &channel,
        r#""id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"1"}}"#,
    );
    assert!(matches!(channel.poll_event(), Some(Event::Ready(_))));
    assert!(send(&channel).is_some());
    channel
}

/// The next message to be sent.
fn send(channel: &Channel) -> Option<String> {
    let message = channel.poll_message().map(Outgoing::into_bytes)?;
    Some(String::from_utf8(message).expect("it is JSON"))
}

/// The server says that.
fn hear(channel: &Channel, members: &str) {
    let message = format!("{{\"jsonrpc\":\"2.0\",{members}}}");
    channel.handle_message(Incoming::Message(message.as_bytes()));
}

async fn call_some_times(channel: &Arc<Channel>) -> Vec<Seen> {
    let mut seen = Vec::new();
    for number in 0..=some() {
        let method = format!("x{number}");
        let answering = channel.call(&method, None, RequestOptions::default(), false).expect("there is room");
        let answer = async { Some(answering.await) };
        let gives_up = async {
            some_time().await;
            None
        };
        let answered = if one_in(2) { answer.await } else { future::or(answer, gives_up).await };
        match answered {
            Some(answer) => {
                // The server answers with the method that it was asked for.
                assert_eq!(answer.expect("it is a result").get(), format!("\"{method}\""));
                seen.push(Seen::CallAnswered);
            }
            None => seen.push(Seen::CallGivenUp),
        }
    }
    seen
}

/// Sends what there is, answers most of it sooner or later, and sleeps when there is nothing to do.
async fn serve(stage: &Stage) -> Vec<Seen> {
    let channel = &stage.channel;
    let (mut seen, mut unanswered, mut next) = (Vec::new(), Vec::new(), None);
    loop {
        while let Some(message) = next.take().or_else(|| send(channel)) {
            match request(&message) {
                Some(request) => unanswered.push(request),
                None => seen.push(Seen::ServerToldOfCancel),
            }
        }
        if one_in(2) {
            some_time().await;
        }
        if let Some((id, method)) = unanswered.pop() {
            hear(channel, &format!("\"id\":{id},\"result\":\"{method}\""));
            while channel.poll_event().is_some() {}
            continue;
        }
        next = wait_for_message(stage).await;
        if next.is_none() {
            return seen;
        }
    }
}

/// The next message to be sent, as soon as there is one; `None` once nobody will call any more.
async fn wait_for_message(stage: &Stage) -> Option<String> {
    let (mut runner, mut ended) = (None, None);
    let message = poll_fn(|cx| {
        // Registered first, looked second: what comes in between wakes.
        stage.channel.register(&mut runner, cx.waker());
        stage.ended.register(&mut ended, cx.waker());
        let over = stage.over.load(Ordering::SeqCst);
        match send(&stage.channel) {
            None if !over => Poll::Pending,
            message => Poll::Ready(message),
        }
    })
    .await;
    stage.channel.deregister(&mut runner);
    stage.ended.deregister(&mut ended);
    message
}

/// The id and the method of a request.
fn request(message: &str) -> Option<(u64, String)> {
    let id = message.split("\"id\":").nth(1)?.split(',').next()?.parse().ok()?;
    let method = message.split("\"method\":\"").nth(1)?.split('"').next()?;
    Some((id, method.to_owned()))
}
