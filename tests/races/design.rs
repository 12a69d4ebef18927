//! What the hand-written designs have in common, and what each does in its own way.
//!
//! All keep a task handle, a counter of users and the session object, under one lock. A [`Design`] says
//! what happens where they differ; the rest is written once, the way their authors meant it.

use tenure::check::{SystemUnderTest, View};
use tenure::{
    Action, Cause, DeadlineKind, Exit, ExitKind, Generation, Input, LeaseData, Outcome, Output, Rejection,
    Reply, Status, Step, Time, Wake,
};

/// Where the designs differ.
pub(crate) trait Design: Clone + std::fmt::Debug + PartialEq {
    /// The close's caller is cancelled while it waits for the task to end. What becomes of the task?
    const WAIT_CUT: WaitCut;
    /// Does a release count against whatever session there is?
    const RELEASE_COUNTS_ANY: bool = false;
    /// Does each caller that waits for a failed connect try again by itself?
    const EACH_WAITER_RETRIES: bool = false;
    /// Does the caller that started a connect take it down when it is cancelled?
    const STARTER_OWNS_CONNECT: bool = false;
}

/// What a close does when its wait ends before the task does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum WaitCut {
    /// The task is cancelled too, in the middle of its clean-up.
    CancelsTask,
    /// The lock is let go, the handle is kept, because the task isn't done.
    KeepsHandle,
    /// The handle is forgotten, though the task still unwinds.
    ForgetsHandle,
    /// It waits on.
    Waits,
}

/// One task, from its start until its clean-up is over.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Task {
    generation: Generation,
    state: TaskState,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum TaskState {
    Connecting,
    Live,
    Unwinding,
}

/// A client built by hand, told in the checker's words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Client<D> {
    design: D,
    task: Option<Task>,
    last: Option<Generation>,
    /// Tasks whose handle was forgotten and whose clean-up is still to come.
    forgotten: Vec<Generation>,
    counter: u64,
    waiting: Vec<u64>,
    tickets: u64,
    held: Vec<LeaseData>,
    leases: u64,
}

impl<D: Design> Client<D> {
    /// Every input that means something now.
    pub(crate) fn inputs(&self) -> Vec<Input> {
        let exit = Exit::new(ExitKind::Failed, true);
        let mut inputs = vec![Input::Acquire, Input::Timeout];
        // Who connects holds the lock until it is ready: a close would wait behind it.
        if self.task.is_none_or(|task| task.state != TaskState::Connecting) {
            inputs.push(Input::Close { mode: tenure::Mode::Force });
        }
        // What a cancelled connect does is told of the design in which it goes wrong.
        if D::STARTER_OWNS_CONNECT {
            inputs.extend(self.waiting.iter().map(|ticket| Input::Cancel { ticket: *ticket }));
        }
        inputs.extend(self.held.iter().map(|lease| Input::Release { lease: lease.number }));
        if let Some(Task { generation, .. }) = self.task {
            inputs.extend([Input::RunnerReady { generation }, Input::RunnerEnded { generation, exit }]);
        }
        inputs.extend(
            self.forgotten.iter().map(|generation| Input::RunnerEnded { generation: *generation, exit }),
        );
        inputs
    }

    pub(crate) fn new(design: D) -> Self {
        Self {
            design,
            task: None,
            last: None,
            forgotten: Vec::new(),
            counter: 0,
            waiting: Vec::new(),
            tickets: 0,
            held: Vec::new(),
            leases: 0,
        }
    }

    /// `connect`: if there is no task, start one; count oneself in.
    fn acquire(&mut self, actions: &mut Vec<Action<LeaseData>>) -> Reply {
        match self.task {
            Some(Task { generation, state: TaskState::Live }) => Reply::Granted(self.count_in(generation)),
            // "There is a task, and it isn't done": so it must be the session.
            Some(Task { generation, state: TaskState::Unwinding }) if D::WAIT_CUT == WaitCut::KeepsHandle => {
                Reply::Granted(self.count_in(generation))
            }
            // It connects; or whoever waits for its end still has the lock.
            Some(Task { state: TaskState::Connecting | TaskState::Unwinding, .. }) => self.wait(),
            None => {
                let reply = self.wait();
                self.start(actions);
                reply
            }
        }
    }

    fn wait(&mut self) -> Reply {
        self.tickets += 1;
        self.waiting.push(self.tickets);
        Reply::Waiting { ticket: self.tickets }
    }

