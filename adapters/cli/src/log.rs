//! Lines on their way to somebody who may be slow or stuck: whoever has something to say doesn't wait for whoever reads
//! it. A driver that did could not end its session.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use smol::channel::{Receiver, Sender, bounded, unbounded};

use crate::text;

/// The most lines that wait for a slow reader.
const MOST: usize = 1 << 16;

/// Where to say something. Clones say it to the same reader.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    lines: Sender<String>,
    dropped: Arc<AtomicU64>,
    done: Receiver<()>,
}

impl Log {
    /// For lines that `write` is to write.
    pub(crate) fn start(write: fn(&str)) -> Self {
        // A bounded one would have room for all of them from the start, 2 MiB that are hardly ever used.
        let (lines, waiting) = unbounded();
        let (send, done) = bounded(1);
        let log = Self { lines, dropped: Arc::default(), done };
        let dropped = log.dropped.clone();
        std::thread::spawn(move || {
            write_all(&waiting, &dropped, write);
            drop(send);
        });
        log
    }

    /// Says it in its turn. With very many lines waiting it is dropped, and counted.
    pub(crate) fn say(&self, line: String) {
        if self.lines.len() >= MOST || self.lines.try_send(line).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all is written. Nothing is said from here on.
    pub(crate) async fn end(self) {
        self.lines.close();
        // It is closed, never sent to.
        let _ = self.done.recv().await;
    }
}

fn write_all(waiting: &Receiver<String>, dropped: &AtomicU64, write: fn(&str)) {
    while let Ok(line) = waiting.recv_blocking() {
        write(&line);
        let dropped = dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            write(&format!("tenure: dropped {} that nobody read in time", text::counted(dropped, "line")));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::{Log, MOST};

    /// Held, it keeps the reader.
    static GATE: Mutex<()> = Mutex::new(());
    static WRITTEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

    fn behind_the_gate(line: &str) {
        drop(GATE.lock().unwrap_or_else(PoisonError::into_inner));
        WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    }

    #[test]
    fn of_too_many_lines_for_a_stuck_reader_the_last_are_dropped_and_counted() {
        let gate = GATE.lock().unwrap_or_else(PoisonError::into_inner);
        let log = Log::start(behind_the_gate);
        let said = MOST + 10;
        for _ in 0..said {
            log.say("said".to_owned());
        }
        drop(gate);
        smol::block_on(log.end());
        let written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = written.iter().filter(|line| *line == "said").count();
        // One may be in the reader's hands.
        assert!(lines == MOST || lines == MOST + 1, "{lines}");
        let complaint = format!("tenure: dropped {} lines that nobody read in time", said - lines);
        assert_eq!(written.iter().filter(|line| **line == complaint).count(), 1, "{:?}", written.last());
        assert_eq!(written.len(), lines + 1);
    }
}
