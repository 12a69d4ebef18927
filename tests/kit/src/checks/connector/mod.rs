//! Holds a connector against what a runner must do.

mod judge;
mod situations;
mod stage;
mod watched;

use std::fmt;
use std::time::Duration;

use tenure::{Config, KeepAlive};
use tenure_driver::{Connector, Failure};

use crate::checks::connector::situations::{Factory, Peers, Situations};
use crate::checks::report::Report;

/// Holds a [`Connector`] of yours against [what a runner must do](Connector#what-a-runner-does), with a peer that
/// works: [`ConnectorCheck`] without any of its options.
///
/// # Cancel safety
/// Dropping the future gives the check up: there is no report. The session that it plays is dropped with its driver
/// and its runner; what that left lingering goes by itself.
pub async fn check_connector<C, K>(connector: impl FnMut() -> C, call: K) -> Report
where
    C: Connector,
    K: AsyncFn(&C::Handle) -> Result<(), Failure>,
{
    ConnectorCheck::new(connector, call).run().await
}

/// Holds a [`Connector`] of yours against [what a runner must do](Connector#what-a-runner-does).
///
/// Each situation is a session of its own: used; closed, lost and used again; told to stop, told to hurry, and
/// dropped, before each poll of its connect, and with a call in flight. In each, what of the runner's life the
/// situation doesn't ask for is watched too: that it ends in time and not before, that nothing lingers or speaks up
/// when it has ended, that it neither panics nor blocks its thread.
///
/// It runs where it is awaited: on any executor, multi-threaded or not, and neither the connector nor its runners
/// need be `Send`. The peer is yours: a server that the factory starts, a socket, a pipe in memory.
///
/// ```
/// use tenure_driver::{Connector, Failure, Life, from_fn};
/// use tenure_kit::ConnectorCheck;
///
/// /// A protocol of yours, as its runner; its handle doubles numbers.
/// fn doubling(answers: bool) -> impl Connector<Handle = fn(u32) -> u32> {
///     from_fn(move |life: Life<fn(u32) -> u32>| async move {
///         life.or_stopped(async {
///             if !answers {
///                 std::future::pending::<()>().await;
///             }
///         })
///         .await?;
///         life.ready(|number| number * 2).stopped().await;
///         Ok::<(), Failure>(())
///     })
/// }
///
/// // In a `#[test]`, on the executor that it is for:
/// futures_lite::future::block_on(async {
///     let check = ConnectorCheck::new(
///         || doubling(true),
///         async |double: &fn(u32) -> u32| if double(21) == 42 { Ok(()) } else { Err(Failure::new("not 42")) },
///     );
///     check.silent(|| doubling(false)).run().await.assert();
/// });
/// ```
///
/// What fails says what must hold, when it didn't, what was seen, what mostly helps, and which page has the rule:
///
/// ```text
/// the connector: one rule isn't kept
///
/// 1. must hold: a runner that is told to stop while it connects ends within the stop deadline, and doesn't say ready
///      when: told to stop while a silent peer is connected to
///      seen: it was still there at the stop deadline
///       try: put the open and the handshake under `life.or_stopped(…).await?`
///       see: tenure_driver::Connector, "What a runner does", 1
/// ```
///
/// # What it can't see
/// A runner that never gives its thread back hangs the test, which says so on standard error; one that does so late
/// is found. That a process or a file is left behind is known only through the [`Linger`](tenure_driver::Linger) that
/// it should hold.
#[must_use = "nothing is checked until it is run"]
pub struct ConnectorCheck<'a, C, K> {
    connector: Factory<'a, C>,
    silent: Option<Factory<'a, C>>,
    stubborn: Option<Factory<'a, C>>,
    retiring: Option<Factory<'a, C>>,
    call: K,
    config: Config,
}

impl<'a, C, K> ConnectorCheck<'a, C, K>
where
    C: Connector,
    K: AsyncFn(&C::Handle) -> Result<(), Failure>,
{
    /// A check of the connectors that `connector` makes, one for each situation, each with a peer that works.
    ///
    /// `call` makes one call and says whether its answer is right. A call that takes a moment shows more than one
    /// that is answered at its first poll.
    pub fn new(connector: impl FnMut() -> C + 'a, call: K) -> Self {
        let config = Config::default().connect_timeout(Duration::from_secs(10));
        Self { connector: Box::new(connector), silent: None, stubborn: None, retiring: None, call, config }
    }

    /// With the deadlines of this config, and its probes if it has any. Of the rest nothing is used.
    ///
    /// Default: those of [`Config::default`], but 10 s for the connect. A call may take as long as a connect. With
    /// short ones, a connector that breaks rules is found sooner.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Also with a peer that never completes the handshake: it shows whether a connect can be stopped that doesn't
    /// end by itself.
    pub fn silent(mut self, connector: impl FnMut() -> C + 'a) -> Self {
        self.silent = Some(Box::new(connector));
        self
    }

    /// Also with a peer that doesn't let go when it is stopped in order, such as a process that reads on: it shows
    /// whether the runner hurries when it is told to.
    pub fn stubborn(mut self, connector: impl FnMut() -> C + 'a) -> Self {
        self.stubborn = Some(Box::new(connector));
        self
    }

    /// Also with a peer that makes the runner [retire](tenure_driver::Serving::retire), when it is called for the first
    /// time or right when it is ready, and that answers the call still: it shows whether calls in flight may finish
    /// then. For connectors that retire.
    pub fn retiring(mut self, connector: impl FnMut() -> C + 'a) -> Self {
        self.retiring = Some(Box::new(connector));
        self
    }

    /// Plays all situations. It takes as long as some thirty connects and a tenth of a second, and as long as the
    /// deadlines where they aren't kept.
    ///
    /// # Cancel safety
    /// Dropping the future gives the check up: there is no report. The session that it plays is dropped with its driver
    /// and its runner; what that left lingering goes by itself.
    pub async fn run(self) -> Report {
        let Self { connector, silent, stubborn, retiring, call, config } = self;
        let mut report = Report::new("the connector");
        let config = config.keep_alive(KeepAlive::Always).max_age(None).acquire_timeout(None).retry(None);
        report.contradictions(&config);
        Situations { config, call, connector, report: &mut report }
            .play(Peers { silent, stubborn, retiring })
            .await;
        report
    }
}

impl<C, K> fmt::Debug for ConnectorCheck<'_, C, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectorCheck").field("config", &self.config).finish_non_exhaustive()
    }
}
