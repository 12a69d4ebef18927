//! The machine embedded by hand, in plain blocking threads: a mutex, a condition variable, no async.
//!
//! ```text
//! cargo run -p tenure --example blocking
//! ```
//!
//! Read the files in this order; each is what every embedder needs once:
//!
//! 1. `owner`: **one door** to the machine. Lock, feed one input, take all actions, unlock, wake who waits;
//! 2. `driver`: **one thread for each session**. It alone reads the clock, carries out actions and handles timeouts;
//! 3. `runner`: **one thread for each generation**. It owns the connection, and confirms its own end from a `Drop`, so
//!    that a panic can't forget it;
//! 4. `caller`: **a guard**. It holds a lease and releases it when it is dropped;
//! 5. `story`: what threads do with it all, and what must hold then.

mod caller;
mod driver;
mod owner;
mod runner;
mod story;

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use tenure::{Config, KeepAlive, Mode, Status};

use owner::Owner;

/// Starts the driver, tells the story and ends the session; says what didn't hold, if anything.
pub(crate) fn run() -> Result<(), String> {
    // A session that nobody uses ends soon.
    let owner = Arc::new(Owner::new(Config::default().keep_alive(KeepAlive::For(Duration::from_millis(50)))));
    // Where the first teardown waits until the story lets it go on.
    let teardown = Arc::new(Barrier::new(2));
    let driver = {
        let (owner, teardown) = (owner.clone(), teardown.clone());
        thread::spawn(move || driver::drive(&owner, &teardown))
    };
    let told = story::tell(&owner, &teardown);
    // Whatever came of it: for good, and the driver ends by itself.
    owner.enter(|session| session.shutdown(Mode::Force));
    story::check(driver.join().is_ok(), "the driver did not panic")?;
    story::check(matches!(owner.status(), Status::Closed { .. }), "the session is closed in the end")?;
    told
}

fn main() -> Result<(), String> {
    run()
}
