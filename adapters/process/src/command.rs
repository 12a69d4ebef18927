//! Programs by the names that people write.

use std::ffi::OsStr;
use std::process::Command;

/// A command for `program`, which a shell would find by this name: `npx`, `uvx`, or whatever a file of servers says.
///
/// On Windows many programs are scripts, `npx.cmd`, which [`Command::new`] doesn't find by their bare name. This looks
/// through this program's `PATH` with the extensions of `PATHEXT`, as a shell does (but not into the working
/// directory), and gives the name the extension that it found; what is a path, has an extension already or isn't
/// found is taken as it is. Of the extensions `.com`, `.exe`, `.bat` and `.cmd` count: what has another one needs a
/// program of its own. Elsewhere it is [`Command::new`].
///
/// Where it is in the end is looked for when it is started, with the extension: first in the child's own `PATH`, if
/// that is set by the command, as for each [`Command`]. A script that only a child's own `PATH` has is found by
/// [`command_with_envs`], or is named with its extension, `npx.cmd`; the error of its start says so.
///
/// ```
/// let mut command = tenure_process::command("npx");
/// command.args(["-y", "@modelcontextprotocol/server-everything"]);
/// ```
pub fn command(program: impl AsRef<OsStr>) -> Command {
    command_with_envs(program, std::iter::empty::<(&OsStr, &OsStr)>())
}

/// A command for `program` as [`command`] makes it, whose environment has these variables too: on Windows, a `PATH`
/// among them is looked through first for what the program is called there.
///
/// That is what a file of servers has: a command, its arguments, and variables of its environment. Variables that are
/// set on the command later don't change the program's name any more.
///
/// ```
/// let envs = [("PATH", "/opt/node/bin"), ("API_KEY", "of the server")];
/// let mut command = tenure_process::command_with_envs("npx", envs);
/// command.args(["-y", "@modelcontextprotocol/server-everything"]);
/// ```
pub fn command_with_envs<N, V>(program: impl AsRef<OsStr>, envs: impl IntoIterator<Item = (N, V)>) -> Command
where
    N: AsRef<OsStr>,
    V: AsRef<OsStr>,
{
    let mut command = Command::new(&program);
    command.envs(envs);
    #[cfg(windows)]
    if let Some(found) = windows::named(&command) {
        return windows::renamed(&command, &found);
    }
    command
}

#[cfg(windows)]
pub(crate) use windows::find_for;

/// The rules are the same wherever they are tested.
#[cfg(any(windows, test))]
mod windows {
    use std::env;
    use std::ffi::{OsStr, OsString};
    use std::path::{Path, PathBuf};
    use std::process::Command;

    /// What std can start, in the order that Windows has where nothing is set. `PATHEXT` has others, `.JS` for one.
    const USUAL: &str = ".COM;.EXE;.BAT;.CMD";

    /// The command's program with the extension by which a shell of the child's environment finds it; `None` if it is
    /// no bare name, has one, or isn't found.
    #[cfg_attr(not(windows), allow(dead_code, reason = "that is for programs on Windows"))]
    pub(super) fn named(command: &Command) -> Option<OsString> {
        find_for(command)?.file_name().map(Into::into)
    }

    /// A new command for `program` with this one's variables.
    #[cfg_attr(not(windows), allow(dead_code, reason = "that is for programs on Windows"))]
    pub(super) fn renamed(command: &Command, program: &OsStr) -> Command {
        let mut renamed = Command::new(program);
        renamed.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        renamed
    }

    /// Where a shell of the child's environment finds its program, if that has none of the extensions.
    pub(crate) fn find_for(command: &Command) -> Option<PathBuf> {
        let program = command.get_program();
        let find = |path: &OsStr| find(program, path, &extensions());
        own_path(command).and_then(find).or_else(|| find(&env::var_os("PATH")?))
    }

    /// The `PATH` that the child gets in place of this program's.
    fn own_path(command: &Command) -> Option<&OsStr> {
        command.get_envs().find(|(name, _)| name.eq_ignore_ascii_case("PATH"))?.1
    }

    fn extensions() -> OsString {
        env::var_os("PATHEXT").unwrap_or_else(|| USUAL.into())
    }