    fn start(&mut self, actions: &mut Vec<Action<LeaseData>>) {
        let generation = self.last.map_or(Generation::FIRST, Generation::next);
        self.last = Some(generation);
        self.task = Some(Task { generation, state: TaskState::Connecting });
        actions.push(Action::Connect { generation });
    }

    fn count_in(&mut self, generation: Generation) -> LeaseData {
        self.counter += 1;
        self.leases += 1;
        let lease = LeaseData::new(self.leases, generation);
        self.held.push(lease);
        lease
    }

    fn cancel(&mut self, ticket: u64, actions: &mut Vec<Action<LeaseData>>) -> Reply {
        let Some(index) = self.waiting.iter().position(|waiting| *waiting == ticket) else {
            return Reply::Stale;
        };
        self.waiting.remove(index);
        let connecting = self.task.filter(|task| task.state == TaskState::Connecting);
        if let (Some(task), true) = (connecting, D::STARTER_OWNS_CONNECT && index == 0) {
            // Its cancellation goes on into the connect that it awaits; the others wait for a ready that
            // never comes.
            self.waiting.clear();
            self.task = None;
            self.forgotten.push(task.generation);
            let exit = Exit::new(ExitKind::Dropped, true);
            give_up(task.generation, Cause::NobodyWaiting, exit, actions);
        } else if let (Some(task), true) = (connecting, self.waiting.is_empty()) {
            self.stop(task, Cause::NobodyWaiting, actions);
        }
        Reply::Applied
    }

    /// `disconnect`: count oneself out; at zero, stop.
    fn release(&mut self, lease: u64, actions: &mut Vec<Action<LeaseData>>) -> Reply {
        let Some(index) = self.held.iter().position(|held| held.number == lease) else {
            return Reply::Stale;
        };
        let lease = self.held.remove(index);
        let Some(task) = self.task.filter(|task| task.state == TaskState::Live) else {
            return Reply::Stale;
        };
        if task.generation != lease.generation && !D::RELEASE_COUNTS_ANY {
            return Reply::Stale;
        }
        self.counter = self.counter.saturating_sub(1);
        if self.counter == 0 {
            self.stop(task, Cause::Deadline(DeadlineKind::KeepAlive), actions);
        }
        Reply::Applied
    }

    fn stop(&mut self, task: Task, cause: Cause, actions: &mut Vec<Action<LeaseData>>) {
        let generation = task.generation;
        if task.state == TaskState::Live {
            actions.push(Action::Revoke { generation, cause });
        }
        actions.push(Action::Stop { generation });
        self.counter = 0;
        self.task = Some(Task { generation, state: TaskState::Unwinding });
    }

    /// `disconnect(force=True)`, whose caller is cancelled at once.
    fn close(&mut self, actions: &mut Vec<Action<LeaseData>>) -> Reply {
        for number in std::mem::take(&mut self.waiting) {
            actions.push(Action::Reject { ticket: ticket(number), rejection: Rejection::Closed });
        }
        let Some(task) = self.task else {
            return closing(Outcome::NoOp, None);
        };
        let fresh = task.state != TaskState::Unwinding;
        if fresh {
            self.stop(task, Cause::Closed, actions);
        }
        if D::WAIT_CUT == WaitCut::CancelsTask {
            self.task = None;
            let exit = Exit::new(ExitKind::Dropped, true);
            give_up(task.generation, Cause::Closed, exit, actions);
        }
        let changed = fresh || self.task.is_none() || !actions.is_empty();
        closing(if changed { Outcome::Applied } else { Outcome::NoOp }, Some(task.generation))
    }

    /// The time limit of the wait for the task.
    fn time_out(&mut self, actions: &mut Vec<Action<LeaseData>>) -> Reply {
        match self
            .task
            .filter(|task| task.state == TaskState::Unwinding && D::WAIT_CUT == WaitCut::ForgetsHandle)
        {
            None => Reply::NoOp,
            Some(task) => {
                self.task = None;
                self.forgotten.push(task.generation);
                give_up(task.generation, Cause::Closed, Exit::UNCONFIRMED, actions);
                if !self.waiting.is_empty() {
                    self.start(actions);
                }
                Reply::Applied
            }
        }
    }

    fn ready(&mut self, generation: Generation, actions: &mut Vec<Action<LeaseData>>) -> Reply {
        match self.task {
            Some(task) if task.generation == generation && task.state == TaskState::Connecting => {
                self.task = Some(Task { generation, state: TaskState::Live });
                for number in std::mem::take(&mut self.waiting) {
                    let lease = self.count_in(generation);
                    actions.push(Action::Grant { ticket: ticket(number), lease });
                }
                Reply::Applied
            }
            Some(task) if task.generation == generation => Reply::NoOp,
            _ => Reply::Stale,
        }
    }

