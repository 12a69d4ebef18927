//! Ways to spawn that lose tasks, and some that don't.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, ThreadId};

use futures_lite::future;
use tenure_kit::{Report, Rule, Task, check_spawn};

use crate::connectors::assert_breaks;

fn check(spawn: impl Fn(Task)) -> Report {
    future::block_on(check_spawn(spawn))
}

fn poll_once(task: &mut Task) -> Poll<()> {
    task.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_thread_for_each_task_passes() {
    check(|task| drop(thread::spawn(|| future::block_on(task)))).assert();
}

#[test]
fn a_spawner_that_drops_the_task_is_found() {
    assert_breaks(&check(drop), &[Rule::TaskIsKept]);
}

#[test]
fn a_spawner_that_never_polls_is_found() {
    assert_breaks(&check(std::mem::forget), &[Rule::TaskIsPolled]);
}

#[test]
fn a_spawner_that_polls_once_and_drops_is_found() {
    assert_breaks(&check(|mut task| assert!(poll_once(&mut task).is_pending())), &[Rule::TaskIsKept]);
}

#[test]
fn a_spawner_that_polls_once_is_found() {
    let kept = RefCell::new(Vec::new());
    let report = check(|mut task| {
        let _ = poll_once(&mut task);
        kept.borrow_mut().push(task);
    });
    assert_breaks(&report, &[Rule::TaskIsWoken]);
}

#[test]
fn a_spawner_that_runs_the_task_in_place_is_found() {
    assert_breaks(&check(future::block_on), &[Rule::SpawnReturns]);
}

#[test]
fn a_spawner_that_keeps_what_has_completed_is_found() {
    let report = check(|mut task| {
        thread::spawn(move || {
            future::block_on(&mut task);
            std::mem::forget(task);
        });
    });
    assert_breaks(&report, &[Rule::TaskIsDroppedAtItsEnd]);
}

type Tasks = Vec<(Task, Arc<Flag>)>;

/// Tasks of one thread, beside its body.
#[derive(Clone, Default)]
struct Local(Rc<RefCell<Tasks>>);

/// Wakes a task; of another thread's word it may take no notice.
struct Flag {
    rung: AtomicBool,
    outer: Waker,
    home: Option<ThreadId>,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        if self.home.is_none_or(|home| home == thread::current().id()) {
            self.rung.store(true, Ordering::SeqCst);
            self.outer.wake_by_ref();
        }
    }
}

/// Checks tasks of one thread, which listen to that one alone, or to all.
fn local(home: Option<ThreadId>, deaf_while_polled: bool) -> Report {
    let local = Local::default();
    let tasks = local.clone();
    let body = async {
        let outer = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        check_spawn(move |task| {
            let flag = Flag { rung: AtomicBool::new(true), outer: outer.clone(), home };
            outer.wake_by_ref();
            local.0.borrow_mut().push((task, Arc::new(flag)));
        })
        .await
    };
    let mut body = Box::pin(body);
    future::block_on(poll_fn(|cx| {
        tasks.turn(deaf_while_polled);
        body.as_mut().poll(cx)
    }))
}

impl Local {
    fn turn(&self, deaf_while_polled: bool) {
        let all = std::mem::take(&mut *self.0.borrow_mut());
        for (mut task, flag) in all {
            let rung = flag.rung.swap(false, Ordering::SeqCst);
            let waker = Waker::from(flag.clone());
            if rung && task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                continue;
            }
            if rung && deaf_while_polled {
                flag.rung.store(false, Ordering::SeqCst);
            }
            self.0.borrow_mut().push((task, flag));
        }
    }
}

#[test]
fn tasks_of_one_thread_pass() {
    local(None, false).assert();
}

#[test]
fn a_spawner_that_hears_nothing_of_other_threads_is_found() {
    assert_breaks(&local(Some(thread::current().id()), false), &[Rule::TaskIsWokenByThreads]);
}

#[test]
fn a_spawner_that_loses_a_wake_while_it_polls_is_found() {
    assert_breaks(&local(None, true), &[Rule::TaskIsWoken]);
}
