//! What is played, step by step.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_lite::{StreamExt as _, future};
use serde_json::value::{RawValue, to_raw_value};
use tenure::{Action, ExitKind, Input, Mode, Reply, Status};
use tenure_driver::TraceEvent;
use tenure_mcp::proto::types::Content;
use tenure_mcp::{Client, Error, Lease};

use super::verdict::Verdicts;
use crate::exit::{ANSWERED, Failed};
use crate::text::counted;

type Events = Mutex<Vec<TraceEvent>>;

/// Plays it all and asks for the end; the process ids of the servers that there were.
pub(crate) async fn tell(
    client: &Client,
    events: &Events,
    verdicts: &mut Verdicts,
) -> Result<Vec<u32>, Failed> {
    let mut pids = Vec::new();
    share(client, events, verdicts).await?;
    let kept = client.acquire().await?;
    pids.push(pid(&kept).await?);
    race(client, events, verdicts).await?;
    let held = client.acquire().await?;
    pids.push(pid(&held).await?);
    late_release(client, kept, &held, events, verdicts).await?;
    pids.push(kill_under_a_call(client, held, verdicts).await?);
    verdicts.title("the end");
    drop(client.shutdown(Mode::Graceful));
    Ok(pids)
}

/// Several tasks use one session.
async fn share(client: &Client, events: &Events, verdicts: &mut Verdicts) -> Result<(), Failed> {
    verdicts.title("four tasks share one session");
    let call = async |text: &str| -> Result<(u64, String), Error> {
        let lease = client.acquire().await?;
        Ok((lease.generation().number(), echo(&lease, text).await?))
    };
    let (one, two) = (future::zip(call("a"), call("b")), future::zip(call("c"), call("d")));
    let ((a, b), (c, d)) = future::zip(one, two).await;
    let answers = [a?, b?, c?, d?];
    let expected = ["a", "b", "c", "d"].map(|text| (1, text.to_owned()));
    let connects = count(events, |action| matches!(action, Action::Connect { .. }));
    verdicts.add(
        "one connect served four tasks, each got its own answer",
        answers == expected && connects == 1,
        &counted(connects, "connect"),
    );
    Ok(())
}

/// The race: a force close meets a slow teardown, its caller is cancelled, another reconnects at once.
async fn race(client: &Client, events: &Events, verdicts: &mut Verdicts) -> Result<(), Failed> {
    verdicts
        .title("a force close meets a slow teardown; its caller is cancelled; another reconnects at once");
    let mut states = client.states();
    let closing = client.close(Mode::Force);
    let draining = async {
        while let Some(state) = states.next().await {
            if matches!(state, Status::Draining { .. }) {
                return true;
            }
        }
        false
    };
    let cancelled = future::or(draining, async {
        closing.await;
        false
    })
    .await;
    verdicts.add("the closing caller was cancelled while the teardown ran", cancelled, &state(client));

    let begin = Instant::now();
    let lease = client.acquire().await?;
    let waited = begin.elapsed();
    let generation = lease.generation().number();
    verdicts.add(
        "the new caller got the next generation, never the dying one",
        generation == 2,
        &format!("generation {generation} after {} ms", waited.as_millis()),
    );
    let tools = lease.list_tools().await?;
    verdicts.add("the new session lists the tools", tools.len() == 3, &counted(tools.len(), "tool"));

    let hurried = count(events, |action| match action {
        Action::Abort { generation } | Action::Discard { generation } => generation.number() == 1,
        _ => false,
    });
    let ended = count(events, |action| match action {
        Action::Ended { generation, exit, .. } => generation.number() == 1 && exit.kind == ExitKind::Finished,
        _ => false,
    });
    verdicts.add(
        "the teardown of the old one ran to its own end, undisturbed",
        ended == 1 && hurried == 0 && waited >= super::TEARDOWN / 2,
        &format!("ended by itself: {}, told to hurry: {}", counted(ended, "time"), counted(hurried, "time")),
    );
    Ok(())
}

/// A lease of the old generation is released when the new one is live.
async fn late_release(
    client: &Client,
    kept: Lease,
    held: &Lease,
    events: &Events,
    verdicts: &mut Verdicts,
) -> Result<(), Failed> {
    verdicts.title("a lease of the old generation is released late");
    let refused = kept.ping().await;
    verdicts.add(
        "a call on the revoked lease is refused at once",
        matches!(refused, Err(Error::Closed { .. })),
        &result(&refused),
    );
    let before = client.state();
    drop(kept);
    let after = client.state();
    let answer = echo(held, "still here").await?;
    let mut stale = late_releases(events);
    // The driver tells what happened after it has happened; an answer may overtake it, ten don't.
    for _ in 0..10 {
        if stale > 0 {
            break;
        }
        held.ping().await?;
        stale = late_releases(events);
    }
    verdicts.add(
        "the late release changed nothing; the new session works",
        before == after && stale == 1 && answer == "still here",
        &state(client),
    );
    Ok(())
}

