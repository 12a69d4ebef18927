//! The machine alone.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tenure::{Acquired, Action, Config, Exit, Lease, Mode, Session, SessionId, Time};

use crate::Case;

fn granted(session: &mut Session) -> Lease {
    match session.acquire() {
        Ok(Acquired::Granted(lease)) => lease,
        other => unreachable!("{other:?}"),
    }
}

/// Connects, and gives the lease of who waited.
fn live(session: &mut Session) -> Lease {
    drop(session.acquire().expect("it waits"));
    while let Some(action) = session.poll_action() {
        match action {
            Action::Connect { generation } => drop(session.runner_ready(generation)),
            Action::Grant { lease, .. } => return lease,
            _ => {}
        }
    }
    unreachable!("nobody was granted anything")
}

/// A lease taken and given back while the session is live and another is held.
fn lease(times: u64) -> Duration {
    let mut session = Session::with_capacity(SessionId(1), Config::default(), 8);
    let held = live(&mut session);
    let begun = Instant::now();
    for _ in 0..times {
        let lease = black_box(granted(&mut session));
        let _ = black_box(session.release(lease));
    }
    let took = begun.elapsed();
    let _ = session.release(held);
    took
}

/// A generation from its first use to its end in order, deadlines and all.
fn cycle(times: u64) -> Duration {
    let mut session = Session::with_capacity(SessionId(1), Config::default(), 8);
    let mut now = Time::ZERO;
    let begun = Instant::now();
    for _ in 0..times {
        now = now.saturating_add(Duration::from_millis(1));
        let lease = live(&mut session);
        session.handle_timeout(now);
        let _ = session.release(lease);
        session.handle_timeout(now);
        session.close(Mode::Graceful);
        session.handle_timeout(now);
        while let Some(action) = session.poll_action() {
            if let Action::Stop { generation } = action {
                session.runner_ended(generation, Exit::FINISHED);
            }
        }
        black_box(session.poll_timeout());
    }
    begun.elapsed()
}

pub const CASES: &[Case] = &[
    Case { name: "machine/lease", times: (10_000, 210_000), run: lease },
    Case { name: "machine/cycle", times: (1_000, 21_000), run: cycle },
];
