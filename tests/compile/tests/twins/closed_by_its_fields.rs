//! A state can't be put together.

use tenure::Generation;
use tenure::state::Closed;

struct Shape {
    generation: Option<Generation>,
}

fn main() {
    let _ = |_: Closed, it: Shape| it.generation;
    let _ = Shape { generation: None };
}
