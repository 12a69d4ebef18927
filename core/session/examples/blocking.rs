//! The machine embedded by hand, in plain blocking threads: a mutex, a condition variable, no async.
//!
//! ```text
//! cargo run -p tenure --example blocking
//! ```
//!
//! What every embedder needs stands here once each:
//!
//! * **one door** ([`Client::enter`]): lock, feed one input, drain all actions, unlock, wake who waits;
//! * **a driver** ([`drive`]): it alone reads the clock, carries out actions and handles timeouts;
//! * **a runner** for each generation ([`serve`]): it owns the connection, here a thread with an inbox, and
//!   confirms its own end from a `Drop`, so that a panic can't forget it;
//! * **a guard** ([`Guard`]): it holds the lease and releases it when it is dropped.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Barrier, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use tenure::{
    Acquired, Action, Config, Exit, ExitKind, Generation, KeepAlive, Lease, Mode, Refusal, Rejection,
    Session, SessionId, Status, Time, Wake,
};

/// No wait in this program takes longer than this unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(2);

// ---------------------------------------------------------------------------------------------------------
// The client: what threads share.

/// A handle to the session; clones are the same session.
#[derive(Clone)]
struct Client(Arc<Shared>);

struct Shared {
    inside: Mutex<Inside>,
    /// Told after every change; everybody looks for himself whether it concerns him.
    changed: Condvar,
    origin: Instant,
}

/// All that the one lock protects. Under it nothing blocks, and nothing of the user's runs.
struct Inside {
    session: Session,
    /// What the driver has to do, in order.
    todo: VecDeque<Todo>,
    /// By ticket: what became of callers that wait, until they fetch it.
    answers: HashMap<u64, Result<Lease, Rejection>>,
    /// By number: the calls in flight.
    calls: HashMap<u64, Call>,
    calls_made: u64,
    /// Leases of this generation and of all before it are revoked.
    revoked: Option<Generation>,
    /// This generation and all before it have ended.
    ended: Option<Generation>,
}

struct Call {
    generation: Generation,
    answer: Option<Result<String, Revoked>>,
}

enum Todo {
    Start(Generation),
    Tell(Generation, ToRunner),
    GiveUp(Generation),
}

/// The lease was revoked before the answer came.
#[derive(Debug, PartialEq, Eq)]
struct Revoked;

enum Failed {
    Refused(Refusal),
    Rejected(Rejection),
    /// The caller's own patience was over.
    TooSlow,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
            Self::Rejected(rejection) => write!(f, "rejected: {rejection:?}"),
            Self::TooSlow => f.write_str("it took too long"),
        }
    }
}

impl Client {
    fn new(config: Config) -> Self {
        let inside = Inside {
            session: Session::new(SessionId(1), config),
            todo: VecDeque::new(),
            answers: HashMap::new(),
            calls: HashMap::new(),
            calls_made: 0,
            revoked: None,
            ended: None,
        };
        Self(Arc::new(Shared { inside: Mutex::new(inside), changed: Condvar::new(), origin: Instant::now() }))
    }

