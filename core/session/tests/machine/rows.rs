//! The situations that a session must survive, as far as the machine alone can show them.

use tenure::{Config, Exit, KeepAlive, Mode, Retry};

use crate::world::{FAILED, FAILED_FOR_GOOD, World};
use crate::{millis, secs};

#[test]
fn row_01_a_cancelled_force_close_interrupts_nothing_and_the_next_caller_gets_the_next_generation() {
    let mut world = World::live(Config::default());
    assert_eq!(world.close(Mode::Force), "applied, watch g1 | revoke g1 (closed) | stop g1");
    // Whoever closed holds nothing that could be dropped: there is no input for its cancellation.
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.ready(1), "nothing to do", "the dying one never becomes live again");
    assert_eq!(world.at(secs(3)), "applied | abort g1");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (closed; finished) | connect g2");
    assert_eq!(world.ready(2), "applied | caller 2 gets lease 2 of g2");
    assert_eq!(world.acquire(), "lease 3 of g2");
}

#[test]
fn row_02_a_clean_up_that_overran_all_deadlines_leaves_the_new_session_untouched() {
    let mut world = World::stopping(Config::default());
    world.acquire();
    world.at(secs(3));
    world.at(secs(5));
    assert_eq!(world.at(secs(6)), "applied | g1 is over (closed; end not confirmed) | connect g2");
    world.ready(2);
    let (status, wake) = (world.status(), world.wake());
    assert_eq!(world.done(1, FAILED), "stale");
    assert_eq!(world.orphans(), [1]);
    assert_eq!(world.ended(1, FAILED), "applied");
    assert!(world.orphans().is_empty());
    assert_eq!(world.ended(1, FAILED), "stale");
    assert_eq!((world.status(), world.wake()), (status, wake));
}

#[test]
fn row_03_late_releases_of_ten_holders_do_not_touch_the_reconnected_session() {
    let mut world = World::live(Config::default());
    for _ in 1..10 {
        world.acquire();
    }
    world.close(Mode::Force);
    world.ended(1, Exit::FINISHED);
    world.acquire();
    world.ready(2);
    for lease in 1..=10 {
        for _ in 0..2 {
            assert_eq!(world.release(lease), "stale");
            assert_eq!(world.status(), "Live g2, 1 held");
        }
    }
    assert_eq!(world.release(11), "applied | revoke g2 (keep-alive) | stop g2");
}

#[test]
fn row_04_lost_with_leases_held_it_revokes_says_why_and_reconnects() {
    let mut world = World::live(Config::default());
    world.acquire();
    assert_eq!(world.ended(1, FAILED), "applied | revoke g1 (by itself) | g1 is over (by itself; failed)");
    assert_eq!(world.acquire(), "caller 2 waits | connect g2");
    assert_eq!(world.release(1), "stale");
    world.ready(2);
    assert_eq!(world.release(2), "stale");
    assert_eq!(world.status(), "Live g2, 1 held");
}

#[test]
fn row_05_of_five_who_wait_for_one_connect_any_may_be_cancelled() {
    for cancelled in 1..=5 {
        let mut world = World::connecting(Config::default());
        for _ in 0..4 {
            world.acquire();
        }
        assert_eq!(world.cancel(cancelled), "applied");
        let told = world.ready(1);
        assert_eq!(told.matches("gets lease").count(), 4, "{told}");
        assert_eq!(world.status(), "Live g1, 4 held");
    }
}

#[test]
fn row_06_five_who_wait_get_five_equal_errors_at_once() {
    let mut world = World::connecting(Config::default());
    for _ in 0..4 {
        world.acquire();
    }
    let told = world.ended(1, FAILED_FOR_GOOD);
    assert_eq!(told.matches(": g1 failed for good").count(), 5, "{told}");
    assert_eq!(told.matches("connect").count(), 0, "one attempt: {told}");
}

#[test]
fn row_07_all_cancelled_the_connect_is_stopped_and_the_next_acquire_starts_afresh() {
    let mut world = World::connecting(Config::default());
    world.acquire();
    world.cancel(1);
    assert_eq!(world.cancel(2), "applied | stop g1");
    assert_eq!(world.acquire(), "caller 3 waits");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (nobody waits; finished) | connect g2");
}

#[test]
fn row_08_close_while_connecting_stops_at_once() {
    let mut world = World::connecting(Config::default());
    assert_eq!(world.close(Mode::Graceful), "applied, watch g1 | caller 1 is rejected: closed | stop g1");
    assert_eq!(world.ready(1), "nothing to do");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (closed; finished)");
}

