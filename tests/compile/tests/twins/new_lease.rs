//! A lease has no constructor; as data it gives no right to anything.

fn main() {
    let _ = tenure::LeaseData::new(1, tenure::Generation::FIRST);
}
