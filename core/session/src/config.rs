//! What a session is told once, at its start.

use core::num::NonZeroU32;
use core::time::Duration;

/// All limits and policies of one session.
///
/// The five deadlines from `connect_timeout` to `discard_timeout` are always finite. Zero is
/// allowed everywhere and means zero; what can be switched off is an `Option` or an enum.
/// Settings that contradict each other are taken as they are; [`contradictions`](Config::contradictions) tells
/// which those are.
///
/// ```
/// use core::time::Duration;
/// use tenure::{Config, KeepAlive};
///
/// let config = Config::default()
///     .connect_timeout(Duration::from_secs(10))
///     .keep_alive(KeepAlive::For(Duration::from_secs(300)));
/// assert_eq!(config.stop_timeout, Duration::from_secs(3));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Config {
    /// Where the jitter of the backoff starts from. Default 0.
    pub seed: u64,
    /// How long a runner may take to become ready. Default 60 s.
    pub connect_timeout: Duration,
    /// How long leases may be held on after a graceful close. Default 5 s.
    pub finish_timeout: Duration,
    /// How long the runner may unwind in an orderly way. Default 3 s.
    pub stop_timeout: Duration,
    /// How long the runner may take once it was told to hurry. Default 2 s.
    pub abort_timeout: Duration,
    /// How long to wait for the confirmed end of a discarded runner. Default 1 s.
    pub discard_timeout: Duration,
    /// What happens when no lease is held. Default [`KeepAlive::Never`].
    pub keep_alive: KeepAlive,
    /// How long one connection may live before it is drained. Default: for ever.
    pub max_age: Option<Duration>,
    /// How long a caller may wait for a lease, the same for all. Default: as long as it takes.
    pub acquire_timeout: Option<Duration>,
    /// Whether the peer is asked for a sign of life. Default: no.
    pub probe: Option<Probe>,
    /// Whether a failed connect is tried again. Default: no.
    pub retry: Option<Retry>,
    /// How many callers may wait at the same time. Default 1024.
    pub max_waiting: NonZeroU32,
    /// At how many orphans no new generation starts. Default 4.
    pub max_orphans: NonZeroU32,
}

/// What happens to a live session that nobody holds a lease of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum KeepAlive {
    /// It is stopped at the last release.
    #[default]
    Never,
    /// It is stopped when nobody held a lease for this long.
    For(Duration),
    /// It stays, until close or max age.
    Always,
}

#[cfg(feature = "alloc")]
impl KeepAlive {
    /// Returns whether the release of the last lease stops the session.
    #[inline]
    pub(crate) const fn ends_at_last_release(self) -> bool {
        matches!(self, Self::Never)
    }
}

/// Signs of life: how often to ask, and how long to wait for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Probe {
    /// From ready, or from the last answer, to the next probe.
    pub interval: Duration,
    /// How long a probe may stay unanswered.
    pub timeout: Duration,
}

/// How a failed connect is tried again.
///
/// A connect has failed when its runner ended before it was ready or when the connect deadline passed.
/// A life that the runner ended by itself before [`stable_after`](Retry::stable_after) counts too, so
/// that a peer that says ready and dies isn't started again in a hot loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Retry {
    /// How many attempts in a row are made before waiting callers are rejected. Default 5.
    pub attempts: NonZeroU32,
    /// The backoff after the first failed attempt; it doubles with each. Default 200 ms.
    pub base: Duration,
    /// The backoff never exceeds this. Default 30 s.
    pub max: Duration,
    /// How many hundredths of a backoff are left to chance; more than 100 is read as 100. Default 50.
    pub jitter: u8,
    /// How long a life must last to count as a success. Default 10 s.
    pub stable_after: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: NonZeroU32::MIN.saturating_add(4),
            base: Duration::from_millis(200),
            max: Duration::from_secs(30),
            jitter: 50,
            stable_after: Duration::from_secs(10),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 0,
            connect_timeout: Duration::from_secs(60),
            finish_timeout: Duration::from_secs(5),
            stop_timeout: Duration::from_secs(3),
            abort_timeout: Duration::from_secs(2),
            discard_timeout: Duration::from_secs(1),
            keep_alive: KeepAlive::Never,
            max_age: None,
            acquire_timeout: None,
            probe: None,
            retry: None,
            max_waiting: NonZeroU32::MIN.saturating_add(1023),
            max_orphans: NonZeroU32::MIN.saturating_add(3),
        }
    }
}

/// One chainable setter for each field.
macro_rules! setters {
    ($owner:ident: $($(#[$doc:meta])* $field:ident: $kind:ty),+ $(,)?) => {
        impl $owner {$(
            $(#[$doc])*
            #[must_use]
            pub fn $field(mut self, $field: $kind) -> Self {
                self.$field = $field;
                self
            }
        )+}
    };
}

setters! { Config:
    /// Sets [`Config::seed`](field@Config::seed).
    seed: u64,
    /// Sets [`Config::connect_timeout`](field@Config::connect_timeout).
    connect_timeout: Duration,
    /// Sets [`Config::finish_timeout`](field@Config::finish_timeout).
    finish_timeout: Duration,
    /// Sets [`Config::stop_timeout`](field@Config::stop_timeout).
    stop_timeout: Duration,
    /// Sets [`Config::abort_timeout`](field@Config::abort_timeout).
    abort_timeout: Duration,
    /// Sets [`Config::discard_timeout`](field@Config::discard_timeout).
    discard_timeout: Duration,
    /// Sets [`Config::keep_alive`](field@Config::keep_alive).
    keep_alive: KeepAlive,
    /// Sets [`Config::max_age`](field@Config::max_age).
    max_age: Option<Duration>,
    /// Sets [`Config::acquire_timeout`](field@Config::acquire_timeout).
    acquire_timeout: Option<Duration>,
    /// Sets [`Config::probe`](field@Config::probe).
    probe: Option<Probe>,
    /// Sets [`Config::retry`](field@Config::retry).
    retry: Option<Retry>,
    /// Sets [`Config::max_waiting`](field@Config::max_waiting).
    max_waiting: NonZeroU32,
    /// Sets [`Config::max_orphans`](field@Config::max_orphans).
    max_orphans: NonZeroU32,
}

setters! { Retry:
    /// Sets [`Retry::attempts`](field@Retry::attempts).
    attempts: NonZeroU32,
    /// Sets [`Retry::base`](field@Retry::base).
    base: Duration,
    /// Sets [`Retry::max`](field@Retry::max).
    max: Duration,
    /// Sets [`Retry::jitter`](field@Retry::jitter).
    jitter: u8,
    /// Sets [`Retry::stable_after`](field@Retry::stable_after).
    stable_after: Duration,
}
