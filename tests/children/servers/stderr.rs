//! Standard error: heard line by line, and the last of it in errors.

use std::process::Stdio;
use std::sync::{Arc, Mutex};

use futures_lite::future;
use serde_json::json;
use tenure::Mode;
use tenure_bounds::within;
use tenure_mcp::{Eras, Error, Failure, ServerCommand, ServerEnded};

use crate::support::{Notes, Runtime, call, options, patient, pid, run, server};

/// What was heard: of which generation, and what.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<(u64, String)>>>);

impl Lines {
    fn of(&self, args: &[&str]) -> ServerCommand {
        let lines = self.clone();
        ServerCommand::new(server(args)).on_stderr(move |generation, line| {
            lines.0.lock().unwrap().push((generation.number(), line.to_string()));
        })
    }

    fn take(&self) -> Vec<(u64, String)> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

fn failure(error: &Error) -> &Failure {
    match error {
        Error::ConnectFailed { failure, .. } | Error::Lost { failure, .. } => failure,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn a_server_that_logs_to_a_pipe_lives_and_its_words_stand_in_the_error<R: Runtime>() {
    run::<R, _>(async {
        let mut command = server(&["--stderr", "starting up"]);
        command.stderr(Stdio::piped());
        let client = R::stdio(command, options(patient()));
        let lease = client.acquire().await.unwrap();
        for line in ["one", "two"] {
            assert_eq!(call(&lease, "log", json!({ "line": line })).await.unwrap(), "logged");
        }
        let error = call(&lease, "crash", json!({ "code": 7 })).await.unwrap_err();
        let words = "its last words on standard error:\n  | starting up\n  | one\n  | two";
        assert_eq!(failure(&error).note(), Some(words));
        assert!(error.to_string().ends_with(words), "{error}");
        assert_eq!(failure(&error).downcast_ref::<ServerEnded>().unwrap().0.code(), Some(7));
        client.shutdown(Mode::Force).await;
    });
}

pub(crate) fn a_connect_that_fails_says_the_servers_last_words<R: Runtime>() {
    run::<R, _>(async {
        let lines = Lines::default();
        let command = lines.of(&["--stderr", "\u{1b}[31mno config\u{202e}", "--exit", "3"]);
        let options = options(patient()).eras(Eras::Legacy);
        let error = R::stdio(command, options).acquire().await.unwrap_err();
        assert!(matches!(error, Error::ConnectFailed { .. }), "{error:?}");
        assert!(error.to_string().ends_with("\n  | no config\u{fffd}"), "{error}");
        assert_eq!(failure(&error).downcast_ref::<ServerEnded>().unwrap().0.code(), Some(3));
        assert_eq!(lines.take(), [(1, "no config\u{fffd}".to_owned())]);
    });
}

pub(crate) fn a_refused_handshake_says_them_too<R: Runtime>() {
    run::<R, _>(async {
        let mut command = server(&["--stderr", "no licence", "--refuse-initialize"]);
        command.stderr(Stdio::piped());
        let error = R::stdio(command, options(patient())).acquire().await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("not today") && text.ends_with("\n  | no licence"), "{text}");
    });
}

pub(crate) fn each_line_is_heard_with_its_generation<R: Runtime>() {
    run::<R, _>(async {
        let lines = Lines::default();
        let client = R::stdio(lines.of(&["--stderr", "up"]), options(patient()));
        for life in [1, 2] {
            let lease = client.acquire().await.unwrap();
            call(&lease, "log", json!({ "line": "hello" })).await.unwrap();
            call(&lease, "crash", json!({})).await.unwrap_err();
            // The session was lost when all of it was heard.
            let heard = lines.take();
            assert_eq!(heard, [(life, "up".to_owned()), (life, "hello".to_owned())]);
        }
    });
}

pub(crate) fn what_a_server_says_while_it_is_torn_down_is_heard<R: Runtime>() {
    run::<R, _>(async {
        let (lines, notes) = (Lines::default(), Notes::new("last_words"));
        // More than any pipe holds.
        let args = ["--last-words", "20000", "--done", notes.path()];
        let client = R::stdio(lines.of(&args), options(patient()));
        let lease = client.acquire().await.unwrap();
        let server = pid(&lease).await;
        client.close(Mode::Force).await;
        assert_eq!(notes.exit_of(server).as_deref(), Some("0"));
        let heard = lines.take();
        assert_eq!(heard.len(), 20_000);
        assert_eq!(heard.last().unwrap(), &(1, "last 20000".to_owned()));
    });
}

pub(crate) fn a_flood_is_heard_whole_and_disturbs_nobody<R: Runtime>() {
    run::<R, _>(async {
        let lines = Lines::default();
        let client = R::stdio(lines.of(&[]), options(patient()));
        let lease = client.acquire().await.unwrap();
        let flood = call(&lease, "stderr-flood", json!({ "bytes": 8 << 20 }));
        let other = call(&lease, "slow", json!({ "ms": 1 }));
        let (flooded, other) = future::zip(flood, other).await;
        assert_eq!((flooded.unwrap(), other.unwrap()), ("flooded".to_owned(), "slow".to_owned()));
        client.close(Mode::Force).await;
        assert_eq!(lines.take().len(), 8 << 10);
    });
}

#[cfg(unix)]
pub(crate) fn what_outlives_a_server_with_its_standard_error_holds_up_nobody<R: Runtime>() {
    use rustix::process::{Pid, Signal, kill_process};
    run::<R, _>(async {
        let lines = Lines::default();
        let client = R::stdio(lines.of(&["--stderr", "up"]), options(patient()));
        let lease = client.acquire().await.unwrap();
        let mut daemons = vec![call(&lease, "daemon", json!({})).await.unwrap()];
        let crash = call(&lease, "crash", json!({}));
        let error = within("the loss", crash).await.unwrap_err();
        assert!(error.to_string().ends_with("\n  | up"), "{error}");
        let lease = client.acquire().await.unwrap();
        daemons.push(call(&lease, "daemon", json!({})).await.unwrap());
        within("the close", client.close(Mode::Force)).await;
        for daemon in daemons {
            let daemon = Pid::from_raw(daemon.parse().unwrap()).unwrap();
            kill_process(daemon, Signal::KILL).unwrap();
        }
    });
}

/// A process that is started so as to leave its job may not be started at all; one that is of it ends with it.
#[cfg(windows)]
pub(crate) fn nothing_outlives_a_server_whatever_it_was_started_with<R: Runtime>() {
    use crate::processes::wait_until_gone;
    run::<R, _>(async {
        let client = R::stdio(Lines::default().of(&["--stderr", "up"]), options(patient()));
        let lease = client.acquire().await.unwrap();
        let left = crate::support::grandchild(&lease).await;
        assert_eq!(call(&lease, "daemon", json!({})).await.unwrap(), "0");
        within("the loss", call(&lease, "crash", json!({}))).await.unwrap_err();
        wait_until_gone(&[left]);
        client.shutdown(Mode::Force).await;
    });
}

/// Two ends of a pipe, and two who hold one of them, have no mode in common on Windows.
#[cfg(unix)]
pub(crate) fn a_server_does_not_get_this_programs_own_standard_error<R: Runtime>() {
    use std::io::stderr;

    use rustix::fs::{OFlags, fcntl_getfl};
    run::<R, _>(async {
        let before = fcntl_getfl(stderr()).unwrap();
        assert!(!before.contains(OFlags::NONBLOCK));
        let client = R::stdio(Lines::default().of(&[]), options(patient()));
        let lease = client.acquire().await.unwrap();
        assert_eq!(call(&lease, "nonblocking-stderr", json!({})).await.unwrap(), "made");
        assert_eq!(fcntl_getfl(stderr()).unwrap(), before);
        client.shutdown(Mode::Force).await;
    });
}

pub(crate) fn an_error_tells_no_more_than_the_last_lines<R: Runtime>() {
    run::<R, _>(async {
        let lines = Lines::default();
        let client = R::stdio(lines.of(&[]), options(patient()));
        let lease = client.acquire().await.unwrap();
        let long = "x".repeat(100_000);
        call(&lease, "log", json!({ "line": long })).await.unwrap();
        for n in 1..=15 {
            call(&lease, "log", json!({ "line": format!("line {n}") })).await.unwrap();
        }
        let error = call(&lease, "crash", json!({})).await.unwrap_err().to_string();
        assert!(error.len() < 2048 && error.ends_with("\n  | line 14\n  | line 15"), "{error}");
        let heard = lines.take();
        assert_eq!(heard.len(), 16);
        assert!(heard[0].1.ends_with("x… (91808 bytes more)"), "{}", heard[0].1.len());
    });
}
