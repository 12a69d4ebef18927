//! What the bodies need of a runtime, and ways to see what became of a child.

use std::future::poll_fn;
use std::pin::Pin;
use std::process::{Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::task::Poll;

use futures_lite::io::BufReader;
use futures_lite::{AsyncBufReadExt as _, AsyncReadExt as _};
use tenure_bounds::{BOUND, mark, whole, within};
use tenure_process::{Child, ChildOutput, Process, Reactor};

/// The runtime a body runs on.
pub(crate) trait Runtime {
    type Reactor: Reactor;

    fn reactor() -> Self::Reactor;
    fn block_on<T>(body: impl Future<Output = T>) -> T;

    /// Runs `task` in a runtime of its own, which is dropped with it as soon as `until` ends.
    fn drop_with(task: impl Future<Output = ()> + Send + 'static, until: impl Future<Output = ()>);
}

pub(crate) type Watched<R> = <<R as Runtime>::Reactor as Reactor>::Watched;

/// Runs a body to its end, which has to come.
pub(crate) fn run<R: Runtime, T>(body: impl Future<Output = T>) -> T {
    R::block_on(whole("the test to end", body))
}

/// A child of `/bin/sh`, and its token.
#[cfg(unix)]
pub(crate) fn sh<R: Runtime>(script: &str) -> (Child<Watched<R>>, Token) {
    start::<R>(Command::new("/bin/sh").arg("-c").arg(script))
}

pub(crate) fn start<R: Runtime>(command: &mut Command) -> (Child<Watched<R>>, Token) {
    let (theirs, token) = token();
    let child = tenure_process::spawn(&R::reactor(), mark(command), theirs).unwrap();
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
        assert_eq!(
            self.0.recv_timeout(BOUND),
            Err(RecvTimeoutError::Disconnected),
            "the token is still held"
        );
    }
}

/// Waits for the child to exit, and reaps it.
pub(crate) async fn exit<R: Runtime>(process: &mut Process<Watched<R>>) -> ExitStatus {
    within("the child to exit", process.wait()).await.unwrap()
}

/// The lines a child writes.
pub(crate) struct Lines<R: Runtime>(BufReader<ChildOutput<Watched<R>>>);

impl<R: Runtime> Lines<R> {
    pub(crate) fn of(output: ChildOutput<Watched<R>>) -> Self {
        Self(BufReader::new(output))
    }

    pub(crate) async fn next(&mut self) -> String {
        let mut line = String::new();
        within("a line of the child's", self.0.read_line(&mut line)).await.unwrap();
        line.trim_end().to_owned()
    }

    /// Comes when nobody holds the other end any more.
    pub(crate) async fn end(mut self) -> String {
        let mut rest = String::new();
        let end = self.0.read_to_string(&mut rest);
        within("the end of output, which comes when the whole group is gone", end).await.unwrap();
        rest
    }
}

/// Neither running nor a zombie: not a child of ours any more.
#[cfg(unix)]
pub(crate) fn assert_reaped(id: u32) {
    use rustix::io::Errno;
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

    let pid = Pid::from_raw(i32::try_from(id).unwrap()).unwrap();
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let seen = waitid(WaitId::Pid(pid), look);
    assert!(matches!(seen, Err(Errno::CHILD)), "child {id}: {seen:?}");
}

/// Polls the future once; returns whether it waits.
pub(crate) async fn is_pending<F: Future>(mut future: Pin<&mut F>) -> bool {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}
