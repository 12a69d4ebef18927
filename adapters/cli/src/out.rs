//! Standard output and standard error.
//!
//! Either may be an open file description that others share. A child that makes it non-blocking (node does) makes it
//! so for everybody: a write that would block fails then. The writer here waits and goes on.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU8, Ordering};

/// What the last line on the terminal is, if it was not ended: something that is drawn, a question that waits for its
/// answer, or one that nobody waits for any more. It changes under the lock of standard error.
static LAST: AtomicU8 = AtomicU8::new(ENDED);
const ENDED: u8 = 0;
const DRAWN: u8 = 1;
const ASKED: u8 = 2;
const LEFT: u8 = 3;

/// Removes a line that is drawn.
const ERASED: &str = "\r\x1b[K";

/// Whatever else is written doesn't stand in that line.
fn set_last(to: u8) -> &'static str {
    match LAST.swap(to, Ordering::Relaxed) {
        DRAWN => ERASED,
        ASKED | LEFT => "\n",
        _ => "",
    }
}

/// Writes all of it to standard output, or says why not.
pub(crate) fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.flush()?;
    write_all(stdout, text.as_bytes())
}

/// Writes a line to standard error. Nobody need be there to read it.
pub(crate) fn to_stderr(line: &str) {
    bytes_to_stderr(format!("{}\n", line.trim_end()).as_bytes());
}

/// The same, unless nobody reads it for a moment: the last words of a program that was told to end. Past the lock,
/// which a thread that is stuck may hold.
pub(crate) fn last_words(line: &str) {
    #[cfg(unix)]
    if is_ready(io::stderr()) {
        let line = format!("{}{}\n", set_last(ENDED), line.trim_end());
        let _ = rustix::io::write(io::stderr(), line.as_bytes());
    }
    #[cfg(not(unix))]
    to_stderr(line);
}

/// Returns whether it can be written within a moment.
#[cfg(unix)]
fn is_ready(to: impl std::os::fd::AsFd) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let moment = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
    poll(&mut [PollFd::new(&to, PollFlags::OUT)], Some(&moment)).is_ok_and(|ready| ready > 0)
}

/// The same for bytes, which need not be lines.
pub(crate) fn bytes_to_stderr(bytes: &[u8]) {
    let stderr = io::stderr().lock();
    if !bytes.is_empty() {
        let _ = write_all(stderr, &[set_last(ENDED).as_bytes(), bytes].concat());
    }
}

/// Draws a line on the terminal, in the place of the one before; not while a question waits for its answer.
pub(crate) fn draw(line: &str) {
    let stderr = io::stderr().lock();
    if LAST.load(Ordering::Relaxed) != ASKED {
        let _ = write_all(stderr, format!("{}{line}", set_last(DRAWN)).as_bytes());
    }
}

/// Removes the line that is drawn, if there is one, and ends one that waits for an answer: what comes next stands
/// alone.
pub(crate) fn end_line() {
    let stderr = io::stderr().lock();
    let _ = write_all(stderr, set_last(ENDED).as_bytes());
}

/// Removes the line that is drawn, if there is one.
pub(crate) fn undraw() {
    let stderr = io::stderr().lock();
    if LAST.load(Ordering::Relaxed) == DRAWN {
        let _ = write_all(stderr, set_last(ENDED).as_bytes());
    }
}

/// Asks on the terminal: the answer stands in the same line.
pub(crate) fn ask(question: &str) {
    let stderr = io::stderr().lock();
    let _ = write_all(stderr, format!("{}{question}", set_last(ASKED)).as_bytes());
}

/// The question was answered, and its line ended by that; or nobody waits for the answer any more.
pub(crate) fn asked(is_answered: bool) {
    let _stderr = io::stderr().lock();
    let to = if is_answered { ENDED } else { LEFT };
    let _ = LAST.compare_exchange(ASKED, to, Ordering::Relaxed, Ordering::Relaxed);
}

/// Past the buffer of the standard library, which loses bytes when a write in its middle would block.
#[cfg(unix)]
fn write_all(to: impl std::os::fd::AsFd, mut bytes: &[u8]) -> io::Result<()> {
    use rustix::event::PollFlags;
    use rustix::io::Errno;
    while !bytes.is_empty() {
        match rustix::io::write(&to, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::AGAIN) => wait(&to, PollFlags::OUT)?,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn write_all(mut to: impl io::Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}

/// All of standard input, but for what is longer than `most`: then there is one byte more.
pub(crate) fn read_stdin(most: u64) -> io::Result<Vec<u8>> {
    use io::Read as _;
    let mut bytes = Vec::new();
    let mut stdin = io::stdin().lock().take(most.saturating_add(1));
    waiting(|| stdin.read_to_end(&mut bytes))?;
    Ok(bytes)
}

/// Reads standard input by `read`, and waits where that would block: it goes on then.
pub(crate) fn waiting<T>(mut read: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    #[cfg(unix)]
    loop {
        match read() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                wait(io::stdin(), rustix::event::PollFlags::IN)?;
            }
            done => return done,
        }
    }
    #[cfg(not(unix))]
    read()
}

/// Blocks until it can be read or written, or fails for good.
#[cfg(unix)]
fn wait(on: impl std::os::fd::AsFd, what: rustix::event::PollFlags) -> io::Result<()> {
    use rustix::event::{PollFd, poll};
    match poll(&mut [PollFd::new(&on, what)], None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
