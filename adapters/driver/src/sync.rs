//! The one place that chooses what shared state is made of.
//!
//! That is std's, always, but for the package tests/concurrency, which compiles these same sources with
//! `cfg(loom)` or `cfg(shuttle)`: there each lock and each atomic is a point at which the tasks may switch,
//! and under loom each load may see all that the memory model lets it see.
//!
//! `Arc` and `Weak` are std's everywhere: only std's can be the type of `self`, and loom has no `Weak`. The
//! schedulers don't switch at std's counts, and needn't. A count decides something in three places: whether a
//! client, a token or a caller's place was the last of its kind. Whoever was the last locks the machine next, which
//! is a point to switch at, and `Tokens::confirm` reads its count under that lock. So every order of two such
//! counts shows as an order of two locks. `WeakClient::upgrade` alone reads a count without a lock; the model of it
//! has a switch of its own there.

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

    impl<T> Default for OnceLock<T> {
        fn default() -> Self {
            Self::new()
        }
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

/// No other lock is taken under the machine's: else two threads could wait for each other.
///
/// In a build with debug assertions each lock of this crate looks whether its thread holds the machine's. Under
/// loom and shuttle many tasks share a thread, so there it can't be told. It is no more hidden than
/// the rest of this module: tests/concurrency compiles `signal.rs` apart from this crate.
pub mod under_lock {
    #[cfg(all(debug_assertions, not(any(loom, shuttle))))]
    std::thread_local! {
        static HELD: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }

    /// This thread holds the machine's lock as long as this exists.
    #[derive(Debug)]
    pub struct Held(());

    pub fn enter() -> Held {
        #[cfg(all(debug_assertions, not(any(loom, shuttle))))]
        HELD.set(true);
        Held(())
    }

    impl Drop for Held {
        fn drop(&mut self) {
            #[cfg(all(debug_assertions, not(any(loom, shuttle))))]
            HELD.set(false);
        }
    }

    pub fn assert_none() {
        #[cfg(all(debug_assertions, not(any(loom, shuttle))))]
        assert!(!HELD.get(), "a lock is taken under the machine's lock");
    }
}
