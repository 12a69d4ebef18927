//! How much of a server's output is handled before everything else has its turn.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What one turn may cost, in bytes.
const TURN: usize = 64 << 10;

/// What a line costs beside its bytes: each is parsed, handed on or refused by itself, and tiny ones are the dearest.
const LINE: usize = 512;

type Rest = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// A turn of reading, and the rest that follows it.
///
/// tokio's own budget counts reads, not what they bring: 128 of them, each with thousands of tiny lines.
#[derive(Default)]
pub(crate) struct Turn {
    cost: usize,
    rest: Option<Rest>,
}

impl Turn {
    /// Ready while the turn lasts, and when the next one begins: once the runtime has looked at its timers and at what
    /// else is ready.
    pub(crate) fn poll_begun(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.cost >= TURN {
            let rest = self.rest.get_or_insert_with(|| Box::pin(tokio::task::yield_now()));
            ready!(rest.as_mut().poll(cx));
            self.end();
        }
        Poll::Ready(())
    }

    /// This was read.
    pub(crate) fn count(&mut self, bytes: &[u8]) {
        let lines = bytes.split(|&byte| byte == b'\n').count();
        self.cost = self.cost.saturating_add(bytes.len()).saturating_add(lines.saturating_mul(LINE));
    }

    /// The reader waits for more: the next turn begins with it.
    pub(crate) fn end(&mut self) {
        self.cost = 0;
        self.rest = None;
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("cost", &self.cost).finish_non_exhaustive()
    }
}
