//! The ends of guarded servers while the host lives.

use rustix::process::{Signal, kill_process};
use serde_json::json;
use tenure::Mode;
use tenure_bounds::within;
use tenure_mcp::{Error, ServerCommand};

use super::{parent, pid as process, wait_until_nothing_is_left};
use crate::processes::wait_until_stopped;
use crate::support::{Runtime, call, guarded, guardian, options, patient, pid, run, strict};

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
            assert!(super::started().len() > 4, "guardian, server, and its family");
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
        assert!(error.to_string().contains("its guardian was ended before it (signal: 9"), "{error}");
        wait_until_nothing_is_left("of a server without its guardian");
    });
}
