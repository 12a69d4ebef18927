//! The way without a pidfd, and what can't be reached from outside.

use std::env;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::task::{Context, Poll};
use std::thread;

use futures_lite::io::BufReader;
use futures_lite::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, future};
use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, WaitOptions, getpgid, waitid, waitpid};

use tenure_bounds::{BOUND, blocking, mark, whole, within};

use super::Watching;
use crate::child::spawn_watched as spawn;
use crate::{Child, ChildOutput, Reactor, Source, SpawnError, Watched};

/// Asks again and again instead of waiting for readiness; refuses to watch after the first few.
#[derive(Clone)]
struct Impatient {
    left: Arc<AtomicUsize>,
    panics: bool,
}

#[derive(Debug)]
struct Busy(Source);

impl Impatient {
    fn new() -> Self {
        Self::refusing_after(usize::MAX)
    }

    fn refusing_after(left: usize) -> Self {
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
fn again<T>(cx: &Context<'_>, tried: io::Result<T>) -> Poll<io::Result<T>> {
    match tried {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        result => Poll::Ready(result),
    }
}

impl Watched for Busy {
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

fn sh(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(script);
    command
}

/// A child that is watched by a thread, and the other half of its token.
fn start(command: &mut Command) -> (Child<Busy>, Receiver<()>) {
    start_watched(command, Watching::Thread)
}

fn start_watched(command: &mut Command, watching: Watching) -> (Child<Busy>, Receiver<()>) {
    let (theirs, token) = channel::<()>();
    let child = spawn(&Impatient::new(), mark(command), Box::new(theirs), watching).unwrap();
    (child, token)
}

/// Runs a body to its end, which has to come.
fn run<T>(body: impl Future<Output = T>) -> T {
    smol::block_on(whole("the test to end", body))
}

fn is_held(token: &Receiver<()>) -> bool {
    token.try_recv() == Err(TryRecvError::Empty)
}

fn wait_until_dropped(token: &Receiver<()>) {
    let seen = token.recv_timeout(BOUND);
    assert_eq!(seen, Err(RecvTimeoutError::Disconnected));
}

fn pid(id: u32) -> Pid {
    Pid::from_raw(i32::try_from(id).unwrap()).unwrap()
}

fn assert_reaped(id: u32) {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let seen = waitid(WaitId::Pid(pid(id)), look);
    assert!(matches!(seen, Err(Errno::CHILD)), "child {id}: {seen:?}");
}

async fn line(output: &mut BufReader<ChildOutput<Busy>>) -> String {
    let mut line = String::new();
    within("a line of the child's", output.read_line(&mut line)).await.unwrap();
    line.trim_end().to_owned()
}

async fn end(output: &mut BufReader<ChildOutput<Busy>>) {
    let mut rest = Vec::new();
    let end = output.read_to_end(&mut rest);
    within("the end of output, which comes when the whole group is gone", end).await.unwrap();
}

#[test]
fn without_pidfd_ends_on_end_of_input() {
    run(async {
        let (child, token) = start(&mut Command::new("cat"));
        let id = child.pid();
        let (mut stdin, mut stdout, mut process) = child.split();
        stdin.write_all(b"hello").await.unwrap();
        drop(stdin);
        let mut said = String::new();
        stdout.read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "hello");
        assert!(within("the child to exit", process.wait()).await.unwrap().success());
        assert!(within("the child to exit", process.wait()).await.unwrap().success());
        assert!(!is_held(&token));
        assert_reaped(id);
    });
}

#[test]
fn without_pidfd_wakes_the_latest_waiter() {
    run(async {
        let (child, _token) = start(&mut sh("echo ready; exec sleep 60"));
        let (_stdin, stdout, mut process) = child.split();
        assert_eq!(line(&mut BufReader::new(stdout)).await, "ready");
        assert!(future::poll_once(process.wait()).await.is_none());
        assert!(future::poll_once(process.exited()).await.is_none());
        process.terminate().unwrap();
        assert_eq!(within("the child to exit", process.wait()).await.unwrap().signal(), Some(15));
    });
}

#[test]
fn without_pidfd_dropped_while_running() {
    run(async {
        let (child, token) = start(&mut sh("trap '' TERM; sleep 60 & echo ready; wait"));
        let id = child.pid();
        let (_stdin, stdout, process) = child.split();
        let mut stdout = BufReader::new(stdout);
        assert_eq!(line(&mut stdout).await, "ready");
        drop(process);
        wait_until_dropped(&token);
        assert_reaped(id);
        end(&mut stdout).await;
    });
}

#[test]
fn without_pidfd_dropped_after_its_exit() {
    run(async {
        let (child, token) = start(&mut sh("sleep 60 & exit 0"));
        let id = child.pid();
        let (_stdin, stdout, mut process) = child.split();
        within("the exit", process.exited()).await.unwrap();
        assert!(is_held(&token));
        drop(process);
        assert!(!is_held(&token));
        assert_reaped(id);
        end(&mut BufReader::new(stdout)).await;
    });
}

#[test]
fn its_debug_output_says_whether_it_was_reaped() {
    run(async {
        let (child, _token) = start(&mut Command::new("cat"));
        let (stdin, _stdout, mut process) = child.split();
        assert!(format!("{process:?}").contains("Unreaped { pid: "), "{process:?}");
        drop(stdin);
        within("the child to exit", process.wait()).await.unwrap();
        assert!(format!("{process:?}").contains("Reaped(ExitStatus"), "{process:?}");
    });
}

/// Says on which thread it is dropped.
struct Dropped(Sender<String>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(thread::current().name().unwrap_or_default().to_owned());
    }
}

#[test]
fn without_pidfd_no_second_thread_is_started_to_reap_it() {
    for _ in 0..20 {
        let (theirs, thread) = channel();
        let mut sleep = sh("exec sleep 60");
        let token = Box::new(Dropped(theirs));
        drop(spawn(&Impatient::new(), mark(&mut sleep), token, Watching::Thread).unwrap());
        assert_ne!(thread.recv_timeout(BOUND).unwrap(), "tenure-reaper");
    }
}

/// Whatever fails after the start, nothing is left of the child.
#[test]
fn a_reactor_that_refuses() {
    for (refused, panics) in (0..4).flat_map(|n| [(n, false), (n, true)]) {
        // Each process of the group holds this; its end says that all are gone.
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let mut command = sh("sleep 60 & wait");
        command.stderr(Stdio::from(OwnedFd::from(theirs)));
        let (theirs, token) = channel::<()>();
        let mut reactor = Impatient::refusing_after(refused);
        reactor.panics = panics;
        let spawned = catch_unwind(AssertUnwindSafe(|| {
            spawn(&reactor, mark(&mut command), Box::new(theirs), Watching::Best)
        }));
        drop(command);
        match spawned {
            Ok(Ok(child)) => {
                assert!(refused >= 2, "a pidfd if there is one, and two pipes");
                drop(child);
            }
            Ok(Err(error)) => assert!(matches!(error, SpawnError::Io { .. }), "{error:?}"),
            Err(_) => assert!(panics),
        }
        wait_until_dropped(&token);
        let end = blocking("the whole group to be gone", || ours.read(&mut [0]));
        assert_eq!(end.unwrap(), 0);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn takes_a_pidfd_where_there_is_one() {
    use rustix::process::{PidfdFlags, getpid, pidfd_open};

    let pidfds = usize::from(pidfd_open(getpid(), PidfdFlags::empty()).is_ok());
    for (watching, expected) in [(Watching::Best, 2 + pidfds), (Watching::Thread, 2)] {
        let reactor = Impatient::refusing_after(10);
        let child = spawn(&reactor, &mut Command::new("cat"), Box::new(()), watching).unwrap();
        assert_eq!(reactor.left.load(Ordering::Relaxed), 10 - expected);
        drop(child);
    }
}

/// Somebody's `waitpid(-1)`.
#[test]
fn reaped_by_somebody_else() {
    for watching in [Watching::Best, Watching::Thread] {
        run(async {
            let (child, token) = start_watched(&mut sh("exit 0"), watching);
            let (_stdin, _stdout, mut process) = child.split();
            blocking("the exit", || waitpid(Some(pid(process.pid())), WaitOptions::empty())).unwrap();
            process.terminate().unwrap();
            process.kill().unwrap();
            within("the exit", process.exited()).await.unwrap();
            assert!(is_held(&token));
            let error = process.wait().await.unwrap_err();
            assert!(error.to_string().contains("SIGCHLD"), "{error}");
            assert!(!is_held(&token));
            assert!(process.try_wait().is_err());
        });

        let (child, token) = start_watched(&mut sh("exit 0"), watching);
        blocking("the exit", || waitpid(Some(pid(child.pid())), WaitOptions::empty())).unwrap();
        drop(child);
        wait_until_dropped(&token);
    }
}

/// This test program again, running one of the parts below; `script` starts `$0` with the arguments.
fn part(shell: &str, script: &str, name: &str) -> Command {
    let mut command = Command::new(shell);
    command
        .args(["-c", script])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "sys::unix::tests::as_a_part"])
        .env("TENURE_TEST_PART", name);
    command
}

/// Does nothing unless started by one of the tests below.
#[test]
fn as_a_part() {
    match env::var("TENURE_TEST_PART").as_deref() {
        Ok("leave") => {
            let parents = getpgid(rustix::process::getppid()).unwrap();
            rustix::process::setpgid(None, Some(parents)).unwrap();
            println!("\nleft");
            let _ = io::stdin().read(&mut [0]);
        }
        Ok("ignore") => children_are_reaped_by_the_system(),
        _ => {}
    }
}

#[test]
fn a_leader_that_leaves_its_group() {
    for end in [false, true] {
        run(async {
            let (child, token) =
                start_watched(&mut part("/bin/sh", "exec \"$0\" \"$@\"", "leave"), Watching::Best);
            let id = child.pid();
            let (_stdin, stdout, mut process) = child.split();
            let mut stdout = BufReader::new(stdout);
            while line(&mut stdout).await != "left" {}
            if end {
                drop(process);
                wait_until_dropped(&token);
            } else {
                process.terminate().unwrap();
                assert_eq!(within("the child to exit", process.wait()).await.unwrap().signal(), Some(15));
            }
            assert_reaped(id);
        });
    }
}

/// In a program that was started with SIGCHLD ignored there is no zombie, ever: a child is gone at
/// once. Nothing may hang on that.
#[test]
fn sigchld_ignored() {
    // Not every shell can ignore it; one that can may not be installed.
    let mut part = part("bash", "trap '' CHLD; exec \"$0\" \"$@\"", "ignore");
    if Command::new("bash").arg("--version").output().is_err() {
        return;
    }
    run(async {
        let (child, _token) = start_watched(&mut part, Watching::Best);
        let (_stdin, stdout, mut process) = child.split();
        let mut said = String::new();
        BufReader::new(stdout).read_to_string(&mut said).await.unwrap();
        let status = within("the child to exit", process.wait()).await.unwrap();
        assert!(status.success() && said.contains("\nnothing hung"), "{said}");
    });
}

fn children_are_reaped_by_the_system() {
    for watching in [Watching::Best, Watching::Thread] {
        run(async {
            let (child, token) = start_watched(&mut Command::new("cat"), watching);
            let (stdin, _stdout, mut process) = child.split();
            drop(stdin);
            within("the exit", process.exited()).await.unwrap();
            assert!(process.wait().await.is_err());
            assert!(!is_held(&token));

            let (child, token) = start_watched(&mut sh("sleep 60 & wait"), watching);
            drop(child);
            wait_until_dropped(&token);
        });
    }
    println!("\nnothing hung");
}
