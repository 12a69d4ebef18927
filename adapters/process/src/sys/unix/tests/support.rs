//! What the tests share.

use std::env;
use std::io;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::task::{Context, Poll};
use std::thread;

use futures_lite::io::BufReader;
use futures_lite::{AsyncBufReadExt as _, AsyncReadExt as _};
use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use tenure_bounds::{BOUND, mark, whole, within};

use crate::child::spawn_watched as spawn;
use crate::sys::parts::Watching;
use crate::{Child, ChildOutput, Reactor, Source, Watched};

/// Asks again and again instead of waiting for readiness; refuses to watch after the first few.
#[derive(Clone)]
pub(super) struct Impatient {
    pub(super) left: Arc<AtomicUsize>,
    pub(super) panics: bool,
}

#[derive(Debug)]
pub(super) struct Busy(Source);

impl Impatient {
    pub(super) fn new() -> Self {
        Self::refusing_after(usize::MAX)
    }

    pub(super) fn refusing_after(left: usize) -> Self {
        Self { left: Arc::new(AtomicUsize::new(left)), panics: false }
    }
}

impl Reactor for Impatient {
    type Watched = Busy;

    fn watch(&self, source: Source) -> io::Result<Busy> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            assert!(!self.panics, "refused");
            return Err(io::Error::other("refused"));
        }
        self.left.store(left - 1, Ordering::Relaxed);
        Ok(Busy(source))
    }
}

/// Asked again at once.
pub(super) fn again<T>(cx: &Context<'_>, tried: io::Result<T>) -> Poll<io::Result<T>> {
    match tried {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        result => Poll::Ready(result),
    }
}

impl Watched for Busy {
    fn source(&self) -> &Source {
        &self.0
    }

    fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        again(cx, self.0.try_read(buffer))
    }

    fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        again(cx, self.0.try_write(bytes))
    }

    fn poll_ended(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        again(cx, self.0.try_ended())
    }
}

pub(super) fn sh(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(script);
    command
}

/// A child that is watched by a thread, and the other half of its token.
pub(super) fn start(command: &mut Command) -> (Child<Busy>, Receiver<()>) {
    start_watched(command, Watching::Thread)
}

pub(super) fn start_watched(command: &mut Command, watching: Watching) -> (Child<Busy>, Receiver<()>) {
    let (theirs, token) = channel::<()>();
    let child = spawn(&Impatient::new(), mark(command), Box::new(theirs), watching).unwrap();
    (child, token)
}

/// Runs a body to its end, which has to come.
pub(super) fn run<T>(body: impl Future<Output = T>) -> T {
    smol::block_on(whole("the test to end", body))
}

pub(super) fn is_held(token: &Receiver<()>) -> bool {
    token.try_recv() == Err(TryRecvError::Empty)
}

pub(super) fn wait_until_dropped(token: &Receiver<()>) {
    let seen = token.recv_timeout(BOUND);
    assert_eq!(seen, Err(RecvTimeoutError::Disconnected));
}

pub(super) fn pid(id: u32) -> Pid {
    Pid::from_raw(i32::try_from(id).unwrap()).unwrap()
}

pub(super) fn assert_reaped(id: u32) {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let seen = waitid(WaitId::Pid(pid(id)), look);
    assert!(matches!(seen, Err(Errno::CHILD)), "child {id}: {seen:?}");
}

pub(super) async fn line(output: &mut BufReader<ChildOutput<Busy>>) -> String {
    let mut line = String::new();
    within("a line of the child's", output.read_line(&mut line)).await.unwrap();
    line.trim_end().to_owned()
}

pub(super) async fn end(output: &mut BufReader<ChildOutput<Busy>>) {
    let mut rest = Vec::new();
    let end = output.read_to_end(&mut rest);
    within("the end of output, which comes when the whole group is gone", end).await.unwrap();
}

/// This test program again, running one of the parts below; `script` starts `$0` with the arguments.
pub(super) fn part(shell: &str, script: &str, name: &str) -> Command {
    let mut command = Command::new(shell);
    command
        .args(["-c", script])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "sys::unix::tests::as_a_part"])
        .env("TENURE_TEST_PART", name);
    command
}

/// Runs a part as a program that was started with SIGCHLD ignored; its last words must be these.
pub(super) fn run_with_sigchld_ignored(name: &str, last: &str) {
    // Not every shell can ignore it; one that can may not be installed.
    let mut part = part("bash", "trap '' CHLD; exec \"$0\" \"$@\"", name);
    if Command::new("bash").arg("--version").output().is_err() {
        return;
    }
    run(async {
        let (child, _token) = start_watched(&mut part, Watching::Best);
        let (_stdin, stdout, mut process) = child.split();
        let mut said = String::new();
        BufReader::new(stdout).read_to_string(&mut said).await.unwrap();
        let status = within("the child to exit", process.wait()).await.unwrap();
        assert!(status.success() && said.contains(last), "{said}");
    });
}

/// Says on which thread it is dropped.
pub(super) struct Dropped(pub(super) Sender<String>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(thread::current().name().unwrap_or_default().to_owned());
    }
}