    /// The one door to the machine: one input, then all its actions are drained, under one lock.
    fn enter<T>(&self, input: impl FnOnce(&mut Session) -> T) -> T {
        let mut inside = self.lock();
        let said = input(&mut inside.session);
        inside.carry_out();
        drop(inside);
        self.0.changed.notify_all();
        said
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // The machine never panics half way, so a poisoned lock still protects something whole.
        self.0.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `found` finds something; `None` if it takes longer than `patience`.
    fn wait_for<T>(&self, patience: Duration, mut found: impl FnMut(&mut Inside) -> Option<T>) -> Option<T> {
        let until = Instant::now() + patience;
        let mut inside = self.lock();
        loop {
            if let Some(it) = found(&mut inside) {
                return Some(it);
            }
            let left = until.checked_duration_since(Instant::now())?;
            (inside, _) = self.0.changed.wait_timeout(inside, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for the live session, connecting if need be.
    fn acquire(&self, patience: Duration) -> Result<Guard, Failed> {
        let ticket = match self.enter(Session::acquire).map_err(Failed::Refused)? {
            Acquired::Granted(lease) => return Ok(self.guard(lease)),
            Acquired::Waiting(ticket) => ticket,
        };
        let number = ticket.number();
        let answer = self.wait_for(patience, |inside| inside.answers.remove(&number));
        // Too slow: give up the place. If the answer came just now, cancel is stale and the answer is there.
        let answer = answer.or_else(|| {
            self.enter(|session| session.cancel(ticket));
            self.lock().answers.remove(&number)
        });
        match answer {
            Some(Ok(lease)) => Ok(self.guard(lease)),
            Some(Err(rejection)) => Err(Failed::Rejected(rejection)),
            None => Err(Failed::TooSlow),
        }
    }

    fn guard(&self, lease: Lease) -> Guard {
        Guard { client: self.clone(), lease: Some(lease) }
    }

    /// Closes and waits for the end. The machine carries the close through even if nobody waits for it.
    fn close(&self, mode: Mode) -> bool {
        let watch = self.enter(|session| session.close(mode)).watch;
        self.wait_for(PATIENCE, |inside| (inside.ended >= watch).then_some(())).is_some()
    }

    fn shutdown(&self, mode: Mode) {
        self.enter(|session| session.shutdown(mode));
    }

    fn status(&self) -> Status {
        self.lock().session.status()
    }

    fn now(&self) -> Time {
        self.0.origin.elapsed().into()
    }

    fn log(&self, line: impl fmt::Display) {
        println!("{:5} ms  {line}", self.0.origin.elapsed().as_millis());
    }
}

impl Inside {
    /// Takes all actions out of the machine: answers are put where their callers look for them, the rest is
    /// left to the driver.
    fn carry_out(&mut self) {
        while let Some(action) = self.session.poll_action() {
            match action {
                Action::Grant { ticket, lease } => {
                    self.answers.insert(ticket.number(), Ok(lease));
                }
                Action::Reject { ticket, rejection } => {
                    self.answers.insert(ticket.number(), Err(rejection));
                }
                // Calls in flight fail now, however long the runner takes to unwind.
                Action::Revoke { generation, .. } => {
                    self.revoked = Some(generation);
                    for call in self.calls.values_mut().filter(|call| call.generation == generation) {
                        call.answer.get_or_insert(Err(Revoked));
                    }
                }
                Action::Ended { generation, .. } => self.ended = Some(generation),
                Action::Connect { generation } => self.todo.push_back(Todo::Start(generation)),
                Action::Stop { generation } => self.todo.push_back(Todo::Tell(generation, ToRunner::Stop)),
                Action::Abort { generation } => self.todo.push_back(Todo::Tell(generation, ToRunner::Abort)),
                Action::Discard { generation } => self.todo.push_back(Todo::GiveUp(generation)),
                Action::Probe { generation, number } => {
                    self.todo.push_back(Todo::Tell(generation, ToRunner::Probe(number)));
                }
            }
        }
    }
}

/// A lease that releases itself: whoever has it may call the server.
struct Guard {
    client: Client,
    /// Always there until it is dropped.
    lease: Option<Lease>,
}

impl Guard {
    fn generation(&self) -> Option<Generation> {
        self.lease.as_ref().map(Lease::generation)
    }

    /// Asks the server and waits for its answer, or for the revoke, whichever comes first.
    fn call(&self, question: &str) -> Result<String, Revoked> {
        let generation = self.generation().ok_or(Revoked)?;
        let number = {
            let mut inside = self.client.lock();
            if inside.revoked >= Some(generation) {
                return Err(Revoked);
            }
            inside.calls_made += 1;
            let number = inside.calls_made;
            inside.calls.insert(number, Call { generation, answer: None });
            inside.todo.push_back(Todo::Tell(generation, ToRunner::Call(number, question.into())));
            number
        };
        self.client.0.changed.notify_all();
        let answer = self.client.wait_for(PATIENCE, |inside| inside.calls.get_mut(&number)?.answer.take());
        self.client.lock().calls.remove(&number);
        // A server slower than that counts as gone.
        answer.unwrap_or(Err(Revoked))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            // A lease of another session would be handed back; this guard knows where its own belongs.
            let _outcome = self.client.enter(|session| session.release(lease));
        }
    }
}

// ---------------------------------------------------------------------------------------------------------
// The driver: one thread for each session.

/// Carries out what the machine wants done until the session is shut down.
fn drive(client: &Client, teardown: &Arc<Mutex<mpsc::Receiver<()>>>) {
    let mut runners: HashMap<Generation, mpsc::Sender<ToRunner>> = HashMap::new();
    while let Some(todo) = next(client) {
        match todo {
            Todo::Start(generation) => {
                client.log(format_args!("connect {generation}"));
                let (sender, inbox) = mpsc::channel();
                runners.insert(generation, sender);
                let (client, teardown) = (client.clone(), Arc::clone(teardown));
                thread::spawn(move || serve(&client, generation, &inbox, &teardown));
            }
            Todo::Tell(generation, message) => {
                client.log(format_args!("tell {generation}: {message:?}"));
                // If its inbox is gone it has ended, and has said so.
                if let Some(runner) = runners.get(&generation) {
                    let _gone = runner.send(message);
                }
            }
            // A thread can't be killed: it is left to itself. A child process would get SIGKILL here.
            Todo::GiveUp(generation) => {
                client.log(format_args!("give up {generation}"));
                runners.remove(&generation);
            }
        }
    }
    client.log("driver ends");
}

/// Waits for something to do. The only place that tells the machine the time.
fn next(client: &Client) -> Option<Todo> {
    let mut inside = client.lock();
    loop {
        if let Some(todo) = inside.todo.pop_front() {
            return Some(todo);
        }
        if matches!(inside.session.status(), Status::Closed { .. }) {
            return None;
        }
        let now = client.now();
        let changed = &client.0.changed;
        inside = match inside.session.poll_timeout() {
            Wake::At(time, _) if time > now => {
                let left = time.saturating_since(now);
                changed.wait_timeout(inside, left).unwrap_or_else(PoisonError::into_inner).0
            }
            Wake::Now(_) | Wake::At(..) => {
                inside.session.handle_timeout(now);
                inside.carry_out();
                changed.notify_all();
                inside
            }
            Wake::Never => changed.wait(inside).unwrap_or_else(PoisonError::into_inner),
        };
    }
}

// ---------------------------------------------------------------------------------------------------------
// The runner: one thread for each generation. This one is its own server.

#[derive(Debug)]
enum ToRunner {
    Call(u64, String),
    Probe(u64),
    Stop,
    Abort,
}

/// Says that the runner has ended when it is dropped, also if the runner panics.
struct ConfirmsEnd<'a>(&'a Client, Generation);

impl Drop for ConfirmsEnd<'_> {
    fn drop(&mut self) {
        let Self(client, generation) = *self;
        let kind = if thread::panicking() { ExitKind::Panicked } else { ExitKind::Finished };
        client.enter(|session| session.runner_ended(generation, Exit::new(kind, true)));
        client.log(format_args!("{generation} has ended: {kind}"));
    }
}

/// The whole life of one generation: open, ready, serve until told to stop, unwind.
fn serve(
    client: &Client,
    generation: Generation,
    inbox: &mpsc::Receiver<ToRunner>,
    teardown: &Mutex<mpsc::Receiver<()>>,
) {
    let _confirms = ConfirmsEnd(client, generation);
    client.enter(|session| session.runner_ready(generation));
    loop {
        match inbox.recv() {
            // Never answered: it is still in flight when the session is closed.
            Ok(ToRunner::Call(_, question)) if question == "how long is eternity?" => {}
            Ok(ToRunner::Call(number, question)) => {
                let answer = format!("{} ({generation})", question.to_uppercase());
                if let Some(call) = client.lock().calls.get_mut(&number) {
                    call.answer.get_or_insert(Ok(answer));
                }
                client.0.changed.notify_all();
            }
            Ok(ToRunner::Probe(number)) => {
                client.enter(|session| session.probe_answered(generation, number));
            }
            // The first generation unwinds slowly: until main lets it.
            Ok(ToRunner::Stop) if generation == Generation::FIRST => {
                let _let_go = teardown.lock().unwrap_or_else(PoisonError::into_inner).recv();
                return;
            }
            Ok(ToRunner::Stop | ToRunner::Abort) | Err(mpsc::RecvError) => return,
        }
    }
}

// ---------------------------------------------------------------------------------------------------------
// The story.

fn check(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("did not hold: {what}")) }
}

