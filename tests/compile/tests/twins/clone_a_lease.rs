//! There is one of each lease.

fn twice<T: Clone>(it: &T) -> T {
    it.clone()
}

fn main() {
    let _ = twice::<tenure::LeaseData>;
}
