//! A state can't be put together from another.

use tenure::Generation;
use tenure::state::Live;

struct Shape {
    generation: Generation,
    failed: u32,
}

fn change(mut live: Live, mut shape: Shape) {
    let _ = (&mut live, shape.generation);
    shape.failed = 0;
    shape.failed += 1;
}

fn main() {
    let _ = change;
}
