//! Where a stream of events can be taken up again (MCP 2025-11-25, basic/transports, "Resumability and
//! Redelivery"), and when.

use std::collections::VecDeque;
use std::time::Duration;

use http::HeaderValue;

/// The first pause before a stream is asked for again, if the server said nothing of it, and the longest one.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// A server that wants more patience than that is not waited for where the call itself has no end.
const PATIENCE: Duration = Duration::from_secs(600);

/// So many tries in a row, and in all, may bring nothing.
const IN_A_ROW: u32 = 5;
const IN_ALL: u32 = 100;

/// So many requests of the server are known again.
const REMEMBERED: usize = 64;

/// What is remembered of a stream that may break.
#[derive(Debug, Default)]
pub(crate) struct Resume {
    /// The id of the last event that was heard.
    pub(crate) cursor: Option<HeaderValue>,
    /// How long the server wants to be left alone.
    pub(crate) retry: Option<Duration>,
    /// The stream that is open, or asked for, is not the first one.
    pub(crate) is_again: bool,
    /// When its call ends at the latest, unless its clock stands still meanwhile.
    pub(crate) end: Option<Duration>,
    /// Tries without an event in a row, and in all.
    fruitless: u32,
    tries: u32,
    /// The present stream brought an event.
    pub(crate) has_brought: bool,
    /// The ids of what the server asked on it last: a stream that is taken up may bring the same again.
    asked: VecDeque<String>,
}

impl Resume {
    /// The stream brought something.
    pub(crate) fn brought(&mut self) {
        self.has_brought = true;
        self.fruitless = 0;
    }

    /// The server asks something on it. Returns whether it did before.
    pub(crate) fn was_asked(&mut self, id: &str) -> bool {
        let was_asked = self.asked.iter().any(|asked| asked == id);
        if !was_asked {
            if self.asked.len() >= REMEMBERED {
                self.asked.pop_front();
            }
            self.asked.push_back(id.to_owned());
        }
        was_asked
    }

    /// How long a server that wants to be left alone is waited for: until the call ends. While the server waits for
    /// this side the call's clock stands still, so one that asked something may be heard later.
    fn patience(&self, now: Duration) -> Duration {
        match self.end {
            Some(end) if self.asked.is_empty() => end.saturating_sub(now),
            Some(end) => end.saturating_sub(now).max(PATIENCE),
            None => PATIENCE,
        }
    }

    /// How long to wait before it is asked for again.
    ///
    /// # Errors
    /// Why it is not.
    pub(crate) fn pause(&mut self, now: Duration) -> Result<Duration, String> {
        if !std::mem::take(&mut self.has_brought) && self.is_again {
            self.fruitless = self.fruitless.saturating_add(1);
        }
        self.is_again = true;
        self.tries = self.tries.saturating_add(1);
        if self.fruitless >= IN_A_ROW {
            return Err(format!("asked for {IN_A_ROW} times in a row, it brought nothing"));
        }
        if self.tries > IN_ALL {
            return Err(format!("it broke {IN_ALL} times"));
        }
        match self.retry {
            Some(retry) if retry > self.patience(now) => {
                Err(format!("the server wants to be left alone for {} s", retry.as_secs()))
            }
            Some(retry) => Ok(retry),
            None => Ok(doubled(FIRST, self.fruitless).min(LONGEST)),
        }
    }
}

/// A pause after so many tries that brought nothing.
pub(crate) fn doubled(first: Duration, tries: u32) -> Duration {
    first.saturating_mul(1_u32.checked_shl(tries.min(16)).unwrap_or(u32::MAX))
}
