//! The story: three threads share a connection; it is closed under a call while somebody new comes; it ends unused.

use std::sync::{Arc, Barrier};
use std::thread;

use tenure::{Generation, Mode, Status};

use super::caller::{Guard, PATIENCE, acquire, close};
use super::owner::{Owner, Revoked};
use super::runner::UNANSWERED;

pub(super) fn check(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("did not hold: {what}")) }
}

pub(super) fn tell(owner: &Arc<Owner>, teardown: &Barrier) -> Result<(), String> {
    let held = lease(owner)?;
    share(owner)?;
    close_under_a_call(owner, held, teardown)?;

    // Nobody holds a lease any more: the keep-alive deadline ends the session, on the driver's clock.
    let idle = owner.wait_for(PATIENCE, |inside| (inside.ended == Generation::new(2)).then_some(()));
    check(idle.is_some(), "an unused session ends by itself")
}

fn lease(owner: &Arc<Owner>) -> Result<Guard, String> {
    acquire(owner).map_err(|why| format!("no lease: {why:?}"))
}

/// Workers share the one connection. They meet with their leases held, then each asks.
fn share(owner: &Arc<Owner>) -> Result<(), String> {
    owner.log("--- three threads share one connection");
    let meet = Barrier::new(3);
    let work = |number: u32| {
        let guard = lease(owner);
        meet.wait();
        guard?.call(&format!("worker {number}")).map_err(|Revoked| "revoked".to_owned())
    };
    let answers: Vec<Result<String, String>> = thread::scope(|scope| {
        let workers: Vec<_> = (1..=3).map(|number| scope.spawn(move || work(number))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err("panicked".into()))).collect()
    });
    for (answer, number) in answers.into_iter().zip(1..) {
        let answer = answer?;
        owner.log(format_args!("answer: {answer}"));
        check(answer == format!("WORKER {number} (generation 1)"), "all workers share generation 1")?;
    }
    Ok(())
}

/// A force close with a teardown that takes as long as we let it, a call in flight, and a new caller.
fn close_under_a_call(owner: &Arc<Owner>, held: Guard, teardown: &Barrier) -> Result<(), String> {
    owner.log("--- it is closed by force while a call is in flight, and somebody new comes");
    let slow = lease(owner)?;
    thread::scope(|scope| {
        let in_flight = scope.spawn(|| slow.call(UNANSWERED));
        let started = owner.wait_for(PATIENCE, |inside| (!inside.calls.is_empty()).then_some(()));
        check(started.is_some(), "the call is in flight")?;
        let closer = scope.spawn(|| close(owner, Mode::Force));
        let failed = in_flight.join().is_ok_and(|answer| answer == Err(Revoked));
        check(failed, "a call in flight fails at the close and not after the teardown")?;
        check(held.call("still there?") == Err(Revoked), "a revoked lease calls nobody")?;

        let newcomer = scope.spawn(|| lease(owner));
        let waits = owner.wait_for(PATIENCE, |inside| (inside.session.waiting() == 1).then_some(()));
        check(waits.is_some(), "who comes while it drains waits")?;
        let draining = matches!(owner.status(), Status::Draining { generation: Generation::FIRST, .. });
        check(draining, "the dying session is still unwinding and was not handed out")?;
        owner.log("--- the teardown may end");
        teardown.wait();

        let fresh = newcomer.join().map_err(|_| "panicked")??;
        check(closer.join().is_ok_and(|closed| closed), "the close completes")?;
        check(fresh.generation() == Generation::new(2), "the newcomer got the next generation")?;
        // Leases of the old life come back late and count nowhere.
        drop(held);
        check(matches!(owner.status(), Status::Live { held: 1, .. }), "a stale release counts nothing")?;
        let answer = fresh.call("hello").map_err(|Revoked| "the new session was revoked")?;
        owner.log(format_args!("answer: {answer}"));
        check(answer == "HELLO (generation 2)", "the new session works")
    })
}
