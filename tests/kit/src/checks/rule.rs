//! What a connector, a timer and a way to spawn must keep, and what to do where they don't.

use std::fmt;

/// Something that an adapter must keep; `{}` says it in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// A runner becomes ready within the connect deadline.
    BecomesReady,
    /// A runner serves until it is told to stop.
    Serves,
    /// A runner that is told to stop while it connects ends within the stop deadline, and doesn't say ready.
    StopsBeforeReady,
    /// A runner that is told to stop ends within the stop deadline.
    StopsAfterReady,
    /// A runner that is told to hurry while it connects ends within the abort deadline.
    HurriesBeforeReady,
    /// A runner that is told to hurry ends within the abort deadline.
    HurriesAfterReady,
    /// Within the discard deadline of a runner's end, or drop, nothing of it lingers.
    LetsGo,
    /// Nothing is said to the session of a generation whose runner has ended.
    SilentAtTheEnd,
    /// The same connector connects again.
    ConnectsAgain,
    /// Calls are answered, also two at once, also while a graceful close waits for them.
    AnswersCalls,
    /// A call that is given up half-way harms no other: the next one gets its own answer, or the session is lost.
    SurvivesCancelledCalls,
    /// Calls in flight end with their session.
    EndsCalls,
    /// A runner that retires answers the calls that are in flight.
    FinishesCalls,
    /// A runner answers the session's probes.
    AnswersProbes,
    /// A runner doesn't panic.
    NeverPanics,
    /// A runner doesn't block its thread.
    NeverBlocks,
    /// A timer's clock never goes back.
    ClockGoesOn,
    /// A timer's clock keeps pace with the real one, in nanoseconds.
    ClockIsReal,
    /// A sleep completes soon when its deadline is there.
    SleepFires,
    /// A sleep doesn't complete before its deadline, by the timer's own clock.
    SleepIsNotEarly,
    /// A sleep until the past completes at once.
    PastIsAtOnce,
    /// A sleep until the end of time stays pending.
    FarIsNever,
    /// A sleep wakes the task that polled it last.
    WakesWhoPolledLast,
    /// A spawned task is polled without anybody awaiting it, and while others wait.
    TaskIsPolled,
    /// A spawned task lives until it completes, whatever becomes of its handle.
    TaskIsKept,
    /// A spawned task is polled again each time it was woken.
    TaskIsWoken,
    /// A spawned task is polled again when another thread has woken it.
    TaskIsWokenByThreads,
    /// To spawn returns at once.
    SpawnReturns,
    /// A spawned task that has completed is dropped.
    TaskIsDroppedAtItsEnd,
}

/// What a rule says, what mostly helps, where it is written.
struct Text {
    must: &'static str,
    cure: &'static str,
    page: &'static str,
}

