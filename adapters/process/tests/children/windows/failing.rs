//! Children that can't be started, and scripts that can.

use std::env;
use std::process::Command;

use tenure_process::SpawnError;

use super::folder::Folder;
use super::playing::{AS_A_PART, PART, is_wine, own, part};
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

pub(crate) fn a_script_in_a_path_of_the_childs_own_is_found_by_its_name<R: Runtime>() {
    run::<R, _>(async {
        let folder = Folder::new::<R>("own");
        folder.file("tenure-owns.cmd", "@echo off\r\necho @%~1 %TENURE_OWNS%\r\n");
        let path = env::join_paths(
            [folder.0.clone()].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap())),
        );
        let envs = [("Path", path.unwrap()), ("TENURE_OWNS", "it".into())];
        let (child, _token) = start::<R>(tenure_process::command_with_envs("tenure-owns", envs).arg("owns"));
        let (_stdin, stdout, _process) = child.split();
        assert_eq!(own(&mut Lines::<R>::of(stdout)).await, "owns it");
    });
}

/// What somebody reads on the way: `cmd`, or who splits a command line.
const HARD: [&str; 11] = [
    "two words",
    "a&b",
    "say \"it\" twice",
    "\"",
    "a^b",
    "bang!",
    "(x|y)<z>",
    r"C:\folder\",
    r"C:\my folder\",
    r#"back\"slash"#,
    "",
];

/// Where a script reads a variable. Wine's `cmd` has one where Windows', told as std tells it, has none.
const PERCENT: [&str; 3] = ["100%", "%PATH%", "%~1"];

async fn arguments_of<R: Runtime>(command: &mut Command) -> String {
    let (child, _token) = start::<R>(command);
    let (_stdin, stdout, mut process) = child.split();
    let own = own(&mut Lines::<R>::of(stdout)).await;
    assert!(exit::<R>(&mut process).await.success());
    own
}

pub(crate) fn a_program_gets_its_arguments_as_they_are<R: Runtime>() {
    run::<R, _>(async {
        let given = [&HARD[..], &PERCENT].concat();
        assert_eq!(arguments_of::<R>(part("arguments").args(&given)).await, format!("{given:?}"));
    });
}

/// As `npx.cmd` does it: a script that hands all of them on.
pub(crate) fn a_batch_file_hands_them_on_as_they_are<R: Runtime>() {
    run::<R, _>(async {
        let folder = Folder::new::<R>("hands-on");
        let program = env::current_exe().unwrap();
        let line = format!("@\"{}\" --exact --nocapture {AS_A_PART} %*\r\n", program.display());
        let script = folder.file("hands on.cmd", &line);
        let given = if is_wine() { HARD.to_vec() } else { [&HARD[..], &PERCENT].concat() };
        let seen = arguments_of::<R>(Command::new(script).args(&given).env(PART, "arguments")).await;
        assert_eq!(seen, format!("{given:?}"));
    });
}

pub(crate) fn a_nul_is_not_blamed_on_a_script<R: Runtime>() {
    let folder = Folder::new::<R>("zero");
    let script = folder.file("zero.cmd", "@echo off\r\n");
    let mut with_env = part("quiet");
    with_env.env("TENURE_NUL", "one\0two");
    let mut program = part("quiet");
    for command in [program.arg("one\0two"), Command::new(&script).arg("one\0two"), &mut with_env] {
        let error = start_in_vain::<R>(command).to_string();
        assert!(
            error.contains("a NUL in its arguments or its environment") && !error.contains("script"),
            "{error}"
        );
    }
}

pub(crate) fn arguments_that_no_batch_file_can_be_given_are_refused<R: Runtime>() {
    let folder = Folder::new::<R>("refuses");
    let script = folder.file("refuses.cmd", "@echo off\r\n");
    for argument in ["one\ntwo", "one\rtwo"] {
        let error = start_in_vain::<R>(Command::new(&script).arg(argument));
        assert!(error.to_string().contains("a script can't be given a line break"), "{error}");
    }
}
