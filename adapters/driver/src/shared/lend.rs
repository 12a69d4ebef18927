//! The short way of a lease that comes or goes while nothing else happens, as most do.
//!
//! It is the same lock and the same machine, which [promises](tenure::Session) that such a lease does nothing but
//! count: there is no action to be sorted, and no deadline to be looked at but that of the keep-alive, which begins
//! when the last one has gone. In all other cases the machine is not touched here, and [`Shared::feed`] goes the whole
//! way.

use tenure::state::Live;
use tenure::{ForeignLease, Input, KeepAlive, LeaseData, Output, Reply, Status};

use super::{Inner, Shared};
use crate::outside::Granted;
use crate::sync::Arc;

/// Who is woken outside.
#[derive(Clone, Copy, Default)]
struct Wakes {
    driver: bool,
    watchers: bool,
}

impl<H> Shared<H> {
    /// A lease for a caller who asks by `input`, if there is one at once.
    #[inline]
    pub(crate) fn lend(&self, input: Input) -> Option<Granted<H>> {
        let (granted, wakes) = self.with_lock(|inner| inner.lend(input))?;
        self.wake(wakes);
        Some(granted)
    }

    /// Takes a lease back, if the session stays live without it; else here it is.
    #[inline]
    pub(crate) fn take_back(&self, lease: tenure::Lease) -> Result<(), tenure::Lease> {
        let wakes = self.with_lock(|inner| inner.take_back(lease))?;
        self.wake(wakes);
        Ok(())
    }

    /// Takes a lease back the whole way.
    #[inline(never)]
    pub(crate) fn release(self: &Arc<Self>, lease: tenure::Lease) {
        let input = Input::Release { lease: lease.number() };
        // Its own session: it can't be handed back.
        let _ = self.feed(None, |inner, _| (inner.session.release(lease), input));
    }

    #[inline]
    fn wake(&self, wakes: Wakes) {
        if wakes.watchers {
            self.changed.wake_all();
        }
        if wakes.driver {
            self.driver.wake_all();
        }
    }
}

impl<H> Inner<H> {
    #[inline]
    fn lend(&mut self, input: Input) -> Option<(Granted<H>, Wakes)> {
        let before = self.session.live()?.held();
        if self.session.has_actions() {
            return None;
        }
        let live = self.live.as_ref()?;
        let lease = self.session.try_acquire().ok()?;
        let granted = Granted { lease, live: live.clone() };
        let wakes = self.note_count(before, input, Reply::Granted(LeaseData::of(&granted.lease)));
        Some((granted, wakes))
    }

    #[inline]
    fn take_back(&mut self, lease: tenure::Lease) -> Result<Wakes, tenure::Lease> {
        let is_of = |live: &&Live| live.generation() == lease.generation();
        let before = self.session.live().filter(is_of).map_or(0, Live::held);
        let stays = before > 1 || (before == 1 && self.session.config().keep_alive != KeepAlive::Never);
        if !stays || self.session.has_actions() {
            return Err(lease);
        }
        let number = lease.number();
        self.session.release(lease).map_err(|ForeignLease(lease)| lease)?;
        // The keep-alive begins.
        let begins_sooner = before == 1 && self.arm_sooner();
        let wakes = self.note_count(before, Input::Release { lease: number }, Reply::Applied);
        Ok(Wakes { driver: wakes.driver || begins_sooner, ..wakes })
    }

    /// A lease was counted; so many were held `before`.
    #[inline]
    fn note_count(&mut self, before: u64, input: Input, reply: Reply) -> Wakes {
        debug_assert!(!self.session.has_actions(), "a lease was counted, and something is to be done");
        self.version = self.version.wrapping_add(1);
        if self.leases_watched || self.is_traced() {
            self.tell(before, input, reply)
        } else {
            Wakes::default()
        }
    }

    /// Somebody wants to know that a lease came or went.
    #[cold]
    fn tell(&mut self, before: u64, input: Input, reply: Reply) -> Wakes {
        if let Some(generation) = self.session.live().map(Live::generation).filter(|_| self.is_traced()) {
            let before = Status::Live { generation, held: before };
            self.note_input(before, (None, input), Output::new(reply, Vec::new()));
        }
        Wakes { driver: self.has_events(), watchers: std::mem::take(&mut self.leases_watched) }
    }
}
