//! Hosts that are killed: this program again, as a host, at some point of a connect, a call or a teardown.
//!
//! A few times each in the usual run. A thousand times in all, in some minutes (CONTRIBUTING.md has it, too):
//!
//! ```sh
//! TENURE_TEST_KILLS=500 cargo test -p tenure-tests --test children -- row_30
//! ```

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use futures_lite::AsyncBufReadExt as _;
use futures_lite::future::{pending, poll_once};
use rustix::process::{PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
use serde_json::json;
use tenure::Mode;
use tenure_bounds::{BOUND, blocking, mark};
use tenure_mcp::Guardian;

use super::{pid, wait_until_nothing_is_left};
use crate::support::{Notes, Runtime, SHORT, call, guarded, guardian, options, strict};

const PART: &str = "TENURE_TEST_AS_HOST";

/// Returns whether this program is to play one.
pub(crate) fn is_part() -> bool {
    env::var_os(PART).is_some()
}

/// How often each test kills.
fn kills() -> u32 {
    env::var("TENURE_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(12)
}

/// What a host says it is about to do, and how long that takes about.
const POINTS: [(&str, Duration); 3] = [
    ("connects", Duration::from_millis(25)),
    ("calls", Duration::from_millis(15)),
    // Stop and abort, each of `SHORT`, and all that is there to be killed.
    ("closes", Duration::from_millis(420)),
];

/// With a family: a child, one that left group and session, one that forked twice.
const DEAF: &[&str] = &["--family", "--ignore-eof", "--ignore-sigterm"];

fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{what}").and_then(|()| out.flush()).unwrap();
}

/// What a host does, until it is killed.
pub(crate) fn host<R: Runtime>() {
    let steps = Duration::from_millis(30);
    host_under::<R>(&guardian().stop_timeout(steps).abort_timeout(steps));
}

fn host_under<R: Runtime>(guardian: &Guardian) {
    R::block_on(async {
        let client = R::stdio(guarded(guardian, DEAF), options(strict()));
        say("connects");
        let lease = client.acquire().await.unwrap();
        say("calls");
        call(&lease, "slow", json!({ "ms": 10 })).await.unwrap();
        let mut never = std::pin::pin!(call(&lease, "never", json!({})));
        assert!(poll_once(&mut never).await.is_none());
        say("closes");
        client.close(Mode::Force).await;
        pending::<()>().await;
    });
}

pub(crate) struct Host {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Host {
    /// The test that this thread is of, as a host.
    pub(crate) fn start<R: Runtime>() -> Self {
        Self::start_as::<R>(Path::new(""))
    }

    /// The same, which is told of this file by the value of the variable.
    fn start_as<R: Runtime>(note: &Path) -> Self {
        let thread = std::thread::current();
        let mut part = Command::new(env::current_exe().unwrap());
        part.args(["--exact", "--nocapture", thread.name().unwrap()]).env(PART, note);
        mark(&mut part).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = part.spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    pub(crate) fn until(&mut self, what: &str) {
        let mut line = String::new();
        blocking("a word of the host", || {
            while line.trim_end() != what {
                line.clear();
                assert_ne!(self.said.read_line(&mut line).unwrap(), 0, "the host ended before it {what}");
            }
        });
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        blocking("the end of the host", || self.child.wait()).unwrap();
    }
}

pub(crate) fn row_30_nothing_is_left_of_a_host_that_is_killed<R: Runtime>() {
    if is_part() {
        return host::<R>();
    }
    for number in 0..kills() {
        let (point, length) = POINTS[number as usize % POINTS.len()];
        let mut host = Host::start::<R>();
        host.until(point);
        // At any moment of it: that the moments differ is what this is for.
        let moment = length.mul_f64(f64::from(number.wrapping_mul(7919) % 100) / 100.0);
        std::thread::sleep(moment);
        host.kill();
        wait_until_nothing_is_left(&format!("of host {number}, killed {moment:?} after it {point}"));
    }
}

pub(crate) fn row_30_a_server_has_the_times_of_its_session<R: Runtime>() {
    if is_part() {
        return host_under::<R>(&guardian());
    }
    let mut host = Host::start::<R>();
    host.until("calls");
    let killed = Instant::now();
    host.kill();
    wait_until_nothing_is_left("of a host whose guardian was told no times");
    let (took, both) = (killed.elapsed(), SHORT * 2);
    // Less than the five seconds that a guardian has for a server of no session.
    assert!(both <= took && took < Duration::from_secs(4), "it took {took:?}, and was to take {both:?}");
}

/// It is asked to end where it is.
pub(crate) fn row_30_a_server_that_left_its_group_ends_in_order<R: Runtime>() {
    if is_part() {
        let note = env::var_os(PART).unwrap();
        let guardian = guardian().stop_timeout(Duration::from_millis(30)).abort_timeout(BOUND * 2);
        return R::block_on(async {
            let mut command = guardian.command(env!("CARGO_BIN_EXE_scripted-server"));
            command.arg("--leave-group").arg(note);
            let child = tenure_process::spawn_guarded(&R::reactor(), &guardian, &mut command, ());
            let (_stdin, stdout, _process) = child.await.unwrap().split();
            let mut said = String::new();
            futures_lite::io::BufReader::new(stdout).read_line(&mut said).await.unwrap();
            say(&said);
            pending::<()>().await;
        });
    }
    let notes = Notes::new("left-its-group");
    let note = PathBuf::from(notes.path()).join("note");
    let mut host = Host::start_as::<R>(&note);
    host.until("moved");
    host.kill();
    wait_until_nothing_is_left("of a server that left its group");
    assert_eq!(std::fs::read_to_string(note).unwrap(), "in order\n");
}

/// As a process does that the host has forked and that goes on without `exec`.
pub(crate) fn row_30_nothing_is_left_though_another_process_holds_the_lifeline<R: Runtime>() {
    if is_part() {
        return host::<R>();
    }
    let mut host = Host::start::<R>();
    host.until("calls");
    let held = sockets_of(host.pid());
    assert!(!held.is_empty());
    host.kill();
    wait_until_nothing_is_left("of a host whose lifeline this program holds");
    drop(held);
}

pub(crate) fn sockets_of(host: u32) -> Vec<OwnedFd> {
    let process = pidfd_open(pid(host), PidfdFlags::empty()).unwrap();
    let listed = std::fs::read_dir(format!("/proc/{host}/fd")).unwrap();
    let sockets = listed.flatten().filter(|entry| {
        std::fs::read_link(entry.path()).is_ok_and(|what| what.to_string_lossy().starts_with("socket:"))
    });
    let numbers = sockets.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter_map(|number| pidfd_getfd(&process, number, PidfdGetfdFlags::empty()).ok()).collect()
}
