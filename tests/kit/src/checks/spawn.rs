//! Holds a way to spawn against what a driver needs.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use crate::board::Board;
use crate::checks::real::{pause, within};
use crate::checks::report::Report;
use crate::checks::rule::Rule;

/// How long something may take that happens soon. Generous, for machines that are busy.
const SOON: Duration = Duration::from_secs(2);
/// Long enough for an executor to have gone to sleep.
const QUIET: Duration = Duration::from_millis(20);

/// A task for [`check_spawn`], which single-threaded executors take as well as any.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Holds a way to spawn against what a driver needs: its task is polled by itself, each time it was woken, from
/// other threads too, until it completes, and is dropped then.
///
/// Run it on the executor that `spawn` hands to. It takes some tenths of a second, and some seconds more with one
/// that is broken.
///
/// ```
/// # fn my_block_on<T>(f: impl Future<Output = T>) -> T { futures_lite::future::block_on(f) }
/// # fn my_spawn(task: tenure_kit::Task) { std::thread::spawn(|| futures_lite::future::block_on(task)); }
/// use tenure_kit::check_spawn;
///
/// // In a `#[test]`:
/// my_block_on(async {
///     check_spawn(|task| my_spawn(task)).await.assert();
/// });
/// ```
///
/// # Cancel safety
/// Dropping the future gives the check up: there is no report. Tasks that were spawned are left to the executor.
pub async fn check_spawn(spawn: impl Fn(Task)) -> Report {
    let mut check = Check { spawn, report: Report::new("spawning") };
    let here = |seen: &Arc<Board<Seen>>| seen.update(|seen| seen.open = true);
    let there = |seen: &Arc<Board<Seen>>| {
        let seen = seen.clone();
        thread::spawn(move || seen.update(|seen| seen.open = true));
    };
    if check.round(Rule::TaskIsWoken, "a task is woken by another task", here).await
        && check.round(Rule::TaskIsWokenByThreads, "a task is woken by another thread", there).await
        && check.yields().await
    {
        check.many().await;
    }
    check.report
}

/// What is known of a task.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "what has happened and what not, each by itself")]
struct Seen {
    /// What it waits for.
    open: bool,
    /// It needn't wait any longer: the check has seen enough.
    given_up: bool,
    /// To spawn it has returned.
    returned: bool,
    polled: bool,
    completed: bool,
    dropped: bool,
}

/// A task that notes what becomes of it, its drop too, which comes after its end.
struct Noted<W> {
    work: Pin<Box<W>>,
    seen: Arc<Board<Seen>>,
}

impl<W: Future<Output = ()>> Future for Noted<W> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !self.seen.look(|seen| seen.polled) {
            self.seen.update(|seen| seen.polled = true);
        }
        let result = self.work.as_mut().poll(cx);
        if result.is_ready() {
            self.seen.update(|seen| seen.completed = true);
        }
        result
    }
}

impl<W> Drop for Noted<W> {
    fn drop(&mut self) {
        self.seen.update(|seen| seen.dropped = true);
    }
}

struct Check<S> {
    spawn: S,
    report: Report,
}

impl<S: Fn(Task)> Check<S> {
    /// Spawns a task that does `work`, with what is known of it.
    fn start<W>(&self, work: impl FnOnce(Arc<Board<Seen>>) -> W) -> Arc<Board<Seen>>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let seen = Arc::new(Board::<Seen>::default());
        let work = Box::pin(work(seen.clone()));
        (self.spawn)(Box::pin(Noted { work, seen: seen.clone() }));
        seen
    }

    /// One task, from its spawn to its drop. Returns whether it is worth going on.
    async fn round(&mut self, woken: Rule, situation: &str, open: impl Fn(&Arc<Board<Seen>>)) -> bool {
        self.report.played();
        let Some(seen) = self.start_waiting(situation) else {
            return false;
        };
        if !self.happens(&seen, Rule::TaskIsPolled, situation, |seen| seen.polled).await {
            return false;
        }
        pause(QUIET).await;
        open(&seen);
        if !self.happens(&seen, woken, situation, |seen| seen.completed).await {
            return false;
        }
        if within(SOON, seen.until(|seen| seen.dropped.then_some(()))).await.is_none() {
            let kept = format!("it was still there {SOON:?} past its end");
            self.report.fault(Rule::TaskIsDroppedAtItsEnd, situation, kept);
        }
        true
    }

    /// A task that waits until it is let go; `None` if to spawn it waits as long as it does.
    fn start_waiting(&mut self, situation: &str) -> Option<Arc<Board<Seen>>> {
        let start = Instant::now();
        let seen = self.start(|seen| {
            // So that a spawn which runs the task in place returns some time.
            let watched = seen.clone();
            thread::spawn(move || {
                thread::sleep(SOON);
                if !watched.look(|seen| seen.returned) {
                    watched.update(|seen| seen.given_up = true);
                }
            });
            async move { seen.until(|seen| (seen.open || seen.given_up).then_some(())).await }
        });
        let took = start.elapsed();
        seen.update(|seen| seen.returned = true);
        if took >= SOON {
            let seen = format!("it took {took:?}: it ran the task to its end");
            self.report.fault(Rule::SpawnReturns, situation, seen);
            return None;
        }
        Some(seen)
    }

    /// Holds that something becomes of a task soon, and that it isn't dropped before.
    async fn happens(
        &mut self,
        seen: &Arc<Board<Seen>>,
        rule: Rule,
        situation: &str,
        what: fn(&Seen) -> bool,
    ) -> bool {
        let known = seen.until(|seen| (what(seen) || seen.dropped).then(|| what(seen)));
        match within(SOON, known).await {
            Some(true) => return true,
            Some(false) => {
                let polled = if seen.look(|seen| seen.polled) { "between its polls" } else { "unpolled" };
                self.report.fault(
                    Rule::TaskIsKept,
                    situation,
                    format!("it was dropped {polled}, not completed"),
                );
            }
            None => self.report.fault(rule, situation, format!("nothing happened in {SOON:?}")),
        }
        false
    }

    /// A task that wakes itself while it is polled.
    async fn yields(&mut self) -> bool {
        self.report.played();
        let mut left = 10;
        let seen = self.start(|_| {
            poll_fn(move |cx| {
                left -= 1;
                if left == 0 {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            })
        });
        let situation = "a task wakes itself while it is polled";
        self.happens(&seen, Rule::TaskIsWoken, situation, |seen| seen.completed).await
    }

    async fn many(&mut self) {
        self.report.played();
        let gate = Arc::new(Board::<bool>::default());
        let mut tasks = Vec::new();
        for _ in 0..100 {
            let gate = gate.clone();
            tasks.push(self.start(|_| async move { gate.until(|open| open.then_some(())).await }));
        }
        pause(QUIET).await;
        gate.update(|open| *open = true);
        for seen in tasks {
            let situation = "a hundred tasks wait for the same";
            if !self.happens(&seen, Rule::TaskIsWoken, situation, |seen| seen.completed).await {
                return;
            }
        }
    }
}
