//! A museum of the races: the hand-written designs that this project replaces, behind the checker.
//!
//! For each the checker finds the known failure, and the shortest way to it is printed as a timeline:
//! `cargo test -p tenure-tests --test museum -- --nocapture`. The real machine holds under the same inputs.

mod design;
mod search;

use design::{Client, Design, WaitCut};
use search::{shortest_failure, tenure_holds};
use tenure::check::Invariant;

/// A design that differs from the others in what it names.
macro_rules! designs {
    ($($(#[$doc:meta])* $name:ident { $($item:ident: $kind:ty = $value:expr),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        struct $name;

        impl Design for $name {
            $(const $item: $kind = $value;)+
        }
    )+};
}

designs! {
    /// Counter and task handle; the wait is cut by the caller's cancellation, and the task with it.
    V0 { WAIT_CUT: WaitCut = WaitCut::CancelsTask }
    /// The same design while it connects: the caller that started the connect owns it.
    V0Connect { WAIT_CUT: WaitCut = WaitCut::Waits, STARTER_OWNS_CONNECT: bool = true }
    /// The wait is shielded, the cancellation swallowed, the handle kept.
    V1 { WAIT_CUT: WaitCut = WaitCut::KeepsHandle }
    /// The shielded wait has a time limit; the handle is cleared when it passes.
    V2 { WAIT_CUT: WaitCut = WaitCut::ForgetsHandle }
    /// A counter without generations.
    V3 { WAIT_CUT: WaitCut = WaitCut::Waits, RELEASE_COUNTS_ANY: bool = true }
    /// Each caller that waits for a failed connect tries again by itself.
    V4 { WAIT_CUT: WaitCut = WaitCut::Waits, EACH_WAITER_RETRIES: bool = true }
}

fn exhibit<D: Design>(design: D, title: &str, expected: Invariant) {
    let found = shortest_failure(Client::new(design));
    assert!(found.is_some(), "{title}: the known failure was not found");
    let Some(found) = found else { return };
    println!("{title}\n{found}");
    assert_eq!(found.violation.invariant, expected, "{title}\n{found}");
    tenure_holds(&found);
}

#[test]
fn v0_a_cancelled_close_leaves_a_task_that_nobody_counts() {
    exhibit(V0, "v0: the wait is cut, the task is cancelled in its clean-up", Invariant::OrphansBounded);
}

#[test]
fn v0_one_cancelled_caller_takes_the_others_down() {
    exhibit(V0Connect, "v0: the caller that started a connect owns it", Invariant::TicketEndsOnce);
}

#[test]
fn v1_a_dying_session_is_reused() {
    exhibit(V1, "v1: the wait is shielded, the handle kept", Invariant::GrantOnlyLive);
}

#[test]
fn v2_a_late_clean_up_nulls_the_new_session() {
    exhibit(V2, "v2: the handle is cleared at the time limit", Invariant::ConnectEndsOnce);
}

#[test]
fn v3_a_stale_release_counts_against_the_new_session() {
    exhibit(V3, "v3: a counter without generations", Invariant::LeasesCounted);
}

#[test]
fn v4_each_waiter_makes_an_attempt_of_its_own() {
    exhibit(V4, "v4: each waiter retries a failed connect", Invariant::BoundsHold);
}
