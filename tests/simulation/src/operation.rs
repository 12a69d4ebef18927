//! What a caller has under way, and by when it must be over.

use std::sync::Arc;
use std::time::Duration;

use crate::failure::Kind;
use crate::ground::Ground;
use crate::held::{Thing, Token};
use crate::timeline::Who;

/// One thing that somebody asked of the client. All times are those of the machine being awake.
pub(crate) struct Operation {
    ground: Arc<Ground>,
    who: Who,
    what: &'static str,
    number: u64,
    begun: Duration,
    /// How long it may take, whatever the others do.
    bound: Option<Duration>,
    _token: Token,
}

impl Operation {
    pub(crate) fn begin(ground: &Arc<Ground>, who: Who, what: &'static str, bound: Option<Duration>) -> Self {
        let number = ground.number();
        ground.marks.with(|marks| marks.open.insert(number, (who, what)));
        let token = ground.token(Thing::Operation);
        ground.say(who, || format!("{what} …"));
        let begun = ground.clock.awake();
        Self { ground: ground.clone(), who, what, number, begun, bound, _token: token }
    }

    pub(crate) const fn begun(&self) -> Duration {
        self.begun
    }

    /// It may take so much longer.
    pub(crate) fn extend(&mut self, by: Duration) {
        self.bound = self.bound.map(|bound| bound.saturating_add(by));
    }

    /// It is over, within its time and within that which a shutdown or the driver's end leave to it.
    pub(crate) fn end(self, how: impl FnOnce() -> String) {
        let Self { ground, who, what, begun, bound, .. } = &self;
        ground.say(*who, || format!("{what}: {}", how()));
        self.at_most(bound.map(|bound| begun.saturating_add(bound)), "its own bound");
        let (shut_down, dropped) = ground.marks.with(|marks| (marks.shut_down, marks.driver_dropped));
        let drained = |at: Duration| at.max(*begun).saturating_add(ground.limits.draining);
        self.at_most(shut_down.map(drained), "what a shutdown leaves");
        self.at_most(dropped.map(|at| at.max(*begun)), "the driver's end");
    }

    /// It must be over at `at`, if that is given.
    pub(crate) fn at_most(&self, at: Option<Duration>, bound: &str) {
        let now = self.ground.clock.awake();
        if at.is_some_and(|at| now > at) {
            self.ground.fail(Kind::Late, || {
                let Self { who, what, begun, .. } = self;
                format!("{who}: {what} begun at {begun:?} ended at {now:?}, after {at:?} ({bound})")
            });
        }
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        self.ground.marks.with(|marks| marks.open.remove(&self.number));
    }
}
