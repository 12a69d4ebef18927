//! One thread, and each step polls one of the tasks that are ready.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::failure::Kind;
use crate::ground::{Ground, TaskFuture};
use crate::held::Held;
use crate::tally::Seen;
use crate::timeline::Who;

/// So many polls without time going on, or in all, are a loop that burns the processor: about three times what any
/// of 300,000 worlds took (525 and 1,337).
const MOST_POLLS_AT_ONCE: u64 = 1_500;
const MOST_POLLS: u64 = 4_000;
/// Longer than anything in any world waits.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(3600);

#[derive(Default)]
pub(crate) struct Executor {
    ready: Arc<Ready>,
    tasks: Vec<Task>,
    pub(crate) polls: u64,
    polls_at_once: u64,
}

struct Task {
    who: Who,
    /// `None` once the task has ended.
    future: Option<TaskFuture>,
    waker: Arc<TaskWaker>,
}

#[derive(Default)]
struct Ready(Held<Vec<usize>>);

struct TaskWaker {
    ready: Arc<Ready>,
    task: usize,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ready.0.with(|ready| {
            if !ready.contains(&self.task) {
                ready.push(self.task);
            }
        });
    }
}

impl Executor {
    /// Runs until nobody is ready and nobody waits for a time, or until the run has failed.
    /// `quiet` is called whenever nobody is ready.
    pub(crate) fn run(&mut self, ground: &Ground, quiet: &mut dyn FnMut()) {
        loop {
            self.adopt(ground);
            if ground.has_failed() {
                return;
            }
            if self.poll_one(ground) {
                continue;
            }
            quiet();
            if !self.sleep(ground) {
                return;
            }
        }
    }

    /// Takes on the tasks that were spawned meanwhile.
    fn adopt(&mut self, ground: &Ground) {
        for (who, future) in ground.spawned() {
            let task = self.tasks.len();
            let waker = Arc::new(TaskWaker { ready: self.ready.clone(), task });
            waker.wake_by_ref();
            self.tasks.push(Task { who, future: Some(future), waker });
        }
    }

    fn poll_one(&mut self, ground: &Ground) -> bool {
        let Some(task) = self.choose(ground) else {
            return false;
        };
        self.polls = self.polls.saturating_add(1);
        self.polls_at_once = self.polls_at_once.saturating_add(1);
        if self.polls_at_once > MOST_POLLS_AT_ONCE || self.polls > MOST_POLLS {
            let who = self.tasks.get(task).map_or(Who::World, |task| task.who);
            ground.fail(Kind::HotLoop, || {
                format!(
                    "{} polls in all, {} without time going on; {who} again",
                    self.polls, self.polls_at_once
                )
            });
            return true;
        }
        self.poll(task, ground);
        true
    }

    /// One of those who are ready; sometimes one who is not.
    fn choose(&self, ground: &Ground) -> Option<usize> {
        let count = self.ready.0.with(|ready| ready.len());
        if count == 0 {
            return None;
        }
        if ground.mood.spurious && ground.chance(3) {
            let task = ground.below(self.tasks.len());
            if self.tasks.get(task).is_some_and(|task| task.future.is_some()) {
                ground.saw(Seen::SpuriousPoll);
                return Some(task);
            }
        }
        let choice = ground.below(count);
        Some(self.ready.0.with(|ready| ready.remove(choice)))
    }

    fn poll(&mut self, task: usize, ground: &Ground) {
        let Some(Task { who, future, waker }) = self.tasks.get_mut(task) else {
            return;
        };
        let who = *who;
        let waker = Waker::from(waker.clone());
        let Some(running) = future else {
            return;
        };
        let polled =
            catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(&mut Context::from_waker(&waker))));
        let dropped = match polled {
            Ok(Poll::Pending) => Ok(()),
            Ok(Poll::Ready(())) => catch_unwind(AssertUnwindSafe(|| *future = None)),
            Err(panic) => Err(panic),
        };
        if let Err(panic) = dropped {
            ground.fail(Kind::Panic, || format!("{who}: {}", text_of(&*panic)));
        }
    }

    /// Nobody is ready: it is the next time at which somebody is.
    fn sleep(&mut self, ground: &Ground) -> bool {
        let Some(next) = ground.clock.next() else {
            return false;
        };
        if ground.clock.awake() > LONGEST {
            let left: Vec<String> = self.left().map(|who| who.to_string()).collect();
            ground.fail(Kind::Hang, || format!("still going on after {LONGEST:?}: {}", left.join(", ")));
            return true;
        }
        self.polls_at_once = 0;
        ground.clock.advance(next, ground.oversleep());
        true
    }

    /// Whose tasks are not over.
    pub(crate) fn left(&self) -> impl Iterator<Item = Who> + '_ {
        self.tasks.iter().filter(|task| task.future.is_some()).map(|task| task.who)
    }

    /// Drops all tasks; how many wakers somebody still holds.
    pub(crate) fn end(self) -> usize {
        let drop_future = |task: Task| {
            drop(task.future);
            task.waker
        };
        let wakers: Vec<_> = self.tasks.into_iter().map(drop_future).collect();
        wakers.iter().map(|waker| Arc::strong_count(waker).saturating_sub(1)).sum()
    }
}

pub(crate) fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
