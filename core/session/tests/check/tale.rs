//! A history that is told by hand: what was put in, what it said, what it wants done, what is seen of it.

use std::num::NonZeroU32;

use tenure::check::{Checker, Invariant, View, Violation};
use tenure::{
    Action, Cause, Closing, Config, DeadlineKind, Exit, Generation, Input, LeaseData, Mode, Outcome, Output,
    Rejection, Reply, Script, SessionId, Status, Step, Ticket, Time, Wake,
};

pub(crate) type Told = Action<LeaseData>;

/// The checker, and how a history is told to it.
pub(crate) struct Tale {
    pub(crate) checker: Checker,
    pub(crate) now: Time,
}

impl Tale {
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        Self { checker: Checker::new(config), now: Time::ZERO }
    }

    /// From where `script` is now.
    pub(crate) fn resume(script: &Script) -> Self {
        Self { checker: Checker::resume(script), now: script.clock() }
    }

    /// Ticket 1 waits and generation 1 connects for it.
    pub(crate) fn connecting() -> Self {
        Self::new().then_connecting()
    }

    pub(crate) fn then_connecting(mut self) -> Self {
        self.holds(Input::Acquire, Reply::Waiting { ticket: 1 }, &[connect(1)]);
        self
    }

    /// Generation 1 is live and lease 1 of it is held.
    pub(crate) fn live() -> Self {
        Self::new().then_live()
    }

    pub(crate) fn then_live(self) -> Self {
        let mut tale = self.then_connecting();
        tale.holds(ready(1), Reply::Applied, &[grant(1, 1, 1)]);
        tale
    }

    /// Generation 1 drains at stop; lease 1 is held and revoked.
    pub(crate) fn stopping() -> Self {
        let mut tale = Self::live();
        tale.holds(CLOSE, closing(1), &[revoke(1), stop(1)]);
        tale
    }

    /// Generation 1 is over, and confirmed.
    pub(crate) fn over() -> Self {
        let mut tale = Self::stopping();
        tale.holds(end(1), Reply::Applied, &[ended(1)]);
        tale
    }

    /// Generation 1 is an orphan.
    pub(crate) fn orphaned(config: Config) -> Self {
        let mut tale = Self::with(config).then_live();
        tale.holds(CLOSE, closing(1), &[revoke(1), discard(1)]);
        tale.holds(Input::Timeout, Reply::Applied, &[ended(1)]);
        tale
    }

    fn tell(
        &mut self,
        input: Input,
        reply: Reply,
        actions: &[Told],
        view: Option<View>,
    ) -> Result<(), Violation> {
        let output = Output::new(reply, actions.to_vec());
        self.checker.step(self.now, &input, &output, view.as_ref())
    }

    /// Nothing is wrong with this.
    #[track_caller]
    pub(crate) fn holds(&mut self, input: Input, reply: Reply, actions: &[Told]) {
        assert_eq!(self.tell(input, reply, actions, None), Ok(()), "{input:?}: {reply:?}, {actions:?}");
    }

    /// This breaks `invariant`.
    #[track_caller]
    pub(crate) fn breaks(&mut self, invariant: Invariant, input: Input, reply: Reply, actions: &[Told]) {
        let broken = self.tell(input, reply, actions, None).map_err(|violation| violation.invariant);
        assert_eq!(broken, Err(invariant), "{input:?}: {reply:?}, {actions:?}");
    }

    /// Nothing is wrong with this, and what is seen after it.
    #[track_caller]
    pub(crate) fn shows(&mut self, input: Input, reply: Reply, actions: &[Told], view: View) {
        let told = self.tell(input, reply, actions, Some(view));
        assert_eq!(told, Ok(()), "{input:?}: {reply:?}, {actions:?}, {view:?}");
    }

    /// What is seen after this breaks `invariant`.
    #[track_caller]
    pub(crate) fn hides(
        &mut self,
        invariant: Invariant,
        input: Input,
        reply: Reply,
        actions: &[Told],
        view: View,
    ) {
        let broken = self.tell(input, reply, actions, Some(view)).map_err(|violation| violation.invariant);
        assert_eq!(broken, Err(invariant), "{input:?}: {reply:?}, {actions:?}, {view:?}");
    }
}