#[test]
fn row_09_acquire_while_draining_waits_and_may_be_cancelled() {
    let mut world = World::live(Config::default());
    world.close(Mode::Graceful);
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.acquire(), "caller 3 waits");
    assert_eq!(world.cancel(2), "applied");
    world.release(1);
    world.ended(1, Exit::FINISHED);
    assert_eq!(world.ready(2), "applied | caller 3 gets lease 2 of g2");
}

#[test]
fn row_11_a_graceful_close_lets_calls_finish_until_its_deadline() {
    let mut world = World::live(Config::default());
    world.acquire();
    assert_eq!(world.close(Mode::Graceful), "applied, watch g1", "nothing is revoked yet");
    assert_eq!(world.at(millis(4999)), "applied");
    assert_eq!(world.release(1), "applied", "one finished");
    assert_eq!(world.at(secs(5)), "applied | revoke g1 (closed) | stop g1");
    assert_eq!(world.release(2), "stale");
}

#[test]
fn row_15_a_teardown_that_never_ends_burns_no_time_and_holds_nobody() {
    let mut world = World::live(Config::default());
    world.close(Mode::Graceful);
    world.acquire();
    let mut wakes = 0;
    while world.status() != "Connecting g2" {
        world.at_next_deadline();
        wakes += 1;
    }
    assert_eq!((wakes, world.now), (4, secs(5 + 3 + 2 + 1).into()), "one wake for each step");
}

#[test]
fn row_16_close_is_idempotent_and_shutdown_refuses_later_acquires() {
    let mut world = World::live(Config::default());
    world.close(Mode::Force);
    for _ in 0..10 {
        assert_eq!(world.close(Mode::Force), "nothing to do, watch g1");
    }
    assert_eq!(world.release(1), "stale");
    world.ended(1, Exit::FINISHED);
    assert_eq!(world.close(Mode::Force), "nothing to do, done");
    assert_eq!(world.shutdown(Mode::Force), "applied, done");
    assert_eq!(world.shutdown(Mode::Force), "nothing to do, done");
    assert_eq!(world.acquire(), "refused: shut down");
}

#[test]
fn row_23_idle_for_its_time_and_acquired_just_then_it_is_closed_once_or_used() {
    let idle = || {
        let mut world = World::live(Config::default().keep_alive(KeepAlive::For(secs(30))));
        world.release(1);
        world.now = secs(30).into();
        world
    };
    let mut used = idle();
    assert_eq!(used.acquire(), "lease 2 of g1");
    assert_eq!(used.at(secs(30)), "applied");
    assert_eq!(used.status(), "Live g1, 1 held");

    let mut closed = idle();
    assert_eq!(closed.at(secs(30)), "applied | revoke g1 (keep-alive) | stop g1");
    assert_eq!(closed.acquire(), "caller 2 waits");
    assert_eq!(closed.at(secs(30)), "nothing to do", "closed once");
}

#[test]
fn row_25_a_holder_that_asks_for_another_lease_in_finish_ends_with_its_deadline() {
    let mut world = World::live(Config::default());
    world.close(Mode::Graceful);
    assert_eq!(world.acquire(), "caller 2 waits", "by the task that holds lease 1");
    assert_eq!(world.close(Mode::Graceful), "applied, watch g1 | caller 2 is rejected: closed");
    assert_eq!(world.acquire(), "caller 3 waits");
    assert_eq!(world.at(secs(5)), "applied | revoke g1 (closed) | stop g1", "no deadlock");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (closed; finished) | connect g2");
}

#[test]
fn row_27_ready_and_dead_again_and_again_the_backoff_grows() {
    let retry = Retry::default().base(secs(1)).max(secs(60)).jitter(0).stable_after(secs(10));
    let mut world = World::live(Config::default().retry(Some(retry)));
    let mut waits = Vec::new();
    for life in 1..=4 {
        world.ended(life, FAILED);
        let lost = world.now;
        assert!(!world.acquire().contains("connect"), "no hot loop");
        assert!(world.at_next_deadline().contains("connect"));
        waits.push(world.now.saturating_since(lost).as_secs());
        assert!(world.ready(life + 1).contains("gets lease"));
    }
    assert_eq!(waits, [1, 2, 4, 8]);
}

#[test]
fn row_27_without_a_policy_each_acquire_gets_its_own_error() {
    let mut world = World::new(Config::default());
    for life in 1..=3 {
        assert_eq!(world.acquire(), format!("caller {life} waits | connect g{life}"));
        assert!(
            world
                .ended(life, FAILED)
                .starts_with(&format!("applied | caller {life} is rejected: g{life} failed"))
        );
    }
}