/// Tells the story and says what didn't hold, if anything.
pub(crate) fn run() -> Result<(), String> {
    let config = Config::default().keep_alive(KeepAlive::For(Duration::from_millis(50)));
    let client = Client::new(config);
    let (let_go, teardown) = mpsc::channel();
    let driver = {
        let (client, teardown) = (client.clone(), Arc::new(Mutex::new(teardown)));
        thread::spawn(move || drive(&client, &teardown))
    };
    let told = story(&client, &let_go);
    // Whatever came of it: for good, and the driver ends by itself.
    drop(let_go);
    client.shutdown(Mode::Force);
    check(driver.join().is_ok(), "the driver did not panic")?;
    check(matches!(client.status(), Status::Closed { .. }), "the session is closed in the end")?;
    told
}

fn story(client: &Client, let_go: &mpsc::Sender<()>) -> Result<(), String> {
    let acquire = || client.acquire(PATIENCE).map_err(|failed| format!("no lease, {failed}"));
    let held = acquire()?;

    // Several workers share the one connection. They meet with their leases held, then each asks.
    let meet = Barrier::new(3);
    let answers: Vec<Result<String, String>> = thread::scope(|scope| {
        let work = |number: u32| {
            let guard = acquire();
            meet.wait();
            guard?.call(&format!("worker {number}")).map_err(|Revoked| "revoked".into())
        };
        let workers: Vec<_> = (1..=3).map(|number| scope.spawn(move || work(number))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err("panicked".into()))).collect()
    });
    for (answer, number) in answers.into_iter().zip(1..) {
        let answer = answer?;
        client.log(format_args!("answer: {answer}"));
        check(answer == format!("WORKER {number} (generation 1)"), "all workers share generation 1")?;
    }

    // Force close with a teardown that takes as long as we let it, a call in flight, and a new caller.
    let slow = acquire()?;
    thread::scope(|scope| {
        let in_flight = scope.spawn(|| slow.call("how long is eternity?"));
        let started = client.wait_for(PATIENCE, |inside| (!inside.calls.is_empty()).then_some(()));
        check(started.is_some(), "the call is in flight")?;
        let closer = scope.spawn(|| client.close(Mode::Force));
        let failed = in_flight.join().is_ok_and(|answer| answer == Err(Revoked));
        check(failed, "a call in flight fails at the close and not after the teardown")?;
        check(held.call("still there?") == Err(Revoked), "a revoked lease calls nobody")?;

        let newcomer = scope.spawn(acquire);
        let waits = client.wait_for(PATIENCE, |inside| (inside.session.waiting() == 1).then_some(()));
        check(waits.is_some(), "who comes while it drains waits")?;
        let draining = matches!(client.status(), Status::Draining { generation: Generation::FIRST, .. });
        check(draining, "the dying session is still unwinding and was not handed out")?;
        client.log("the teardown may end");
        let _let_go = let_go.send(());

        let fresh = newcomer.join().map_err(|_| "panicked")??;
        check(closer.join().is_ok_and(|closed| closed), "the close completes")?;
        check(fresh.generation() == Generation::new(2), "the newcomer got the next generation")?;
        // Leases of the old life come back late and count nowhere.
        drop(held);
        check(matches!(client.status(), Status::Live { held: 1, .. }), "a stale release counts nothing")?;
        let answer = fresh.call("hello").map_err(|Revoked| "the new session was revoked")?;
        client.log(format_args!("answer: {answer}"));
        check(answer == "HELLO (generation 2)", "the new session works")
    })?;
    drop(slow);

    // Nobody holds a lease any more: the keep-alive deadline ends the session, on the driver's clock.
    let idle = client.wait_for(PATIENCE, |inside| (inside.ended == Generation::new(2)).then_some(()));
    check(idle.is_some(), "an unused session ends by itself")
}

fn main() -> Result<(), String> {
    run()
}
