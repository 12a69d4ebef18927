//! A state can't be put together from another.

use tenure::Generation;
use tenure::state::Live;

struct Shape {
    generation: Generation,
    held: u64,
}

fn change(mut live: Live, mut shape: Shape) {
    let _ = (&mut live, shape.generation);
    shape.held = 0;
    shape.held += 1;
}

fn main() {
    let _ = change;
}
