//! The situations that a connector is put into.

use std::pin::pin;
use std::time::Duration;

use futures_lite::future;
use tenure::{Config, Mode, Status};
use tenure_driver::{Connector, Failure};

use crate::checks::connector::stage::{Scene, Stage, Theatre};
use crate::checks::real::pause;
use crate::checks::report::Report;
use crate::checks::rule::Rule;

/// Makes a connector for each situation.
pub(super) type Factory<'a, C> = Box<dyn FnMut() -> C + 'a>;

/// Peers that don't do what most do.
pub(super) struct Peers<'a, C> {
    pub(super) silent: Option<Factory<'a, C>>,
    pub(super) stubborn: Option<Factory<'a, C>>,
    pub(super) retiring: Option<Factory<'a, C>>,
}

/// How long a session is left alone.
const IDLE: Duration = Duration::from_millis(100);
/// At how many polls of a connect it is interrupted, at most.
const POLLS: u32 = 8;

/// How a runner is made to go.
#[derive(Clone, Copy, Debug)]
enum Way {
    Stop,
    Hurry,
    Drop,
}

impl Way {
    const ALL: [Self; 3] = [Self::Stop, Self::Hurry, Self::Drop];

    const fn words(self) -> &'static str {
        match self {
            Self::Stop => "told to stop",
            Self::Hurry => "told to hurry",
            Self::Drop => "dropped",
        }
    }

    async fn go<H, K>(self, stage: &Stage<'_, H, K>) {
        match self {
            Self::Stop => stage.client.close(Mode::Force).await,
            Self::Hurry => stage.client.close(Mode::Abort).await,
            Self::Drop => {
                stage.watch.cut();
                // The session is told of it by its driver, which goes on when this waits.
                while matches!(stage.client.state(), Status::Connecting { .. } | Status::Live { .. }) {
                    pause(Duration::from_millis(1)).await;
                }
                stage.client.close(Mode::Force).await;
            }
        }
    }
}

pub(super) struct Situations<'a, 'f, C, K> {
    pub(super) config: Config,
    pub(super) call: K,
    pub(super) connector: Factory<'f, C>,
    pub(super) report: &'a mut Report,
}

