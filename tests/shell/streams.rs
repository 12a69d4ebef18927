//! What a command reads and writes.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read as _, Write};
use std::path::Path;
use std::rc::Rc;
use std::thread::sleep;
use std::time::Duration;

/// What is read: one line after the other, or all.
pub(crate) type Input = Rc<RefCell<dyn BufRead>>;

pub(crate) fn standard_input() -> Input {
    Rc::new(RefCell::new(BufReader::new(io::stdin())))
}

pub(crate) fn bytes(bytes: Vec<u8>) -> Input {
    Rc::new(RefCell::new(Cursor::new(bytes)))
}

pub(crate) fn file(path: &Path) -> io::Result<Input> {
    Ok(Rc::new(RefCell::new(BufReader::new(File::open(path)?))))
}

/// One that is written by another, once that one has written a line.
pub(crate) fn pipe(path: &Path) -> Input {
    loop {
        match std::fs::read(path) {
            Ok(line) if line.ends_with(b"\n") => return bytes(line),
            _ => sleep(Duration::from_millis(5)),
        }
    }
}

pub(crate) fn zeros(count: u64) -> io::Result<Vec<u8>> {
    let mut zeros = Vec::new();
    io::repeat(0).take(count).read_to_end(&mut zeros)?;
    Ok(zeros)
}

#[derive(Clone)]
pub(crate) enum Output {
    Standard,
    Error,
    To(Rc<RefCell<dyn Write>>),
}

impl Output {
    pub(crate) fn nothing() -> Self {
        Self::To(Rc::new(RefCell::new(io::sink())))
    }

    pub(crate) fn file(path: &Path, append: bool) -> io::Result<Self> {
        let file = File::options().write(true).create(true).append(append).truncate(!append).open(path)?;
        Ok(Self::To(Rc::new(RefCell::new(file))))
    }

    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        fn whole(mut to: impl Write, bytes: &[u8]) -> io::Result<()> {
            to.write_all(bytes)?;
            to.flush()
        }
        match self {
            Self::Standard => whole(io::stdout().lock(), bytes),
            Self::Error => whole(io::stderr().lock(), bytes),
            Self::To(to) => whole(&mut *to.borrow_mut(), bytes),
        }
    }
}

/// What a command has as its descriptors 0, 1 and 2.
#[derive(Clone)]
pub(crate) struct Streams {
    pub(crate) input: Input,
    pub(crate) output: Output,
    pub(crate) error: Output,
}
