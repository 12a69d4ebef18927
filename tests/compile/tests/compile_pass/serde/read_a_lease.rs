//! No text becomes a lease.

fn main() {
    let _ = serde_json::from_str::<tenure::LeaseData>;
}
