//! The strategies of `tenure` drive the driver: callers and runners do what a history says, and what the driver
//! makes of it is held against the checker. An adapter of your own is tested in the same way.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use futures_lite::future;
use proptest::test_runner::{Config as ProptestConfig, RngAlgorithm, TestRng, TestRunner};
use tenure::check::{Checked, SystemUnderTest as _};
use tenure::strategy::{Operation, Resolver, configs, histories};
use tenure::{Action, Config, Exit, ExitKind, Generation, Input, Mode, Reply, Script};
use tenure_driver::{
    AcquireOwned, Builder, Client, Error, Failure, Lease, Life, Linger, Probe, Timer as _, TraceEvent,
    from_fn,
};
use tenure_kit::{Gate, VirtualClock};

use crate::rig::Task;

#[test]
fn every_history_that_happens_to_a_driver_keeps_every_invariant() {
    let seen = RefCell::new(BTreeSet::new());
    // The same histories each time: what they come by is no matter of chance.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let runs = ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(runs, rng);
    let tested = runner.run(&(configs(), histories(60)), |(config, history)| {
        let mut world = World::new(&config);
        for step in history {
            world.act(step);
        }
        seen.borrow_mut().extend(world.end());
        Ok(())
    });
    tested.unwrap_or_else(|failed| panic!("{failed}"));
    let seen = seen.into_inner().into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(
        seen,
        "Abort Acquire Cancel Close Connect Discard Ended Grant Probe ProbeAnswered Reject Release Revoke \
         RunnerDone RunnerEnded RunnerReady RunnerRetiring Shutdown Stop Timeout TryAcquire",
        "a history that is dull shows nothing"
    );
}

/// What a history tells a runner. It listens to nothing else: that it is told to stop is in the trace.
#[derive(Default)]
struct Orders {
    ready: Gate,
    retire: Gate,
    end: Gate,
    exit: Mutex<Option<Exit>>,
    linger: Mutex<Option<Linger<()>>>,
    probe: Mutex<Option<Probe<()>>>,
}

impl Orders {
    fn end(&self, exit: Exit) {
        self.exit.lock().unwrap().get_or_insert(exit);
        self.end.open();
    }

    /// What lingers of it goes.
    fn let_go(&self) {
        let linger = self.linger.lock().unwrap().take();
        drop(linger);
    }

    fn answer(&self) {
        let probe = self.probe.lock().unwrap().take();
        if let Some(probe) = probe {
            probe.answer();
        }
    }
}

async fn run(life: Life<()>, orders: Arc<Orders>) -> Result<(), Failure> {
    *orders.linger.lock().unwrap() = Some(life.linger());
    future::or(orders.end.passed(), orders.ready.passed()).await;
    if !orders.end.is_open() {
        let serving = life.ready(());
        let probes = async {
            loop {
                let probe = serving.probe().await;
                *orders.probe.lock().unwrap() = Some(probe);
            }
        };
        let retiring = async {
            orders.retire.passed().await;
            serving.retire(Failure::new("the history says so"));
            future::pending::<()>().await;
        };
        future::or(orders.end.passed(), future::or(retiring, probes)).await;
    }
    match orders.exit.lock().unwrap().map(|exit| exit.kind) {
        Some(ExitKind::Finished) => Ok(()),
        _ => Err(Failure::new("the history says so")),
    }
}

struct World {
    client: Client<()>,
    driver: Option<Task<Pin<Box<dyn Future<Output = ()>>>>>,
    clock: VirtualClock,
    events: Arc<Mutex<Vec<TraceEvent>>>,
    runners: Arc<Mutex<BTreeMap<Generation, Arc<Orders>>>>,
    callers: BTreeMap<u64, Task<AcquireOwned<()>>>,
    leases: BTreeMap<u64, Lease<()>>,
    resolver: Resolver,
    /// The machine alone, which is told the same.
    machine: Checked<Script>,
    /// The kinds of inputs and actions that there were.
    seen: BTreeSet<String>,
}

/// The name of an input or an action.
fn kind(of: &impl std::fmt::Debug) -> String {
    format!("{of:?}").split([' ', '(']).next().unwrap_or_default().to_owned()
}