    /// The task's last line: null the session.
    fn ended(&mut self, generation: Generation, exit: Exit, actions: &mut Vec<Action<LeaseData>>) -> Reply {
        if let Some(index) = self.forgotten.iter().position(|forgotten| *forgotten == generation) {
            self.forgotten.remove(index);
            // It nulls whatever session is there by now.
            if self.task.is_some_and(|task| task.state == TaskState::Live) {
                self.task = None;
                self.counter = 0;
            }
            return Reply::Applied;
        }
        let Some(task) = self.task.filter(|task| task.generation == generation) else {
            return Reply::Stale;
        };
        self.task = None;
        self.counter = 0;
        match task.state {
            TaskState::Connecting => self.connect_failed(generation, exit, actions),
            TaskState::Live => {
                let cause = Cause::RunnerEnded;
                actions.push(Action::Revoke { generation, cause });
                actions.push(Action::Ended { generation, cause, exit });
            }
            TaskState::Unwinding => {
                actions.push(Action::Ended { generation, cause: Cause::Closed, exit });
                if !self.waiting.is_empty() {
                    self.start(actions);
                }
            }
        }
        Reply::Applied
    }

    fn connect_failed(&mut self, generation: Generation, exit: Exit, actions: &mut Vec<Action<LeaseData>>) {
        actions.push(Action::Ended { generation, cause: Cause::RunnerEnded, exit });
        let rejection = Rejection::ConnectFailed { generation, exit };
        if D::EACH_WAITER_RETRIES {
            // The lock goes to the next in line, who finds no task and starts one.
            let first = self.waiting.remove(0);
            actions.push(Action::Reject { ticket: ticket(first), rejection });
            if !self.waiting.is_empty() {
                self.start(actions);
            }
        } else {
            for number in std::mem::take(&mut self.waiting) {
                actions.push(Action::Reject { ticket: ticket(number), rejection });
            }
        }
    }
}

/// Cancelled or forgotten: nobody waits for it any more.
fn give_up(generation: Generation, cause: Cause, exit: Exit, actions: &mut Vec<Action<LeaseData>>) {
    actions.push(Action::Discard { generation });
    actions.push(Action::Ended { generation, cause, exit });
}

fn closing(outcome: Outcome, watch: Option<Generation>) -> Reply {
    Reply::Closing(tenure::Closing::new(outcome, watch))
}

fn ticket(number: u64) -> tenure::Ticket {
    tenure::Ticket::new(tenure::SessionId(0), number)
}

impl<D: Design> SystemUnderTest for Client<D> {
    fn is_unchanged(&self, before: &Self) -> bool {
        // The leases are the callers'.
        Self { held: before.held.clone(), ..self.clone() } == *before
    }

    fn apply(&mut self, _: Time, input: Input) -> Output {
        let mut actions = Vec::new();
        let reply = match input {
            Input::Acquire => self.acquire(&mut actions),
            Input::Cancel { ticket } => self.cancel(ticket, &mut actions),
            Input::Release { lease } => self.release(lease, &mut actions),
            Input::Close { .. } => self.close(&mut actions),
            Input::RunnerReady { generation } => self.ready(generation, &mut actions),
            Input::RunnerEnded { generation, exit } => self.ended(generation, exit, &mut actions),
            Input::Timeout => self.time_out(&mut actions),
            // The designs know none of the rest.
            _ => Reply::NoOp,
        };
        Output::new(reply, actions)
    }

    fn view(&self) -> View {
        let status = match self.task {
            None => Status::Idle { last: None, backoff: false },
            Some(Task { generation, state: TaskState::Connecting }) => Status::Connecting { generation },
            Some(Task { generation, state: TaskState::Live }) => {
                Status::Live { generation, held: self.counter }
            }
            Some(Task { generation, state: TaskState::Unwinding }) => Status::Draining {
                generation,
                step: Step::Stop,
                cause: Cause::Closed,
                held: 0,
                closing: false,
            },
        };
        // None of them has deadlines that the checker could ask for; it is told of one that is far away, so
        // that it goes on to what each design is here for.
        let wake = Wake::At(Time::MAX, DeadlineKind::Stop);
        View::new(status, self.waiting.len(), self.forgotten.len(), 0, wake)
    }
}
