//! The machine's owner: what all threads share, and the one door to it.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tenure::{Action, Config, Generation, Lease, Rejection, Session, SessionId, Status, Time};

pub(super) struct Owner {
    inside: Mutex<Inside>,
    /// Told after every change; everybody looks for himself whether it concerns him.
    pub(super) changed: Condvar,
    origin: Instant,
}

/// All that the one lock protects. Under it nothing blocks, and nothing of the user's runs.
pub(super) struct Inside {
    pub(super) session: Session,
    /// What the driver has to do, in order.
    pub(super) todo: VecDeque<Todo>,
    /// By ticket: what became of callers that wait, until they fetch it.
    pub(super) grants: HashMap<u64, Result<Lease, Rejection>>,
    /// By number: the calls in flight.
    pub(super) calls: HashMap<u64, Call>,
    pub(super) calls_made: u64,
    /// Leases of this generation and of all before it are revoked.
    pub(super) revoked: Option<Generation>,
    /// This generation and all before it have ended.
    pub(super) ended: Option<Generation>,
}

/// What the machine wants done.
pub(super) enum Todo {
    Start(Generation),
    Tell(Generation, ToRunner),
    GiveUp(Generation),
}

#[derive(Debug)]
pub(super) enum ToRunner {
    Call(u64, String),
    Probe(u64),
    Stop,
    Abort,
}

pub(super) struct Call {
    pub(super) generation: Generation,
    pub(super) answer: Option<Result<String, Revoked>>,
}

/// The lease was revoked before the answer came.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Revoked;

impl Owner {
    pub(super) fn new(config: Config) -> Self {
        let inside = Inside {
            session: Session::new(SessionId(1), config),
            todo: VecDeque::new(),
            grants: HashMap::new(),
            calls: HashMap::new(),
            calls_made: 0,
            revoked: None,
            ended: None,
        };
        Self { inside: Mutex::new(inside), changed: Condvar::new(), origin: Instant::now() }
    }

    /// The one door to the machine: one input, then all its actions are taken, under one lock.
    pub(super) fn enter<T>(&self, input: impl FnOnce(&mut Session) -> T) -> T {
        self.change(|inside| {
            let said = input(&mut inside.session);
            inside.take_actions();
            said
        })
    }

    /// Changes something beside the machine, and wakes who waits.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Inside) -> T) -> T {
        let said = change(&mut self.lock());
        self.changed.notify_all();
        said
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inside> {
        // The machine never panics half way, so a poisoned lock still protects something whole.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `found` finds something; `None` if it takes longer than `patience`.
    pub(super) fn wait_for<T>(
        &self,
        patience: Duration,
        mut found: impl FnMut(&mut Inside) -> Option<T>,
    ) -> Option<T> {
        let until = Instant::now() + patience;
        let mut inside = self.lock();
        loop {
            if let Some(it) = found(&mut inside) {
                return Some(it);
            }
            let left = until.checked_duration_since(Instant::now())?;
            (inside, _) = self.changed.wait_timeout(inside, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn status(&self) -> Status {
        self.lock().session.status()
    }

    pub(super) fn now(&self) -> Time {
        self.origin.elapsed().into()
    }

    pub(super) fn log(&self, line: impl fmt::Display) {
        println!("{:5} ms  {line}", self.origin.elapsed().as_millis());
    }
}

impl Inside {
    /// Takes all actions out of the machine: answers are put where their callers look for them, the rest is left to
    /// the driver.
    pub(super) fn take_actions(&mut self) {
        while let Some(action) = self.session.poll_action() {
            match action {
                Action::Grant { ticket, lease } => {
                    self.grants.insert(ticket.number(), Ok(lease));
                }
                Action::Reject { ticket, rejection } => {
                    self.grants.insert(ticket.number(), Err(rejection));
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
                Action::Probe { generation, number } => {
                    self.todo.push_back(Todo::Tell(generation, ToRunner::Probe(number)));
                }
                Action::Discard { generation } => self.todo.push_back(Todo::GiveUp(generation)),
            }
        }
    }
}
