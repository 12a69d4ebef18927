//! What became of a process: polled, as nobody tells when another's has ended.

use std::time::{Duration, Instant};

use tenure_bounds::BOUND;

#[cfg(unix)]
pub(crate) use unix::{is_running, wait_until_stopped};
#[cfg(windows)]
pub(crate) use windows::{is_running, was_run_on_a_console};

/// Processes end when the system gets to it.
pub(crate) fn wait_until_gone(pids: &[u32]) {
    for &pid in pids {
        wait_until(&format!("process {pid} to be gone"), || !is_running(pid));
    }
}

/// Asks again and again.
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + BOUND;
    while !is_so() {
        assert!(Instant::now() < until, "waited {BOUND:?} for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(unix)]
mod unix {
    /// Waits until the process is stopped.
    pub(crate) fn wait_until_stopped(pid: u32) {
        let is_stopped = || stat(pid).is_some_and(|(state, _)| state == 'T');
        super::wait_until(&format!("process {pid} to be stopped"), is_stopped);
    }

    /// State and parent of a process, if there is one.
    fn stat(pid: u32) -> Option<(char, u32)> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // Behind the name, which may hold anything.
        let mut fields = stat.rsplit(')').next()?.split_whitespace();
        Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
    }

    /// Returns whether the process runs or is a zombie of ours. A zombie of another parent is dead, and that one's to
    /// reap.
    pub(crate) fn is_running(pid: u32) -> bool {
        match stat(pid) {
            None | Some(('X', _)) => false,
            Some(('Z', parent)) => parent == std::process::id(),
            Some(_) => true,
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::os::windows::process::CommandExt as _;
    use std::process::{Command, Stdio};

    use winsafe::{HPROCESS, co};

    /// Set for a test that has a console.
    const ON_A_CONSOLE: &str = "TENURE_TEST_ON_A_CONSOLE";
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;

    /// Runs this test again, in a program that has a console which isn't shown, and fails as it does; `false` there.
    ///
    /// For what a child's pipes tell: where its parent has no console, Wine starts a console host beside the child,
    /// which holds the child's ends, too.
    pub(crate) fn was_run_on_a_console() -> bool {
        if std::env::var_os(ON_A_CONSOLE).is_some() {
            return false;
        }
        let test = std::thread::current().name().unwrap().to_owned();
        let mut again = Command::new(std::env::current_exe().unwrap());
        again
            .args(["--exact", &test])
            .env(ON_A_CONSOLE, "")
            .creation_flags(CREATE_NO_WINDOW)
            .stdin(Stdio::null());
        let output = tenure_bounds::blocking("the test on a console", || again.output()).unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("test result: ok. 1 passed"), "{said}");
        true
    }

    /// Returns whether the process runs. One that has ended can be opened as long as somebody else holds it.
    pub(crate) fn is_running(pid: u32) -> bool {
        let Ok(process) = HPROCESS::OpenProcess(co::PROCESS::SYNCHRONIZE, false, pid) else { return false };
        process.WaitForSingleObject(Some(0)) != Ok(co::WAIT::OBJECT_0)
    }
}
