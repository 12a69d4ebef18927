//! No text becomes a session; as a script it is data.

fn main() {
    let _ = serde_json::from_str::<tenure::Script>;
}
