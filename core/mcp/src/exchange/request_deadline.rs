//! Until when a request waits for its answer (MCP 2025-11-25, basic/lifecycle, "Timeouts"): a maximum, which
//! nothing moves, and an idle time, which progress begins anew. Both stand still while the server waits for
//! this side.

use std::time::Duration;

/// So long the deadline of one request stands still in all at most.
const MOST_STANDING: Duration = Duration::from_secs(600);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestDeadline {
    /// How long nothing may come.
    idle: Option<Duration>,
    idle_end: Option<Duration>,
    end: Option<Duration>,
    /// In a box: few requests ever stand still.
    pauses: Option<Box<Pauses>>,
}

/// How a deadline has stood still.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pauses {
    /// Since when it does, and for how many reasons.
    now: Option<(Duration, usize)>,
    /// How long it may stand still yet.
    left: Duration,
}

impl RequestDeadline {
    pub(crate) fn new(now: Duration, timeout: Option<Duration>, idle: Option<Duration>) -> Self {
        let end_of = |time| now.saturating_add(time);
        Self { idle, idle_end: idle.map(end_of), end: timeout.map(end_of), pauses: None }
    }

    /// When the request has waited long enough, if time goes on for it as it does now.
    pub(crate) fn at(&self) -> Option<Duration> {
        let first = match (self.idle_end, self.end) {
            (Some(idle_end), Some(end)) => Some(idle_end.min(end)),
            (idle_end, end) => idle_end.or(end),
        };
        // What stands still goes on by itself at last.
        let more = self.pauses.as_ref().filter(|pauses| pauses.now.is_some()).map(|pauses| pauses.left);
        first.map(|first| first.saturating_add(more.unwrap_or_default()))
    }

    /// How long the request may take at most from now on, if it doesn't stand still.
    pub(crate) fn left(&self, now: Duration) -> Option<Duration> {
        self.end.map(|end| end.saturating_sub(now))
    }

    /// Progress came.
    pub(crate) fn progressed(&mut self, now: Duration) {
        let stood = self.pauses.as_ref().map_or(Duration::ZERO, |pauses| pauses.stood(now));
        self.idle_end = self.idle.map(|idle| now.saturating_add(idle).saturating_sub(stood));
    }

    /// It stands still, for one reason more.
    pub(crate) fn pause(&mut self, now: Duration) {
        let pauses = self.pauses.get_or_insert_with(|| Box::new(Pauses { now: None, left: MOST_STANDING }));
        let (since, reasons) = pauses.now.unwrap_or((now, 0));
        pauses.now = Some((since, reasons.saturating_add(1)));
    }

    /// One of the reasons is gone; with the last it moves on.
    pub(crate) fn resume(&mut self, now: Duration) {
        let Some(pauses) = &mut self.pauses else {
            return;
        };
        let Some((since, reasons)) = pauses.now else {
            return;
        };
        if reasons > 1 {
            pauses.now = Some((since, reasons.saturating_sub(1)));
            return;
        }
        let stood = pauses.stood(now);
        pauses.now = None;
        pauses.left = pauses.left.saturating_sub(stood);
        for end in [&mut self.idle_end, &mut self.end] {
            *end = end.map(|end| end.saturating_add(stood));
        }
    }
}

impl Pauses {
    /// How long it has been standing still, as far as that counts.
    fn stood(&self, now: Duration) -> Duration {
        self.now.map_or(Duration::ZERO, |(since, _)| now.saturating_sub(since).min(self.left))
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
        let mut deadline = RequestDeadline::new(s(100), Some(s(30)), Some(s(10)));
        assert_eq!(deadline.at(), Some(s(110)));
        deadline.progressed(s(105));
        assert_eq!(deadline.at(), Some(s(115)));
        deadline.progressed(s(129));
        assert_eq!(deadline.at(), Some(s(130)), "the maximum");
        assert_eq!(RequestDeadline::new(s(100), Some(s(30)), None).at(), Some(s(130)));
        let mut never_paused = deadline.clone();
        never_paused.resume(s(129));
        assert_eq!(never_paused, deadline, "what doesn't stand still has nothing to go on from");
        assert_eq!(RequestDeadline::new(s(100), None, None).at(), None);
        let mut deadline = RequestDeadline::new(s(100), None, None);
        deadline.progressed(s(105));
        assert_eq!(deadline.at(), None);
    }

    #[test]
    fn a_deadline_that_stood_still_is_as_far_away_as_before() {
        let mut deadline = RequestDeadline::new(s(100), Some(s(30)), Some(s(10)));
        deadline.pause(s(104));
        deadline.pause(s(105));
        assert_eq!(deadline.at(), Some(s(110 + 600)));
        deadline.resume(s(120));
        assert_eq!(deadline.at(), Some(s(110 + 600)), "there is another reason");
        deadline.resume(s(124));
        assert_eq!(deadline.at(), Some(s(130)), "20 s later");
        deadline.progressed(s(149));
        assert_eq!(deadline.at(), Some(s(150)), "so is the maximum");
        deadline.resume(s(200));
        assert_eq!(deadline.at(), Some(s(150)), "it is going already");
    }

    #[test]
    fn it_stands_still_for_ten_minutes_in_all() {
        let mut deadline = RequestDeadline::new(s(0), Some(s(10)), None);
        deadline.pause(s(1));
        deadline.resume(s(401));
        assert_eq!(deadline.at(), Some(s(410)));
        deadline.pause(s(402));
        assert_eq!(deadline.at(), Some(s(610)));
        deadline.resume(s(900));
        assert_eq!(deadline.at(), Some(s(610)));
        deadline.pause(s(901));
        assert_eq!(deadline.at(), Some(s(610)));
    }

    #[test]
    fn progress_while_it_stands_still_counts_once() {
        let mut deadline = RequestDeadline::new(s(0), None, Some(s(10)));
        deadline.pause(s(5));
        deadline.progressed(s(25));
        deadline.resume(s(30));
        assert_eq!(deadline.at(), Some(s(40)), "20 s were before it, 5 s behind it");
    }
}
