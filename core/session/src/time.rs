//! Points in time, as plain data: the machine never reads a clock.

use core::time::Duration;

/// Nanoseconds since an origin that the caller chooses.
///
/// All times given to one machine count from the same origin. Arithmetic saturates: a deadline too far
/// to be told is [`Time::MAX`], about 584 years after the origin.
///
/// ```
/// use core::time::Duration;
/// use tenure::Time;
///
/// let now = Time::from_nanos(5);
/// assert_eq!(now.saturating_add(Duration::from_nanos(2)).as_nanos(), 7);
/// assert_eq!(now.saturating_add(Duration::MAX), Time::MAX);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Time(u64);

impl Time {
    /// The origin itself.
    pub const ZERO: Self = Self(0);
    /// The last point that can be told.
    pub const MAX: Self = Self(u64::MAX);

    /// The point `nanos` nanoseconds after the origin.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the origin.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The point `later` after this one, [`Time::MAX`] if that can't be told.
    #[must_use]
    pub fn saturating_add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(saturating_nanos(later)))
    }

    /// How long after `earlier` this point is; zero if it is not after it.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl From<Duration> for Time {
    /// The point this long after the origin, saturating.
    fn from(since_origin: Duration) -> Self {
        Self(saturating_nanos(since_origin))
    }
}

impl From<Time> for Duration {
    /// The time since the origin.
    fn from(time: Time) -> Self {
        Self::from_nanos(time.0)
    }
}

fn saturating_nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(feature = "std")]
impl Time {
    /// `instant` as nanoseconds since `origin`; the origin itself if it lies before it.
    pub fn from_instant(origin: std::time::Instant, instant: std::time::Instant) -> Self {
        instant.saturating_duration_since(origin).into()
    }

    /// This point on the clock of `origin`; `None` if that clock can't tell it.
    pub fn to_instant(self, origin: std::time::Instant) -> Option<std::time::Instant> {
        origin.checked_add(self.into())
    }
}
