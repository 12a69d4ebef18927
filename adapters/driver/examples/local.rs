//! A session on one thread, without any runtime: the executor is in this file, and neither the runner
//! nor the handle is `Send`.
//!
//! The runner counts calls in an `Rc` that it shares with its handle. Two callers share one connection,
//! the first life is closed under a call, the second is used and left to end by itself. It exits with 0
//! only if everything that must hold held.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tenure::{Config, Mode, Status, Time};
use tenure_driver::{Builder, Client, Failure, Life, Timer, from_fn};

/// A task, and what wakes it.
type Spawned = (Pin<Box<dyn Future<Output = ()>>>, Arc<Alarm>);

/// Tasks and timers of one thread.
#[derive(Clone)]
struct Local {
    tasks: Rc<RefCell<VecDeque<Spawned>>>,
    sleeps: Rc<RefCell<BTreeMap<(Time, u64), Waker>>>,
    sleeps_made: Rc<Cell<u64>>,
    origin: Instant,
}

/// Wakes the thread for one task. Wakers may go anywhere, so this much is `Send`.
struct Alarm {
    rung: AtomicBool,
    thread: Thread,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

impl Alarm {
    fn new() -> Arc<Self> {
        Arc::new(Self { rung: AtomicBool::new(true), thread: thread::current() })
    }
}

impl Local {
    fn new() -> Self {
        Self {
            tasks: Rc::default(),
            sleeps: Rc::default(),
            sleeps_made: Rc::default(),
            origin: Instant::now(),
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.tasks.borrow_mut().push_back((Box::pin(task), Alarm::new()));
    }

    /// Runs `body` to its end, and the tasks beside it.
    fn block_on<T>(&self, body: impl Future<Output = T>) -> T {
        let mut body = pin!(body);
        let alarm = Alarm::new();
        loop {
            let rung = alarm.rung.swap(false, Ordering::SeqCst);
            if rung {
                let waker = Waker::from(alarm.clone());
                if let Poll::Ready(output) = body.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return output;
                }
            }
            if !self.turn() && !rung {
                self.park();
            }
        }
    }

    /// Runs the tasks until none is left.
    fn run_to_the_end(&self) {
        while !self.tasks.borrow().is_empty() {
            if !self.turn() {
                self.park();
            }
        }
    }

    /// Polls each task that was woken, once. Returns whether there was any.
    fn turn(&self) -> bool {
        self.ring_due();
        let mut any = false;
        let tasks = self.tasks.borrow().len();
        for _ in 0..tasks {
            // Taken out while it is polled: it may spawn another.
            let next = self.tasks.borrow_mut().pop_front();
            let Some((mut task, alarm)) = next else {
                break;
            };
            if alarm.rung.swap(false, Ordering::SeqCst) {
                any = true;
                let waker = Waker::from(alarm.clone());
                if task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                    continue;
                }
            }
            self.tasks.borrow_mut().push_back((task, alarm));
        }
        any
    }

    fn ring_due(&self) {
        let now = self.now();
        let later = self.sleeps.borrow_mut().split_off(&(now.saturating_add(Duration::from_nanos(1)), 0));
        let due = self.sleeps.replace(later);
        due.into_values().for_each(Waker::wake);
    }

    fn park(&self) {
        let next = self.sleeps.borrow().keys().next().map(|(deadline, _)| *deadline);
        match next {
            Some(deadline) => thread::park_timeout(deadline.saturating_since(self.now())),
            None => thread::park(),
        }
    }
}

impl Timer for Local {
    type Sleep = Sleep;

    fn now(&self) -> Time {
        Time::from_instant(self.origin, Instant::now())
    }

    fn sleep_until(&self, deadline: Time) -> Sleep {
        self.sleeps_made.set(self.sleeps_made.get() + 1);
        Sleep { local: self.clone(), key: (deadline, self.sleeps_made.get()) }
    }
}

struct Sleep {
    local: Local,
    key: (Time, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.local.now() >= self.key.0 {
            return Poll::Ready(());
        }
        self.local.sleeps.borrow_mut().insert(self.key, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.local.sleeps.borrow_mut().remove(&self.key);
    }
}

/// What callers work with. It has an `Rc`, so it can't leave the thread, and neither can the driver.
struct Counter {
    calls: Rc<Cell<u32>>,
}

fn ensure(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(format!("this must hold and doesn't: {what}").into()) }
}

async fn callers(client: &Client<Counter>) -> Result<(), Box<dyn Error>> {
    let (first, second) = (client.acquire().await?, client.acquire().await?);
    println!("two callers share {}", first.generation());
    ensure(first.generation() == second.generation(), "they share one connection")?;
    for lease in [&first, &second] {
        let calls = lease
            .run(async |counter| {
                counter.calls.set(counter.calls.get() + 1);
                counter.calls.get()
            })
            .await?;
        println!("  call {calls} went through");
    }

    println!("somebody closes it while a call is in flight");
    let closing = client.close(Mode::Force);
    let refused = second.run(async |_| pending::<()>().await).await;
    println!("  the call ends: {}", refused.as_ref().err().ok_or("it must not go through")?);
    closing.await;
    ensure(matches!(client.state(), Status::Idle { .. }), "it is idle after the close")?;

    let lease = client.acquire().await?;
    println!("the next acquire connects again: {}", lease.generation());
    ensure(lease.generation() == first.generation().next(), "the next generation")?;
    drop((first, second));
    ensure(matches!(client.state(), Status::Live { held: 1, .. }), "late releases change nothing")?;
    let calls = lease.run(async |counter| counter.calls.get()).await?;
    ensure(calls == 0, "another life, another counter")?;
    Ok(())
}

/// The whole story; fails if anything doesn't hold.
pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let local = Local::new();
    let lives = Rc::new(Cell::new(0));
    let (timer, unwound) = (local.clone(), lives.clone());
    let connector = from_fn(move |life: Life<Counter>| {
        let (timer, unwound) = (timer.clone(), unwound.clone());
        async move {
            println!("  runner of {}: connecting", life.generation());
            life.or_stopped(timer.sleep_until(timer.now().saturating_add(Duration::from_millis(20)))).await?;
            let serving = life.ready(Counter { calls: Rc::default() });
            serving.stopped().await;
            println!("  runner of {}: unwinding", serving.generation());
            unwound.set(unwound.get() + 1);
            Ok::<(), Failure>(())
        }
    });
    let (client, driver) = Builder::new(Config::default()).build(connector, local.clone());

    local.spawn(driver);
    local.block_on(callers(&client))?;

    println!("the last client goes");
    drop(client);
    local.run_to_the_end();
    ensure(lives.get() == 2, "both lives were unwound in order")?;
    ensure(local.sleeps.borrow().is_empty(), "nothing is left")?;
    println!("everything held");
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run()
}
