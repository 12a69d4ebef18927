//! Plays one situation: a session of its own, driven on the real clock, and judged at the end.

use std::cell::RefCell;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_lite::future;
use tenure::{Config, Mode};
use tenure_driver::{Builder, Client, Connector, Error, Failure, Lease, TraceEvent};

use crate::checks::bell::Apart;
use crate::checks::connector::judge::Record;
use crate::checks::connector::watched::{Watch, Watched};
use crate::checks::real::{RealClock, within};
use crate::checks::report::Report;
use crate::checks::rule::Rule;

/// What is added to all deadlines together before a situation counts as one that never ends.
const SLACK: Duration = Duration::from_secs(10);

/// What a situation is, and what is meant to go wrong in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Scene {
    pub(super) situation: String,
    /// The peer doesn't let go when it is stopped in order.
    pub(super) stubborn: bool,
    /// The session may be lost.
    pub(super) may_be_lost: bool,
    /// The runner is to retire.
    pub(super) retires: bool,
}

impl Scene {
    pub(super) fn new(situation: impl Into<String>) -> Self {
        Self { situation: situation.into(), ..Self::default() }
    }
}

/// One session, and what is done with it.
pub(super) struct Stage<'a, H, K> {
    pub(super) client: Client<H>,
    pub(super) watch: Watch,
    call: &'a K,
    /// How long a call may take.
    patience: Duration,
    faults: RefCell<Vec<(Rule, String)>>,
}

impl<H, K: AsyncFn(&H) -> Result<(), Failure>> Stage<'_, H, K> {
    pub(super) fn fault(&self, rule: Rule, seen: impl Into<String>) {
        self.faults.borrow_mut().push((rule, seen.into()));
    }

    /// A lease, if the connector gets that far. `rule` is what it breaks if not.
    pub(super) async fn lease(&self, rule: Rule) -> Option<Lease<H>> {
        match self.client.acquire().await {
            Ok(lease) => Some(lease),
            Err(error @ (Error::ConnectFailed { .. } | Error::TimedOut { .. } | Error::Refused { .. })) => {
                self.fault(rule, error.to_string());
                None
            }
            // Lost, which is seen by how its runner went.
            Err(_) => None,
        }
    }

    /// One call. Returns whether it was answered; why not is noted as breaking `rule`, unless the session
    /// was lost.
    pub(super) async fn call(&self, lease: &Lease<H>, rule: Rule) -> bool {
        match within(self.patience, self.guarded(lease)).await {
            None => self.fault(rule, format!("the call wasn't answered in {:?}", self.patience)),
            Some(Ok(Err(failure))) => self.fault(rule, format!("the call failed: {failure}")),
            Some(Err(_)) => {}
            Some(Ok(Ok(()))) => return true,
        }
        false
    }

    /// A call, as callers make it.
    pub(super) fn guarded<'l>(
        &'l self,
        lease: &'l Lease<H>,
    ) -> impl Future<Output = Result<Result<(), Failure>, Error>> + 'l {
        lease.run(async |handle: &H| (self.call)(handle).await)
    }

    /// Waits for what must end by itself.
    pub(super) async fn ends<T>(&self, work: impl Future<Output = T>, rule: Rule, what: &str) -> Option<T> {
        let done = within(self.patience, work).await;
        if done.is_none() {
            self.fault(rule, format!("{what} had not ended {:?} later", self.patience));
        }
        done
    }
}

/// A session's driver, and what it has told so far.
struct Driven<'a> {
    driver: Pin<Box<dyn Future<Output = ()> + 'a>>,
    trace: Arc<Mutex<Vec<TraceEvent>>>,
}

/// What is the same in all situations of one check.
pub(super) struct Theatre<'a, K> {
    pub(super) config: &'a Config,
    pub(super) call: &'a K,
    pub(super) report: &'a mut Report,
}

impl<'a, K> Theatre<'a, K> {
    /// Plays a situation to its end, and judges it. The result is that of `act`, unless it never ended.
    ///
    /// What is done here is compiled for each situation of each connector, so it is only what must be.
    pub(super) async fn play<C, T>(
        &mut self,
        scene: &Scene,
        connector: C,
        act: impl AsyncFnOnce(&Stage<'_, C::Handle, K>) -> T,
    ) -> Option<T>
    where
        C: Connector,
        K: AsyncFn(&C::Handle) -> Result<(), Failure>,
    {
        let (stage, driven) = self.set(connector);
        let mut result = None;
        let acted = Box::pin(async { result = Some(act(&stage).await) });
        self.perform(scene, &stage, acted, driven).await;
        result
    }

    /// A session on the real clock, and its driver, which notes what happens.
    fn set<'c, C: Connector + 'c>(&self, connector: C) -> (Stage<'a, C::Handle, K>, Driven<'c>) {
        let (watch, trace) = (Watch::default(), Arc::new(Mutex::new(Vec::new())));
        let sink = trace.clone();
        let (client, driver) = Builder::new(self.config.clone())
            .trace(move |event| sink.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone()))
            .build(Watched { connector, watch: watch.clone() }, RealClock::new());
        let (patience, faults) = (self.config.connect_timeout, RefCell::default());
        let stage = Stage { client, watch, call: self.call, patience, faults };
        (stage, Driven { driver: Box::pin(Apart::new(driver)), trace })
    }

    async fn perform<H>(
        &mut self,
        scene: &Scene,
        stage: &Stage<'_, H, K>,
        act: Pin<Box<dyn Future<Output = ()> + '_>>,
        driven: Driven<'_>,
    ) {
        let acted = async {
            act.await;
            stage.client.shutdown(Mode::Force).await;
            pending::<()>().await;
        };
        let ended = within(self.limit(), future::or(acted, driven.driver)).await;
        self.report.played();
        for (rule, seen) in stage.faults.take() {
            self.report.fault(rule, &scene.situation, seen);
        }
        if ended.is_none() {
            let seen =
                format!("the session had not ended after {:?}, past all of its deadlines", self.limit());
            self.report.fault(Rule::NeverBlocks, &scene.situation, seen);
        }
        let trace = std::mem::take(&mut *driven.trace.lock().unwrap_or_else(PoisonError::into_inner));
        self.judge(scene, &stage.watch, &trace);
    }

    fn judge(&mut self, scene: &Scene, watch: &Watch, trace: &[TraceEvent]) {
        watch.0.look(|log| {
            let Scene { situation, stubborn, may_be_lost, retires } = scene;
            let (stubborn, may_be_lost) = (*stubborn, *may_be_lost);
            let record = Record { situation, trace, log, stubborn, may_be_lost };
            record.judge(self.report);
            if *retires && !record.has_retired() {
                self.report.unchecked(
                    "what becomes of calls when a runner retires: with the `retiring` peer it doesn't",
                );
            }
        });
    }

    /// Longer than any situation takes: each ends by the deadlines of its sessions and calls.
    fn limit(&self) -> Duration {
        let Config { connect_timeout, finish_timeout, stop_timeout, abort_timeout, discard_timeout, .. } =
            self.config;
        let teardown = *stop_timeout + *abort_timeout + *discard_timeout;
        *connect_timeout * 10 + *finish_timeout + teardown * 3 + SLACK
    }
}
