//! How a session is made.

use std::fmt;

use tenure::Config;

use crate::client::Client;
use crate::connector::Connector;
use crate::driver::{Driver, Sinks};
use crate::ended::{EndSink, Ended};
use crate::shared::Shared;
use crate::spans::Spans;
use crate::timer::Timer;
use crate::trace::{Sink, Trace, TraceEvent};

/// Makes a session: a [`Client`] for callers, and a [`Driver`] that carries it.
///
/// It takes the limits and policies ([`Config`]), how a generation is opened and served ([`Connector`]), and what
/// tells the time ([`Timer`]). Nothing starts by that: the first [`acquire`](Client::acquire) connects, and only
/// while the driver is polled. The crates `tenure-tokio` and `tenure-smol` bring timers, and `spawn` for the driver.
///
/// ```
/// use tenure::Config;
/// use tenure_driver::{Builder, Failure, Life, Timer, from_fn};
///
/// # fn f(timer: impl Timer) {
/// let connector = from_fn(|life: Life<u32>| async move {
///     life.ready(7).stopped().await;
///     Ok::<(), Failure>(())
/// });
/// let (client, driver) = Builder::new(Config::default()).build(connector, timer);
/// // Spawn the driver on any executor; then `client.acquire().await` gives a lease.
/// # let _ = (client, driver);
/// # }
/// ```
#[must_use]
pub struct Builder {
    config: Config,
    sink: Option<Sink>,
    end_sink: Option<EndSink>,
    #[cfg(feature = "tracing")]
    parent: Option<tracing::Span>,
}

impl Builder {
    /// A session with these limits and policies. They are taken as they are: a host that lets others choose them tells
    /// those of their [contradictions](Config::contradictions).
    pub fn new(config: Config) -> Self {
        Self {
            config,
            sink: None,
            end_sink: None,
            #[cfg(feature = "tracing")]
            parent: None,
        }
    }

    /// Gives every input of the machine and what came of it to `sink`, in order, from the driver's task.
    ///
    /// It is called while the driver is polled, without a lock: what it does there holds up the session's
    /// deadlines. If it panics, the driver's poll does, and the sink is not called any more.
    pub fn trace(mut self, sink: impl FnMut(&TraceEvent) + Send + 'static) -> Self {
        self.sink = Some(Box::new(sink));
        self
    }

    /// Tells `sink` how each generation ended, also one of which nobody held a lease, and one that was never ready. It
    /// is called from the driver's task, as [`trace`](Self::trace)'s is; but a panic in it is caught, and later ends
    /// are told all the same.
    pub fn on_end(mut self, sink: impl FnMut(&Ended) + Send + 'static) -> Self {
        self.end_sink = Some(Box::new(sink));
        self
    }

    /// Puts the spans of the generations into this one, such as one with the name of the server; it is kept open as
    /// long as the session lives. By default they are in the span in which the driver is polled, which mostly is none.
    #[cfg(feature = "tracing")]
    pub fn parent_span(mut self, span: tracing::Span) -> Self {
        self.parent = Some(span);
        self
    }

    /// The client, and the driver that must be spawned for anything to happen.
    pub fn build<C: Connector, T: Timer>(self, connector: C, timer: T) -> (Client<C::Handle>, Driver<C, T>) {
        let has_sink = self.sink.is_some();
        let trace = (Spans::ARE_ON || has_sink).then(|| Box::new(Trace::new(has_sink)));
        let shared = Shared::new(self.config, trace);
        if self.end_sink.is_some() {
            shared.set(|inner| inner.ends = Some(Vec::new()));
        }
        #[cfg(feature = "tracing")]
        let spans = Spans::new(self.parent);
        #[cfg(not(feature = "tracing"))]
        let spans = Spans;
        let sinks = Sinks { trace: self.sink, ends: self.end_sink, spans };
        let driver = Driver::new(shared.clone(), connector, timer, sinks);
        (Client::new(shared), driver)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}
