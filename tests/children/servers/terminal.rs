//! A real terminal, which stops what reads from it in the background. Only the leader of a session can take one,
//! so each test is this program again, as such a leader.

use std::any::type_name;
use std::env;
use std::process::{Command, Stdio};

use futures_lite::future;
use rustix::fs::{Mode as Permissions, OFlags, open};
use rustix::process::{Pid, Signal, ioctl_tiocsctty, kill_process, setsid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::json;
use tenure::Mode;
use tenure_bounds::{blocking, mark};
use tenure_mcp::{Error, Failure, ServerStopped};

use crate::processes::{wait_until_gone, wait_until_stopped};
use crate::support::{Runtime, call, options, patient, pid, run, server};

const PART: &str = "TENURE_TEST_WITH_TERMINAL";

/// Runs `body` in a program that has a terminal: in this one, if it is that.
pub(crate) fn with_terminal<R: Runtime>(body: impl Future<Output = ()>) {
    let thread = std::thread::current();
    let test = thread.name().unwrap();
    if env::var_os(PART).is_some() {
        let terminal = take_terminal();
        run::<R, _>(body);
        // A terminal that goes hangs its leader up.
        std::mem::forget(terminal);
        return;
    }
    let mut part = Command::new(env::current_exe().unwrap());
    part.args(["--exact", "--nocapture", test]).env(PART, type_name::<R>());
    mark(&mut part).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = part.spawn().unwrap();
    let said = blocking("the test in a program with a terminal", || child.wait_with_output()).unwrap();
    let said_all =
        [said.stdout, said.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(said.status.success() && said_all.contains("1 passed"), "{said_all}");
}

fn take_terminal() -> [rustix::fd::OwnedFd; 2] {
    setsid().unwrap();
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = open(&*name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Permissions::empty()).unwrap();
    ioctl_tiocsctty(&theirs).unwrap();
    [ours, theirs]
}

pub(crate) fn assert_stopped(failure: &Failure) {
    assert!(failure.downcast_ref::<ServerStopped>().unwrap().0.by_terminal());
    assert!(!failure.is_retryable());
    let text = failure.to_string();
    assert!(text.contains("SIGTTIN") && text.contains("environment"), "{text}");
}

/// The connect deadline is two minutes away, and no test waits so long.
pub(crate) fn a_server_that_asks_the_terminal_is_a_failure_at_once<R: Runtime>() {
    with_terminal::<R>(async {
        let mut command = server(&["--stderr", "token: ", "--ask-terminal"]);
        command.stderr(Stdio::piped());
        let error = R::stdio(command, options(patient())).acquire().await.unwrap_err();
        let Error::ConnectFailed { failure, .. } = &error else { panic!("{error:?}") };
        assert_stopped(failure);
        assert!(error.to_string().ends_with("\n  | token: "), "{error}");
    });
}

pub(crate) fn a_server_that_asks_the_terminal_in_a_call_is_lost_at_once<R: Runtime>() {
    with_terminal::<R>(async {
        let client = R::stdio(server(&[]), options(patient()));
        let lease = client.acquire().await.unwrap();
        let server = pid(&lease).await;
        let error = call(&lease, "ask-terminal", json!({})).await.unwrap_err();
        let Error::Lost { failure, .. } = &error else { panic!("{error:?}") };
        assert_stopped(failure);
        wait_until_gone(&[server]);
        assert_eq!(client.acquire().await.unwrap().generation().number(), 2);
        client.shutdown(Mode::Force).await;
    });
}

pub(crate) fn a_server_that_somebody_stops_and_continues_is_not_lost<R: Runtime>() {
    with_terminal::<R>(async {
        let client = R::stdio(server(&[]), options(patient()));
        let lease = client.acquire().await.unwrap();
        let server = pid(&lease).await;
        let stopped = call(&lease, "stop", json!({}));
        // Polled second: the call is made by then.
        let continued = async {
            wait_until_stopped(server);
            kill_process(Pid::from_raw(i32::try_from(server).unwrap()).unwrap(), Signal::CONT).unwrap();
        };
        let (said, ()) = future::zip(stopped, continued).await;
        assert_eq!(said.unwrap(), "continued");
        lease.ping().await.unwrap();
        client.shutdown(Mode::Force).await;
    });
}
