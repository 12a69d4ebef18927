//! What happens to a session, as a stream that may be read slowly.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_lite::Stream;
use tenure::Generation;
use tenure_driver::wake::{Key, Waiters};

use crate::session::events::ServerEvent;

/// Makes a listener for [`Options::on_event`](crate::Options::on_event) and the stream of what it hears.
///
/// A listener that takes its time holds up the session, which calls it. This one never does: it keeps at most `most`
/// events for the stream's reader (one at least), drops the oldest of more, and says how many those were.
///
/// ```
/// use tenure_mcp::{Options, ServerEvent, listen};
///
/// let (listener, mut events) = listen(256);
/// let options = Options::new().on_event(listener);
/// // In a task of its own:
/// let reading = async move {
///     while let Some(heard) = events.next().await {
///         if heard.missed > 0 {
///             eprintln!("{} events were not read in time", heard.missed);
///         }
///         eprintln!("{}: {:?}", heard.generation, heard.event); // may take as long as it likes
///     }
///     // The session is over.
/// };
/// # let _ = (options, reading);
/// ```
pub fn listen(most: usize) -> (impl Fn(Generation, &ServerEvent) + Send + Sync + 'static, Events) {
    let shared = Arc::<Shared>::default();
    let listener = Listener { shared: shared.clone(), most: most.max(1) };
    let hear = move |generation, event: &ServerEvent| listener.hear(generation, event.clone());
    (hear, Events { shared, key: None })
}

/// An event, as [`Events`] gives it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Heard {
    /// Of which life of the connection it is.
    pub generation: Generation,
    /// What happened.
    pub event: ServerEvent,
    /// How many events before this one were dropped, since nobody read them in time.
    pub missed: u64,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    reader: Waiters,
}

#[derive(Default)]
struct Queue {
    heard: VecDeque<(Generation, ServerEvent)>,
    missed: u64,
    is_over: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Listener {
    shared: Arc<Shared>,
    most: usize,
}

impl Listener {
    fn hear(&self, generation: Generation, event: ServerEvent) {
        let dropped = {
            let mut queue = self.shared.lock();
            let is_full = queue.heard.len() >= self.most;
            let oldest = if is_full { queue.heard.pop_front() } else { None };
            queue.missed = queue.missed.saturating_add(u64::from(is_full));
            queue.heard.push_back((generation, event));
            oldest
        };
        // Out here: it may be large.
        drop(dropped);
        self.shared.reader.wake_all();
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.reader.wake_all();
    }
}

/// What happens to a session, in order; from [`listen`]. It ends with the session.
///
/// # Cancel safety
/// Nothing is lost when a `next()` of it is dropped.
#[must_use = "streams do nothing unless polled"]
pub struct Events {
    shared: Arc<Shared>,
    key: Option<Key>,
}

impl Events {
    /// The next event; `None` when the session is over.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Heard> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl Stream for Events {
    type Item = Heard;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Heard>> {
        let this = &mut *self;
        this.shared.reader.register(&mut this.key, cx.waker());
        let mut queue = this.shared.lock();
        let Some((generation, event)) = queue.heard.pop_front() else {
            return if queue.is_over { Poll::Ready(None) } else { Poll::Pending };
        };
        let missed = std::mem::take(&mut queue.missed);
        Poll::Ready(Some(Heard { generation, event, missed }))
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.shared.reader.deregister(&mut self.key);
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
