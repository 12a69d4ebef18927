//! What a guardian is told, and which program plays it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Which program plays the guardian, and how long a server has once this program is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Guardian {
    pub(super) program: PathBuf,
    args: Vec<OsString>,
    stop: Option<Duration>,
    abort: Option<Duration>,
}

/// Where nothing is said.
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
const STOP: Duration = Duration::from_secs(3);
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
const ABORT: Duration = Duration::from_secs(2);

impl Guardian {
    /// `program` plays the guardian: the path of `tenure`, or of any program that begins with `guardian::run()`.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), args: Vec::new(), stop: None, abort: None }
    }

    /// This program itself plays the guardian: it begins with `guardian::run()`.
    ///
    /// On Linux that is the file that it was started from, also if another one has its name since (an upgrade).
    pub fn this_program() -> Self {
        let this = Path::new("/proc/self/exe");
        if cfg!(target_os = "linux") && this.exists() {
            return Self::new(this);
        }
        // Without a path it can't be started, and that says so.
        Self::new(std::env::current_exe().unwrap_or_default())
    }

    /// An argument of the guardian program's own, ahead of the server's command line; may be given several times. For
    /// programs that have a subcommand in place of `guardian::run()`, and call `guardian::guard` with what follows.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// How long a server may take to end, once this program is gone, before it gets SIGTERM. Default: that of the
    /// session that the server is for (of `tenure-mcp`), or 3 s.
    pub const fn stop_timeout(mut self, time: Duration) -> Self {
        self.stop = Some(time);
        self
    }

    /// How long it may take from SIGTERM to SIGKILL. Default: that of the session that the server is for, or 2 s.
    pub const fn abort_timeout(mut self, time: Duration) -> Self {
        self.abort = Some(time);
        self
    }

    /// The two times of this guardian, where they weren't said before: for who starts servers that others have
    /// described.
    pub fn or_timeouts(mut self, stop: Duration, abort: Duration) -> Self {
        self.stop = self.stop.or(Some(stop));
        self.abort = self.abort.or(Some(abort));
        self
    }

    /// A command that starts `program` under this guardian, by
    /// [`spawn_guarded`](crate::spawn_guarded()). Arguments, environment, working directory, standard error, and what
    /// else a command has are set as for any other; but for `arg0` they are the server's.
    ///
    /// Where there are no guardians, on Windows, it is [`command`](crate::command()).
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.command_with_envs(program, std::iter::empty::<(&OsStr, &OsStr)>())
    }

    /// The same with these variables in the server's environment; where there are no guardians, it is
    /// [`command_with_envs`](crate::command_with_envs).
    pub fn command_with_envs<N, V>(
        &self,
        program: impl AsRef<OsStr>,
        envs: impl IntoIterator<Item = (N, V)>,
    ) -> Command
    where
        N: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        #[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
        {
            let mut command = Command::new(&self.program);
            if self.args.is_empty() {
                std::os::unix::process::CommandExt::arg0(&mut command, super::frames::NAME);
            }
            command.args(&self.args).arg(program).envs(envs);
            command
        }
        #[cfg(not(all(unix, not(any(target_os = "openbsd", target_os = "redox")))))]
        crate::command_with_envs(program, envs)
    }

    /// The times from this program's end to SIGTERM, and from there to SIGKILL.
    #[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
    pub(super) fn timeouts(&self) -> [Duration; 2] {
        [self.stop.unwrap_or(STOP), self.abort.unwrap_or(ABORT)]
    }

    /// Which server a command of this guardian's starts; `None` if it isn't this guardian's.
    #[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
    pub(super) fn server_of<'command>(&self, command: &'command Command) -> Option<&'command OsStr> {
        let mut args = command.get_args();
        let is_ours = command.get_program() == self.program
            && self.args.iter().all(|ours| args.next() == Some(ours.as_os_str()));
        args.next().filter(|_| is_ours)
    }
}

#[cfg(all(test, unix, not(any(target_os = "openbsd", target_os = "redox"))))]
mod tests {
    use super::*;

    #[test]
    fn a_guardian_knows_the_server_in_its_own_commands_and_in_no_others() {
        let bare = Guardian::new("guard");
        let told = bare.clone().arg("guarded").arg("--");
        for guardian in [&bare, &told] {
            let mut command = guardian.command("server");
            command.arg("of the server");
            assert_eq!(guardian.server_of(&command), Some(OsStr::new("server")));
            assert_eq!(Guardian { program: "other".into(), ..guardian.clone() }.server_of(&command), None);
            assert_eq!(guardian.server_of(&Command::new("guard")), None);
        }
        assert_eq!(told.server_of(&bare.command("server")), None);
    }

    #[test]
    fn what_was_said_of_the_times_stands() {
        let [one, two, three] = [1, 2, 3].map(Duration::from_secs);
        let guardian = Guardian::new("guard");
        assert_eq!(guardian.timeouts(), [STOP, ABORT]);
        assert_eq!(guardian.clone().or_timeouts(one, two).timeouts(), [one, two]);
        assert_eq!(guardian.clone().stop_timeout(three).or_timeouts(one, two).timeouts(), [three, two]);
        assert_eq!(guardian.abort_timeout(three).or_timeouts(one, two).timeouts(), [one, three]);
    }
}
