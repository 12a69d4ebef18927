//! No lease becomes text.

fn main() {
    let _ = serde_json::to_string::<tenure::LeaseData>;
}
