//! An executor shaped like an editor's: drivers in the background, and drivers on the foreground thread.

mod executor;
mod foreground;

use std::cell::RefCell;
use std::future::Future;
use std::time::Instant;

use tenure::Time;
use tenure_driver::Timer;
use tenure_kit::Runtime;

use self::executor::{Background, Editor, Foreground, Task};

struct PoolTimer(Background, Instant);

impl Timer for PoolTimer {
    type Sleep = Task<()>;

    fn now(&self) -> Time {
        Time::from_instant(self.1, Instant::now())
    }

    fn sleep_until(&self, deadline: Time) -> Task<()> {
        match deadline.to_instant(self.1) {
            Some(deadline) => self.0.timer(deadline),
            None => self.0.spawn(std::future::pending()),
        }
    }
}

// For the kit: an instance that ends with its body.

/// What a window's model would own: its sessions end with it.
struct Window {
    background: Background,
    foreground: Foreground,
    sessions: Vec<Task<()>>,
}

thread_local! {
    static WINDOW: RefCell<Option<Window>> = const { RefCell::new(None) };
}

fn in_window<T>(act: impl FnOnce(&mut Window) -> T) -> T {
    WINDOW.with_borrow_mut(|window| act(window.as_mut().unwrap()))
}

fn block_on<F: Future>(body: F) -> F::Output {
    let editor = Editor::new(2);
    let (background, foreground) = (editor.background.clone(), editor.foreground.clone());
    WINDOW.set(Some(Window { background, foreground, sessions: Vec::new() }));
    let output = editor.run(body);
    WINDOW.set(None);
    output
}

/// Drivers on the pool.
struct InBackground;

impl Runtime for InBackground {
    type Timer = PoolTimer;

    fn block_on<F: Future>(body: F) -> F::Output {
        block_on(body)
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        in_window(|window| window.sessions.push(window.background.spawn(task)));
    }

    fn timer() -> PoolTimer {
        in_window(|window| PoolTimer(window.background.clone(), Instant::now()))
    }
}

/// Drivers on the foreground thread.
struct OnForeground;

impl Runtime for OnForeground {
    type Timer = PoolTimer;

    fn block_on<F: Future>(body: F) -> F::Output {
        block_on(body)
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        in_window(|window| window.sessions.push(window.foreground.spawn(task)));
    }

    fn timer() -> PoolTimer {
        InBackground::timer()
    }
}

mod in_background {
    tenure_kit::conformance!(super::InBackground);
}

mod on_foreground {
    tenure_kit::conformance!(super::OnForeground);
}
