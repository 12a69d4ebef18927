//! The bodies on tokio.

use tenure_tokio::TokioReactor;
use tokio::runtime::{Builder, Runtime};

use crate::body;

pub(crate) struct Tokio;

impl crate::support::Runtime for Tokio {
    type Reactor = TokioReactor;

    fn reactor() -> TokioReactor {
        TokioReactor::new()
    }

    fn block_on<T>(body: impl Future<Output = T>) -> T {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(body)
    }

    fn drop_with(task: impl Future<Output = ()> + Send + 'static, until: impl Future<Output = ()>) {
        let runtime = Runtime::new().unwrap();
        let task = runtime.spawn(task);
        runtime.block_on(until);
        assert!(!task.is_finished());
        drop(runtime);
    }
}

crate::body::tests!(Tokio);

/// The reactor can be told its runtime, and then works in any executor.
#[test]
#[cfg(unix)]
fn works_in_another_executor() {
    use futures_lite::{AsyncReadExt as _, AsyncWriteExt as _};

    let runtime = Runtime::new().unwrap();
    let reactor = TokioReactor::of(runtime.handle().clone());
    let mut cat = std::process::Command::new("cat");
    futures_lite::future::block_on(tenure_bounds::whole("the test to end", async {
        let (mut stdin, mut stdout, mut process) =
            tenure_process::spawn(&reactor, tenure_bounds::mark(&mut cat), ()).unwrap().split();
        stdin.write_all(b"there").await.unwrap();
        drop(stdin);
        let mut said = String::new();
        stdout.read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "there");
        assert!(process.wait().await.unwrap().success());
    }));
}

/// Outside a runtime the child is not started, and the error says why.
#[test]
#[cfg(unix)]
fn needs_a_runtime() {
    let (theirs, token) = crate::support::token();
    let mut sleep = std::process::Command::new("sleep");
    let error = tenure_process::spawn(&TokioReactor::new(), sleep.arg("60"), theirs).unwrap_err();
    assert!(error.to_string().contains("no reactor running"), "{error}");
    token.wait_until_dropped();
}
