//! Turns abstract operations into inputs that name real tickets, leases and generations.

use std::vec::Vec;

use crate::{Action, Exit, Generation, Input, Mode, Output, Reply, Time, Wake};

/// One step of a history: some time passes, then something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "made by hand in tests")]
pub struct Operation {
    /// How much time passes before.
    pub elapsed: Elapsed,
    /// What happens.
    pub kind: OperationKind,
}

/// How much time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Elapsed {
    /// None.
    Nothing,
    /// So much that the next deadline is due.
    ToDeadline,
    /// So many nanoseconds.
    Nanos(u64),
    /// The clock goes back by so many nanoseconds for this one input.
    Back(u64),
}

/// What happens. A number picks one of the names in use, of the last two that ended, or one that was never given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperationKind {
    /// A caller acquires.
    Acquire,
    /// A caller acquires if it need not wait.
    TryAcquire,
    /// One of the callers that wait gives up, or one whose wait is over, as a future that is dropped late does.
    Cancel(u8),
    /// One of the leases held is released, or one that was released before.
    Release(u8),
    /// Somebody closes.
    Close(Mode),
    /// Somebody shuts down.
    Shutdown(Mode),
    /// A runner is ready.
    Ready(Target),
    /// A runner retires.
    Retiring(Target, Exit),
    /// A runner is done.
    Done(Target, Exit),
    /// A runner has ended.
    Ended(Target, Exit),
    /// A probe is answered: the last one if true, else one that was never sent.
    ProbeAnswered(Target, bool),
    /// The machine is told the time.
    Timeout,
}

/// Which generation's runner speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// The current generation's, or the last's.
    Current,
    /// The oldest orphan's, or the current generation's if there is none.
    Orphan,
    /// The newest orphan's, or the current generation's if there is none.
    LastOrphan,
    /// That of the one before the current.
    Previous,
    /// That of one that does not exist yet.
    Next,
}

/// Knows the clock and the names that a history has brought about.
#[derive(Clone, Debug, Default)]
pub struct Resolver {
    now: u64,
    generation: u64,
    probe: u64,
    pending: Named,
    held: Named,
    ended: Vec<u64>,
}

/// The names of tickets or of leases.
#[derive(Clone, Debug, Default)]
struct Named {
    there: Vec<u64>,
    gone: Vec<u64>,
}

impl Named {
    fn end(&mut self, name: u64) {
        if let Some(index) = self.there.iter().position(|there| *there == name) {
            self.there.remove(index);
            self.gone.push(name);
        }
    }

    /// The one chosen: there, gone, or a name that nobody has.
    fn pick(&self, index: u8) -> u64 {
        let gone = self.gone.iter().rev().take(2);
        let names: Vec<u64> = self.there.iter().chain(gone).copied().chain([u64::MAX]).collect();
        let index = usize::from(index).checked_rem(names.len()).unwrap_or(0);
        names.get(index).copied().unwrap_or(u64::MAX)
    }
}

impl Resolver {
    /// Before the first move.
    pub fn new() -> Self {
        Self::default()
    }

    /// The input that `step` stands for now, and its time. `wake` is what the machine last asked for.
    pub fn resolve(&mut self, step: Operation, wake: Wake) -> (Time, Input) {
        let now = match step.elapsed {
            Elapsed::Nothing => self.now,
            Elapsed::ToDeadline => match wake {
                Wake::At(time, _) => self.now.max(time.as_nanos()),
                Wake::Never | Wake::Now(_) => self.now,
            },
            Elapsed::Nanos(nanos) => self.now.saturating_add(nanos),
            Elapsed::Back(nanos) => self.now.saturating_sub(nanos),
        };
        self.now = self.now.max(now);
        (Time::from_nanos(now), self.input(step.kind))
    }

    fn input(&self, kind: OperationKind) -> Input {
        match kind {
            OperationKind::Acquire => Input::Acquire,
            OperationKind::TryAcquire => Input::TryAcquire,
            OperationKind::Cancel(index) => Input::Cancel { ticket: self.pending.pick(index) },
            OperationKind::Release(index) => Input::Release { lease: self.held.pick(index) },
            OperationKind::Close(mode) => Input::Close { mode },
            OperationKind::Shutdown(mode) => Input::Shutdown { mode },
            OperationKind::Ready(target) => Input::RunnerReady { generation: self.targets(target) },
            OperationKind::Retiring(target, exit) => {
                Input::RunnerRetiring { generation: self.targets(target), exit }
            }
            OperationKind::Done(target, exit) => Input::RunnerDone { generation: self.targets(target), exit },
            OperationKind::Ended(target, exit) => {
                Input::RunnerEnded { generation: self.targets(target), exit }
            }
            OperationKind::ProbeAnswered(target, right) => {
                let number = if right { self.probe } else { self.probe.saturating_add(1) };
                Input::ProbeAnswered { generation: self.targets(target), number }
            }
            OperationKind::Timeout => Input::Timeout,
        }
    }

    fn targets(&self, target: Target) -> Generation {
        let number = match target {
            Target::Current => self.generation,
            Target::Orphan => self.ended.first().copied().unwrap_or(self.generation),
            Target::LastOrphan => self.ended.last().copied().unwrap_or(self.generation),
            Target::Previous => self.generation.saturating_sub(1),
            Target::Next => self.generation.saturating_add(1),
        };
        Generation::new(number).unwrap_or(Generation::FIRST)
    }

    /// Learns what came of an input.
    pub fn follow(&mut self, input: &Input, output: &Output) {
        match *input {
            Input::Cancel { ticket } => self.pending.end(ticket),
            Input::Release { lease } => self.held.end(lease),
            Input::RunnerEnded { generation, .. } => self.ended.retain(|ended| *ended != generation.number()),
            Input::Acquire
            | Input::TryAcquire
            | Input::Close { .. }
            | Input::Shutdown { .. }
            | Input::RunnerReady { .. }
            | Input::RunnerRetiring { .. }
            | Input::RunnerDone { .. }
            | Input::ProbeAnswered { .. }
            | Input::Timeout => {}
        }
        match output.reply {
            Reply::Granted(lease) => self.held.there.push(lease.number),
            Reply::Waiting { ticket } => self.pending.there.push(ticket),
            Reply::Applied | Reply::NoOp | Reply::Stale | Reply::Refused(_) | Reply::Closing(_) => {}
        }
        for action in &output.actions {
            match *action {
                Action::Connect { generation } => self.generation = generation.number(),
                Action::Grant { ticket, lease } => {
                    self.pending.end(ticket.number());
                    self.held.there.push(lease.number);
                }
                Action::Reject { ticket, .. } => self.pending.end(ticket.number()),
                Action::Probe { number, .. } => self.probe = number,
                Action::Ended { generation, .. } if !matches!(input, Input::RunnerEnded { .. }) => {
                    self.ended.push(generation.number());
                }
                Action::Ended { .. }
                | Action::Stop { .. }
                | Action::Abort { .. }
                | Action::Discard { .. }
                | Action::Revoke { .. } => {}
            }
        }
    }
}
