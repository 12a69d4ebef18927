//! There is one of each lease.

fn twice<T: Copy>(it: T) -> (T, T) {
    (it, it)
}

fn main() {
    let _ = twice::<tenure::Generation>;
}
