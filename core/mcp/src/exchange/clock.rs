//! Until when a request waits for its answer (MCP 2025-11-25, basic/lifecycle, "Timeouts"): a maximum, which
//! nothing moves, and an idle time, which progress begins anew. Both stand still while the server waits for
//! this side.

use std::time::Duration;

/// So long the clock of one request stands still in all at most.
const MOST_STANDING: Duration = Duration::from_secs(600);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    /// How long nothing may come.
    idle: Option<Duration>,
    idle_end: Option<Duration>,
    end: Option<Duration>,
    /// Since when the clock stands still, and for how many reasons.
    standing: Option<(Duration, usize)>,
    /// How long it may stand still yet.
    left: Duration,
}

impl Clock {
    pub(crate) fn new(now: Duration, timeout: Option<Duration>, idle: Option<Duration>) -> Self {
        Self {
            idle,
            idle_end: idle.map(|idle| now.saturating_add(idle)),
            end: timeout.map(|timeout| now.saturating_add(timeout)),
            standing: None,
            left: MOST_STANDING,
        }
    }

    /// When the request has waited long enough, if the clock goes on as it goes now.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let first = match (self.idle_end, self.end) {
            (Some(idle_end), Some(end)) => Some(idle_end.min(end)),
            (idle_end, end) => idle_end.or(end),
        };
        // What stands still goes on by itself at last.
        let more = if self.standing.is_some() { self.left } else { Duration::ZERO };
        first.map(|first| first.saturating_add(more))
    }

    /// How long the request may take at most from now on, if the clock goes on.
    pub(crate) fn left(&self, now: Duration) -> Option<Duration> {
        self.end.map(|end| end.saturating_sub(now))
    }

    /// Progress came.
    pub(crate) fn progressed(&mut self, now: Duration) {
        let stood = self.stood(now);
        self.idle_end = self.idle.map(|idle| now.saturating_add(idle).saturating_sub(stood));
    }

    /// The clock stands still, for one reason more.
    pub(crate) fn stop(&mut self, now: Duration) {
        let (since, reasons) = self.standing.unwrap_or((now, 0));
        self.standing = Some((since, reasons.saturating_add(1)));
    }

    /// One of the reasons is gone; with the last the clock goes on.
    pub(crate) fn go_on(&mut self, now: Duration) {
        let Some((since, reasons)) = self.standing else {
            return;
        };
        if reasons > 1 {
            self.standing = Some((since, reasons.saturating_sub(1)));
            return;
        }
        let stood = self.stood(now);
        self.standing = None;
        self.left = self.left.saturating_sub(stood);
        for end in [&mut self.idle_end, &mut self.end] {
            *end = end.map(|end| end.saturating_add(stood));
        }
    }

    /// How long it has been standing still, as far as that counts.
    fn stood(&self, now: Duration) -> Duration {
        self.standing.map_or(Duration::ZERO, |(since, _)| now.saturating_sub(since).min(self.left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_earlier_end_counts_and_progress_moves_one_of_them() {
        let mut clock = Clock::new(s(100), Some(s(30)), Some(s(10)));
        assert_eq!(clock.deadline(), Some(s(110)));
        clock.progressed(s(105));
        assert_eq!(clock.deadline(), Some(s(115)));
        clock.progressed(s(129));
        assert_eq!(clock.deadline(), Some(s(130)), "the maximum");
        assert_eq!(Clock::new(s(100), Some(s(30)), None).deadline(), Some(s(130)));
        assert_eq!(Clock::new(s(100), None, None).deadline(), None);
        let mut clock = Clock::new(s(100), None, None);
        clock.progressed(s(105));
        assert_eq!(clock.deadline(), None);
    }

    #[test]
    fn a_clock_that_stood_still_has_as_much_left_as_before() {
        let mut clock = Clock::new(s(100), Some(s(30)), Some(s(10)));
        clock.stop(s(104));
        clock.stop(s(105));
        assert_eq!(clock.deadline(), Some(s(110 + 600)));
        clock.go_on(s(120));
        assert_eq!(clock.deadline(), Some(s(110 + 600)), "there is another reason");
        clock.go_on(s(124));
        assert_eq!(clock.deadline(), Some(s(130)), "20 s later");
        clock.progressed(s(149));
        assert_eq!(clock.deadline(), Some(s(150)), "so is the maximum");
        clock.go_on(s(200));
        assert_eq!(clock.deadline(), Some(s(150)), "it is going already");
    }

    #[test]
    fn it_stands_still_for_ten_minutes_in_all() {
        let mut clock = Clock::new(s(0), Some(s(10)), None);
        clock.stop(s(1));
        clock.go_on(s(401));
        assert_eq!(clock.deadline(), Some(s(410)));
        clock.stop(s(402));
        assert_eq!(clock.deadline(), Some(s(610)));
        clock.go_on(s(900));
        assert_eq!(clock.deadline(), Some(s(610)));
        clock.stop(s(901));
        assert_eq!(clock.deadline(), Some(s(610)));
    }

    #[test]
    fn progress_while_it_stands_still_counts_once() {
        let mut clock = Clock::new(s(0), None, Some(s(10)));
        clock.stop(s(5));
        clock.progressed(s(25));
        clock.go_on(s(30));
        assert_eq!(clock.deadline(), Some(s(40)), "20 s were before it, 5 s behind it");
    }
}
