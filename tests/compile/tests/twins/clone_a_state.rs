//! A state is linear.

fn twice<T: Clone>(it: &T) -> T {
    it.clone()
}

fn main() {
    let _ = twice::<tenure::state::Ending>;
}
