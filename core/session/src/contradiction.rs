//! Settings that contradict each other: what one of them says can't happen because of another.

use core::fmt;
use core::time::Duration;

use crate::{Config, KeepAlive, Probe, Retry};

/// A setting of a [`Config`] that another one, or its own zero, leaves without a meaning.
///
/// The machine takes each config as it is, and keeps its rules with every one. But a config that contradicts itself is
/// hardly what its author meant, so whoever makes a session should tell: see [`Config::contradictions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Contradiction {
    /// [`Config::connect_timeout`](field@Config::connect_timeout) is zero: nothing is ready at once.
    NoTimeToConnect,
    /// [`Config::acquire_timeout`](field@Config::acquire_timeout) is zero: nobody waits for a connect.
    NoTimeToAcquire,
    /// Callers give up before a connect has had its time.
    AcquireBeforeConnect {
        /// [`Config::acquire_timeout`](field@Config::acquire_timeout).
        acquire: Duration,
        /// [`Config::connect_timeout`](field@Config::connect_timeout).
        connect: Duration,
    },
    /// [`KeepAlive::For`] no time, which [`KeepAlive::Never`] says.
    NoKeepAlive,
    /// A session that nobody uses has reached its greatest age before the keep-alive ends it.
    KeepAlivePastMaxAge {
        /// [`Config::keep_alive`](field@Config::keep_alive).
        keep_alive: Duration,
        /// [`Config::max_age`](field@Config::max_age).
        max_age: Duration,
    },
    /// [`Config::max_age`](field@Config::max_age) is zero: a session is drained as soon as it is live.
    NoAge,
    /// [`Probe::interval`] is zero: the peer is asked without a pause.
    ProbeWithoutPause,
    /// [`Probe::timeout`] is zero: each probe counts as unanswered.
    NoTimeToAnswer,
    /// A probe may stay unanswered for longer than the interval between two.
    ProbePastItsInterval {
        /// [`Probe::timeout`].
        timeout: Duration,
        /// [`Probe::interval`].
        interval: Duration,
    },
    /// A session has reached its greatest age before the first probe.
    ProbePastMaxAge {
        /// [`Probe::interval`].
        interval: Duration,
        /// [`Config::max_age`](field@Config::max_age).
        max_age: Duration,
    },
    /// [`Retry::base`] is zero: failed connects follow each other without a pause.
    RetryWithoutPause,
    /// The first backoff would be longer than the longest.
    BackoffPastItsMaximum {
        /// [`Retry::base`].
        base: Duration,
        /// [`Retry::max`].
        max: Duration,
    },
    /// Callers give up before the second attempt: even the shortest backoff is as long as they wait.
    RetryNobodyWaitsFor {
        /// [`Config::acquire_timeout`](field@Config::acquire_timeout).
        acquire: Duration,
        /// The shortest backoff that [`Retry::base`], [`Retry::max`] and [`Retry::jitter`] allow.
        backoff: Duration,
    },
    /// [`Retry::jitter`] is more than 100 hundredths.
    JitterPastAll {
        /// [`Retry::jitter`].
        jitter: u8,
    },
    /// A session has reached its greatest age before it counts as a success, so none ever does.
    StablePastMaxAge {
        /// [`Retry::stable_after`].
        stable_after: Duration,
        /// [`Config::max_age`](field@Config::max_age).
        max_age: Duration,
    },
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTimeToConnect => f.write_str("connect_timeout is zero: no connect can succeed"),
            Self::NoTimeToAcquire => {
                f.write_str("acquire_timeout is zero: nobody can wait for a connect; None sets no limit")
            }
            Self::AcquireBeforeConnect { acquire, connect } => write!(
                f,
                "acquire_timeout ({acquire:?}) is shorter than connect_timeout ({connect:?}): a connect is stopped when \
                 all who wait for it have given up"
            ),
            Self::NoKeepAlive => {
                f.write_str("keep_alive is for no time: say Never, or Always for a session that stays")
            }
            Self::KeepAlivePastMaxAge { keep_alive, max_age } => write!(
                f,
                "keep_alive ({keep_alive:?}) is not shorter than max_age ({max_age:?}): it never ends a session"
            ),
            Self::NoAge => {
                f.write_str("max_age is zero: a session is drained as soon as it is live; None sets no limit")
            }
            Self::ProbeWithoutPause => f.write_str(
                "the interval of probes is zero: the peer is asked without a pause; None asks never",
            ),
            Self::NoTimeToAnswer => {
                f.write_str("the timeout of probes is zero: none can be answered in time")
            }
            Self::ProbePastItsInterval { timeout, interval } => write!(
                f,
                "the timeout of probes ({timeout:?}) is longer than their interval ({interval:?}): the next one waits \
                 for the one before"
            ),
            Self::ProbePastMaxAge { interval, max_age } => write!(
                f,
                "the interval of probes ({interval:?}) is not shorter than max_age ({max_age:?}): none is ever sent"
            ),
            Self::RetryWithoutPause => f.write_str(
                "the backoff of retries is zero: failed connects follow each other without a pause",
            ),
            Self::BackoffPastItsMaximum { base, max } => {
                write!(f, "the first backoff ({base:?}) is longer than the longest ({max:?}), which counts")
            }
            Self::RetryNobodyWaitsFor { acquire, backoff } => write!(
                f,
                "acquire_timeout ({acquire:?}) is not longer than the shortest backoff ({backoff:?}): who waits never \
                 sees a second attempt"
            ),
            Self::JitterPastAll { jitter } => {
                write!(f, "the jitter of backoffs is {jitter} hundredths: more than 100 is read as 100")
            }
            Self::StablePastMaxAge { stable_after, max_age } => write!(
                f,
                "stable_after ({stable_after:?}) is not shorter than max_age ({max_age:?}): no connection ever counts \
                 as a success"
            ),
        }
    }
}

