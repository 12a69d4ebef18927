//! Which requests of the modern era ask for what a server is to tell of: the one that does, and the one that takes
//! its place.

use std::time::Duration;

use crate::jsonrpc::id::RequestId;
use crate::seldom::Empty;

/// So often in a row a request that ended is made again.
const MOST_FAILURES: u32 = 8;
/// One that lived so long was no failure.
const STABLE: Duration = Duration::from_secs(60);
const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// A request that is out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listen {
    pub(crate) id: RequestId,
    pub(crate) since: Duration,
    /// Something came of it beside its acknowledgement.
    pub(crate) was_heard: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Listening {
    /// Acknowledged.
    pub(crate) live: Option<Listen>,
    /// Not acknowledged yet; with that it takes the place of the live one.
    pub(crate) next: Option<Listen>,
    /// When another one is to be made.
    pub(crate) again: Option<Duration>,
    /// How often in a row one ended.
    pub(crate) failures: u32,
}

impl Empty for Listening {
    const EMPTY: &'static Self = &Self { live: None, next: None, again: None, failures: 0 };
}

impl Listening {
    /// Returns whether a request is one of these.
    pub(crate) fn is_one(&self, id: RequestId) -> bool {
        [self.live, self.next].into_iter().flatten().any(|listen| listen.id == id)
    }

    pub(crate) fn is_next(&self, id: RequestId) -> bool {
        self.next.is_some_and(|next| next.id == id)
    }

    /// One of them has ended. Returns it, if nothing is in its place.
    pub(crate) fn take(&mut self, id: RequestId) -> Option<Listen> {
        if self.is_next(id) {
            return self.next.take();
        }
        let live = self.live.take_if(|live| live.id == id)?;
        self.next.is_none().then_some(live)
    }

    /// Something came of this one.
    pub(crate) fn heard(&mut self, id: RequestId) {
        for listen in [&mut self.live, &mut self.next].into_iter().flatten() {
            listen.was_heard |= listen.id == id;
        }
    }

    /// Says when to make another one, if one should be made.
    pub(crate) fn retry_at(&mut self, ended: Listen, now: Duration) -> Option<Duration> {
        if ended.was_heard || now.saturating_sub(ended.since) >= STABLE {
            self.failures = 0;
        }
        let doubled = FIRST_DELAY.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        (self.failures <= MOST_FAILURES).then(|| now.saturating_add(doubled.min(LONGEST_DELAY)))
    }
}