pub(crate) const CLOSE: Input = Input::Close { mode: Mode::Force };
pub(crate) const CAUSE: Cause = Cause::Closed;

pub(crate) fn number(number: u64) -> Generation {
    Generation::new(number).unwrap()
}

pub(crate) fn cap(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn ticket(number: u64) -> Ticket {
    Ticket::new(SessionId(0), number)
}

pub(crate) fn ready(generation: u64) -> Input {
    Input::RunnerReady { generation: number(generation) }
}

pub(crate) fn end(generation: u64) -> Input {
    Input::RunnerEnded { generation: number(generation), exit: Exit::FINISHED }
}

pub(crate) fn done(generation: u64) -> Input {
    Input::RunnerDone { generation: number(generation), exit: Exit::FINISHED }
}

pub(crate) fn retiring(generation: u64) -> Input {
    Input::RunnerRetiring { generation: number(generation), exit: Exit::FINISHED }
}

pub(crate) fn cancel(ticket: u64) -> Input {
    Input::Cancel { ticket }
}

pub(crate) fn release(lease: u64) -> Input {
    Input::Release { lease }
}

pub(crate) fn granted(lease: u64, generation: u64) -> Reply {
    Reply::Granted(LeaseData::new(lease, number(generation)))
}

pub(crate) fn waits(ticket: u64) -> Reply {
    Reply::Waiting { ticket }
}

/// The close was applied; `generation` is to be watched.
pub(crate) fn closing(generation: u64) -> Reply {
    Reply::Closing(Closing::new(Outcome::Applied, Some(number(generation))))
}

pub(crate) fn connect(generation: u64) -> Told {
    Action::Connect { generation: number(generation) }
}

pub(crate) fn stop(generation: u64) -> Told {
    Action::Stop { generation: number(generation) }
}

pub(crate) fn abort(generation: u64) -> Told {
    Action::Abort { generation: number(generation) }
}

pub(crate) fn discard(generation: u64) -> Told {
    Action::Discard { generation: number(generation) }
}

pub(crate) fn revoke(generation: u64) -> Told {
    Action::Revoke { generation: number(generation), cause: CAUSE }
}

pub(crate) fn probe(generation: u64) -> Told {
    Action::Probe { generation: number(generation), number: 1 }
}

pub(crate) fn ended(generation: u64) -> Told {
    Action::Ended { generation: number(generation), cause: CAUSE, exit: Exit::FINISHED }
}

pub(crate) fn grant(to: u64, lease: u64, generation: u64) -> Told {
    Action::Grant { ticket: ticket(to), lease: LeaseData::new(lease, number(generation)) }
}

pub(crate) fn reject(who: u64) -> Told {
    Action::Reject { ticket: ticket(who), rejection: Rejection::Closed }
}

/// This state with nobody waiting, no orphan and a deadline far away.
pub(crate) fn seen(status: Status) -> View {
    View::new(status, 0, 0, 0, Wake::At(Time::MAX, DeadlineKind::Stop))
}

pub(crate) fn seen_idle() -> View {
    seen(Status::Idle { last: None, backoff: false })
}

pub(crate) fn seen_connecting(generation: u64, waiting: usize) -> View {
    seen(Status::Connecting { generation: number(generation) }).but(|view| view.waiting = waiting)
}

pub(crate) fn seen_live(generation: u64, held: u64) -> View {
    seen(Status::Live { generation: number(generation), held })
}

pub(crate) fn seen_draining(generation: u64, step: Step, held: u64) -> View {
    seen(Status::Draining { generation: number(generation), step, cause: CAUSE, held, closing: false })
}

/// The same view but for one thing.
pub(crate) trait But {
    fn but(self, change: impl FnOnce(&mut View)) -> View;
}

impl But for View {
    fn but(mut self, change: impl FnOnce(&mut View)) -> View {
        change(&mut self);
        self
    }
}
