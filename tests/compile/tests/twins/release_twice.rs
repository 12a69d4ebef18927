//! A release consumes the lease.

use tenure::{Lease, Session};

fn release(session: &mut Session, one: Lease, other: Lease) {
    let _ = session.release(one);
    let _ = &other;
    let _ = session.release(other);
}

fn main() {
    let _ = release;
}
