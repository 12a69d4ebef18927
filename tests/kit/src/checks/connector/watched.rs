//! A connector whose runners are watched, held back, and dropped when the check says so.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tenure_driver::{Connector, Failure, Life, Signal};

use crate::board::Board;
use crate::checks::bell::Bell;
use crate::checks::real::watched;

/// What the check knows of one generation's runner, and wants of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// Polls so far.
    pub(super) polls: u32,
    /// Polls in which it knew that it has to stop, and stayed pending.
    pub(super) ignored: u32,
    /// How it went.
    pub(super) end: Option<End>,
    /// It isn't polled any more for now.
    pub(super) held: bool,
}

/// How a runner went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It ended, told to stop or not; the text of its error.
    Ended { told: bool, error: Option<String> },
    /// Its driver dropped it.
    Dropped,
    /// The check dropped it.
    Cut,
}

/// What is known of all runners of one session.
#[derive(Debug, Default)]
pub(super) struct Log {
    runs: Vec<Run>,
    /// The longest that anything of them kept their thread, and what that was.
    pub(super) longest: Option<(Duration, &'static str)>,
    /// The first generation is held back before this poll.
    hold: Option<u32>,
    /// The runner is to be dropped now.
    cut: bool,
    waker: Option<Waker>,
}

impl Log {
    pub(super) fn runs(&self) -> &[Run] {
        &self.runs
    }

    fn took(&mut self, start: Instant, what: &'static str) {
        let took = start.elapsed();
        if self.longest.is_none_or(|(longest, _)| longest < took) {
            self.longest = Some((took, what));
        }
    }
}

/// The check's side of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch(pub(super) Arc<Board<Log>>);

impl Watch {
    /// Holds the first runner back before this poll, counted from 0.
    pub(super) fn hold(&self, poll: u32) {
        self.0.update(|log| log.hold = Some(poll));
    }

    /// Completes when the first runner is held back; `false` if it ended before.
    pub(super) async fn held(&self) -> bool {
        let held =
            |log: &Log| log.runs.first().filter(|run| run.held || run.end.is_some()).map(|run| run.held);
        self.0.until(held).await
    }

    /// Drops the runner, as if its driver were dropped, but the session goes on and sees what lingers.
    pub(super) fn cut(&self) {
        let waker = self.0.update(|log| {
            // One that is gone is not to take the next along.
            log.cut = log.runs.last().is_some_and(|run| run.end.is_none());
            log.waker.take()
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// How often the first runner was polled so far.
    pub(super) fn polls(&self) -> u32 {
        self.0.look(|log| log.runs.first().map_or(0, |run| run.polls))
    }
}

/// The connector that is checked, watched.
pub(super) struct Watched<C> {
    pub(super) connector: C,
    pub(super) watch: Watch,
}

impl<C: Connector> Connector for Watched<C> {
    type Handle = C::Handle;
    type Run = WatchedRun<C::Run>;

    fn start(&mut self, life: Life<C::Handle>) -> Self::Run {
        let watch = self.watch.clone();
        let index = watch.0.update(|log| {
            log.runs.push(Run::default());
            log.runs.len() - 1
        });
        let (stopped, aborted) = (life.stopped(), life.aborted());
        let start = Instant::now();
        let what = "`Connector::start`";
        let run = Box::pin(watched(what, || self.connector.start(life)));
        watch.0.update(|log| log.took(start, what));
        WatchedRun { run: Some(run), watch, index, stopped, aborted, told: 0, bell: Bell::new() }
    }
}

pub(super) struct WatchedRun<R> {
    run: Option<Pin<Box<R>>>,
    watch: Watch,
    index: usize,
    stopped: Signal,
    aborted: Signal,
    /// How many of the two it was told when it was polled last.
    told: u8,
    bell: Arc<Bell>,
}

impl<R> WatchedRun<R> {
    fn note<T>(&self, note: impl FnOnce(&mut Run) -> T) -> Option<T> {
        self.watch.0.update(|log| log.runs.get_mut(self.index).map(note))
    }

    /// Drops the runner, which must not take long either.
    fn drop_run(&mut self) {
        let start = Instant::now();
        let what = "the drop of the runner";
        watched(what, || drop(self.run.take()));
        self.watch.0.update(|log| log.took(start, what));
    }

    /// What the check wants, looked at before the runner is polled.
    fn wish(&self, cx: &Context<'_>, told: u8) -> Wish {
        self.watch.0.update(|log| {
            log.waker = Some(cx.waker().clone());
            if std::mem::take(&mut log.cut) {
                return Wish::Cut;
            }
            let hold = log.hold.filter(|_| self.index == 0 && told == 0);
            let polls = log.runs.get(self.index).map_or(0, |run| run.polls);
            if hold.is_some_and(|hold| polls >= hold) { Wish::Hold } else { Wish::Poll }
        })
    }
}

enum Wish {
    Poll,
    Hold,
    Cut,
}

impl<R: Future<Output = Result<(), Failure>>> Future for WatchedRun<R> {
    type Output = Result<(), Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.bell.pass_on_to(cx.waker());
        let told = u8::from(this.stopped.is_set()) + u8::from(this.aborted.is_set());
        match this.wish(cx, told) {
            Wish::Cut => {
                this.note(|run| run.end = Some(End::Cut));
                this.drop_run();
                return Poll::Ready(Err(Failure::new("the check dropped the runner")));
            }
            Wish::Hold => {
                this.note(|run| run.held = true);
                return Poll::Pending;
            }
            Wish::Poll => {}
        }
        // What it was told is worth a poll, however it looks for that.
        let rung = this.bell.take();
        if !rung && told == this.told {
            return Poll::Pending;
        }
        this.told = told;
        let Some(run) = &mut this.run else {
            return Poll::Pending;
        };
        let waker = Waker::from(this.bell.clone());
        let start = Instant::now();
        let what = "a poll of the runner";
        let result = watched(what, || run.as_mut().poll(&mut Context::from_waker(&waker)));
        this.watch.0.update(|log| log.took(start, what));
        match &result {
            Poll::Pending => {
                this.note(|run| {
                    run.polls += 1;
                    run.ignored += u32::from(told > 0);
                });
            }
            Poll::Ready(end) => {
                let error = end.as_ref().err().map(ToString::to_string);
                this.note(|run| run.end = Some(End::Ended { told: told > 0, error }));
                this.drop_run();
            }
        }
        result
    }
}

impl<R> Drop for WatchedRun<R> {
    fn drop(&mut self) {
        if self.run.is_some() {
            self.note(|run| run.end = Some(End::Dropped));
            self.drop_run();
        }
    }
}
