//! The callers: any threads that want something of the server.

use std::sync::Arc;
use std::time::Duration;

use tenure::{Acquired, Generation, Lease, Mode, Refusal, Rejection, Session};

use super::owner::{Call, Owner, Revoked, ToRunner, Todo};

/// No wait in this program takes longer than this unless something is wrong.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// Why there is no lease.
#[derive(Debug)]
#[allow(dead_code, reason = "shown by Debug")]
pub(super) enum NoLease {
    /// It could not even wait.
    Refused(Refusal),
    /// It waited in vain.
    Rejected(Rejection),
    /// The caller's own patience was over.
    TooSlow,
}

/// Waits for the live session, connecting if need be.
pub(super) fn acquire(owner: &Arc<Owner>) -> Result<Guard, NoLease> {
    let guard = |lease| Guard { owner: owner.clone(), lease: Some(lease) };
    let ticket = match owner.enter(Session::acquire).map_err(NoLease::Refused)? {
        Acquired::Granted(lease) => return Ok(guard(lease)),
        Acquired::Waiting(ticket) => ticket,
    };
    let number = ticket.number();
    let grant = owner.wait_for(PATIENCE, |inside| inside.grants.remove(&number));
    // Too slow: give up the place. If the grant came just now, cancel is stale and the grant is there.
    let grant = grant.or_else(|| {
        owner.enter(|session| session.cancel(ticket));
        owner.lock().grants.remove(&number)
    });
    grant.ok_or(NoLease::TooSlow)?.map(guard).map_err(NoLease::Rejected)
}

/// Closes and waits for the end. The machine carries the close through even if nobody waits for it.
pub(super) fn close(owner: &Owner, mode: Mode) -> bool {
    let watch = owner.enter(|session| session.close(mode)).watch;
    owner.wait_for(PATIENCE, |inside| (inside.ended >= watch).then_some(())).is_some()
}

/// A lease that releases itself: whoever has it may call the server.
pub(super) struct Guard {
    owner: Arc<Owner>,
    /// Always there until it is dropped.
    lease: Option<Lease>,
}

impl Guard {
    pub(super) fn generation(&self) -> Option<Generation> {
        self.lease.as_ref().map(Lease::generation)
    }

    /// Asks the server and waits for its answer, or for the revoke, whichever comes first.
    pub(super) fn call(&self, question: &str) -> Result<String, Revoked> {
        let generation = self.generation().ok_or(Revoked)?;
        let number = self.owner.change(|inside| {
            if inside.revoked >= Some(generation) {
                return Err(Revoked);
            }
            inside.calls_made += 1;
            let number = inside.calls_made;
            inside.calls.insert(number, Call { generation, answer: None });
            inside.todo.push_back(Todo::Tell(generation, ToRunner::Call(number, question.into())));
            Ok(number)
        })?;
        let answer = self.owner.wait_for(PATIENCE, |inside| inside.calls.get_mut(&number)?.answer.take());
        self.owner.lock().calls.remove(&number);
        // A server slower than that counts as gone.
        answer.unwrap_or(Err(Revoked))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            // A lease of another session would be handed back; this guard knows where its own belongs.
            let _outcome = self.owner.enter(|session| session.release(lease));
        }
    }
}
