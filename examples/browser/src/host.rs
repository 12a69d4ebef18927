//! What is known: the machine, who waits, who holds a lease, which calls are in flight. Nothing here calls the page.

use std::collections::{BTreeMap, VecDeque};

use tenure::{
    Acquired, Action, Config, Exit, Generation, KeepAlive, Lease, Mode, Session, SessionId, Ticket, Time,
    Wake,
};

/// Who asks for a lease.
#[derive(Clone, Copy)]
pub(crate) enum Caller {
    /// Somebody who keeps it.
    Holder,
    /// The call with this number, which gives it back when it is answered.
    Call(u32),
}

/// What is to be done once the machine is at rest.
pub(crate) enum Todo {
    Act(Action),
    /// This caller has its lease.
    Granted(Caller, Lease),
    /// This generation's socket is closed, and needs nothing any more.
    Forget(Generation),
    Tell(&'static str, String),
}

pub(crate) struct Host {
    pub(crate) session: Session,
    pub(crate) todo: VecDeque<Todo>,
    pub(crate) waiting: Vec<(Ticket, Caller)>,
    pub(crate) held: Vec<Lease>,
    pub(crate) calls: BTreeMap<u32, Lease>,
    calls_made: u32,
}

impl Host {
    /// Short deadlines, so that each can be seen.
    pub(crate) fn new() -> Self {
        let seconds = std::time::Duration::from_secs;
        let config = Config::default()
            .keep_alive(KeepAlive::For(seconds(20)))
            .connect_timeout(seconds(5))
            .finish_timeout(seconds(4))
            .stop_timeout(seconds(2))
            .abort_timeout(seconds(1))
            .discard_timeout(seconds(1));
        Self {
            session: Session::new(SessionId(1), config),
            todo: VecDeque::new(),
            waiting: Vec::new(),
            held: Vec::new(),
            calls: BTreeMap::new(),
            calls_made: 0,
        }
    }

    /// To be called after each input: takes the actions, to be carried out later, and lets the deadlines fire that are
    /// due. Returns when it wants to be called again.
    pub(crate) fn settle(&mut self, now: Time) -> Wake {
        loop {
            while let Some(action) = self.session.poll_action() {
                self.todo.push_back(Todo::Act(action));
            }
            match self.session.poll_timeout() {
                Wake::Now(_) => {}
                Wake::At(at, _) if at <= now => {}
                later => return later,
            }
            self.session.handle_timeout(now);
        }
    }

    fn tell(&mut self, kind: &'static str, line: impl Into<String>) {
        self.todo.push_back(Todo::Tell(kind, line.into()));
    }

    pub(crate) fn acquire(&mut self, caller: Caller) {
        let who = match caller {
            Caller::Holder => "a lease to hold".to_owned(),
            Caller::Call(number) => format!("a lease for call {number}"),
        };
        self.tell("input", format!("acquire {who}"));
        match self.session.acquire() {
            Ok(Acquired::Granted(lease)) => self.todo.push_back(Todo::Granted(caller, lease)),
            Ok(Acquired::Waiting(ticket)) => self.waiting.push((ticket, caller)),
            Err(refusal) => self.tell("failed", format!("refused: {refusal}")),
        }
    }

    pub(crate) fn call(&mut self) {
        self.calls_made = self.calls_made.saturating_add(1);
        self.acquire(Caller::Call(self.calls_made));
    }

    /// Gives back the lease that was held longest.
    pub(crate) fn release(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let lease = self.held.remove(0);
        self.tell("input", format!("release a lease of {:#}", lease.generation()));
        self.give_back(lease);
    }

    pub(crate) fn close(&mut self, mode: Mode) {
        self.tell("input", format!("close, {mode}"));
        let _ = self.session.close(mode);
    }

    pub(crate) fn ready(&mut self, generation: Generation) {
        let outcome = self.session.runner_ready(generation);
        self.tell("runner", format!("{generation:#} is ready: {outcome:?}"));
    }

    /// The socket is closed: the end of this generation is certain.
    pub(crate) fn ended(&mut self, generation: Generation, exit: Exit) {
        let outcome = self.session.runner_ended(generation, exit);
        self.tell("runner", format!("{generation:#} has ended, {exit}: {outcome:?}"));
        self.todo.push_back(Todo::Forget(generation));
    }

    /// An answer for a call that failed meanwhile is for nobody.
    pub(crate) fn answered(&mut self, number: u32, answer: &str) {
        if let Some(lease) = self.calls.remove(&number) {
            self.tell("answered", format!("call {number}: {answer}"));
            self.give_back(lease);
        }
    }

    /// The caller that has waited with this ticket, and waits no more.
    pub(crate) fn caller(&mut self, ticket: Ticket) -> Option<Caller> {
        let index = self.waiting.iter().position(|(waiting, _)| *waiting == ticket)?;
        Some(self.waiting.swap_remove(index).1)
    }

    /// The leases of this generation are over: gives the numbers of the calls that were in flight on them.
    pub(crate) fn revoke(&mut self, generation: Generation) -> Vec<u32> {
        self.held.retain(|lease| lease.generation() != generation);
        let is_over = |_: &u32, lease: &mut Lease| lease.generation() == generation;
        self.calls.extract_if(.., is_over).map(|(number, _)| number).collect()
    }

    /// A lease that is stale changes nothing; all are of this session.
    fn give_back(&mut self, lease: Lease) {
        drop(self.session.release(lease));
    }
}