impl Rule {
    /// What mostly helps where it isn't kept.
    #[must_use]
    pub const fn cure(self) -> &'static str {
        self.text().cure
    }

    /// The page of the documentation that it is from, with its section.
    #[must_use]
    pub const fn page(self) -> &'static str {
        self.text().page
    }

    const fn text(self) -> Text {
        match self {
            Self::ClockGoesOn
            | Self::ClockIsReal
            | Self::SleepFires
            | Self::SleepIsNotEarly
            | Self::PastIsAtOnce
            | Self::FarIsNever
            | Self::WakesWhoPolledLast => self.of_timers(),
            Self::TaskIsPolled
            | Self::TaskIsKept
            | Self::TaskIsWoken
            | Self::TaskIsWokenByThreads
            | Self::SpawnReturns
            | Self::TaskIsDroppedAtItsEnd => self.of_spawning(),
            Self::LetsGo
            | Self::SilentAtTheEnd
            | Self::AnswersCalls
            | Self::SurvivesCancelledCalls
            | Self::EndsCalls
            | Self::FinishesCalls
            | Self::AnswersProbes => self.of_what_is_served(),
            _ => self.of_runners(),
        }
    }

    const fn of_runners(self) -> Text {
        match self {
            Self::BecomesReady => Text {
                must: "a runner becomes ready within the connect deadline",
                cure: "call `life.ready(handle)` as soon as the handshake is complete; is the peer of this check there?",
                page: "tenure_driver::Life::ready",
            },
            Self::Serves => Text {
                must: "a runner serves until it is told to stop",
                cure: "await `serving.stopped()` beside the transport's reading and writing, and return only when \
                       it completes or the connection is lost; a `Serving` that is dropped serves nobody",
                page: "tenure_driver::Connector, \"What a runner does\", 3",
            },
            Self::StopsBeforeReady => Text {
                must: "a runner that is told to stop while it connects ends within the stop deadline, and doesn't \
                       say ready",
                cure: "put the open and the handshake under `life.or_stopped(…).await?`",
                page: "tenure_driver::Connector, \"What a runner does\", 1",
            },
            Self::StopsAfterReady => Text {
                must: "a runner that is told to stop ends within the stop deadline",
                cure: "await `serving.stopped()` beside everything else that is awaited, a write to a peer that \
                       doesn't read included; then close the transport and return",
                page: "tenure_driver::Connector, \"What a runner does\", 3 and 4",
            },
            Self::HurriesBeforeReady => Text {
                must: "a runner that is told to hurry while it connects ends within the abort deadline",
                cure: "what is unwound before ready must watch `life.aborted()` too; told to hurry it was also told \
                       to stop, so `life.or_stopped(…).await?` does for the connect itself",
                page: "tenure_driver::Connector, \"What a runner does\", 1 and 4",
            },
            Self::HurriesAfterReady => Text {
                must: "a runner that is told to hurry ends within the abort deadline",
                cure: "wait for the peer to let go only until `serving.aborted()` completes; then use force, and return",
                page: "tenure_driver::Connector, \"What a runner does\", 4",
            },
            Self::ConnectsAgain => Text {
                must: "the same connector connects again",
                cure: "open everything anew in `start`: what the last generation has used up can't serve the next",
                page: "tenure_driver::Connector::start",
            },
            Self::NeverPanics => Text {
                must: "a runner doesn't panic",
                cure: "end with an error: callers are told of it, and `Failure::permanent` says that trying again \
                       is no use",
                page: "tenure_driver::Connector, \"What a runner does\"",
            },
            _ => Text {
                must: "a runner doesn't block its thread",
                cure: "await what takes time, or give it to a thread; in a drop, leave it to something that holds a \
                       `Linger`",
                page: "tenure_driver::Driver: it polls the runner in place",
            },
        }
    }

    const fn of_what_is_served(self) -> Text {
        match self {
            Self::LetsGo => Text {
                must: "within the discard deadline of a runner's end, or drop, nothing of it lingers",
                cure: "a `Life`, a `Serving` or a `Linger` is still held by something: a task, a thread, a handle. \
                       Drop it when that has ended, and see that the drop of the runner ends it",
                page: "tenure_driver::Linger",
            },
            Self::SilentAtTheEnd => Text {
                must: "nothing is said to the session of a generation whose runner has ended",
                cure: "`ready` and `Probe::answer` belong into the runner's own future: a task that was given a \
                       `Life`, a `Serving` or a `Probe` must end before the runner does",
                page: "tenure_driver::Connector, \"What a runner does\", 4",
            },
            Self::AnswersCalls => Text {
                must: "calls are answered, also two at once, also while a graceful close waits for them",
                cure: "leases share the handle: a call may begin while another is under way, and until \
                       `stopped` completes",
                page: "tenure_driver::Lease",
            },
            Self::SurvivesCancelledCalls => Text {
                must: "a call that is given up half-way harms no other: the next one gets its own answer, or the \
                       session is lost",
                cure: "match answers with calls by an id, and drop the answer that nobody waits for; where the \
                       protocol has none, end the runner with an error",
                page: "tenure_driver::Lease::run, \"Cancel safety\"",
            },
            Self::EndsCalls => Text {
                must: "calls in flight end with their session",
                cure: "a call is dropped when its lease is revoked: its poll and its drop must neither block nor panic",
                page: "tenure_driver::Lease::run",
            },
            Self::FinishesCalls => Text {
                must: "a runner that retires answers the calls that are in flight",
                cure: "go on serving after `serving.retire(…)`, until `serving.stopped()` completes: that comes when the \
                       leases are given back",
                page: "tenure_driver::Serving::retire",
            },
            _ => Text {
                must: "a runner answers the session's probes",
                cure: "beside `serving.stopped()`, loop: `let probe = serving.probe().await;` ask the peer, \
                       `probe.answer()` when it says something",
                page: "tenure_driver::Serving::probe",
            },
        }
    }

    const fn of_timers(self) -> Text {
        match self {
            Self::ClockGoesOn => Text {
                must: "a timer's clock never goes back",
                cure: "take a monotonic clock such as `std::time::Instant`, not the time of day",
                page: "tenure_driver::Timer::now",
            },
            Self::ClockIsReal => Text {
                must: "a timer's clock keeps pace with the real one, in nanoseconds",
                cure: "is it milliseconds that are taken for nanoseconds, or time that is paused? \
                       `Time::from(duration)` and `Time::from_instant` convert",
                page: "tenure_driver::Timer::now",
            },
            Self::SleepFires => Text {
                must: "a sleep completes soon when its deadline is there",
                cure: "keep the waker of each poll, and wake it at the deadline; is the runtime's time driver \
                       enabled, and does something drive it?",
                page: "tenure_driver::Timer::sleep_until",
            },
            Self::SleepIsNotEarly => Text {
                must: "a sleep doesn't complete before its deadline, by the timer's own clock",
                cure: "round deadlines up to what the runtime's timer can tell apart, and count `now` and \
                       `sleep_until` from one origin; a waker that rings is no deadline: look at the clock again",
                page: "tenure_driver::Timer",
            },
            Self::PastIsAtOnce => Text {
                must: "a sleep until the past completes at once",
                cure: "subtract with saturation, and look at the clock at the first poll",
                page: "tenure_driver::Timer::sleep_until",
            },
            Self::FarIsNever => Text {
                must: "a sleep until the end of time stays pending",
                cure: "add with `checked_add` (`Time::to_instant` does), and let what doesn't fit stay pending",
                page: "tenure_driver::Timer::sleep_until",
            },
            _ => Text {
                must: "a sleep wakes the task that polled it last",
                cure: "replace the waker at each poll: a future may move from one task to another",
                page: "std::future::Future::poll",
            },
        }
    }

    const fn of_spawning(self) -> Text {
        match self {
            Self::TaskIsPolled => Text {
                must: "a spawned task is polled without anybody awaiting it, and while others wait",
                cure: "hand it to the executor that runs the body, and let that turn to it whenever the body waits",
                page: "tenure_driver::Driver, \"What it needs\"",
            },
            Self::TaskIsKept => Text {
                must: "a spawned task lives until it completes, whatever becomes of its handle",
                cure: "detach it: with some executors the drop of a task's handle cancels the task",
                page: "tenure_driver::Driver, \"Cancel safety\"",
            },
            Self::TaskIsWoken => Text {
                must: "a spawned task is polled again each time it was woken",
                cure: "put it into the queue again when its waker is called, also while it is being polled",
                page: "std::task::Waker::wake",
            },
            Self::TaskIsWokenByThreads => Text {
                must: "a spawned task is polled again when another thread has woken it",
                cure: "wakers are `Send`: besides the queue, wake the thread that may sleep (`Thread::unpark`, \
                       an eventfd, a condition variable)",
                page: "std::task::Waker",
            },
            Self::SpawnReturns => Text {
                must: "to spawn returns at once",
                cure: "only queue the task: it runs beside its caller",
                page: "tenure_driver::Driver, \"What it needs\"",
            },
            _ => Text {
                must: "a spawned task that has completed is dropped",
                cure: "drop the future when it completes, not with its handle or the executor",
                page: "tenure_driver::Driver, \"When it completes\"",
            },
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().must)
    }
}