impl<'f, C, K> Situations<'_, 'f, C, K>
where
    C: Connector,
    K: AsyncFn(&C::Handle) -> Result<(), Failure>,
{
    pub(super) async fn play(mut self, peers: Peers<'f, C>) {
        let Peers { silent, stubborn, retiring } = peers;
        let ready_at = self.used().await;
        self.connecting(ready_at.unwrap_or(2)).await;
        // A connector that has failed here fails in what follows, and takes all of its deadlines for that.
        if [Rule::BecomesReady, Rule::Serves, Rule::StopsAfterReady]
            .iter()
            .any(|rule| self.report.breaks(*rule))
        {
            self.report.unchecked("calls in flight, the next generation and all else: mend the above first");
        } else {
            self.in_flight().await;
            self.finishing().await;
            self.cancelled().await;
            self.used_again().await;
            self.probed().await;
        }
        match silent {
            Some(silent) => self.never_answered(silent).await,
            None => self.report.unchecked(
                "whether a connect that doesn't end by itself can be stopped: give a `silent` peer",
            ),
        }
        if let Some(retiring) = retiring {
            self.retiring(retiring).await;
        }
        match stubborn {
            Some(stubborn) => self.never_letting_go(stubborn).await,
            None => self.report.unchecked(
                "whether the runner hurries when its peer doesn't let go in order: give a `stubborn` one",
            ),
        }
    }

    async fn on<T>(
        &mut self,
        scene: Scene,
        act: impl AsyncFnOnce(&Stage<'_, C::Handle, K>) -> T,
    ) -> Option<T> {
        let connector = (self.connector)();
        self.with(connector, scene, act).await
    }

    async fn with<T>(
        &mut self,
        connector: C,
        scene: Scene,
        act: impl AsyncFnOnce(&Stage<'_, C::Handle, K>) -> T,
    ) -> Option<T> {
        let mut theatre = Theatre { config: &self.config, call: &self.call, report: self.report };
        theatre.play(&scene, connector, act).await
    }

    /// What most sessions are. Returns how often the runner was polled until it was ready.
    async fn used(&mut self) -> Option<u32> {
        let polls = self.on(Scene::new("used by two callers, and left alone for a moment"), async |stage| {
            let first = stage.lease(Rule::BecomesReady).await?;
            let polls = stage.watch.polls();
            let second = stage.lease(Rule::AnswersCalls).await?;
            if stage.call(&first, Rule::AnswersCalls).await {
                let calls = (stage.call(&first, Rule::AnswersCalls), stage.call(&second, Rule::AnswersCalls));
                future::zip(calls.0, calls.1).await;
            }
            drop((first, second));
            pause(IDLE).await;
            if let Some(lease) = stage.lease(Rule::AnswersCalls).await {
                stage.call(&lease, Rule::AnswersCalls).await;
            }
            Some(polls)
        });
        polls.await.flatten()
    }

    /// Made to go before each poll of its connect.
    async fn connecting(&mut self, ready_at: u32) {
        for way in Way::ALL {
            for poll in 0..ready_at.clamp(1, POLLS) {
                if self.report.breaks(Rule::HurriesBeforeReady) && !matches!(way, Way::Drop) {
                    break;
                }
                let times = match poll {
                    0 => "before its connect was polled".to_owned(),
                    1 => "when its connect was polled once".to_owned(),
                    times => format!("when its connect was polled {times} times"),
                };
                self.on(Scene::new(format!("{} {times}", way.words())), async |stage| {
                    stage.watch.hold(poll);
                    let ready = async {
                        let _ = stage.client.acquire().await;
                        false
                    };
                    let mut ready = pin!(ready);
                    if future::or(stage.watch.held(), &mut ready).await {
                        // The caller still waits: nobody else makes it stop.
                        way.go(stage).await;
                    }
                })
                .await;
            }
        }
    }

    /// Made to go while a call is in flight, which ends with it.
    async fn in_flight(&mut self) {
        for way in Way::ALL {
            let scene = Scene::new(format!("{} with a call in flight", way.words()));
            let pending = self.on(scene, async |stage| {
                let lease = stage.lease(Rule::BecomesReady).await?;
                let mut call = Box::pin(stage.guarded(&lease));
                let pending = future::poll_once(&mut call).await.is_none();
                way.go(stage).await;
                if pending {
                    stage.ends(call, Rule::EndsCalls, "the call").await;
                }
                Some(pending)
            });
            if pending.await.flatten() == Some(false) {
                self.report.unchecked(
                    "what becomes of calls in flight: the call was answered at its first poll, let it take longer",
                );
            }
        }
    }

    /// Closed gracefully, which lets a call in flight end first.
    async fn finishing(&mut self) {
        self.on(Scene::new("closed gracefully with a call in flight"), async |stage| {
            let lease = stage.lease(Rule::BecomesReady).await?;
            let call = stage.call(&lease, Rule::AnswersCalls);
            let mut call = Box::pin(call);
            if future::poll_once(&mut call).await.is_none() {
                let closing = stage.client.close(Mode::Graceful);
                call.await;
                // A lease that is still held would be waited for.
                drop(lease);
                closing.await;
            }
            Some(())
        })
        .await;
    }

    /// Calls that are given up half-way.
    async fn cancelled(&mut self) {
        let rule = Rule::SurvivesCancelledCalls;
        let situation = "a call is given up half-way, and the next is made at once";
        self.on(Scene { may_be_lost: true, ..Scene::new(situation) }, async |stage| {
            for round in 0..5 {
                let lease = stage.lease(rule).await?;
                let mut call = Box::pin(stage.guarded(&lease));
                let done = future::poll_once(&mut call).await.is_some();
                if !done && round % 2 == 1 {
                    future::or(async { drop(call.await) }, pause(Duration::from_millis(1))).await;
                } else {
                    drop(call);
                }
                stage.call(&lease, rule).await;
            }
            Some(())
        })
        .await;
    }

    /// The next generation, of the same connector.
    async fn used_again(&mut self) {
        for way in Way::ALL {
            self.on(Scene::new(format!("{}, then used again", way.words())), async |stage| {
                let lease = stage.lease(Rule::BecomesReady).await?;
                stage.call(&lease, Rule::AnswersCalls).await;
                drop(lease);
                way.go(stage).await;
                let lease = stage.lease(Rule::ConnectsAgain).await?;
                stage.call(&lease, Rule::ConnectsAgain).await;
                Some(())
            })
            .await;
        }
    }

    async fn probed(&mut self) {
        let Some(probe) = self.config.probe else {
            self.report
                .unchecked("whether probes are answered: give a config with a short probe, if yours has one");
            return;
        };
        self.on(Scene::new("left alone for as long as three probes take"), async |stage| {
            let lease = stage.lease(Rule::BecomesReady).await?;
            pause(probe.interval * 3 + probe.timeout).await;
            stage.call(&lease, Rule::AnswersCalls).await;
            Some(())
        })
        .await;
    }

    async fn never_answered(&mut self, mut silent: Factory<'f, C>) {
        for way in Way::ALL {
            let scene = Scene::new(format!("{} while a silent peer is connected to", way.words()));
            let connector = silent();
            let quiet = self.with(connector, scene, async |stage| {
                let mut acquire = stage.client.acquire();
                let patience = async {
                    pause(IDLE).await;
                    None
                };
                let answered = future::or(async { Some((&mut acquire).await) }, patience).await;
                way.go(stage).await;
                answered.is_none()
            });
            if quiet.await == Some(false) {
                self.report.unchecked("a connect that doesn't end by itself: with the `silent` peer it does");
            }
        }
    }

    /// A peer that says goodbye once it is asked for something, and answers that still.
    async fn retiring(&mut self, mut retiring: Factory<'f, C>) {
        let situation = "a call is in flight when the runner retires";
        let scene = Scene { may_be_lost: true, retires: true, ..Scene::new(situation) };
        let connector = retiring();
        self.with(connector, scene, async |stage| {
            let lease = stage.lease(Rule::BecomesReady).await?;
            match stage.ends(stage.guarded(&lease), Rule::FinishesCalls, "the call").await? {
                Ok(Ok(())) => {}
                Ok(Err(failure)) => stage.fault(Rule::FinishesCalls, format!("the call failed: {failure}")),
                Err(error) => stage.fault(Rule::FinishesCalls, error.to_string()),
            }
            // Stopped by the machine, since nobody holds a lease any more; then the next one is there for callers.
            drop(lease);
            drop(stage.lease(Rule::ConnectsAgain).await?);
            Some(())
        })
        .await;
    }

    async fn never_letting_go(&mut self, mut stubborn: Factory<'f, C>) {
        let situation = "told to stop, then to hurry, with a peer that doesn't let go in order";
        let scene = Scene { stubborn: true, ..Scene::new(situation) };
        let connector = stubborn();
        self.with(connector, scene, async |stage| {
            let lease = stage.lease(Rule::BecomesReady).await?;
            stage.client.close(Mode::Force).await;
            drop(lease);
            Some(())
        })
        .await;
    }
}
