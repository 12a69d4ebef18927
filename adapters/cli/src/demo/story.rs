//! What is played, step by step.

use std::time::{Duration, Instant};

use futures_lite::{StreamExt as _, future};
use serde_json::json;
use tenure::{Action, ExitKind, Mode, Status};
use tenure_mcp::{Client, Error, Lease};

use super::event_log::EventLog;
use super::verdict::Verdicts;
use crate::exit::{ANSWERED, Failed};
use crate::processes::exists;
use crate::text::counted;

/// The server's teardown: slow enough to be overtaken, were that possible.
pub(super) const TEARDOWN: Duration = Duration::from_millis(600);

/// Plays it all, up to the end; the process ids of the servers that there were.
pub(crate) async fn tell(
    client: &Client,
    log: &EventLog,
    verdicts: &mut Verdicts,
) -> Result<Vec<u32>, Failed> {
    let mut pids = Vec::new();
    share(client, log, verdicts).await?;
    let (kept, held) = race(client, log, verdicts, &mut pids).await?;
    pids.push(pid(&held).await?);
    late_release(client, kept, &held, log, verdicts).await?;
    pids.push(kill_under_a_call(client, held, log, verdicts).await?);
    log.until(EventLog::all_released).await;
    verdicts.title("the end");
    Ok(pids)
}

/// Several tasks use one session.
async fn share(client: &Client, log: &EventLog, verdicts: &mut Verdicts) -> Result<(), Failed> {
    verdicts.title("four tasks share one session");
    let call = async |text: &str| -> Result<(u64, String), Error> {
        let lease = client.acquire().await?;
        Ok((lease.generation().number(), echo(&lease, text).await?))
    };
    let (one, two) = (future::zip(call("a"), call("b")), future::zip(call("c"), call("d")));
    let ((a, b), (c, d)) = future::zip(one, two).await;
    let answers = [a?, b?, c?, d?];
    let expected = ["a", "b", "c", "d"].map(|text| (1, text.to_owned()));
    log.until(EventLog::all_released).await;
    let connects = log.actions(|action| matches!(action, Action::Connect { .. }));
    verdicts.add(
        "one connect served four tasks, each got its own answer",
        answers == expected && connects == 1,
        &counted(connects, "connect"),
    );
    Ok(())
}

/// The race: a force close meets a slow teardown, its caller is cancelled, another reconnects at once. A lease of the
/// old generation and one of the new.
async fn race(
    client: &Client,
    log: &EventLog,
    verdicts: &mut Verdicts,
    pids: &mut Vec<u32>,
) -> Result<(Lease, Lease), Failed> {
    verdicts.title("a force close is cancelled in a slow teardown; another reconnects");
    let kept = client.acquire().await?;
    pids.push(pid(&kept).await?);
    let cancelled = close_and_cancel(client).await;
    log.until(|log| log.actions(|action| matches!(action, Action::Stop { .. })) > 0).await;
    verdicts.add("the closing caller was cancelled while the teardown ran", cancelled, &state(client));

    let begin = Instant::now();
    let waited_before = log.callers_that_waited();
    let acquiring = client.acquire();
    let moment = async {
        log.until(|log| log.callers_that_waited() > waited_before).await;
        verdicts.moment(
            "THE RACE: g1 is dying, and a caller wants a session now. A naive client (a task handle, a counter, \
             two events) sees a task that is not done yet, takes it for live, and hands out the dying session: the \
             caller's first call fails. Then the late clean-up of g1 destroys the session that comes next.",
        );
    };
    let (lease, ()) = future::zip(acquiring, moment).await;
    let lease = lease?;
    let waited = begin.elapsed();
    let generation = lease.generation().number();
    log.until(|log| log.granted_of(2)).await;
    verdicts.add(
        "the new caller got the next generation, never the dying one",
        generation == 2,
        &format!("generation {generation} after {} ms", waited.as_millis()),
    );
    let tools = lease.list_tools().await?;
    verdicts.add("the new session lists the tools", tools.len() == 3, &counted(tools.len(), "tool"));
    undisturbed(log, waited, verdicts);
    Ok((kept, lease))
}

/// Returns whether the close was under way when its caller was cancelled.
async fn close_and_cancel(client: &Client) -> bool {
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
    let closed = async {
        closing.await;
        false
    };
    future::or(draining, closed).await
}

fn undisturbed(log: &EventLog, waited: Duration, verdicts: &mut Verdicts) {
    let hurried = log.actions(|action| match action {
        Action::Abort { generation } | Action::Discard { generation } => generation.number() == 1,
        _ => false,
    });
    let ended = log.actions(|action| match action {
        Action::Ended { generation, exit, .. } => generation.number() == 1 && exit.kind == ExitKind::Finished,
        _ => false,
    });
    verdicts.add(
        "the teardown of the old one ran to its own end, undisturbed",
        ended == 1 && hurried == 0 && waited >= TEARDOWN / 2,
        &format!("ended by itself: {}, told to hurry: {}", counted(ended, "time"), counted(hurried, "time")),
    );
}

/// A lease of the old generation is released when the new one is live.
async fn late_release(
    client: &Client,
    kept: Lease,
    held: &Lease,
    log: &EventLog,
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
    log.until(|log| log.late_releases() > 0).await;
    verdicts.moment("A naive client counts this release against g2, and tears it down under its user.");
    verdicts.add(
        "the late release changed nothing; the new session works",
        before == after && log.late_releases() == 1 && answer == "still here",
        &state(client),
    );
    Ok(())
}

async fn kill_under_a_call(
    client: &Client,
    held: Lease,
    log: &EventLog,
    verdicts: &mut Verdicts,
) -> Result<u32, Failed> {
    verdicts.title("the server is killed under a call in flight");
    let victim = pid(&held).await?;
    let begin = Instant::now();
    let waiting = held.call_tool("wait", ());
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
    log.until(|log| log.has_ended(2)).await;
    verdicts.moment("A naive client waits for an answer that never comes.");
    verdicts.add(
        "the call failed at once and said why",
        matches!(lost, Err(Error::Lost { .. })) && at_once,
        &seen,
    );

    let lease = client.acquire().await?;
    let tools = lease.list_tools().await?.len();
    let generation = lease.generation().number();
    log.until(|log| log.granted_of(3)).await;
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
    Ok(lease.call_tool("echo", json!({ "text": text })).await?.text())
}

async fn pid(lease: &Lease) -> Result<u32, Failed> {
    let text = lease.call_tool("pid", ()).await?.text();
    text.parse().map_err(|_| Failed::new(ANSWERED, format!("{text:?} is no process id")))
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

/// Its session is held, so the id is still its own.
fn kill(pid: u32) -> Result<(), String> {
    let Ok(killed) = crate::processes::kill(pid, || Ok::<_, std::convert::Infallible>(()));
    killed.map_err(|error| error.to_string())
}
