//! Children that can't be started, and scripts that can.

use std::process::Command;

use tenure_process::SpawnError;

use super::folder::Folder;
use super::playing::own;
use crate::support::{Lines, Runtime, exit, run, start, token};

fn start_in_vain<R: Runtime>(command: &mut Command) -> SpawnError {
    run::<R, _>(async {
        let (theirs, token) = token();
        let error = tenure_process::spawn(&R::reactor(), command, theirs).unwrap_err();
        assert!(!token.is_held());
        error
    })
}

pub(crate) fn missing_program<R: Runtime>() {
    for name in ["tenure-no-such-program", r"C:\no\such\program"] {
        let error = start_in_vain::<R>(&mut Command::new(name));
        assert!(matches!(error, SpawnError::NotFound { .. }), "{error:?}");
        assert_eq!(error.program(), name);
        assert!(error.to_string().contains(name), "{error}");
    }
}

pub(crate) fn missing_working_directory<R: Runtime>() {
    let directory = r"C:\no\such\directory";
    let error = start_in_vain::<R>(Command::new("cmd").current_dir(directory));
    assert!(matches!(error, SpawnError::WorkingDirectory { .. }), "{error:?}");
    assert!(error.to_string().contains(directory), "{error}");
}

pub(crate) fn a_file_that_is_no_program<R: Runtime>() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let error = start_in_vain::<R>(&mut Command::new(file));
    assert!(error.to_string().contains("Cargo.toml"), "{error}");
}

pub(crate) fn a_batch_file_is_started_and_gets_its_arguments<R: Runtime>() {
    run::<R, _>(async {
        let folder = Folder::new::<R>("says");
        let script = folder.file("says.cmd", "@echo off\r\necho @%~1\r\nexit /b 3\r\n");
        let (child, _token) = start::<R>(Command::new(&script).arg("two words"));
        let (_stdin, stdout, mut process) = child.split();
        assert_eq!(own(&mut Lines::<R>::of(stdout)).await, "two words");
        assert_eq!(exit::<R>(&mut process).await.code(), Some(3));
    });
}

pub(crate) fn arguments_that_no_batch_file_can_be_given_are_refused<R: Runtime>() {
    let folder = Folder::new::<R>("refuses");
    let script = folder.file("refuses.cmd", "@echo off\r\n");
    let error = start_in_vain::<R>(Command::new(&script).arg("one\ntwo"));
    assert!(error.to_string().contains("line break"), "{error}");
}
