//! A terminal that the program runs on: what it shows there, and what a person types.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tenure_bounds::{blocking, kill_started, mark};

use crate::support::{PATIENCE, TENURE};

pub(crate) struct Terminal {
    child: Child,
    keys: File,
    shown: Receiver<Vec<u8>>,
    screen: Vec<u8>,
    /// What was waited for stands before this.
    seen: usize,
}

impl Terminal {
    /// The program with all three of its streams on a terminal.
    pub(crate) fn start<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Self {
        let window = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        fcntl_setfd(&window, FdFlags::CLOEXEC).unwrap();
        grantpt(&window).unwrap();
        unlockpt(&window).unwrap();
        let name = ptsname(&window, Vec::new()).unwrap();
        let line =
            || Stdio::from(File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap());
        let mut command = Command::new(TENURE);
        command.args(arguments).stdin(line()).stdout(line()).stderr(line());
        command.env("NO_COLOR", "1");
        let child = mark(&mut command).spawn().unwrap();
        drop(command);
        let keys = File::from(window);
        let mut screen = keys.try_clone().unwrap();
        let (send, shown) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // Once nobody holds the other end, reading fails.
            while let Ok(read @ 1..) = screen.read(&mut buffer) {
                let _ = send.send(buffer[..read].to_vec());
            }
        });
        Self { child, keys, shown, screen: Vec::new(), seen: 0 }
    }

    /// Waits until this is shown, behind what was waited for before.
    #[track_caller]
    pub(crate) fn until(&mut self, words: &str) -> &mut Self {
        loop {
            let found =
                self.screen[self.seen..].windows(words.len()).position(|part| part == words.as_bytes());
            if let Some(at) = found {
                self.seen += at + words.len();
                return self;
            }
            match self.shown.recv_timeout(PATIENCE) {
                Ok(more) => self.screen.extend(more),
                Err(error) => panic!("{words:?} is not shown ({error}): {}", self.text()),
            }
        }
    }

    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self
    }

    /// A line, when this is shown.
    #[track_caller]
    pub(crate) fn answer(&mut self, question: &str, line: &str) -> &mut Self {
        self.until(question).press(&format!("{line}\n"))
    }

    pub(crate) fn signal(&mut self, signal: Signal) -> &mut Self {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).unwrap();
        kill_process(pid, signal).unwrap();
        self
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.screen).into_owned()
    }

    /// The program's end: its status, as a shell tells it, and all that was shown.
    pub(crate) fn wait(mut self) -> (i32, String) {
        while let Ok(more) = self.shown.recv_timeout(PATIENCE) {
            self.screen.extend(more);
        }
        let status = blocking("the program to end", || self.child.wait()).unwrap();
        let status = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
        let text = self.text().replace("\r\n", "\n").replace("server: called\n", "");
        assert!(!text.contains("panicked"), "{text}");
        (status, text)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if std::thread::panicking() {
            kill_started();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
