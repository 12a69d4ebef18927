//! Programs that have children, with and without a console, and how they end.

use std::error::Error as _;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::windows::process::CommandExt as _;
use std::process::{Command, Stdio, exit};

use tenure_bounds::{blocking, within};
use tenure_process::SpawnError;

use super::folder::Folder;
use super::playing::{is_wine, marked, own, part, play, ready, say};
use crate::support::{Lines, Runtime, run, start};

/// A console of its own, which isn't shown.
const CREATE_NO_WINDOW: u32 = 0x0800_0000;
/// No console.
const DETACHED_PROCESS: u32 = 0x0000_0008;
const ERROR_INVALID_HANDLE: i32 = 6;

/// The part of a host, on the runtime of the test.
fn host<R: Runtime>(name: &str, flags: u32) -> Command {
    let runtime = if std::any::type_name::<R::Reactor>().contains("Tokio") { "tokio" } else { "smol" };
    let mut host = marked(part(&format!("{name} {runtime}")));
    host.creation_flags(flags).stdin(Stdio::null()).stdout(Stdio::piped());
    host
}

/// What a host does that was told `name`, and on which runtime.
pub(super) fn play_host<R: Runtime>(name: &str) {
    run::<R, _>(async {
        match name {
            "crash" | "live" => {
                let (child, _token) = play::<R>("family");
                let (_stdin, stdout, mut process) = child.split();
                ready(&mut Lines::<R>::of(stdout)).await;
                if name == "crash" {
                    std::process::abort();
                }
                say("@ready");
                let _ = process.wait().await;
            }
            "nested" => {
                let (child, token) = play::<R>("family");
                let (_stdin, stdout, mut process) = child.split();
                ready(&mut Lines::<R>::of(stdout)).await;
                process.kill().unwrap();
                within("the exit", process.wait()).await.unwrap();
                assert!(!token.is_held());
                let (child, _token) = play::<R>("family");
                let (_stdin, stdout, mut process) = child.split();
                ready(&mut Lines::<R>::of(stdout)).await;
                say("@ready");
                let _ = process.wait().await;
            }
            "asks" => say(&format!("@{}", ask::<R>("asked").await)),
            "asks another" => say(&format!("@{}", ask::<R>("sleep").await)),
            "finds" => {
                let (child, _token) = start::<R>(tenure_process::command("tenure-says").arg("found"));
                let (_stdin, stdout, _process) = child.split();
                let said = own(&mut Lines::<R>::of(stdout)).await;
                let in_vain = tenure_process::spawn(&R::reactor(), &mut Command::new("tenure-says"), ());
                let error = in_vain.unwrap_err();
                assert!(matches!(error, SpawnError::NotFound { .. }), "{error:?}");
                say(&format!("@{said}, {}", error.source().unwrap()));
            }
            "shows" => {
                let (child, _token) = play::<R>("console");
                let (_stdin, stdout, _process) = child.split();
                say(&format!("@{}", own(&mut Lines::<R>::of(stdout)).await));
            }
            "can't ask" => {
                let (child, _token) = play::<R>("sleep");
                let (_stdin, _stdout, mut process) = child.split();
                let error = process.terminate().unwrap_err();
                process.kill().unwrap();
                within("the exit", process.wait()).await.unwrap();
                say(&format!("@{:?}", error.kind()));
            }
            other => panic!("no part: {other}"),
        }
    });
    exit(0);
}

/// How a child ends that is asked to; or that it couldn't be, in which case it is alive.
async fn ask<R: Runtime>(name: &str) -> String {
    let (child, _token) = play::<R>(name);
    let (_stdin, stdout, mut process) = child.split();
    ready(&mut Lines::<R>::of(stdout)).await;
    if let Err(error) = process.terminate() {
        assert!(process.try_wait().unwrap().is_none());
        return format!("{error:?}");
    }
    within("the exit", process.wait()).await.unwrap().to_string()
}

