//! From the server's start to the end of all that came of it.

use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, getpgid, kill_process, kill_process_group};

use super::super::frames::{Order, Report, Start};
use super::family::{self, Change};
use super::host::{Heard, Host};
use super::signals::Signals;

/// How long all else is waited for that doesn't end by SIGKILL.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one look at what is being killed is from the next, if nothing is heard.
const LOOK: Duration = Duration::from_millis(20);
/// The same for a server that doesn't end by SIGKILL, and for a host that nothing tells of.
const LONG_LOOK: Duration = Duration::from_secs(1);

pub(super) struct Watch {
    /// A child of this process, not reaped before all is over.
    server: Pid,
    host: Host,
    signals: Signals,
    times: Start,
    ladder: Ladder,
}

/// How far the server's end is once the host is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ladder {
    /// The host is there.
    Not,
    /// Its input has ended; then SIGTERM.
    Stop(Option<Instant>),
    /// It got SIGTERM; then SIGKILL.
    Abort(Option<Instant>),
}

impl Watch {
    pub(super) const fn new(server: Pid, host: Host, signals: Signals, times: Start) -> Self {
        Self { server, host, signals, times, ladder: Ladder::Not }
    }

    pub(super) fn run(mut self) {
        while self.is_to_go_on() {
            self.wait();
        }
        let status = self.sweep();
        self.host.report(Report::Ended(status));
    }

    /// Does what there is to do; returns whether there is more to wait for than to kill what is left.
    fn is_to_go_on(&mut self) -> bool {
        for signal in self.signals.pending() {
            if let Some(signal) = Signal::from_named_raw(signal) {
                // Its number is its own while it isn't reaped.
                let _ = kill_process(self.server, signal);
            }
        }
        match family::look_at(self.server) {
            Change::Ended => return false,
            Change::Stopped(signal) => self.host.report(Report::Stopped(signal)),
            Change::None => {}
        }
        family::reap_others(self.server);
        self.does_as_told() && self.climbs()
    }

    /// Returns whether that wasn't to kill.
    fn does_as_told(&mut self) -> bool {
        while self.ladder == Ladder::Not {
            match self.host.hear() {
                Heard::Nothing => break,
                Heard::Order(Order::Terminate) => self.terminate(),
                Heard::Order(Order::Kill) => return false,
                Heard::Gone => self.ladder = Ladder::Stop(Instant::now().checked_add(self.times.stop)),
            }
        }
        true
    }

    /// Takes the steps that are due; returns whether the last one isn't.
    fn climbs(&mut self) -> bool {
        if let Ladder::Stop(due) = self.ladder
            && is_past(due)
        {
            self.terminate();
            self.ladder = Ladder::Abort(Instant::now().checked_add(self.times.abort));
        }
        !matches!(self.ladder, Ladder::Abort(due) if is_past(due))
    }

    fn terminate(&self) {
        self.signal(Signal::TERM);
        // A stopped process keeps SIGTERM pending; sent in this order, it is what it wakes up to.
        self.signal(Signal::CONT);
    }

    /// Signals the group that the server was started in, and the server if it has moved to another.
    fn signal(&self, signal: Signal) {
        let _ = kill_process_group(self.server, signal);
        if getpgid(Some(self.server)) != Ok(self.server) {
            let _ = kill_process(self.server, signal);
        }
    }

    /// Waits for a signal, for the host, and for the next step.
    fn wait(&self) {
        let due = match self.ladder {
            Ladder::Not => None,
            Ladder::Stop(due) | Ladder::Abort(due) => due,
        };
        let mut left = due.map(|due| due.saturating_duration_since(Instant::now()));
        let mut watched = vec![PollFd::from_borrowed_fd(self.signals.watched(), PollFlags::IN)];
        if self.ladder == Ladder::Not {
            watched.extend(self.host.watched().map(|it| PollFd::from_borrowed_fd(it, PollFlags::IN)));
            left = self.host.is_to_be_looked_at().then_some(LONG_LOOK);
        }
        wait_for(&mut watched, left);
    }

    /// Kills all that came of the server; its status.
    fn sweep(&mut self) -> i32 {
        // While the server isn't reaped no other group can have its number.
        self.signal(Signal::KILL);
        let until = Instant::now().checked_add(PATIENCE);
        let mut status = None;
        loop {
            family::kill_all();
            if !family::reap_all(self.server, &mut status) {
                return status.unwrap_or_default();
            }
            let look = match status {
                Some(status) if is_past(until) => return status,
                None if is_past(until) => LONG_LOOK,
                _ => LOOK,
            };
            wait_for(&mut [PollFd::from_borrowed_fd(self.signals.watched(), PollFlags::IN)], Some(look));
            self.signals.pending().for_each(drop);
        }
    }
}

fn is_past(due: Option<Instant>) -> bool {
    due.is_some_and(|due| Instant::now() >= due)
}

/// A signal ends it, too.
fn wait_for(watched: &mut [PollFd<'_>], time: Option<Duration>) {
    let time = time.and_then(|time| Timespec::try_from(time).ok());
    let _ = poll(watched, time.as_ref());
}
