//! The short way of a lease that comes or goes while nothing else happens, as most do.
//!
//! It is the same lock and the same machine, which [promises](tenure::Session) that such a lease does nothing but
//! count: there is no action to be sorted, and no deadline to be looked at but that of the keep-alive, which begins
//! when the last one has gone. In all other cases the machine is not touched here, and [`Shared::feed`] goes the whole
//! way.
//!
//! It wakes by itself, without the bin of [`Outside`](crate::outside::Outside): two wake-ups are all that can come of
//! such a lease, mostly none does, and the bin is most of what the whole way costs. Nothing of a user's is dropped.

use tenure::state::Live;
use tenure::{Input, LeaseData, Output, Reply, Status};

use super::{Inner, Shared, SharedHandle};
use crate::outside::Granted;

impl<H> Shared<H> {
    /// A lease for a caller who asks by `input`, if there is one at once.
    #[expect(clippy::inline_always, reason = "as of an acquire's `poll`")]
    #[inline(always)]
    pub(crate) fn lend(&self, input: Input) -> Option<Granted<SharedHandle<H>>> {
        let mut locked = self.enter();
        let inner = &mut *locked.inner;
        let live = inner.live.as_ref()?;
        let lease = inner.session.try_acquire().ok()?;
        let granted = Granted::new(lease, live);
        let wakes = inner.note_count().then(|| inner.tell_lent(input, granted.lent()));
        drop(locked);
        if let Some(wakes) = wakes {
            self.wake(wakes);
        }
        Some(granted)
    }

    /// Takes a lease back, if the session stays live without it; else here it is.
    #[inline]
    pub(crate) fn take_back(&self, lease: tenure::Lease) -> Result<(), tenure::Lease> {
        let mut locked = self.enter();
        let inner = &mut *locked.inner;
        let number = lease.number();
        let left = inner.session.try_release(lease)?;
        // With the last one the keep-alive begins.
        let begins = left == 0 && inner.arm_sooner();
        let wakes = inner.note_count().then(|| inner.tell_released(number, left));
        drop(locked);
        if let Some(wakes) = wakes {
            self.wake(wakes);
        }
        if begins {
            self.driver.wake_all();
        }
        Ok(())
    }

    /// Takes a lease back the whole way.
    #[inline(never)]
    pub(crate) fn release(&self, lease: tenure::Lease) {
        let input = Input::Release { lease: lease.number() };
        // Its own session: it can't be handed back.
        let _ = self.feed(None, |inner, _| (inner.session.release(lease), input));
    }

    #[cold]
    fn wake(&self, Wakes { watchers, driver }: Wakes) {
        if watchers {
            self.changed.wake_all();
        }
        if driver {
            self.driver.wake_all();
        }
    }
}

/// Who is woken once the lock is open.
struct Wakes {
    watchers: bool,
    driver: bool,
}

impl<H> Inner<H> {
    /// How many leases are held, while it is live.
    #[inline]
    fn held(&self) -> u64 {
        self.session.live().map_or(0, Live::held)
    }

    /// Returns whether anybody wants to know of it.
    #[inline]
    fn note_count(&mut self) -> bool {
        debug_assert!(!self.session.has_actions(), "a lease was counted, and something is to be done");
        self.version = self.version.wrapping_add(1);
        self.leases_watched || self.is_traced()
    }

    /// Tells who wants to know that a lease came.
    #[cold]
    fn tell_lent(&mut self, input: Input, lease: LeaseData) -> Wakes {
        self.tell(self.held().saturating_sub(1), input, Reply::Granted(lease))
    }

    /// Tells who wants to know that a lease went; so many are `left`.
    #[cold]
    fn tell_released(&mut self, number: u64, left: u64) -> Wakes {
        self.tell(left.saturating_add(1), Input::Release { lease: number }, Reply::Applied)
    }

    /// Tells who wants to know that a lease came or went; so many were held `before`.
    fn tell(&mut self, before: u64, input: Input, reply: Reply) -> Wakes {
        if let Some(generation) = self.session.live().map(Live::generation).filter(|_| self.is_traced()) {
            let before = Status::Live { generation, held: before };
            self.note_input(before, (None, input), Output::new(reply, Vec::new()));
        }
        Wakes { watchers: std::mem::take(&mut self.leases_watched), driver: self.has_events() }
    }
}
