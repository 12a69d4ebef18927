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
        "can't start `{program}`: can't enter its working directory `{directory}`: {error}; \
         create it or choose another",
        program = .program.display(),
        directory = .directory.display()
    )]
    WorkingDirectory {
        /// The program as the command names it.
        program: PathBuf,
        /// The directory as the command names it.
        directory: PathBuf,
        /// What the system said; it is part of the message, and so no source.
        error: io::Error,
    },
    /// Its guardian can't be started, or plays none.
    #[error(
        "can't start `{program}`: its guardian `{guardian}`: {error}",
        program = .program.display(),
        guardian = .guardian.display()
    )]
    Guardian {
        /// The program as the command names it.
        program: PathBuf,
        /// The program that was to be the guardian.
        guardian: PathBuf,
        /// What the system said; it is part of the message, and so no source.
        error: io::Error,
    },
    /// This platform can't keep the promises of this crate.
    #[error(
        "can't start `{program}`: child processes are supported on unix and Windows only",
        program = .program.display()
    )]
    Unsupported {
        /// The program as the command names it.
        program: PathBuf,
    },
    /// Anything else.
    #[error("can't start `{program}`: {step}: {error}", program = .program.display())]
    Io {
        /// The program as the command names it.
        program: PathBuf,
        /// What was being done: "starting it", for one.
        step: &'static str,
        /// What the system said; it is part of the message, and so no source.
        error: io::Error,
    },
}

impl SpawnError {
    /// The program that could not be started, as the command names it.
    pub fn program(&self) -> &OsStr {
        let (Self::NotFound { program, .. }
        | Self::PermissionDenied { program, .. }
        | Self::WorkingDirectory { program, .. }
        | Self::Guardian { program, .. }
        | Self::Unsupported { program }
        | Self::Io { program, .. }) = self;
        program.as_os_str()
    }

    pub(crate) fn io(command: &Command, step: &'static str, error: io::Error) -> Self {
        Self::Io { program: command.get_program().into(), step, error }
    }

    #[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
    pub(crate) fn guardian(command: &Command, guardian: &Path, error: io::Error) -> Self {
        Self::Guardian { program: command.get_program().into(), guardian: guardian.into(), error }
    }

    /// What std's error means: it says "not found" for a missing directory as for a missing program.
    #[cfg_attr(not(any(unix, windows)), allow(dead_code, reason = "nothing is started there"))]
    pub(crate) fn starting(command: &Command, source: io::Error) -> Self {
        if let Some(error) = Self::entering(command) {
            return error;
        }
        let program = PathBuf::from(command.get_program());
        match source.kind() {
            #[cfg(windows)]
            io::ErrorKind::NotFound => Self::NotFound { source: with_advice(command, source), program },
            #[cfg(not(windows))]
            io::ErrorKind::NotFound => Self::NotFound { program, source },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { program, source },
            io::ErrorKind::InvalidInput if cfg!(windows) => Self::io(command, refused(command), source),
            _ => Self::io(command, "starting it", source),
        }
    }

    /// Why its working directory can't be entered, if it can't.
    #[cfg_attr(not(unix), allow(dead_code, reason = "nothing is started there"))]
    pub(crate) fn entering(command: &Command) -> Option<Self> {
        let directory = command.get_current_dir()?;
        let error = enter(directory).err()?;
        let program = command.get_program().into();
        Some(Self::WorkingDirectory { program, directory: directory.into(), error })
    }
}

/// What is wrong with a command that std doesn't even try to start.
fn refused(command: &Command) -> &'static str {
    let has_nul = |text: &OsStr| text.as_encoded_bytes().contains(&0);
    let mut envs = command.get_envs();
    if has_nul(command.get_program())
        || command.get_args().any(has_nul)
        || envs.any(|(name, value)| has_nul(name) || value.is_some_and(has_nul))
    {
        return "no program can be given a NUL in its arguments or its environment";
    }
    let extension = Path::new(command.get_program()).extension();
    if extension.is_some_and(|it| it.eq_ignore_ascii_case("cmd") || it.eq_ignore_ascii_case("bat")) {
        // What std can't quote so that `cmd` takes it for one argument.
        return "a script can't be given a line break or such in its arguments";
    }
    "starting it"
}

/// Tries whether `directory` can be entered: looking up its own `.` takes what entering it takes.
fn enter(directory: &Path) -> io::Result<()> {
    std::fs::metadata(directory.join(".")).map(drop)
}

/// A script that a shell would find has been looked for as a program.
#[cfg(windows)]
fn with_advice(command: &Command, source: io::Error) -> io::Error {
    match crate::command::find_for(command) {
        Some(script) => io::Error::new(
            source.kind(),
            format!(
                "by this name there is the script `{}`, not a program: name it with its extension, or make the command \
                 with `tenure_process::command`, and `command_with_envs` where it is in a PATH of the command's own",
                script.display()
            ),
        ),
        None => source,
    }
}
