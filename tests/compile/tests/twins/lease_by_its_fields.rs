//! A lease can't be put together.

use tenure::{Generation, Lease, SessionId};

struct Shape {
    session: SessionId,
    generation: Generation,
    number: u64,
}

fn main() {
    let _ = |_: Lease, it: Shape| (it.session, it.generation, it.number);
    let _ = Shape { session: SessionId(1), generation: Generation::FIRST, number: 1 };
}
