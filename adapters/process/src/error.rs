//! Why a child could not be started.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Why a child could not be started. Nothing of it is left running.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// There is no such program.
    #[error(
        "can't start `{program}`: not found; give its full path or have it in PATH \
         (for a script: check that its interpreter exists)",
        program = .program.display()
    )]
    NotFound {
        /// The program as the command names it.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The program exists but may not be run.
    #[error(
        "can't start `{program}`: permission denied; check that it is an executable file",
        program = .program.display()
    )]
    PermissionDenied {
        /// The program as the command names it.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The working directory asked for can't be entered.
    #[error(
        "can't start `{program}`: can't enter its working directory `{directory}`: {source}; \
         create it or choose another",
        program = .program.display(),
        directory = .directory.display()
    )]
    WorkingDirectory {
        /// The program as the command names it.
        program: PathBuf,
        /// The directory as the command names it.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// This platform can't keep the promises of this crate.
    #[error(
        "can't start `{program}`: child processes are supported on unix only",
        program = .program.display()
    )]
    Unsupported {
        /// The program as the command names it.
        program: PathBuf,
    },
    /// Anything else.
    #[error("can't start `{program}`: {step}: {source}", program = .program.display())]
    Io {
        /// The program as the command names it.
        program: PathBuf,
        /// What was being done: "starting it", for one.
        step: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl SpawnError {
    /// The program that could not be started, as the command names it.
    pub fn program(&self) -> &OsStr {
        let (Self::NotFound { program, .. }
        | Self::PermissionDenied { program, .. }
        | Self::WorkingDirectory { program, .. }
        | Self::Unsupported { program }
        | Self::Io { program, .. }) = self;
        program.as_os_str()
    }

    pub(crate) fn io(command: &Command, step: &'static str, source: io::Error) -> Self {
        Self::Io { program: command.get_program().into(), step, source }
    }

    /// What std's error means: it says "not found" for a missing directory as for a missing program.
    #[cfg_attr(not(unix), allow(dead_code, reason = "nothing is started there"))]
    pub(crate) fn starting(command: &Command, source: io::Error) -> Self {
        let program = PathBuf::from(command.get_program());
        if let Some(directory) = command.get_current_dir()
            && let Err(source) = enter(directory)
        {
            return Self::WorkingDirectory { program, directory: directory.into(), source };
        }
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { program, source },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { program, source },
            _ => Self::io(command, "starting it", source),
        }
    }
}

/// Tries whether `directory` can be entered: looking up its own `.` takes what entering it takes.
fn enter(directory: &Path) -> io::Result<()> {
    std::fs::metadata(directory.join(".")).map(drop)
}
