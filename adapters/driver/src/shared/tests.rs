use super::*;

/// Returns whether `work` panics under the machine's lock.
#[cfg(debug_assertions)]
fn panics_under_the_lock(work: impl FnOnce()) -> bool {
    let shared = Shared::<u32>::new(Config::default(), None);
    let work = std::panic::AssertUnwindSafe(|| shared.look(|_| work()));
    std::panic::catch_unwind(work).is_err()
}

#[test]
#[cfg(debug_assertions)]
fn no_other_lock_is_taken_under_the_machines() {
    let (waiters, slot) = (Waiters::default(), Slot::<u32>::new());
    let signals = crate::signal::Signals::default();
    assert!(panics_under_the_lock(|| waiters.wake_all()));
    assert!(panics_under_the_lock(|| assert_eq!(slot.take(), None)));
    assert!(panics_under_the_lock(|| signals.probe(1)));
    let other = Shared::<u32>::new(Config::default(), None);
    assert!(panics_under_the_lock(|| other.look(|_| ())));
    assert!(!panics_under_the_lock(|| ()));
}

#[test]
fn a_lease_for_which_there_is_no_handle_goes_back() {
    let shared = Shared::<u32>::new(Config::default(), None);
    let generation = Generation::FIRST;
    shared.change(|inner, _| {
        let _ = inner.session.acquire();
        inner.session.runner_ready(generation);
        while let Some(action) = inner.session.poll_action() {
            if let Action::Grant { lease, .. } = action {
                assert!(matches!(inner.granted(lease), Err(Error::Refused { .. })));
            }
        }
        assert_eq!(inner.session.status().name(), tenure::state::StateName::Draining);
    });
}
