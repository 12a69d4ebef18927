//! A server over HTTP that may do anything, and a client that calls, cancels, waits and ends meanwhile.

use world::World;

use crate::bytes::Bytes;

mod books;
mod carried;
mod ledger;
mod message;
mod server;
mod steps;
mod world;

/// Two bytes of settings, then what the client does and what the server answers, in turn.
pub fn exchanges(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let mut world = World::new(bytes.byte(), bytes.byte());
    while let Some(what) = bytes.next() {
        world.step(what, &mut bytes);
    }
    world.end();
}
