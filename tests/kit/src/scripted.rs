//! The runner that does as its plan says.

use std::fmt;
use std::future::{Future, pending};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_lite::future;
use tenure_driver::{Connector, Failure, Life, Serving, Signal, Stopped};

use crate::gate::Gate;
use crate::peer::{Event, Handle, Peer};
use crate::plan::{Deaf, Panics, Plan};

/// What a runner panics with.
pub const PANIC: &str = "panicked as planned";

/// A connector whose runners do as their [`Plan`] says and tell their [`Peer`] what happens to them.
#[derive(Clone, Debug, Default)]
pub struct Scripted {
    peer: Peer,
}

impl Scripted {
    /// A connector for the plans of `peer`.
    #[must_use]
    pub fn new(peer: &Peer) -> Self {
        Self { peer: peer.clone() }
    }
}

impl Connector for Scripted {
    type Handle = Handle;
    type Run = Running;

    fn start(&mut self, life: Life<Handle>) -> Running {
        let generation = life.generation().number();
        let peer = self.peer.clone();
        let plan = peer.0.update(|stage| {
            stage.events.push((generation, Event::Started));
            stage.plans.pop_front().unwrap_or_default()
        });
        if plan.panics == Some(Panics::AtStart) {
            fall();
        }
        peer.0.update(|stage| stage.runners += 1);
        let panics_at_drop = plan.panics == Some(Panics::AtDrop);
        let run = Box::pin(live(life, plan, peer.clone()));
        Running { run: Some(run), peer, generation, ended: false, panics_at_drop }
    }
}

/// A panic that writes nothing.
fn fall() -> ! {
    resume_unwind(Box::new(PANIC))
}

type Run = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// The future of one generation.
pub struct Running {
    run: Option<Run>,
    peer: Peer,
    generation: u64,
    ended: bool,
    panics_at_drop: bool,
}

impl Future for Running {
    type Output = Result<(), Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(run) = &mut self.run else {
            return Poll::Pending;
        };
        let result = run.as_mut().poll(cx);
        self.ended = result.is_ready();
        result
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.run = None;
        let event = if self.ended { Event::Ended } else { Event::Dropped };
        let generation = self.generation;
        self.peer.0.update(|stage| {
            stage.runners -= 1;
            stage.events.push((generation, event));
        });
        if self.panics_at_drop && !std::thread::panicking() {
            fall();
        }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("generation", &self.generation).finish_non_exhaustive()
    }
}

async fn live(life: Life<Handle>, plan: Plan, peer: Peer) -> Result<(), Failure> {
    let generation = life.generation().number();
    let (stopped, aborted) = (life.stopped(), life.aborted());
    let told = async {
        stopped.await;
        peer.note(generation, Event::Stop);
        aborted.await;
        peer.note(generation, Event::Abort);
        pending().await
    };
    // What it is told is looked at first, so that it is on record before anything is done about it.
    future::or(told, connect(life, &plan, &peer)).await
}

async fn connect(life: Life<Handle>, plan: &Plan, peer: &Peer) -> Result<(), Failure> {
    let generation = life.generation().number();
    if plan.lingers {
        let token = life.linger();
        peer.0.update(|stage| stage.tokens.push((generation, token)));
    }
    let opening = passed(plan.opening.as_ref());
    let opened = match plan.deaf {
        Deaf::No => life.or_stopped(opening).await,
        Deaf::ToStop | Deaf::ToAll => {
            unless(until_told(plan.deaf, life.stopped(), life.aborted()), opening).await
        }
    };
    if opened.is_err() {
        passed(plan.unwinding.as_ref()).await;
        return Err(Stopped.into());
    }
    if plan.panics == Some(Panics::WhileConnecting) {
        fall();
    }
    if let Some(why) = plan.fails {
        let failure = Failure::new(why);
        return Err(if plan.permanent { failure.permanent() } else { failure });
    }
    // On record before a caller can know.
    peer.note(generation, Event::Ready);
    let serving = life.ready(Handle::new(generation, peer.clone()));
    serve(serving, plan, peer).await
}

async fn serve(serving: Serving<Handle>, plan: &Plan, peer: &Peer) -> Result<(), Failure> {
    if let Some(why) = plan.dies_at_once {
        return Err(Failure::new(why));
    }
    if plan.uses_client {
        use_client(peer);
    }
    let generation = serving.generation().number();
    let told = until_told(plan.deaf, serving.stopped(), serving.aborted());
    let retires = async {
        serving.retire(Failure::new(peer.retires(generation).await));
        pending().await
    };
    let Ok(why) = unless(told, future::or(peer.died(generation), retires)).await else {
        passed(plan.unwinding.as_ref()).await;
        return Ok(());
    };
    if plan.panics == Some(Panics::WhileServing) {
        fall();
    }
    Err(Failure::new(why))
}

/// A look through the client, which is dropped again inside the runner, maybe as the last one.
fn use_client(peer: &Peer) {
    let client = peer.0.look(|stage| stage.client.as_ref().and_then(tenure_driver::WeakClient::upgrade));
    if let Some(client) = client {
        let live = matches!(client.state(), tenure::Status::Live { .. });
        drop(client);
        peer.0.update(|stage| stage.client_uses += usize::from(live));
    }
}

async fn passed(gate: Option<&Gate>) {
    if let Some(gate) = gate {
        gate.passed().await;
    }
}

/// Completes when it is told something that it listens to.
async fn until_told(deaf: Deaf, stopped: Signal, aborted: Signal) {
    match deaf {
        Deaf::No => stopped.await,
        Deaf::ToStop => aborted.await,
        Deaf::ToAll => pending().await,
    }
}

async fn unless<T>(told: impl Future<Output = ()>, work: impl Future<Output = T>) -> Result<T, Stopped> {
    let told = async {
        told.await;
        Err(Stopped)
    };
    let work = async { Ok(work.await) };
    future::or(told, work).await
}
