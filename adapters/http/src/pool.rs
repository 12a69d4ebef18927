//! Connections that wait for their next exchange.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, HeaderName};
use tenure_mcp::Reuse;

use crate::conn::Conn;
use crate::origin::Place;

/// So many for each origin.
const MAX_IDLE: usize = 8;

/// For no longer than this: many servers close theirs at 5 s.
const MAX_AGE: Duration = Duration::from_secs(4);

/// One that waited for longer may be closed at any moment, which is too much of a risk for what can't be sent twice.
const MAX_YOUTH: Duration = Duration::from_secs(2);

/// The connections of a client that nobody uses now.
///
/// Nothing watches them: those that are too old are closed when the next one is taken or comes back.
#[derive(Default)]
pub(crate) struct Pool {
    // Of all origins, few as they are. The one used last is the last.
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    conn: Box<Conn>,
    since: Duration,
    keep: Duration,
}

impl Idle {
    fn age(&self, now: Duration) -> Duration {
        now.saturating_sub(self.since)
    }

    fn leads_to(&self, place: Place<'_>) -> bool {
        place.is_at(&self.conn.origin)
    }
}

impl Pool {
    /// A connection that is still open, as far as can be seen.
    ///
    /// What may be sent twice takes the one that waited longest, so that young ones are left for what may not.
    pub(crate) fn take(&self, place: Place<'_>, reuse: Reuse, now: Duration) -> Option<Box<Conn>> {
        loop {
            let mut conn = self.next(place, reuse, now)?;
            if conn.is_alive() {
                return Some(conn);
            }
        }
    }

    fn next(&self, place: Place<'_>, reuse: Reuse, now: Duration) -> Option<Box<Conn>> {
        let mut all = self.lock();
        sweep(&mut all, now);
        let at = match reuse {
            Reuse::Any => all.iter().position(|idle| idle.leads_to(place)),
            Reuse::Youngest => {
                all.iter().rposition(|idle| idle.leads_to(place) && idle.age(now) <= MAX_YOUTH)
            }
            _ => None,
        };
        Some(all.remove(at?).conn)
    }

    /// Keeps a connection for the next exchange, for so long at most.
    pub(crate) fn give_back(&self, conn: Box<Conn>, now: Duration, keep: Duration) {
        let mut all = self.lock();
        let mut others = all.iter().enumerate().filter(|(_, idle)| idle.conn.origin == conn.origin);
        if let Some((oldest, _)) = others.next()
            && others.count() >= MAX_IDLE - 1
        {
            all.remove(oldest);
        }
        all.push(Idle { conn, since: now, keep });
        sweep(&mut all, now);
    }

    /// One of them failed: the others are likely to be closed, too.
    pub(crate) fn clear(&self, place: Place<'_>) {
        self.lock().retain(|idle| !idle.leads_to(place));
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sweep(all: &mut Vec<Idle>, now: Duration) {
    all.retain(|idle| idle.age(now) < idle.keep);
}

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// For how long a connection may wait, by the head of its last answer: a second less than the server says.
pub(crate) fn keep(headers: &HeaderMap) -> Duration {
    let said = headers.get_all(KEEP_ALIVE).iter().filter_map(|value| value.to_str().ok());
    let timeout = said
        .flat_map(|value| value.split(','))
        .filter_map(|part| part.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("timeout"))
        .find_map(|(_, seconds)| seconds.trim().trim_matches('"').parse().ok())
        .map(|seconds: u64| Duration::from_secs(seconds.saturating_sub(1)));
    timeout.map_or(MAX_AGE, |timeout| timeout.min(MAX_AGE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(value: &'static str) -> Duration {
        let mut headers = HeaderMap::new();
        headers.insert("keep-alive", value.parse().unwrap());
        keep(&headers)
    }

    #[test]
    fn a_server_that_says_for_how_long_is_believed_a_second_less() {
        assert_eq!(keep(&HeaderMap::new()), Duration::from_secs(4));
        assert_eq!(said("timeout=3"), Duration::from_secs(2));
        assert_eq!(said("max=5, Timeout = \"2\""), Duration::from_secs(1));
        assert_eq!(said("timeout=1"), Duration::ZERO);
        assert_eq!(said("timeout=0"), Duration::ZERO);
        assert_eq!(said("timeout=75"), Duration::from_secs(4));
        assert_eq!(said("timeout=soon"), Duration::from_secs(4));
    }
}