    fn find(program: &OsStr, path: &OsStr, extensions: &OsStr) -> Option<PathBuf> {
        let name = Path::new(program);
        if name.file_name() != Some(program) {
            return None;
        }
        let extensions: Vec<&str> = extensions.to_str()?.split(';').filter(|it| can_be_started(it)).collect();
        if extensions.iter().any(|it| has_extension(name, it)) {
            return None;
        }
        env::split_paths(path)
            .filter(|folder| folder.is_absolute())
            .flat_map(|folder| extensions.iter().map(move |it| folder.join(with(program, it))))
            .find(|file| file.is_file())
    }

    fn can_be_started(extension: &str) -> bool {
        USUAL.split(';').any(|it| it.eq_ignore_ascii_case(extension))
    }

    fn has_extension(name: &Path, extension: &str) -> bool {
        name.extension().is_some_and(|own| extension.get(1..).is_some_and(|it| own.eq_ignore_ascii_case(it)))
    }

    fn with(program: &OsStr, extension: &str) -> OsString {
        let mut name = program.to_owned();
        name.push(extension.to_lowercase());
        name
    }

    #[cfg(test)]
    mod tests {
        use std::fs;

        use super::*;

        /// Two folders of programs, gone with the test.
        struct Folders(PathBuf);

        impl Folders {
            fn new(name: &str, files: &[&str]) -> Self {
                let root = env::temp_dir().join(format!("tenure-{}-{name}", std::process::id()));
                for file in files {
                    let file = root.join(file);
                    fs::create_dir_all(file.parent().unwrap()).unwrap();
                    fs::write(file, "").unwrap();
                }
                Self(root)
            }

            fn path(&self) -> OsString {
                env::join_paths([self.0.join("first"), "relative".into(), self.0.join("second")]).unwrap()
            }

            fn finds(&self, program: &str) -> Option<PathBuf> {
                let found = find(program.as_ref(), &self.path(), ".JS;.exe;.CMD;;cmd;.PY".as_ref())?;
                Some(found.strip_prefix(&self.0).unwrap().to_owned())
            }
        }

        impl Drop for Folders {
            fn drop(&mut self) {
                let _ = fs::remove_dir_all(&self.0);
            }
        }

        #[test]
        fn a_name_is_found_as_a_shell_finds_it() {
            let files = [
                "first/npx",
                "first/npx.js",
                "first/npx.cmd",
                "second/npx.exe",
                "second/uvx.exe",
                "second/uvx.cmd",
                "first/a.b.cmd",
            ];
            let folders = Folders::new("found", &files);
            // The folders first, then the extensions; a file without one is no program.
            assert_eq!(folders.finds("npx"), Some("first/npx.cmd".into()));
            assert_eq!(folders.finds("uvx"), Some("second/uvx.exe".into()));
            assert_eq!(folders.finds("a.b"), Some("first/a.b.cmd".into()));
        }

        #[test]
        fn a_path_and_what_is_not_there_is_left_as_it_is() {
            let folders = Folders::new(
                "left",
                &["first/npx.cmd", "first/npx.cmd.exe", "first/npx.js", "first/lint.py"],
            );
            for program in
                ["node", r"first\npx", "first/npx", r".\npx", "npx.js", "npx.cmd", "npx.CMD", "lint", ""]
            {
                assert_eq!(folders.finds(program), None, "{program}");
            }
        }

        #[test]
        fn a_script_in_the_childs_own_path_is_told_of() {
            let folders = Folders::new("own", &["first/tenure-own.cmd"]);
            let mut command = Command::new("tenure-own");
            assert_eq!(find_for(&command), None);
            command.env("Path", folders.path());
            assert_eq!(find_for(&command), Some(folders.0.join("first/tenure-own.cmd")));
        }

        #[test]
        fn a_command_whose_own_path_has_the_script_gets_its_name_and_keeps_its_variables() {
            let folders = Folders::new("named", &["second/tenure-own.cmd"]);
            let mut command = Command::new("tenure-own");
            assert_eq!(named(&command), None);
            command.env("PATH", folders.path()).env("API_KEY", "secret");
            let name = named(&command).unwrap();
            assert_eq!(name, "tenure-own.cmd");
            let renamed = renamed(&command, &name);
            assert_eq!(renamed.get_program(), "tenure-own.cmd");
            assert!(renamed.get_envs().eq(command.get_envs()));
        }
    }
}
