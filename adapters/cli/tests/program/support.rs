//! Running the program, never for longer than a test may take.
#![cfg_attr(windows, allow(dead_code, reason = "what is for tests with signals, which nobody gets there"))]

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use tenure_bounds::{blocking, kill_started, mark};

mod status;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;
pub(crate) use status::exit;
#[cfg(unix)]
pub(crate) use status::is_heard;
use status::told;
#[cfg(windows)]
pub(crate) use windows::on_a_console;

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const TENURE: &str = env!("CARGO_BIN_EXE_tenure");

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit status, or 128 and the signal that it died by, as a shell tells it.
    pub(crate) status: i32,
    /// The signal that it died by.
    pub(crate) signal: Option<i32>,
    pub(crate) stdout: String,
    /// What the program said; the lines of test servers are left out.
    pub(crate) stderr: Vec<String>,
}

impl Ran {
    #[track_caller]
    pub(crate) fn held(self) -> String {
        assert_eq!((self.status, self.stderr.as_slice()), (0, [].as_slice()), "{self:?}");
        self.stdout
    }

    /// It gave its result, and said one line with these words besides.
    #[track_caller]
    pub(crate) fn held_with(self, words: &str) -> String {
        self.failed(0, words)
    }

    /// It died by this signal and said so in one line; the result.
    #[track_caller]
    pub(crate) fn died(self, signal: i32, words: &str) -> String {
        assert_eq!(self.signal, Some(signal), "{self:?}");
        self.failed(128 + signal, words)
    }

    /// It failed with this status and one line, which has these words; the result.
    #[track_caller]
    pub(crate) fn failed(self, status: i32, words: &str) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.stderr.len(), 1, "{self:?}");
        let line = &self.stderr[0];
        assert!(line.starts_with("tenure: ") && line.contains(words), "{words:?} is not in {line:?}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
        self.stdout
    }
}

/// The program, running.
pub(crate) struct Running {
    child: Child,
    stderr: Receiver<String>,
    said: Vec<String>,
    stdout: Option<ChildStdout>,
}

pub(crate) fn start<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Running {
    let mut command = Command::new(TENURE);
    command.args(arguments).stdin(Stdio::null());
    start_as(command)
}

/// As `start`, by a command that may be another program, which becomes this one.
pub(crate) fn start_as(mut command: Command) -> Running {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = mark(&mut command).spawn().unwrap();
    let stdout = child.stdout.take();
    let errors = BufReader::new(child.stderr.take().unwrap());
    let (send, stderr) = channel();
    std::thread::spawn(move || errors.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
    Running { child, stderr, said: Vec::new(), stdout }
}

pub(crate) fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ran {
    start(arguments).wait()
}

impl Running {
    /// Waits until the program or its server says such a line on standard error.
    #[track_caller]
    pub(crate) fn until(&mut self, words: &str) -> &mut Self {
        loop {
            match self.stderr.recv_timeout(PATIENCE) {
                Ok(line) => self.said.push(line),
                Err(error) => panic!("{words:?} was not said ({error}): {:?}", self.said),
            }
            if self.said.last().is_some_and(|line| line.contains(words)) {
                return self;
            }
        }
    }

    /// Takes standard output; what isn't read from it stays in the pipe.
    pub(crate) fn stdout(&mut self) -> ChildStdout {
        self.stdout.take().unwrap()
    }

    /// Its end. Standard error ends only when no server holds it any more.
    #[track_caller]
    pub(crate) fn wait(mut self) -> Ran {
        let (send, read) = channel();
        if let Some(mut stdout) = self.stdout.take() {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                let _ = stdout.read_to_end(&mut bytes);
                send.send(bytes)
            });
        } else {
            let _ = send.send(Vec::new());
        }
        let stdout = read.recv_timeout(PATIENCE).expect("standard output was not closed in time");
        let deadline = Instant::now() + PATIENCE;
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            match self.stderr.recv_timeout(left) {
                Ok(line) => self.said.push(line),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(error) => panic!("standard error is not closed ({error}): {:?}", self.said),
            }
        }
        let status = blocking("the program to end", || self.child.wait()).unwrap();
        let (status, signal) = told(status);
        let stderr = std::mem::take(&mut self.said);
        assert!(!stderr.iter().any(|line| line.contains("panicked")), "{stderr:?}");
        Ran {
            status,
            signal,
            stdout: String::from_utf8(stdout).expect("standard output is text"),
            stderr: stderr.into_iter().filter(|line| !line.starts_with("server: ")).collect(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            kill_started();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder for one test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tenure-cli-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        // What Windows has as the only name of a folder is none that a program may work in.
        Self(if cfg!(windows) { path } else { path.canonicalize().unwrap() })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}
