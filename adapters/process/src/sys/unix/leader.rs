//! The leader of a group: signalled while it can't be mistaken, reaped once, never left behind.

use std::fmt;
use std::io;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, getpgid, kill_process, kill_process_group, test_kill_process};

use super::exit::{Exit, block_until_exit, look};
use crate::guardian::Lifeline;

/// A child from its start until it is reaped, and its status from then on.
///
/// Dropped before, it kills the group and sees to the reaping without blocking.
#[derive(Debug)]
pub(super) struct Leader {
    pid: Pid,
    state: State,
}

#[derive(Debug)]
enum State {
    Unreaped(Unreaped),
    Reaped(ExitStatus),
    /// Reaped elsewhere; there is nothing to signal and no status to tell.
    Gone,
}

impl Leader {
    pub(super) fn new(child: Child, token: Box<dyn Send>) -> Self {
        let pid = Pid::from_child(&child);
        let unreaped = Unreaped { pid, child, lifeline: None, _token: token };
        Self { pid, state: State::Unreaped(unreaped) }
    }

    /// A guardian, which is signalled by its lifeline.
    pub(super) fn guardian(child: Child, lifeline: Lifeline, token: Box<dyn Send>) -> Self {
        let pid = Pid::from_child(&child);
        let unreaped = Unreaped { pid, child, lifeline: Some(lifeline), _token: token };
        Self { pid, state: State::Unreaped(unreaped) }
    }

    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    pub(super) fn signal(&self, signal: Signal) -> io::Result<()> {
        match &self.state {
            State::Unreaped(unreaped) => Ok(unreaped.signal(signal)?),
            State::Reaped(_) | State::Gone => Ok(()),
        }
    }

    /// Returns whether the child has exited, so that [`reap`](Self::reap) won't block.
    pub(super) fn has_exited(&self) -> io::Result<bool> {
        match &self.state {
            State::Unreaped(unreaped) => Ok(unreaped.exit()? != Exit::NotYet),
            State::Reaped(_) | State::Gone => Ok(true),
        }
    }

    /// Kills what is left of the group, reaps the leader, drops the token.
    pub(super) fn reap(&mut self) -> io::Result<ExitStatus> {
        let unreaped = match &mut self.state {
            State::Unreaped(unreaped) => unreaped,
            State::Reaped(status) => return Ok(*status),
            State::Gone => return Err(reaped_elsewhere()),
        };
        match unreaped.reap() {
            Ok(status) => {
                let state = std::mem::replace(&mut self.state, State::Reaped(status));
                drop(state);
                Ok(status)
            }
            Err(Errno::CHILD) => {
                drop(self.take());
                Err(reaped_elsewhere())
            }
            Err(errno) => Err(errno.into()),
        }
    }

    /// Takes the child that is still to be reaped, if it is; whoever takes it sees to that.
    pub(super) fn take(&mut self) -> Option<Unreaped> {
        match self.state {
            State::Unreaped(_) => match std::mem::replace(&mut self.state, State::Gone) {
                State::Unreaped(unreaped) => Some(unreaped),
                State::Reaped(_) | State::Gone => None,
            },
            State::Reaped(_) | State::Gone => None,
        }
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        if let Some(unreaped) = self.take() {
            unreaped.kill_and_reap();
        }
    }
}

fn reaped_elsewhere() -> io::Error {
    io::Error::other(
        "the child was reaped by another part of this program, its exit status is lost; \
         look for waitpid(-1) and for an ignored SIGCHLD",
    )
}

/// A child that is still to be reaped, by whoever holds this.
pub(super) struct Unreaped {
    pid: Pid,
    child: Child,
    /// If the child is the guardian of another.
    lifeline: Option<Lifeline>,
    /// Declared last, so that it is dropped last.
    _token: Box<dyn Send>,
}

impl Unreaped {
    /// Looks without reaping.
    fn exit(&self) -> rustix::io::Result<Exit> {
        look(&WaitId::Pid(self.pid))
    }

    /// Signals the whole group, also what is left of it when the child was reaped by somebody else.
    fn signal(&self, signal: Signal) -> rustix::io::Result<()> {
        let exit = self.exit()?;
        if let Some(lifeline) = &self.lifeline {
            lifeline.signal(signal, exit == Exit::NotYet);
            return Ok(());
        }
        if exit == Exit::Gone {
            signal_leaderless(self.pid, signal);
            return Ok(());
        }
        let mut sent = kill_process_group(self.pid, signal);
        // A leader may have moved to another group: then it would be missed, so it gets its own.
        if getpgid(Some(self.pid)) != Ok(self.pid) {
            let alone = kill_process(self.pid, signal);
            sent = match sent {
                Ok(()) | Err(Errno::SRCH) => alone,
                Err(errno) => Err(errno),
            };
        }
        match sent {
            // Some systems won't have a group of zombies signalled.
            Err(_) if exit == Exit::Zombie => Ok(()),
            other => other,
        }
    }

    /// Kills the group, as far as this program may signal it.
    pub(super) fn kill(&self) {
        let _ = self.signal(Signal::KILL);
    }

    /// Blocks until the leader has exited, if it hasn't yet.
    fn reap(&mut self) -> rustix::io::Result<ExitStatus> {
        match block_until_exit(self.pid)? {
            Exit::Gone => {
                self.kill();
                return Err(Errno::CHILD);
            }
            Exit::Zombie | Exit::NotYet => {}
        }
        // While the leader is a zombie no other group can have its number.
        self.kill();
        if let Some(lifeline) = &self.lifeline {
            lifeline.wait_for_abandoned();
        }
        self.child.wait().map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::CHILD))
    }

    /// Kills the group and sees to the reaping, without blocking.
    fn kill_and_reap(self) {
        self.kill();
        match self.exit() {
            Ok(Exit::Zombie) => self.reap_blocking(),
            Ok(Exit::Gone) => {}
            Ok(Exit::NotYet) | Err(_) => self.reap_in_background(),
        }
    }

    fn reap_in_background(self) {
        // Shared, since a closure whose thread can't be started is dropped with all that it holds.
        let slot = Arc::new(Mutex::new(Some(self)));
        let theirs = Arc::clone(&slot);
        let started = thread::Builder::new().name("tenure-reaper".into()).spawn(move || reap_from(&theirs));
        if started.is_err() {
            // The child was killed, so this blocks for a moment only, and no zombie is left.
            reap_from(&slot);
        }
    }

    /// Blocks until the child has exited, and reaps it.
    pub(super) fn reap_blocking(mut self) {
        let _ = self.reap();
    }
}

impl fmt::Debug for Unreaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unreaped").field("pid", &self.pid).finish_non_exhaustive()
    }
}

/// Signals what a leader left behind that was reaped by somebody else, or by the system where SIGCHLD is ignored.
///
/// No process is given the number of a group that has members. So the group is still the leader's, unless it
/// was empty meanwhile and a process got the number: then that process has it, and nothing is signalled.
fn signal_leaderless(group: Pid, signal: Signal) {
    if test_kill_process(group) == Err(Errno::SRCH) {
        // Mostly there is nobody.
        let _ = kill_process_group(group, signal);
    }
}

fn reap_from(slot: &Mutex<Option<Unreaped>>) {
    let unreaped = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(unreaped) = unreaped {
        unreaped.reap_blocking();
    }
}
