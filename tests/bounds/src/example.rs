//! The programs of examples: run, read, interrupted.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::started::mark;

/// An example of the package whose test this is, as it runs.
#[derive(Debug)]
pub struct Example {
    child: Child,
    output: BufReader<ChildStdout>,
    said: Said,
}

/// The lines that an example wrote to its standard output.
#[derive(Debug, Default)]
pub struct Said(Vec<String>);

impl Example {
    /// Starts it, [marked](mark). `cargo test` builds a package's examples first; but with the name of a test, or with
    /// `--test NAME`, it takes what was built before: then `cargo build --examples` is up to whoever types that.
    #[track_caller]
    pub fn start(name: &str) -> Self {
        let mut command = Command::new(Self::path(name));
        let started = mark(&mut command).stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = started.unwrap_or_else(|error| panic!("{name}: {error}"));
        let output = child.stdout.take().unwrap_or_else(|| panic!("{name}: no output"));
        Self { child, output: BufReader::new(output), said: Said::default() }
    }

    /// Where its program is.
    #[track_caller]
    pub fn path(name: &str) -> PathBuf {
        // From `target/debug/deps/TEST` to `target/debug/examples/NAME`.
        let test = std::env::current_exe().unwrap_or_default();
        let folder = test.parent().and_then(Path::parent).unwrap_or(Path::new(""));
        let built = folder.join("examples").join(name);
        assert!(built.is_file(), "{} isn't there: cargo build --examples", built.display());
        built
    }

    /// Reads on until a line begins like this.
    #[track_caller]
    pub fn until(&mut self, beginning: &str) {
        while self.said.0.last().is_none_or(|line| !line.starts_with(beginning)) {
            assert!(self.read_line(), "no {beginning:?}: {:#?}", self.said.0);
        }
    }

    /// Sends what Ctrl-C sends, to it alone.
    #[track_caller]
    pub fn interrupt(&self) {
        let sent = kill_process(Pid::from_child(&self.child), Signal::INT);
        sent.unwrap_or_else(|error| panic!("can't interrupt it: {error}"));
    }

    /// Reads to the end, and expects it to have gone well.
    #[track_caller]
    pub fn wait(mut self) -> Said {
        while self.read_line() {}
        let status = self.child.wait();
        assert!(status.as_ref().is_ok_and(ExitStatus::success), "{status:?}: {:#?}", self.said.0);
        self.said
    }

    /// Returns whether there was one.
    fn read_line(&mut self) -> bool {
        let mut line = String::new();
        let read = self.output.read_line(&mut line).is_ok_and(|length| length > 0);
        if read {
            self.said.0.push(line.trim_end().to_owned());
        }
        read
    }
}

impl Said {
    /// Returns whether there is such a line.
    pub fn any(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.0.iter().any(|line| is_it(line))
    }

    /// Expects that each of these begins a line, in this order; others may stand between them.
    #[track_caller]
    pub fn assert_in_order(&self, beginnings: &[&str]) {
        let mut left = self.0.iter();
        for beginning in beginnings {
            assert!(
                left.any(|line| line.starts_with(beginning)),
                "no {beginning:?} in its place: {:#?}",
                self.0
            );
        }
    }

    /// Expects that the processes which the lines name at their ends are gone; returns how many there were.
    #[track_caller]
    pub fn assert_none_is_left(&self) -> usize {
        let named = self.0.iter().filter_map(|line| line.rsplit_once("process ")?.1.parse().ok());
        let pids: Vec<Pid> = named.filter_map(Pid::from_raw).collect();
        for &pid in &pids {
            assert!(test_kill_process(pid).is_err(), "process {pid:?} is left: {:#?}", self.0);
        }
        pids.len()
    }
}
