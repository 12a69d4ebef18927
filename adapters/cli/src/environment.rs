//! A server with an environment of its own.

use std::ffi::OsStr;
#[cfg(unix)]
use std::path::{Path, PathBuf};
use std::process::Command;

use tenure_mcp::Guardian;

/// A command with an empty environment. The program is looked for as without that: in the PATH of this one.
pub(crate) fn cleared(program: &OsStr, guardian: Option<&Guardian>) -> Command {
    let mut command = match guardian {
        #[cfg(unix)]
        Some(guardian) => guardian.command(found(program).as_deref().unwrap_or(Path::new(program))),
        #[cfg(not(unix))]
        Some(guardian) => guardian.command(program),
        None => named(program),
    };
    command.env_clear();
    command
}

/// It is called as without an empty environment.
#[cfg(unix)]
fn named(program: &OsStr) -> Command {
    let mut command = Command::new(found(program).as_deref().unwrap_or(Path::new(program)));
    std::os::unix::process::CommandExt::arg0(&mut command, program);
    command
}

#[cfg(not(unix))]
fn named(program: &OsStr) -> Command {
    tenure_mcp::command(program)
}

/// Where a name without a folder is found.
#[cfg(unix)]
fn found(program: &OsStr) -> Option<PathBuf> {
    let name = Path::new(program);
    if name.components().count() != 1 || name.parent() != Some(Path::new("")) {
        return None;
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| is_program(path))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && path.is_file()
}
