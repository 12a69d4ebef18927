//! The one place that chooses what shared state is made of.
//!
//! That is std's, always, but for the package tests/concurrency, which compiles these same sources with
//! `cfg(loom)` or `cfg(shuttle)`: there each lock and each atomic is a point at which the tasks may switch,
//! and under loom each load may see all that the memory model lets it see.
//!
//! `Arc` and `Weak` are std's everywhere: only std's can be the type of `self`, and loom has no `Weak`. No
//! interleaving is lost by that. Where the last one to go decides something (the client, the token, a
//! caller's place with a lease in it), it goes on to lock the machine, and `Tokens::finish` reads its count
//! under that lock; so to switch at a count brings no order that switching at the lock doesn't. One exception:
//! `WeakClient::upgrade` looks at a count under no lock; its model brings a point to switch at along.

#[cfg(loom)]
pub use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
#[cfg(any(loom, shuttle))]
pub use once::OnceLock;
#[cfg(shuttle)]
pub use shuttle::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
pub use std::sync::{Arc, PoisonError, Weak};
#[cfg(not(any(loom, shuttle)))]
pub use std::sync::{
    Mutex, MutexGuard, OnceLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

/// Neither of them has a `OnceLock`: std's, and beside it a flag of theirs for when it may be seen.
#[cfg(any(loom, shuttle))]
mod once {
    use super::{AtomicBool, Ordering};

    pub struct OnceLock<T> {
        value: std::sync::OnceLock<T>,
        is_set: AtomicBool,
    }

    impl<T> OnceLock<T> {
        pub fn new() -> Self {
            Self { value: std::sync::OnceLock::new(), is_set: AtomicBool::new(false) }
        }

        pub fn set(&self, value: T) -> Result<(), T> {
            self.value.set(value)?;
            self.is_set.store(true, Ordering::Release);
            Ok(())
        }

        pub fn get(&self) -> Option<&T> {
            if self.is_set.load(Ordering::Acquire) { self.value.get() } else { None }
        }
    }
}
