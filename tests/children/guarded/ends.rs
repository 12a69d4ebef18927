//! The ends of guarded servers while the host lives.

use futures_lite::AsyncBufReadExt as _;
use futures_lite::io::BufReader;
use rustix::process::{Signal, kill_process};
use serde_json::json;
use tenure::Mode;
use tenure_bounds::within;
use tenure_mcp::{Error, ServerCommand};

use super::{parent, pid as process, sh, wait_until_nothing_is_left};
use crate::processes::{is_running, wait_until, wait_until_stopped};
use crate::support::{Runtime, call, guarded, guardian, options, patient, pid, run, strict, to_be_guarded};

/// With a family that doesn't end by itself.
const DEAF: &[&str] = &["--family", "--ignore-eof", "--ignore-sigterm"];

fn with_family(args: &[&str]) -> ServerCommand {
    guarded(&guardian(), &[&["--family"], args].concat())
}

pub(crate) fn a_daemon_ends_with_its_session<R: Runtime>() {
    for args in [&[][..], DEAF] {
        run::<R, _>(async {
            let client = R::stdio(with_family(args), options(strict()));
            let lease = client.acquire().await.unwrap();
            // What has just begun to run another program bears no mark for a moment.
            wait_until("guardian, server, and its family", || super::started().len() > 4);
            assert_eq!(call(&lease, "echo", json!({ "text": "here" })).await.unwrap(), "here");
            within("the close", client.close(Mode::Force)).await;
            // At once: the end of the session says so.
            assert_eq!(super::started(), [0; 0], "{args:?}");
            assert_eq!(client.acquire().await.unwrap().generation().number(), 2);
            client.shutdown(Mode::Force).await;
            assert_eq!(super::started(), [0; 0]);
        });
    }
}

pub(crate) fn a_transport_guards_its_server_as_the_command_does<R: Runtime>() {
    run::<R, _>(async {
        let guardian = guardian();
        let command = to_be_guarded(&guardian, &["--family"]);
        let client = R::around(command, options(strict()), |stdio| stdio.guarded(guardian));
        let lease = client.acquire().await.unwrap();
        let guardian = parent(pid(&lease).await);
        assert_eq!(std::fs::read_to_string(format!("/proc/{guardian}/comm")).unwrap(), "tenure: guards\n");
        drop(lease);
        within("the close", client.shutdown(Mode::Force)).await;
        assert_eq!(super::started(), [0; 0]);
    });
}

pub(crate) fn a_daemon_ends_with_a_server_that_dies<R: Runtime>() {
    run::<R, _>(async {
        let client = R::stdio(with_family(&[]), options(patient()));
        let lease = client.acquire().await.unwrap();
        let error = call(&lease, "crash", json!({ "code": 3 })).await.unwrap_err();
        assert!(error.to_string().contains("exit status: 3"), "{error}");
        wait_until_nothing_is_left("of a server that died");
    });
}

pub(crate) fn a_daemon_ends_with_a_runtime_that_is_dropped<R: Runtime>() {
    R::drop_after(with_family(DEAF), options(patient()), async |client| {
        drop(client.acquire().await.unwrap());
    });
    wait_until_nothing_is_left("of a dropped runtime");
}

pub(crate) fn a_guardian_that_somebody_stopped_still_ends_the_server<R: Runtime>() {
    run::<R, _>(async {
        let client = R::stdio(with_family(DEAF), options(strict()));
        let lease = client.acquire().await.unwrap();
        let guardian = parent(pid(&lease).await);
        kill_process(process(guardian), Signal::STOP).unwrap();
        wait_until_stopped(guardian);
        within("the close", client.shutdown(Mode::Force)).await;
        assert_eq!(super::started(), [0; 0]);
    });
}

pub(crate) fn a_server_whose_guardian_was_killed_is_killed_and_that_is_told<R: Runtime>() {
    run::<R, _>(async {
        let command = guarded(&guardian(), &["--ignore-eof", "--ignore-sigterm"]);
        let client = R::stdio(command, options(patient()));
        let lease = client.acquire().await.unwrap();
        let server = pid(&lease).await;
        // In its group.
        call(&lease, "spawn-grandchild", json!({})).await.unwrap();
        let never = call(&lease, "never", json!({}));
        let kill = async {
            kill_process(process(parent(server)), Signal::KILL).unwrap();
        };
        let (error, ()) = futures_lite::future::zip(within("the call", never), kill).await;
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Lost { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("its guardian was ended before it (signal: 9"), "{text}");
        assert!(text.contains("the child was killed, its exit status is lost"), "{text}");
        wait_until_nothing_is_left("of a server without its guardian");
    });
}

pub(crate) fn a_server_whose_guardian_was_killed_is_dead_when_that_is_told<R: Runtime>() {
    run::<R, _>(async {
        for _ in 0..10 {
            let child = sh::<R>("trap '' TERM; sleep 60 & wait; sleep 60").await;
            let server = child.pid();
            let (_stdin, _, mut child) = child.split();
            kill_process(process(parent(server)), Signal::KILL).unwrap();
            let error = within("the end", child.wait()).await.unwrap_err();
            assert!(error.to_string().contains("the child was killed"), "{error}");
            assert!(!is_running(server), "{server} still runs");
        }
    });
}

/// No matter how long the server lives that started them.
pub(crate) fn an_orphan_that_has_ended_is_reaped_while_the_server_lives<R: Runtime>() {
    run::<R, _>(async {
        let (_stdin, stdout, _child) = sh::<R>("(true & echo $!); exec cat").await.split();
        let mut orphan = String::new();
        within("its number", BufReader::new(stdout).read_line(&mut orphan)).await.unwrap();
        // Its folder is there as long as it is a zombie.
        let folder = std::path::Path::new("/proc").join(orphan.trim_end());
        wait_until("the orphan to be reaped", || !folder.exists());
    });
}
