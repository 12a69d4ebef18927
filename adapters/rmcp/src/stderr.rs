//! What a server says on its standard error, if the command pipes it.
//!
//! It is read whether anybody listens or not: a server whose pipe is full waits for ever, and one whose pipe is
//! closed dies of its next word.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_io::AsyncRead;
use futures_lite::AsyncReadExt as _;
use tokio::task::JoinHandle;

/// Who is given each line of it.
pub(crate) type OnLine = Box<dyn FnMut(&str) + Send>;

/// What is longer is handed on in pieces of this many bytes.
const MAX_LINE: usize = 8 << 10;

/// How many of the last lines an error repeats, and how many bytes of each.
const TAIL_LINES: usize = 10;
const TAIL_LINE: usize = 400;

/// How long the last words are waited for, once the server is gone.
const PATIENCE: Duration = Duration::from_millis(100);

type Tail = Arc<Mutex<VecDeque<String>>>;

/// A task that reads it; dropping this ends the task.
pub(crate) struct Stderr {
    reading: JoinHandle<()>,
    tail: Tail,
}

impl Stderr {
    pub(crate) fn read(pipe: impl AsyncRead + Send + Unpin + 'static, on_line: OnLine) -> Self {
        let tail = Tail::default();
        let reading = tokio::spawn(read_lines(pipe, on_line, tail.clone()));
        Self { reading, tail }
    }

    /// Waits until all is read that a server said which is gone.
    pub(crate) async fn read_to_end(&mut self) {
        if !self.reading.is_finished() {
            // A process that left the group may hold the pipe open.
            let _ = tokio::time::timeout(PATIENCE, Pin::new(&mut self.reading)).await;
        }
    }

    /// The last lines, of a server that is gone.
    pub(crate) async fn tail(&mut self) -> Vec<String> {
        self.read_to_end().await;
        self.tail.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Drop for Stderr {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

async fn read_lines(mut pipe: impl AsyncRead + Unpin, mut on_line: OnLine, tail: Tail) {
    let mut line = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = match pipe.read(&mut buffer).await {
            Ok(read) if read > 0 => read,
            _ => break,
        };
        for &byte in buffer.get(..read).unwrap_or_default() {
            if byte != b'\n' {
                line.push(byte);
            }
            if byte == b'\n' || line.len() >= MAX_LINE {
                hand_on(&mut line, &mut on_line, &tail);
            }
        }
        // Whoever floods this takes turns with everything else.
        tokio::task::yield_now().await;
    }
    if !line.is_empty() {
        hand_on(&mut line, &mut on_line, &tail);
    }
}

fn hand_on(line: &mut Vec<u8>, on_line: &mut OnLine, tail: &Tail) {
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    let text = String::from_utf8_lossy(line);
    {
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        if tail.len() == TAIL_LINES {
            tail.pop_front();
        }
        // An error may end on a terminal.
        tail.push_back(text.chars().filter(|c| !c.is_control()).take(TAIL_LINE).collect());
    }
    on_line(&text);
    line.clear();
}
