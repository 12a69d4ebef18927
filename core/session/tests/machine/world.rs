//! A session as data with a clock beside it, held against the checker where it is built in.

use std::time::Duration;

use tenure::{Config, Exit, ExitKind, Input, Mode, Output, Script, Time, Wake};

use crate::{generation, tell};

pub(crate) const FAILED: Exit = Exit::new(ExitKind::Failed, true);
pub(crate) const FAILED_FOR_GOOD: Exit = Exit::new(ExitKind::Failed, false);
pub(crate) const DROPPED: Exit = Exit::new(ExitKind::Dropped, true);

#[cfg(not(feature = "check"))]
type SystemUnderTest = Script;
#[cfg(feature = "check")]
type SystemUnderTest = tenure::check::Checked<Script>;

/// What an embedder is to a session, for tests: it feeds inputs, takes the actions, and tells the time
/// at once when the session wants it at once. What came of it is told in words.
#[derive(Clone)]
pub(crate) struct World {
    subject: SystemUnderTest,
    pub(crate) now: Time,
}

impl World {
    pub(crate) fn new(config: Config) -> Self {
        #[cfg(not(feature = "check"))]
        let subject = Script::new(config);
        #[cfg(feature = "check")]
        let subject = tenure::check::Checked::new(Script::new(config.clone()), config);
        Self { subject, now: Time::ZERO }
    }

    /// Generation 1 connects for ticket 1.
    pub(crate) fn connecting(config: Config) -> Self {
        let mut world = Self::new(config);
        assert_eq!(world.acquire(), "caller 1 waits | connect g1");
        world
    }

    /// Generation 1 is live and lease 1 is held.
    pub(crate) fn live(config: Config) -> Self {
        let mut world = Self::connecting(config);
        assert_eq!(world.ready(1), "applied | caller 1 gets lease 1 of g1");
        world
    }

    /// Generation 1 drains at stop; nobody waits.
    pub(crate) fn stopping(config: Config) -> Self {
        let mut world = Self::live(config);
        world.close(Mode::Force);
        assert_eq!(world.status(), "Draining g1 at stop (closed)");
        world
    }

    pub(crate) fn script(&self) -> &Script {
        #[cfg(not(feature = "check"))]
        return &self.subject;
        #[cfg(feature = "check")]
        return self.subject.system();
    }

    /// One input and no more; what is not a change leaves the machine equal to what it was.
    pub(crate) fn feed(&mut self, input: Input) -> Output {
        let before = self.script().clone();
        #[cfg(not(feature = "check"))]
        let output = self.subject.apply(self.now, input);
        #[cfg(feature = "check")]
        let output = self.subject.apply(self.now, input).unwrap_or_else(|broken| panic!("{broken}"));
        if !output.reply.is_change() {
            assert_eq!(self.script().session(), before.session(), "{input:?} said {:?}", output.reply);
        }
        output
    }

    /// One input, and the time if the session then wants to be told it at once.
    pub(crate) fn act(&mut self, input: Input) -> String {
        let mut output = self.feed(input);
        if matches!(self.script().session().poll_timeout(), Wake::Now(_)) {
            output.actions.extend(self.feed(Input::Timeout).actions);
        }
        tell::output(&output)
    }

    pub(crate) fn acquire(&mut self) -> String {
        self.act(Input::Acquire)
    }

    pub(crate) fn try_acquire(&mut self) -> String {
        self.act(Input::TryAcquire)
    }

    pub(crate) fn cancel(&mut self, ticket: u64) -> String {
        self.act(Input::Cancel { ticket })
    }

    pub(crate) fn release(&mut self, lease: u64) -> String {
        self.act(Input::Release { lease })
    }

    pub(crate) fn close(&mut self, mode: Mode) -> String {
        self.act(Input::Close { mode })
    }

    pub(crate) fn shutdown(&mut self, mode: Mode) -> String {
        self.act(Input::Shutdown { mode })
    }

    pub(crate) fn ready(&mut self, number: u64) -> String {
        self.act(Input::RunnerReady { generation: generation(number) })
    }

    pub(crate) fn retiring(&mut self, number: u64, exit: Exit) -> String {
        self.act(Input::RunnerRetiring { generation: generation(number), exit })
    }

    pub(crate) fn done(&mut self, number: u64, exit: Exit) -> String {
        self.act(Input::RunnerDone { generation: generation(number), exit })
    }

    pub(crate) fn ended(&mut self, number: u64, exit: Exit) -> String {
        self.act(Input::RunnerEnded { generation: generation(number), exit })
    }

    pub(crate) fn answered(&mut self, number: u64, probe: u64) -> String {
        self.act(Input::ProbeAnswered { generation: generation(number), number: probe })
    }

    /// The time is told; it is `since_origin`.
    pub(crate) fn at(&mut self, since_origin: Duration) -> String {
        self.now = since_origin.into();
        self.act(Input::Timeout)
    }

    /// The time of the next deadline has come, and it is told.
    pub(crate) fn at_next_deadline(&mut self) -> String {
        let Wake::At(time, _) = self.script().session().poll_timeout() else {
            panic!("no deadline: {}", self.wake());
        };
        self.at(time.into())
    }

    pub(crate) fn wake(&self) -> String {
        self.script().session().poll_timeout().to_string()
    }

    pub(crate) fn status(&self) -> String {
        format!("{:#}", self.script().session().status())
    }

    pub(crate) fn waiting(&self) -> usize {
        self.script().session().waiting()
    }

    pub(crate) fn orphans(&self) -> Vec<u64> {
        self.script().session().orphans().iter().map(|orphan| orphan.number()).collect()
    }
}
