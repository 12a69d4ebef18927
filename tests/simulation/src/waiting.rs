//! A caller who waits for the answer to one call, and how much of that doesn't count since the server waited for a
//! handler.

use std::sync::Arc;
use std::time::Duration;

use crate::ground::Ground;
use crate::tally::Seen;

/// A call's clock stands still for so long in all at most.
const MOST_STANDING: Duration = Duration::from_secs(600);

pub(crate) struct Waiting {
    ground: Arc<Ground>,
    call: u64,
    begun: Duration,
}

/// What a caller knows of the time that it waited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stood {
    pub(crate) elapsed: Duration,
    /// So long a handler worked for the call at least, while the machine slept or not.
    pub(crate) least: Duration,
    /// So much longer the call may have taken for that, by the time that the machine was awake.
    pub(crate) most: Duration,
}

impl Waiting {
    pub(crate) fn begin(ground: &Arc<Ground>, call: u64) -> Self {
        ground.books.with(|books| books.waiting.insert(call));
        Self { ground: ground.clone(), call, begun: ground.clock.now().into() }
    }

    pub(crate) fn stood(&self) -> Stood {
        let ground = &self.ground;
        let now = ground.clock.both();
        let elapsed = now.0.saturating_sub(self.begun);
        let stood = ground.books.with(|books| books.stood(self.call, now));
        if stood.is_some_and(|(least, _)| least > Duration::ZERO) {
            ground.saw(Seen::CallStood);
        }
        // Without a place, or where an answer may wait for room, nobody knows for how long.
        let mood = ground.mood;
        let most = match stood {
            Some((_, most)) if !(mood.narrow || mood.stalls) && ground.limits.roomy => most,
            _ if mood.asks => MOST_STANDING.saturating_mul(2),
            _ => Duration::ZERO,
        };
        let least = stood.map_or(Duration::ZERO, |(least, _)| least.min(MOST_STANDING));
        Stood { elapsed, least, most: most.min(MOST_STANDING.saturating_mul(2)) }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.ground.books.with(|books| books.waiting.remove(&self.call));
    }
}
