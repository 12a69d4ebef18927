//! Children that can't be started.

use std::process::Command;

use tenure_process::SpawnError;

use crate::support::{Runtime, run, token};

fn start_in_vain<R: Runtime>(command: &mut Command) -> SpawnError {
    run::<R, _>(async {
        let (theirs, token) = token();
        let error = tenure_process::spawn(&R::reactor(), command, theirs).unwrap_err();
        assert!(!token.is_held());
        error
    })
}

pub(crate) fn missing_program<R: Runtime>() {
    for name in ["tenure-no-such-program", "/no/such/program"] {
        let error = start_in_vain::<R>(Command::new(name).current_dir("/"));
        assert!(matches!(error, SpawnError::NotFound { .. }), "{error:?}");
        assert_eq!(error.program(), name);
        assert!(error.to_string().contains(name), "{error}");
    }
}

pub(crate) fn missing_working_directory<R: Runtime>() {
    for directory in ["/no/such/directory", "/dev/null"] {
        let error = start_in_vain::<R>(Command::new("cat").current_dir(directory));
        assert!(matches!(error, SpawnError::WorkingDirectory { .. }), "{error:?}");
        assert_eq!(error.program(), "cat");
        assert!(error.to_string().contains(directory), "{error}");
    }
}

pub(crate) fn program_that_may_not_be_run<R: Runtime>() {
    // A file that is no program anywhere, for anybody.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let error = start_in_vain::<R>(&mut Command::new(file));
    assert!(matches!(error, SpawnError::PermissionDenied { .. }), "{error:?}");
}

pub(crate) fn argument_that_no_program_can_have<R: Runtime>() {
    let error = start_in_vain::<R>(Command::new("cat").arg("a\0b"));
    assert!(matches!(error, SpawnError::Io { step: "starting it", .. }), "{error:?}");
}
