//! Lines on their way to somebody who may be slow or stuck: whoever has something to say doesn't wait for whoever reads
//! it. A driver that did could not end its session.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use smol::channel::{Receiver, Sender, bounded};

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
        let (lines, waiting) = bounded(MOST);
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
        if self.lines.try_send(line).is_err() {
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
