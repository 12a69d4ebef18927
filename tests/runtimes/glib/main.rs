//! `GLib`'s main context, as programs with GTK run it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

#[path = "../local.rs"]
mod local;

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use glib::MainContext;
use tenure::Time;
use tenure_driver::Timer;
use tenure_kit::Runtime;

#[derive(Clone)]
struct GlibTimer(Instant);

/// The longest that `GLib` sleeps at once: it counts milliseconds in 32 bits.
const LONGEST: Duration = Duration::from_hours(24);

impl Timer for GlibTimer {
    type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

    fn now(&self) -> Time {
        Time::from_instant(self.0, Instant::now())
    }

    /// In whole milliseconds, never early, and in steps where it is far.
    fn sleep_until(&self, deadline: Time) -> Self::Sleep {
        let timer = self.clone();
        Box::pin(async move {
            while timer.now() < deadline {
                let left = deadline.saturating_since(timer.now()).min(LONGEST);
                let millis = left.as_nanos().div_ceil(1_000_000).try_into().unwrap_or(u64::MAX);
                glib::timeout_future(Duration::from_millis(millis)).await;
            }
        })
    }

    /// The context looks at its descriptors each time that it looks at its timeouts.
    fn catch_up(&self) -> Option<Self::Sleep> {
        Some(glib::timeout_future(Duration::from_millis(1)))
    }
}

// For the kit: an instance that ends with its body.

thread_local! {
    static CURRENT: RefCell<Option<MainContext>> = const { RefCell::new(None) };
}

struct Glib;

impl Runtime for Glib {
    type Timer = GlibTimer;

    fn block_on<F: Future>(body: F) -> F::Output {
        let context = MainContext::new();
        CURRENT.set(Some(context.clone()));
        let output = context.block_on(body);
        CURRENT.set(None);
        output
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        drop(CURRENT.with_borrow(|current| current.as_ref().unwrap().spawn(task)));
    }

    fn timer() -> GlibTimer {
        GlibTimer(Instant::now())
    }
}

tenure_kit::conformance!(Glib);

#[test]
fn a_session_that_is_not_send_lives_on_its_thread() {
    tenure_kit::run::<Glib>(
        "not Send",
        local::lives_on_its_thread(
            |task| drop(CURRENT.with_borrow(|current| current.as_ref().unwrap().spawn_local(task))),
            Glib::timer(),
        ),
    );
}