/// Wine 8 knows a console's process groups and can't send to one: a program of C is told so as well.
fn expected(on_windows: &str) -> String {
    if is_wine() {
        format!("{:?}", io::Error::from_raw_os_error(ERROR_INVALID_HANDLE))
    } else {
        on_windows.to_owned()
    }
}

/// What the host says, which then ends in order: Ctrl-Break is not for it.
fn says<R: Runtime>(name: &str, flags: u32) -> String {
    says_of(&mut host::<R>(name, flags))
}

fn says_of(host: &mut Command) -> String {
    let output = blocking("the host to end", || host.output()).unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}{complaint}", output.status);
    said.lines().find_map(|line| line.strip_prefix('@')).unwrap_or_default().to_owned()
}

pub(crate) fn a_child_on_the_console_is_asked_to_end<R: Runtime>() {
    assert_eq!(says::<R>("asks", CREATE_NO_WINDOW), expected("exit code: 5"));
}

pub(crate) fn a_child_that_does_not_listen_is_ended_by_being_asked<R: Runtime>() {
    // STATUS_CONTROL_C_EXIT
    assert_eq!(says::<R>("asks another", CREATE_NO_WINDOW), expected("exit code: 0xc000013a"));
}

pub(crate) fn without_a_console_it_is_said_at_once_that_a_child_cannot_be_asked<R: Runtime>() {
    assert_eq!(says::<R>("can't ask", DETACHED_PROCESS), "Unsupported");
}

/// One whose window can't be shown is no console: where there is no display, as for Wine in `.ci/targets`. Elsewhere a
/// window would have to be looked for.
pub(crate) fn where_the_host_has_no_console_a_child_has_one_without_a_window<R: Runtime>() {
    assert_eq!(says::<R>("shows", DETACHED_PROCESS), "drawn nowhere");
}

pub(crate) fn a_script_is_found_by_its_name_and_what_does_not_look_for_scripts_says_so<R: Runtime>() {
    let folder = Folder::new::<R>("scripts");
    folder.file("tenure-says.cmd", "@echo off\r\necho @%~1\r\n");
    let mut host = host::<R>("finds", 0);
    let said = says_of(host.env("PATH", &folder.0));
    assert!(said.starts_with("found, by this name there is the script `"), "{said}");
    assert!(said.contains("tenure-says.cmd`") && said.contains("tenure_process::command"), "{said}");
}

/// All of the host's tree hold its standard error: its end says that they are gone.
fn nothing_is_left<R: Runtime>(name: &str, kill: bool) {
    let mut host = host::<R>(name, 0).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = host.stderr.take().unwrap();
    if kill {
        let mut lines = BufReader::new(host.stdout.take().unwrap()).lines();
        blocking("the host to be ready", || {
            lines.find(|line| line.as_ref().is_ok_and(|line| line == "@ready"))
        });
        // `TerminateProcess`: it gets to do nothing about its children.
        host.kill().unwrap();
    }
    let status = blocking("the host to end", || host.wait()).unwrap();
    assert!(!status.success());
    let mut said = String::new();
    blocking("all of its tree to be gone", || stderr.read_to_string(&mut said)).unwrap();
}

pub(crate) fn nothing_is_left_of_a_host_that_is_killed<R: Runtime>() {
    nothing_is_left::<R>("live", true);
}

/// A terminal, a service or a build server may have put it there. What it starts ends with it here, too.
pub(crate) fn a_host_that_is_in_a_job_itself_has_children_as_any_other<R: Runtime>() {
    run::<R, _>(async {
        let (mut host, token) = start::<R>(host::<R>("nested", 0).stderr(Stdio::piped()));
        let stderr = host.take_stderr().unwrap();
        let (_stdin, stdout, process) = host.split();
        ready(&mut Lines::<R>::of(stdout)).await;
        drop(process);
        token.wait_until_dropped();
        // The whole tree holds it.
        Lines::<R>::of(stderr).end().await;
    });
}

pub(crate) fn nothing_is_left_of_a_host_that_crashes<R: Runtime>() {
    nothing_is_left::<R>("crash", false);
}
