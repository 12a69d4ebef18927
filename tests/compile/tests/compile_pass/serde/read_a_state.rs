//! No text becomes a state.

fn main() {
    let _ = serde_json::from_str::<tenure::state::StateName>;
}
