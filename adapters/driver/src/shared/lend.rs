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

use super::{Inner, Locked, Shared, SharedHandle};
use crate::outside::Granted;

impl<H> Shared<H> {
    /// A lease for a caller who asks by `input`, if there is one at once.
    #[inline]
    pub(crate) fn lend(&self, input: Input) -> Option<Granted<SharedHandle<H>>> {
        let mut locked = self.enter();
        let inner = &mut *locked.inner;
        let live = inner.live.as_ref()?;
        let lease = inner.session.try_acquire().ok()?;
        let (lent, granted) = (LeaseData::of(&lease), Granted::new(lease, live));
        if inner.note_count() {
            let before = inner.held().saturating_sub(1);
            self.tell(locked, before, input, Reply::Granted(lent));
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
        if left == 0 && inner.arm_sooner() {
            // The keep-alive begins.
            inner.note_count();
            self.tell_released(locked, number, left);
            self.driver.wake_all();
        } else if inner.note_count() {
            self.tell_released(locked, number, left);
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

    /// Tells who wants to know that a lease went; so many are `left`.
    #[cold]
    fn tell_released(&self, locked: Locked<'_, H>, number: u64, left: u64) {
        self.tell(locked, left.saturating_add(1), Input::Release { lease: number }, Reply::Applied);
    }

    /// Tells who wants to know that a lease came or went; so many were held `before`.
    #[cold]
    fn tell(&self, mut locked: Locked<'_, H>, before: u64, input: Input, reply: Reply) {
        let inner = &mut *locked.inner;
        if let Some(generation) = inner.session.live().map(Live::generation).filter(|_| inner.is_traced()) {
            let before = Status::Live { generation, held: before };
            inner.note_input(before, (None, input), Output::new(reply, Vec::new()));
        }
        let (watched, traced) = (std::mem::take(&mut inner.leases_watched), inner.has_events());
        drop(locked);
        if watched {
            self.changed.wake_all();
        }
        if traced {
            self.driver.wake_all();
        }
    }
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
}