fn late_releases(events: &Events) -> usize {
    let is_late =
        |e: &&TraceEvent| matches!(e.input, Input::Release { .. }) && e.output.reply == Reply::Stale;
    with(events, |events| events.iter().filter(is_late).count())
}

/// The server is killed while a call is in flight.
async fn kill_under_a_call(client: &Client, held: Lease, verdicts: &mut Verdicts) -> Result<u32, Failed> {
    verdicts.title("the server is killed under a call in flight");
    let victim = pid(&held).await?;
    let begin = Instant::now();
    let waiting = held.call_tool("wait", None);
    let killing = async {
        // The call is on its way when the server answers another one.
        let killed = match client.ping().await {
            Ok(()) => kill(victim),
            Err(error) => Err(error.to_string()),
        };
        match killed {
            Ok(()) => future::pending().await,
            Err(error) => Err(Failed::new(ANSWERED, format!("can't kill the server: {error}"))),
        }
    };
    let lost = future::or(async { Ok(waiting.await) }, killing).await?;
    let took = begin.elapsed();
    let seen = format!("{}, after {} ms", result(&lost), took.as_millis());
    let at_once = took < Duration::from_secs(1);
    verdicts.add(
        "the call failed at once and said why",
        matches!(lost, Err(Error::Lost { .. })) && at_once,
        &seen,
    );

    let lease = client.acquire().await?;
    let tools = lease.list_tools().await?.len();
    let generation = lease.generation().number();
    verdicts.add(
        "the next caller reconnected",
        generation == 3 && tools == 3,
        &format!("generation {generation}, {}", counted(tools, "tool")),
    );
    let next = pid(&lease).await?;
    drop(held);
    Ok(next)
}

/// After the end of the session.
pub(crate) fn nothing_left(pids: &[u32], verdicts: &mut Verdicts) {
    let left: Vec<u32> = pids.iter().copied().filter(|pid| exists(*pid)).collect();
    verdicts.add(
        "no server is left behind",
        left.is_empty() && pids.len() == 3,
        &format!("{} were started, {} are left", pids.len(), left.len()),
    );
}

async fn echo(lease: &Lease, text: &str) -> Result<String, Error> {
    let arguments = to_raw_value(&serde_json::json!({ "text": text })).ok();
    first_text(lease, "echo", arguments.as_deref()).await
}

async fn pid(lease: &Lease) -> Result<u32, Failed> {
    let text = first_text(lease, "pid", None).await?;
    text.parse().map_err(|_| Failed::new(ANSWERED, format!("{text:?} is no process id")))
}

async fn first_text(lease: &Lease, tool: &str, arguments: Option<&RawValue>) -> Result<String, Error> {
    let result = lease.call_tool(tool, arguments).await?;
    Ok(match result.content.into_iter().next() {
        Some(Content::Text { text, .. }) => text,
        _ => String::new(),
    })
}

fn with<R>(events: &Events, look: impl FnOnce(&[TraceEvent]) -> R) -> R {
    look(&events.lock().unwrap_or_else(PoisonError::into_inner))
}

fn count(events: &Events, is: impl Fn(&Action<tenure::LeaseData>) -> bool) -> usize {
    with(events, |events| {
        events.iter().flat_map(|event| &event.output.actions).filter(|action| is(action)).count()
    })
}

fn state(client: &Client) -> String {
    match client.state() {
        Status::Live { generation, held } => format!("{generation} is live, {} held", counted(held, "lease")),
        Status::Draining { generation, step, .. } => format!("{generation} is draining, step {step}"),
        other => other.name().to_string(),
    }
}

fn result<T>(result: &Result<T, Error>) -> String {
    result.as_ref().map_or_else(ToString::to_string, |_| "it was answered".into())
}

#[cfg(unix)]
fn kill(pid: u32) -> Result<(), String> {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or("no such process")?;
    kill_process(pid, Signal::KILL).map_err(|error| error.to_string())
}

#[cfg(unix)]
fn exists(pid: u32) -> bool {
    use rustix::process::{Pid, test_kill_process};
    i32::try_from(pid).ok().and_then(Pid::from_raw).is_some_and(|pid| test_kill_process(pid).is_ok())
}

#[cfg(not(unix))]
fn kill(_: u32) -> Result<(), String> {
    Err("unsupported on this platform".into())
}

#[cfg(not(unix))]
fn exists(_: u32) -> bool {
    false
}
