//! How a process ended, in words.

use std::fmt;
use std::process::ExitStatus;

/// An exit status as std tells it; on Windows with what the code means, if it is one of the system's.
///
/// ```
/// # #[cfg(unix)] {
/// use std::os::unix::process::ExitStatusExt as _;
/// use std::process::ExitStatus;
///
/// let status = ExitStatus::from_raw(9);
/// assert_eq!(tenure_process::display_status(status).to_string(), "signal: 9 (SIGKILL)");
/// # }
/// # #[cfg(windows)] {
/// # use std::os::windows::process::ExitStatusExt as _;
/// // On Windows:
/// let status = std::process::ExitStatus::from_raw(0xC000_0005);
/// let words = tenure_process::display_status(status).to_string();
/// assert_eq!(words, "exit code: 0xc0000005 (access violation)");
/// # }
/// ```
pub fn display_status(status: ExitStatus) -> impl fmt::Display {
    #[cfg(windows)]
    return windows::DisplayStatus(status);
    #[cfg(not(windows))]
    status
}

#[cfg(windows)]
mod windows {
    use std::fmt;
    use std::process::ExitStatus;

    pub(super) struct DisplayStatus(pub(super) ExitStatus);

    impl fmt::Display for DisplayStatus {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(f)?;
            match self.0.code().map(i32::cast_unsigned).and_then(super::meaning) {
                Some(meaning) => write!(f, " ({meaning})"),
                None => Ok(()),
            }
        }
    }
}

/// What an exit code of Windows says that the program hasn't chosen itself.
#[cfg(any(windows, test))]
fn meaning(code: u32) -> Option<&'static str> {
    Some(match code {
        9009 => "the script didn't find a program that it starts",
        0x4001_0004 | 0x4001_0005 => "ended by a debugger or by Ctrl-C",
        0x8000_0003 => "stopped at a breakpoint",
        0xC000_0005 => "access violation",
        0xC000_0006 => "a page of it couldn't be read from its disk",
        0xC000_0017 => "out of memory",
        0xC000_001D => "illegal instruction",
        0xC000_0022 => "access denied",
        0xC000_0094 => "integer divided by zero",
        0xC000_00FD => "stack overflow",
        0xC000_012D => "out of memory: the page file is full",
        0xC000_0135 => "a DLL that it needs wasn't found",
        0xC000_0138 | 0xC000_0139 => "a DLL that it needs is of another version",
        0xC000_013A => "ended by Ctrl-C, Ctrl-Break or the close of its console",
        0xC000_0142 => "a DLL that it needs couldn't be initialized",
        0xC000_0374 => "its heap is corrupted",
        0xC000_0409 => "it aborted, or its stack is corrupted",
        0xC000_0602 => "it failed fast",
        0xE06D_7363 => "a C++ exception that nobody caught",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_system_have_a_meaning_and_a_programs_own_have_none() {
        assert_eq!(meaning(0xC000_0005), Some("access violation"));
        assert_eq!(meaning(0xC000_013A), Some("ended by Ctrl-C, Ctrl-Break or the close of its console"));
        for code in [0, 1, 7, 255, 0xC000_0000] {
            assert_eq!(meaning(code), None);
        }
    }

    #[test]
    #[cfg(windows)]
    fn a_status_is_shown_with_its_meaning() {
        use std::os::windows::process::ExitStatusExt as _;

        let display = |code| super::display_status(ExitStatus::from_raw(code)).to_string();
        assert_eq!(display(0xC000_0135), "exit code: 0xc0000135 (a DLL that it needs wasn't found)");
        assert_eq!(display(3), "exit code: 3");
    }
}
