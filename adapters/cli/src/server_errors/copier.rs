//! A thread that copies a pipe to standard error, whole lines at a time where it can.

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionread};
use smol::channel::{Receiver, Sender, bounded};

/// How long the rest of a line is waited for; a question that waits for an answer has none.
const REST: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

pub(super) struct Copier {
    /// A byte asks to catch up, its end to come to an end.
    orders: PipeWriter,
    done: Receiver<()>,
}

impl Copier {
    /// The copier, and where servers write to.
    pub(super) fn start() -> io::Result<(Self, PipeWriter)> {
        let (reader, writer) = io::pipe()?;
        let (given, orders) = io::pipe()?;
        let (send, done) = bounded(1);
        let copying = Copying { reader, given, send, rest: Vec::new() };
        std::thread::Builder::new().spawn(move || copying.run())?;
        Ok((Self { orders, done }, writer))
    }

    pub(super) async fn caught_up(&self) {
        if (&self.orders).write_all(b"c").is_ok() {
            let _ = self.done.recv().await;
        }
    }

    pub(super) async fn end(self) {
        drop(self.orders);
        // An answer that came late may be in it.
        while self.done.recv().await.is_ok() {}
    }
}

/// What there is to do next.
enum Next {
    Copy,
    /// No more of the line has come.
    Quiet,
    CatchUp,
    End,
}

struct Copying {
    reader: PipeReader,
    given: PipeReader,
    send: Sender<()>,
    /// The beginning of a line.
    rest: Vec<u8>,
}

impl Copying {
    fn run(mut self) {
        let mut open = true;
        loop {
            match self.next(open) {
                Next::Copy => open = self.copy(usize::MAX) > 0,
                Next::Quiet => self.flush(),
                Next::CatchUp => {
                    self.catch_up();
                    let _ = self.send.try_send(());
                }
                Next::End => return self.catch_up(),
            }
        }
    }

    fn next(&self, open: bool) -> Next {
        let mut both = [PollFd::new(&self.given, PollFlags::IN), PollFd::new(&self.reader, PollFlags::IN)];
        let watched = if open { both.as_mut_slice() } else { both.get_mut(..1).unwrap_or_default() };
        let rest = Some(&REST).filter(|_| !self.rest.is_empty());
        match poll(watched, rest) {
            Ok(0) | Err(Errno::INTR) => Next::Quiet,
            Err(_) => Next::End,
            Ok(_) if both.first().is_none_or(|given| given.revents().is_empty()) => Next::Copy,
            Ok(_) => match (&self.given).read(&mut [0]) {
                Ok(1) => Next::CatchUp,
                _ => Next::End,
            },
        }
    }

    /// What is there now, and no more: it may never end.
    fn catch_up(&mut self) {
        let mut left = ioctl_fionread(&self.reader).map_or(0, |left| usize::try_from(left).unwrap_or(0));
        while left > 0 {
            match self.copy(left) {
                0 => break,
                copied => left = left.saturating_sub(copied),
            }
        }
        self.flush();
    }

    /// Copies what has come, at most so many bytes, up to the last end of a line. How many have come.
    fn copy(&mut self, most: usize) -> usize {
        let mut buffer = [0; 16 * 1024];
        let room = most.min(buffer.len());
        let read = loop {
            match self.reader.read(buffer.get_mut(..room).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read.unwrap_or(0),
            }
        };
        self.rest.extend_from_slice(buffer.get(..read).unwrap_or_default());
        let lines = self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
        let lines = if lines == 0 && self.rest.len() >= buffer.len() { self.rest.len() } else { lines };
        // Nobody need be there to read it; the server must not notice that.
        crate::out::bytes_to_stderr(self.rest.get(..lines).unwrap_or_default());
        self.rest.drain(..lines);
        read
    }

    fn flush(&mut self) {
        crate::out::bytes_to_stderr(&self.rest);
        self.rest.clear();
    }
}
