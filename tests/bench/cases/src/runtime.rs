//! The runtimes.

use std::future::Future;
use std::thread;

use futures_lite::future;
use smol::Executor;
use tenure_mcp::{Client, Options, ServerCommand, SessionTimer, Stdio};
use tenure_smol::{SmolReactor, SmolTimer};
use tenure_tokio::TokioTimer;
use tokio::runtime::Builder;

/// Threads of the runtimes that have several.
pub const WORKERS: usize = 2;

/// What cases ask of a runtime.
pub trait Runtime: 'static {
    type Timer: SessionTimer;

    fn timer() -> Self::Timer;
    fn spawn(task: impl Future<Output = ()> + Send + 'static);
    /// Runs it to its end, and what it spawns meanwhile: on this thread, or as a task of the workers.
    fn block_on<T: Send + 'static>(main: impl Future<Output = T> + Send + 'static) -> T;
    /// A client of a child process.
    fn stdio(command: ServerCommand, options: Options) -> Client;
}

/// tokio's scheduler of one thread.
pub struct Tokio;

/// tokio's scheduler of `N` threads; what is measured is a task among others.
pub struct TokioThreads<const N: usize>;

/// The same with [`WORKERS`].
pub type TokioWorkers = TokioThreads<WORKERS>;

/// An executor on one thread, which looks after smol's reactor, too.
pub struct Smol;

/// The same on several threads.
pub struct SmolWorkers;

/// An executor of smol's on one thread that never looks at the reactor, for operations that don't wait for it. To be
/// counted: when smol's own `block_on` does so, and whether it or another thread does, is a question of time.
pub struct SmolUnwatched;

static ALONE: Executor<'static> = Executor::new();
static SHARED: Executor<'static> = Executor::new();

impl Runtime for Tokio {
    type Timer = TokioTimer;

    fn timer() -> TokioTimer {
        TokioTimer::new()
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        drop(tenure_tokio::spawn(task));
    }

    fn block_on<T: Send + 'static>(main: impl Future<Output = T> + Send + 'static) -> T {
        Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(main)
    }

    fn stdio(command: ServerCommand, options: Options) -> Client {
        tenure_tokio::mcp::stdio(command, options)
    }
}

impl<const N: usize> Runtime for TokioThreads<N> {
    type Timer = TokioTimer;

    fn timer() -> TokioTimer {
        Tokio::timer()
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        Tokio::spawn(task);
    }

    fn block_on<T: Send + 'static>(main: impl Future<Output = T> + Send + 'static) -> T {
        let runtime = Builder::new_multi_thread().worker_threads(N).enable_all().build();
        let runtime = runtime.expect("a runtime");
        runtime.block_on(runtime.spawn(main)).expect("it doesn't panic")
    }

    fn stdio(command: ServerCommand, options: Options) -> Client {
        Tokio::stdio(command, options)
    }
}

/// A client of a child process whose driver is spawned on `R`.
fn stdio_of_smol<R: Runtime>(command: ServerCommand, options: Options) -> Client {
    let (client, driver) = tenure_mcp::connect(options, Stdio::new(SmolReactor::new(), command), R::timer());
    R::spawn(driver);
    client
}

impl Runtime for Smol {
    type Timer = SmolTimer;

    fn timer() -> SmolTimer {
        SmolTimer::new()
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        ALONE.spawn(task).detach();
    }

    fn block_on<T: Send + 'static>(main: impl Future<Output = T> + Send + 'static) -> T {
        smol::block_on(ALONE.run(main))
    }

    fn stdio(command: ServerCommand, options: Options) -> Client {
        stdio_of_smol::<Self>(command, options)
    }
}

impl Runtime for SmolUnwatched {
    type Timer = SmolTimer;

    fn timer() -> SmolTimer {
        Smol::timer()
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        Smol::spawn(task);
    }

    fn block_on<T: Send + 'static>(main: impl Future<Output = T> + Send + 'static) -> T {
        future::block_on(ALONE.run(main))
    }

    fn stdio(command: ServerCommand, options: Options) -> Client {
        stdio_of_smol::<Self>(command, options)
    }
}

impl Runtime for SmolWorkers {
    type Timer = SmolTimer;

    fn timer() -> SmolTimer {
        Smol::timer()
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        SHARED.spawn(task).detach();
    }

    fn block_on<T: Send + 'static>(main: impl Future<Output = T> + Send + 'static) -> T {
        let (done, on_done) = smol::channel::bounded::<()>(1);
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| smol::block_on(SHARED.run(on_done.recv())));
            }
            let result = smol::block_on(SHARED.spawn(main));
            drop(done);
            result
        })
    }

    fn stdio(command: ServerCommand, options: Options) -> Client {
        stdio_of_smol::<Self>(command, options)
    }
}
