//! Programs by the names that people write.

use std::ffi::OsStr;
use std::process::Command;

/// A command for `program`, which a shell would find by this name: `npx`, `uvx`, or whatever a file of servers says.
///
/// On Windows many programs are scripts, `npx.cmd`, which [`Command::new`] doesn't find by their bare name. This looks
/// through `PATH` with the extensions of `PATHEXT`, as a shell does (but not into the working directory); what is a
/// path, has one of these extensions or isn't found is taken as it is. Elsewhere it is [`Command::new`].
///
/// ```
/// let mut command = tenure_process::command("npx");
/// command.args(["-y", "@modelcontextprotocol/server-everything"]);
/// ```
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let program = program.as_ref();
    #[cfg(windows)]
    if let Some(found) = windows::find_here(program) {
        return Command::new(found);
    }
    Command::new(program)
}

#[cfg(windows)]
pub(crate) use windows::find_here;

#[cfg(windows)]
mod windows {
    use std::env;
    use std::ffi::{OsStr, OsString};
    use std::path::{Path, PathBuf};

    /// What can be started without another program, in the order that Windows has where nothing is set.
    const USUAL: &str = ".COM;.EXE;.BAT;.CMD";

    /// Where a shell of this program's environment finds `program`; `None` if it is no bare name, or isn't found.
    pub(crate) fn find_here(program: &OsStr) -> Option<PathBuf> {
        let extensions = env::var_os("PATHEXT").unwrap_or_else(|| USUAL.into());
        find(program, &env::var_os("PATH")?, &extensions)
    }

    fn find(program: &OsStr, path: &OsStr, extensions: &OsStr) -> Option<PathBuf> {
        let name = Path::new(program);
        if name.file_name() != Some(program) {
            return None;
        }
        let extensions: Vec<&str> =
            extensions.to_str()?.split(';').filter(|it| it.starts_with('.')).collect();
        let has_one = extensions.iter().any(|it| has_extension(name, it));
        for folder in env::split_paths(path).filter(|folder| folder.is_absolute()) {
            let found = if has_one {
                Some(folder.join(name)).filter(|file| file.is_file())
            } else {
                extensions.iter().map(|it| folder.join(with(program, it))).find(|file| file.is_file())
            };
            if found.is_some() {
                return found;
            }
        }
        None
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
                let found = find(program.as_ref(), &self.path(), ".JS;.EXE;.CMD;;cmd".as_ref())?;
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
            assert_eq!(folders.finds("npx.EXE"), Some("second/npx.EXE".into()));
            assert_eq!(folders.finds("a.b"), Some("first/a.b.cmd".into()));
        }

        #[test]
        fn a_path_and_what_is_not_there_is_left_as_it_is() {
            let folders = Folders::new("left", &["first/npx.cmd"]);
            for program in ["node", r"first\npx", "first/npx", r".\npx", "npx.js", ""] {
                assert_eq!(folders.finds(program), None, "{program}");
            }
        }
    }
}