impl World {
    fn new(config: &Config) -> Self {
        let clock = VirtualClock::new();
        let (events, runners) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(BTreeMap::new())));
        let (sink, started) = (events.clone(), runners.clone());
        let connector = from_fn(move |life: Life<()>| {
            let orders = Arc::new(Orders::default());
            started.lock().unwrap().insert(life.generation(), orders.clone());
            run(life, orders)
        });
        let builder = Builder::new(config.clone());
        let builder = builder.trace(move |event: &TraceEvent| sink.lock().unwrap().push(event.clone()));
        let (client, driver) = builder.build(connector, clock.clone());
        let mut driver: Task<Pin<Box<dyn Future<Output = ()>>>> = Task::new(Box::pin(driver));
        driver.assert_waits();
        let machine = Checked::new(Script::new(config.clone()), config.clone());
        let (callers, leases, resolver) = (BTreeMap::new(), BTreeMap::new(), Resolver::new());
        Self {
            client,
            driver: Some(driver),
            clock,
            events,
            runners,
            callers,
            leases,
            resolver,
            machine,
            seen: BTreeSet::new(),
        }
    }

    /// Somebody does what `step` says. Time goes on before, but never back.
    fn act(&mut self, step: Operation) {
        let (time, input) = self.resolver.resolve(step, self.machine.system().view().wake);
        let passed = time.as_nanos().saturating_sub(self.clock.now().as_nanos());
        self.clock.advance(Duration::from_nanos(passed));
        match input {
            Input::Acquire => return self.acquire(),
            Input::TryAcquire => {
                let lease = self.client.try_acquire();
                let (told, reply) = self.learn(input);
                self.hold(lease, reply);
                return self.settle(&told);
            }
            Input::Cancel { ticket } => drop(self.callers.remove(&ticket)),
            Input::Release { lease } => drop(self.leases.remove(&lease)),
            Input::Close { mode } => drop(self.client.close(mode)),
            Input::Shutdown { mode } => drop(self.client.shutdown(mode)),
            Input::RunnerReady { generation } => self.order(generation, |orders| orders.ready.open()),
            Input::RunnerRetiring { generation, .. } => self.order(generation, |orders| orders.retire.open()),
            Input::RunnerDone { generation, exit } => self.order(generation, |orders| orders.end(exit)),
            Input::RunnerEnded { generation, exit } => self.order(generation, |orders| {
                orders.end(exit);
                orders.let_go();
            }),
            Input::ProbeAnswered { generation, .. } => self.order(generation, Orders::answer),
            _ => {}
        }
        let (told, _) = self.learn(input);
        self.settle(&told);
    }

    fn acquire(&mut self) {
        let mut acquire = Task::new(self.client.acquire_owned());
        let acquired = acquire.poll();
        let (told, reply) = self.learn(Input::Acquire);
        match (acquired, reply) {
            (Poll::Ready(lease), reply) => self.hold(lease, reply),
            (Poll::Pending, Some(Reply::Waiting { ticket })) => drop(self.callers.insert(ticket, acquire)),
            (Poll::Pending, reply) => panic!("it waits, and the machine said {reply:?}"),
        }
        self.settle(&told);
    }

    fn hold(&mut self, lease: Result<Lease<()>, Error>, reply: Option<Reply>) {
        match (lease, reply) {
            (Ok(lease), Some(Reply::Granted(data))) => drop(self.leases.insert(data.number, lease)),
            (Err(_), Some(Reply::Refused(_)) | None) => {}
            (lease, reply) => panic!("{lease:?}, and the machine said {reply:?}"),
        }
    }

    fn order(&self, generation: Generation, order: impl FnOnce(&Orders)) {
        let orders = self.runners.lock().unwrap().get(&generation).cloned();
        if let Some(orders) = orders {
            order(&orders);
        }
    }

    /// The driver runs until it rests. What it tells is what the machine does alone; and what that said to
    /// `input`, unless the driver has ended.
    fn learn(&mut self, input: Input) -> (Vec<TraceEvent>, Option<Reply>) {
        while let Some(driver) = self.driver.as_mut().filter(|driver| driver.alarm.take()) {
            if driver.poll().is_ready() {
                self.driver = None;
            }
        }
        let told = std::mem::take(&mut *self.events.lock().unwrap());
        for event in &told {
            let output = self.machine.apply(event.time, event.input);
            assert_eq!(output.unwrap_or_else(|broken| panic!("{broken}")), event.output);
            self.resolver.follow(&event.input, &event.output);
            self.seen.insert(kind(&event.input));
            self.seen.extend(event.output.actions.iter().map(kind));
        }
        let reply = told.iter().find(|event| event.input == input).map(|event| event.output.reply);
        (told, reply)
    }

    /// Who was granted or rejected is woken, and has it; who was given up is gone.
    fn settle(&mut self, told: &[TraceEvent]) {
        for action in told.iter().flat_map(|event| &event.output.actions) {
            if let Action::Discard { generation } = action {
                let runners = self.runners.lock().unwrap();
                let gone = runners.get(generation).is_none_or(|orders| Arc::strong_count(orders) == 1);
                assert!(gone, "runner {generation} was given up, and is still there");
            }
            let (Action::Grant { ticket, .. } | Action::Reject { ticket, .. }) = action else { continue };
            let mut caller = self.callers.remove(&ticket.number()).unwrap();
            assert!(caller.alarm.take(), "nobody woke the caller of {ticket:?}");
            let lease = caller.done();
            match action {
                Action::Grant { lease: data, .. } => drop(self.leases.insert(data.number, lease.unwrap())),
                _ => assert!(lease.is_err()),
            }
        }
        assert!(self.callers.values_mut().all(|caller| caller.poll().is_pending()), "told, and not woken");
    }

    /// Everybody goes, and the driver ends. What was seen.
    fn end(mut self) -> BTreeSet<String> {
        self.callers.clear();
        self.leases.clear();
        drop(self.client.shutdown(Mode::Abort));
        for orders in self.runners.lock().unwrap().values() {
            orders.end(Exit::FINISHED);
            orders.let_go();
        }
        self.learn(Input::Timeout);
        assert!(self.driver.is_none(), "it should be over: {:?}", self.machine.system().view());
        self.seen
    }
}
