//! Row 18 with a real child, in a process of its own whose only runtime is dropped.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::time::Instant;

use futures_lite::future;
use tenure::{Config, Mode};
use tenure_bounds::{BOUND, blocking, mark, whole};
use tenure_driver::{Builder, Error, Failure, FromFn, Life, Timer, from_fn};
use tenure_kit::Runtime;
use tenure_process::Reactor;

/// Says that the test was started again, as the process of its own.
const ALONE: &str = "TENURE_TEST_ALONE";

/// Starts `test`, the path of the test that calls this, again in another process, and runs the body there.
pub(crate) fn in_a_process_of_its_own<R, X>(test: &str, reactor: fn() -> X)
where
    R: Runtime<Timer: Send + 'static>,
    <R::Timer as Timer>::Sleep: Send,
    X: Reactor<Watched: Send> + Send + 'static,
{
    if std::env::var_os(ALONE).is_some() {
        return body::<R, X>(reactor);
    }
    let mut alone = Command::new(std::env::current_exe().unwrap());
    mark(alone.args([test, "--exact", "--nocapture"]).env(ALONE, "1").stdin(Stdio::null()));
    let status = blocking("the process of its own to end", || alone.status().unwrap());
    assert!(status.success(), "{status}");
}

fn body<R, X>(reactor: fn() -> X)
where
    R: Runtime<Timer: Send + 'static>,
    <R::Timer as Timer>::Sleep: Send,
    X: Reactor<Watched: Send> + Send + 'static,
{
    let (client, mut call, mut closing, mut next, pid) = R::block_on(whole("calls in flight", async {
        let (client, driver) = Builder::new(Config::default()).build(sleeping(reactor), R::timer());
        R::spawn(driver);
        let lease = client.acquire().await.unwrap();
        let pid = lease.run(async |pid| *pid).await.unwrap();
        let mut call =
            Box::pin(async move { lease.run(async |_: &u32| std::future::pending::<()>().await).await });
        let mut closing = client.close(Mode::Graceful);
        let mut next = client.acquire_owned();
        assert!(future::poll_once(&mut call).await.is_none());
        assert!(future::poll_once(&mut closing).await.is_none());
        assert!(future::poll_once(&mut next).await.is_none());
        assert!(process(pid).exists(), "the child runs");
        (client, call, closing, next, pid)
    }));

    // No runtime is left in this process.
    assert_dropped(&now(&mut call).unwrap_err());
    assert_dropped(&now(&mut next).unwrap_err());
    now(&mut closing);
    assert_dropped(&now(&mut client.acquire()).unwrap_err());
    let start = Instant::now();
    while process(pid).exists() {
        assert!(
            start.elapsed() < BOUND,
            "waited {BOUND:?} for the child to be gone: it is left, or a zombie"
        );
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

type Run = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// A connector whose generations are each a child that does nothing for a minute.
fn sleeping<X>(reactor: fn() -> X) -> FromFn<u32, impl FnMut(Life<u32>) -> Run>
where
    X: Reactor<Watched: Send> + Send + 'static,
{
    from_fn(move |life: Life<u32>| {
        Box::pin(async move {
            let mut sleep = Command::new("/bin/sleep");
            let child = tenure_process::spawn(&reactor(), mark(sleep.arg("60")), life.linger())?;
            let pid = child.pid();
            let (stdin, _stdout, mut process) = child.split();
            life.ready(pid).stopped().await;
            drop(stdin);
            process.wait().await?;
            Ok(())
        }) as _
    })
}

/// Exists as long as the process runs or is still to be reaped.
fn process(pid: u32) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}"))
}

fn now<F: Future + Unpin>(future: &mut F) -> F::Output {
    future::block_on(future::poll_once(future)).expect("it waits for nothing")
}

fn assert_dropped(error: &Error) {
    assert!(matches!(error, Error::Lost { .. }), "{error}");
}
