//! The cycles of one session after the other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_lite::future;
use smol::channel::{Receiver, Sender};
use tenure::Mode;
use tenure_mcp::{Error, Lease};

use super::kill::kill;
use super::plan::{Cycle, Ending, Step};
use super::rig::Rig;
use super::session::{Session, User};
use super::tally::Counts;
use super::target::{Called, Verdict};
use crate::exit::Failed;

/// Plays cycles until there are none left.
pub(super) async fn work(rig: Arc<Rig>, number: usize) -> Result<(), Failed> {
    let mut open: Option<Session> = None;
    while let Some(cycle) = rig.next_cycle() {
        let plan = Cycle::new(rig.seed, cycle, rig.tasks, rig.chaos);
        let session = match open.take() {
            Some(session) => session,
            None => Session::open(&rig, number)?,
        };
        play(&session.user, &plan).await;
        rig.tally.counts().cycles += 1;
        if plan.renews {
            session.end(Mode::Graceful).await;
        } else {
            open = Some(session);
        }
    }
    if let Some(session) = open {
        session.end(Mode::Graceful).await;
    }
    Ok(())
}

/// All tasks at once, and the session's end meanwhile.
async fn play(user: &User, plan: &Cycle) {
    let runtime = user.rig.runtime();
    let (send, steps) = smol::channel::unbounded();
    let tasks = plan.tasks.iter().map(|plan| runtime.spawn(task(user.clone(), plan.clone(), send.clone())));
    let mut tasks: Vec<_> = tasks.collect();
    drop(send);
    tasks.push(runtime.spawn(end(user.clone(), plan.ending, plan.after, steps)));
    for task in tasks {
        if task.await.is_none() {
            user.rig.tally.wrong("panic", "a task has panicked");
        }
    }
}

async fn task(user: User, steps: Vec<Step>, done: Sender<()>) {
    for step in steps {
        if user.rig.stop.is_asked() {
            return;
        }
        let came = match step {
            Step::OneShot => one_shot(&user).await,
            Step::Calls(number) => calls(&user, number).await,
            Step::CancelledCall(after) => cancelled_call(&user, after).await,
            Step::CancelledAcquire(after) => cancelled_acquire(&user, after).await,
        };
        if let Err(error) = came {
            user.rig.tally.failed(&error, user.rig.chaos);
        }
        // Nobody may wait for it any more.
        let _ = done.try_send(());
    }
}

/// A call's number, counted.
fn call(user: &User) -> u64 {
    let mut counts = user.rig.tally.counts();
    counts.calls += 1;
    counts.calls
}

fn judge(user: &User, called: Called) -> Result<(), Error> {
    if called? == Verdict::ToolFailed {
        user.rig.tally.wrong("tool", "the tool says that it failed");
    }
    Ok(())
}

async fn one_shot(user: &User) -> Result<(), Error> {
    let (number, begin) = (call(user), Instant::now());
    let work = user.rig.target().on_client(&user.client, number);
    let Some(called) = user.rig.bounded("a one-shot call", work).await else { return Ok(()) };
    judge(user, called)?;
    user.rig.tally.took(|counts: &mut Counts| &mut counts.one_shot, begin.elapsed());
    Ok(())
}

async fn lease(user: &User) -> Result<Option<Lease>, Error> {
    let begin = Instant::now();
    let lease = user.rig.bounded("the wait for a lease", user.acquire()).await.transpose()?;
    user.rig.tally.took(|counts| &mut counts.leases, begin.elapsed());
    Ok(lease)
}

async fn calls(user: &User, number: u64) -> Result<(), Error> {
    let Some(lease) = lease(user).await? else { return Ok(()) };
    for _ in 0..number {
        let (number, begin) = (call(user), Instant::now());
        let work = user.rig.target().on_lease(&lease, number);
        let Some(called) = user.rig.bounded("a call", work).await else { return Ok(()) };
        judge(user, called)?;
        user.rig.tally.took(|counts| &mut counts.on_lease, begin.elapsed());
    }
    Ok(())
}

async fn cancelled_call(user: &User, after: Duration) -> Result<(), Error> {
    let Some(lease) = lease(user).await? else { return Ok(()) };
    let work = user.rig.target().on_lease(&lease, call(user));
    if let Some(called) = future::or(async { Some(work.await) }, given_up(user, after)).await {
        return judge(user, called);
    }
    user.rig.tally.counts().cancelled_calls += 1;
    Ok(())
}

async fn cancelled_acquire(user: &User, after: Duration) -> Result<(), Error> {
    if let Some(lease) = future::or(async { Some(user.acquire().await) }, given_up(user, after)).await {
        return lease.map(drop);
    }
    user.rig.tally.counts().cancelled_acquires += 1;
    Ok(())
}

async fn given_up<T>(user: &User, after: Duration) -> Option<T> {
    user.rig.runtime().sleep(after).await;
    None
}

/// Ends the session once the tasks have done so many steps; those that are left find the next generation.
async fn end(user: User, ending: Ending, after: usize, steps: Receiver<()>) {
    for _ in 0..after {
        if steps.recv().await.is_err() {
            break;
        }
    }
    if user.rig.stop.is_asked() {
        return;
    }
    match ending {
        Ending::Close(mode) => close(&user, mode).await,
        Ending::CancelledClose(mode, after) => cancelled_close(&user, mode, after).await,
        Ending::Kill => {
            if let Err(error) = kill_mid_call(&user).await {
                user.rig.tally.failed(&error, user.rig.chaos);
            }
        }
    }
}

async fn close(user: &User, mode: Mode) {
    let begin = Instant::now();
    let close = user.client.close(mode);
    user.note_closed(close.generation());
    if user.rig.bounded("a close", close).await.is_some() {
        user.rig.tally.counts().closes += 1;
        user.rig.tally.took(|counts| &mut counts.closing, begin.elapsed());
    }
}

async fn cancelled_close(user: &User, mode: Mode, after: Duration) {
    let close = user.client.close(mode);
    user.note_closed(close.generation());
    let closed = async {
        close.await;
        Some(())
    };
    let ended = future::or(closed, given_up(user, after)).await;
    let mut counts = user.rig.tally.counts();
    match ended {
        Some(()) => counts.closes += 1,
        None => counts.cancelled_closes += 1,
    }
}

/// The call is on its way when the server dies; it may still have been answered.
async fn kill_mid_call(user: &User) -> Result<(), Error> {
    let Some(lease) = lease(user).await? else { return Ok(()) };
    let work = user.rig.target().on_lease(&lease, call(user));
    let both = future::zip(work, kill(&lease));
    let Some((called, killed)) = user.rig.bounded("a call of a server that was killed", both).await else {
        return Ok(());
    };
    if killed.is_ok() {
        user.rig.tally.counts().kills += 1;
    }
    judge(user, called)
}
