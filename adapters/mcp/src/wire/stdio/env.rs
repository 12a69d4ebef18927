//! Which variables of its environment a program hands on.

use std::ffi::{OsStr, OsString};
use std::process::Command;

/// See [`ServerCommand::ENV_TO_KEEP`](super::command::ServerCommand::ENV_TO_KEEP).
#[cfg(not(windows))]
pub(super) const TO_KEEP: &[&str] =
    &["HOME", "LANG", "LANGUAGE", "LC_*", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER"];

/// The same there.
#[cfg(windows)]
pub(super) const TO_KEEP: &[&str] = &[
    "APPDATA",
    "COMSPEC",
    "HOMEDRIVE",
    "HOMEPATH",
    "LOCALAPPDATA",
    "NUMBER_OF_PROCESSORS",
    "PATH",
    "PATHEXT",
    "PROCESSOR_ARCHITECTURE",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "USERNAME",
    "USERPROFILE",
    "WINDIR",
];

/// Names to keep, and beginnings of names.
pub(super) struct Kept(Vec<Name>);

enum Name {
    Whole(String),
    Beginning(String),
}

impl Kept {
    pub(super) fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        let name = |name: S| match name.as_ref().strip_suffix('*') {
            Some(beginning) => Name::Beginning(canonical(beginning)),
            None => Name::Whole(canonical(name.as_ref())),
        };
        Self(names.into_iter().map(name).collect())
    }

    /// Leaves `command` these of `inherited`, and what it sets itself.
    pub(super) fn apply(&self, command: &mut Command, inherited: impl Iterator<Item = (OsString, OsString)>) {
        let own: Vec<(OsString, Option<OsString>)> =
            command.get_envs().map(|(name, value)| (name.into(), value.map(Into::into))).collect();
        command.env_clear();
        command.envs(inherited.filter(|(name, value)| self.keeps(name) && !is_function(value)));
        for (name, value) in own {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }

    fn keeps(&self, name: &OsStr) -> bool {
        let name = canonical(&name.to_string_lossy());
        self.0.iter().any(|kept| match kept {
            Name::Whole(whole) => name == *whole,
            Name::Beginning(beginning) => name.starts_with(beginning.as_str()),
        })
    }
}

/// As the system compares names.
fn canonical(name: &str) -> String {
    if cfg!(windows) { name.to_uppercase() } else { name.to_owned() }
}

/// A function that a shell has put into the environment, as bash once did.
fn is_function(value: &OsStr) -> bool {
    value.as_encoded_bytes().starts_with(b"()")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inherited() -> impl Iterator<Item = (OsString, OsString)> {
        [
            ("PATH", "/bin"),
            ("LC_ALL", "C"),
            ("LC_TIME", "() { :; }"),
            ("LANGUAGES", "none"),
            ("API_KEY", "secret"),
            ("HOME", "/root"),
        ]
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
    }

    fn seen(command: &Command) -> Vec<(&str, Option<&str>)> {
        command
            .get_envs()
            .map(|(name, value)| {
                (name.to_str().unwrap_or("?"), value.map(|value| value.to_str().unwrap_or("?")))
            })
            .collect()
    }

    #[test]
    fn what_is_named_and_what_the_command_sets_is_kept_and_nothing_else() {
        let mut command = Command::new("server");
        command.env("API_KEY", "for the server").env_remove("HOME");
        Kept::new(["HOME", "LANG", "LC_*", "PATH"]).apply(&mut command, inherited());
        let expected = [("API_KEY", Some("for the server")), ("LC_ALL", Some("C")), ("PATH", Some("/bin"))];
        assert_eq!(seen(&command), expected);
    }

    #[test]
    fn with_nothing_to_keep_nothing_is_kept() {
        let mut command = Command::new("server");
        Kept::new([""; 0]).apply(&mut command, inherited());
        assert_eq!(seen(&command), []);
    }

    #[test]
    #[cfg(windows)]
    fn names_that_differ_in_their_case_alone_are_one() {
        let mut command = Command::new("server");
        command.env("Api_Key", "for the server").env("path", "C:\\own");
        let inherited = [("Path", "C:\\theirs"), ("SystemRoot", "C:\\windows"), ("api_key", "secret")];
        let inherited = inherited.into_iter().map(|(name, value)| (name.into(), value.into()));
        Kept::new(TO_KEEP).apply(&mut command, inherited);
        let mut seen: Vec<_> =
            seen(&command).into_iter().map(|(name, value)| (name.to_uppercase(), value)).collect();
        seen.sort();
        let expected = [("API_KEY", "for the server"), ("PATH", "C:\\own"), ("SYSTEMROOT", "C:\\windows")];
        assert_eq!(seen, expected.map(|(name, value)| (name.to_owned(), Some(value))));
    }
}
