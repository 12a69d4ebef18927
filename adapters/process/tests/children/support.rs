//! What the bodies need of a runtime, and ways to see what became of a child.

use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::Duration;

use futures_lite::io::BufReader;
use futures_lite::{AsyncBufReadExt as _, AsyncReadExt as _, future};
use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use tenure_driver::Timer;
use tenure_process::{Child, ChildOutput, Reactor};

/// Far longer than anything here takes, on a busy machine too.
const LONG: Duration = Duration::from_secs(30);

/// The runtime a body runs on.
pub(crate) trait Runtime {
    type Reactor: Reactor;
    type Timer: Timer;

    fn reactor() -> Self::Reactor;
    fn timer() -> Self::Timer;
    fn block_on<T>(body: impl Future<Output = T>) -> T;

    /// Runs `task` in a runtime of its own, which is dropped with it as soon as `until` ends.
    fn drop_with(task: impl Future<Output = ()> + Send + 'static, until: impl Future<Output = ()>);
}

pub(crate) type Watched<R> = <<R as Runtime>::Reactor as Reactor>::Watched;

/// Runs a body to its end, which has to come.
pub(crate) fn run<R: Runtime, T>(body: impl Future<Output = T>) -> T {
    R::block_on(async {
        let timer = R::timer();
        let late = timer.sleep_until(timer.now().saturating_add(LONG));
        let late = async {
            late.await;
            panic!("the test has not ended in time");
        };
        future::or(body, late).await
    })
}

/// A child of `/bin/sh`, and its token.
pub(crate) fn sh<R: Runtime>(script: &str) -> (Child<Watched<R>>, Token) {
    start::<R>(Command::new("/bin/sh").arg("-c").arg(script))
}

pub(crate) fn start<R: Runtime>(command: &mut Command) -> (Child<Watched<R>>, Token) {
    let (theirs, token) = token();
    let child = tenure_process::spawn(&R::reactor(), command, theirs).unwrap();
    (child, token)
}

/// Tells whether the other half was dropped.
pub(crate) struct Token(Receiver<()>);

pub(crate) fn token() -> (Sender<()>, Token) {
    let (theirs, ours) = channel();
    (theirs, Token(ours))
}

impl Token {
    pub(crate) fn is_held(&self) -> bool {
        self.0.try_recv() == Err(TryRecvError::Empty)
    }

    pub(crate) fn wait_until_dropped(&self) {
        assert_eq!(self.0.recv_timeout(LONG), Err(RecvTimeoutError::Disconnected), "the token is still held");
    }
}

/// The lines a child writes.
pub(crate) struct Lines<R: Runtime>(BufReader<ChildOutput<Watched<R>>>);

impl<R: Runtime> Lines<R> {
    pub(crate) fn of(output: ChildOutput<Watched<R>>) -> Self {
        Self(BufReader::new(output))
    }

    pub(crate) async fn next(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.unwrap();
        line.trim_end().to_owned()
    }

    /// Comes when nobody holds the other end any more.
    pub(crate) async fn end(mut self) -> String {
        let mut rest = String::new();
        self.0.read_to_string(&mut rest).await.unwrap();
        rest
    }
}

pub(crate) fn pid(id: u32) -> Pid {
    Pid::from_raw(i32::try_from(id).unwrap()).unwrap()
}

/// Neither running nor a zombie: not a child of ours any more.
pub(crate) fn assert_reaped(id: u32) {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let seen = waitid(WaitId::Pid(pid(id)), look);
    assert!(matches!(seen, Err(Errno::CHILD)), "child {id}: {seen:?}");
}

pub(crate) fn wait_until_stopped(id: u32) {
    let stopped = WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT;
    let seen = waitid(WaitId::Pid(pid(id)), stopped).unwrap();
    assert!(seen.is_some_and(|seen| seen.stopped()));
}
