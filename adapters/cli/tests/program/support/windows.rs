//! A console's events, processes by their ids.

use std::fs;
use std::os::windows::process::CommandExt as _;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use send_ctrlc::Interruptible;
use winsafe::{HPROCESS, co};

use super::{Folder, PATIENCE, Running};

/// What is started has a console of its own without a window, which it shares with what it starts.
pub(crate) fn on_a_console(command: &mut Command) -> &mut Command {
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW)
}

impl Running {
    /// To the group that the program leads.
    pub(crate) fn send_ctrl_break(&mut self) -> &mut Self {
        Group(self.child.id()).terminate().unwrap();
        self
    }
}

struct Group(u32);

impl Interruptible for Group {
    fn pid(&mut self) -> std::io::Result<Option<u32>> {
        Ok(Some(self.0))
    }
}

impl Folder {
    /// To the file that somebody waits for as for a pipe.
    pub(crate) fn write_pipe(&self, name: &str, bytes: &str) {
        self.write(name, bytes);
    }

    /// Neither the server that wrote its id down here runs, nor what it started.
    #[track_caller]
    pub(crate) fn nothing_left(&self) {
        let ids = self.text("pid") + &fs::read_to_string(self.path("pids")).unwrap_or_default();
        let deadline = Instant::now() + PATIENCE;
        for id in ids.lines() {
            let id = id.trim().parse().unwrap();
            while runs(id) {
                assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {id} to be gone");
                sleep(Duration::from_millis(5));
            }
        }
    }
}

/// One that has ended can be opened as long as somebody else holds it.
fn runs(id: u32) -> bool {
    HPROCESS::OpenProcess(co::PROCESS::SYNCHRONIZE, false, id)
        .is_ok_and(|process| process.WaitForSingleObject(Some(0)) != Ok(co::WAIT::OBJECT_0))
}
