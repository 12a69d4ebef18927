//! Lines that are typed. A thread of its own waits for them, and nobody waits for its end: it may be stuck until the
//! program has ended.

use std::io::{self, BufRead as _};

use smol::channel::{Receiver, Sender, bounded};

/// Standard input, where that is a terminal.
#[derive(Default)]
pub(super) struct Keyboard {
    reader: Option<Reader>,
}

struct Reader {
    wanted: Sender<()>,
    lines: Receiver<Option<String>>,
    /// A line was asked for and did not come.
    is_waiting: bool,
}

impl Keyboard {
    /// Forgets what was typed before anybody was asked.
    pub(super) fn forget(&mut self) {
        if let Some(reader) = &mut self.reader {
            reader.is_waiting &= reader.lines.try_recv().is_err();
        }
        #[cfg(unix)]
        let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
    }

    /// The next line; `None` if there will be no more. Dropped, it takes no line away from who asks next.
    pub(super) async fn line(&mut self) -> Option<String> {
        let reader = self.reader.get_or_insert_with(Reader::start);
        if !reader.is_waiting {
            reader.wanted.try_send(()).ok()?;
            reader.is_waiting = true;
        }
        let line = reader.lines.recv().await.ok()?;
        reader.is_waiting = false;
        line
    }
}

impl Reader {
    fn start() -> Self {
        let (wanted, want) = bounded(1);
        let (send, lines) = bounded(1);
        std::thread::spawn(
            move || {
                while want.recv_blocking().is_ok() && send.send_blocking(read_line()).is_ok() {}
            },
        );
        Self { wanted, lines, is_waiting: false }
    }
}

/// Without the line break.
fn read_line() -> Option<String> {
    let mut line = Vec::new();
    crate::out::waiting(|| io::stdin().lock().read_until(b'\n', &mut line)).ok()?;
    let line = String::from_utf8_lossy(&line).into_owned();
    let typed = line.strip_suffix('\n')?;
    Some(typed.strip_suffix('\r').unwrap_or(typed).to_owned())
}