impl Config {
    /// The settings that contradict each other, or that are zero where that makes everything fail. None is what a
    /// config should have: tell the others to whoever made it.
    ///
    /// The adapters of this project do that by themselves, each at the start of a session.
    ///
    /// ```
    /// use core::time::Duration;
    /// use tenure::{Config, Contradiction, KeepAlive};
    ///
    /// let (hour, day) = (Duration::from_secs(3600), Duration::from_secs(86_400));
    /// let config = Config::default().keep_alive(KeepAlive::For(day)).max_age(Some(hour));
    /// for contradiction in config.contradictions() {
    ///     assert_eq!(contradiction, Contradiction::KeepAlivePastMaxAge { keep_alive: day, max_age: hour });
    ///     println!("{contradiction}");
    /// }
    /// assert_eq!(Config::default().contradictions().next(), None);
    /// ```
    pub fn contradictions(&self) -> impl Iterator<Item = Contradiction> + use<> {
        let of_callers = self.of_callers();
        let of_probes = self.probe.map(|probe| of_probes(probe, self.max_age));
        let of_retries = self.retry.map(|retry| of_retries(retry, self.max_age, self.acquire_timeout));
        let all = of_callers.into_iter().chain(of_probes.into_iter().flatten());
        all.chain(of_retries.into_iter().flatten()).flatten()
    }

    fn of_callers(&self) -> [Option<Contradiction>; 5] {
        use Contradiction as Is;
        let Self { connect_timeout: connect, max_age, .. } = *self;
        [
            connect.is_zero().then_some(Is::NoTimeToConnect),
            self.acquire_timeout.and_then(|acquire| match acquire {
                Duration::ZERO => Some(Is::NoTimeToAcquire),
                _ if acquire < connect => Some(Is::AcquireBeforeConnect { acquire, connect }),
                _ => None,
            }),
            match self.keep_alive {
                KeepAlive::For(Duration::ZERO) => Some(Is::NoKeepAlive),
                KeepAlive::Never | KeepAlive::For(_) | KeepAlive::Always => None,
            },
            match (self.keep_alive, max_age) {
                // One of zero never ends a session later than anything.
                (KeepAlive::For(Duration::ZERO), _) | (_, None | Some(Duration::ZERO)) => None,
                (KeepAlive::For(keep_alive), Some(max_age)) if keep_alive >= max_age => {
                    Some(Is::KeepAlivePastMaxAge { keep_alive, max_age })
                }
                _ => None,
            },
            (max_age == Some(Duration::ZERO)).then_some(Is::NoAge),
        ]
    }
}

fn of_probes(probe: Probe, max_age: Option<Duration>) -> [Option<Contradiction>; 4] {
    use Contradiction as Is;
    let Probe { interval, timeout } = probe;
    // What is zero has been said.
    let max_age = max_age.filter(|max_age| !max_age.is_zero() && interval >= *max_age);
    [
        interval.is_zero().then_some(Is::ProbeWithoutPause),
        timeout.is_zero().then_some(Is::NoTimeToAnswer),
        (!interval.is_zero() && timeout > interval).then_some(Is::ProbePastItsInterval { timeout, interval }),
        max_age.map(|max_age| Is::ProbePastMaxAge { interval, max_age }),
    ]
}

fn of_retries(
    retry: Retry,
    max_age: Option<Duration>,
    acquire: Option<Duration>,
) -> [Option<Contradiction>; 5] {
    use Contradiction as Is;
    let Retry { base, max, jitter, stable_after, attempts } = retry;
    let backoff = shortest_backoff(retry);
    // What is zero has been said.
    let max_age = max_age.filter(|max_age| !max_age.is_zero() && stable_after >= *max_age);
    let acquire = acquire.filter(|acquire| !acquire.is_zero() && attempts.get() > 1 && *acquire <= backoff);
    [
        base.is_zero().then_some(Is::RetryWithoutPause),
        (base > max).then_some(Is::BackoffPastItsMaximum { base, max }),
        acquire.map(|acquire| Is::RetryNobodyWaitsFor { acquire, backoff }),
        (jitter > 100).then_some(Is::JitterPastAll { jitter }),
        max_age.map(|max_age| Is::StablePastMaxAge { stable_after, max_age }),
    ]
}

fn shortest_backoff(retry: Retry) -> Duration {
    let kept = 100_u32.saturating_sub(u32::from(retry.jitter));
    let whole = retry.base.min(retry.max);
    whole.checked_mul(kept).and_then(|hundredfold| hundredfold.checked_div(100)).unwrap_or(whole)
}
