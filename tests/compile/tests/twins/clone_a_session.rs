//! A session is linear, as its leases are.

fn twice<T: Clone>(it: &T) -> T {
    it.clone()
}

fn main() {
    let _ = twice::<tenure::Script>;
}
