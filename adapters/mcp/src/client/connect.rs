//! Makes a client and its driver.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tenure::Generation;
use tenure_driver::{Builder, Driver};

use crate::client::Client;
use crate::client::options::Options;
use crate::contradiction::Contradiction;
use crate::handlers::offer::Offer;
use crate::session::common::Common;
use crate::session::connector::McpConnector;
use crate::session::era::LearnedEra;
use crate::session::events::{OnEvent, ServerEvent};
use crate::session::timer::SessionTimer;
use crate::session::wishes::Wishes;
use crate::spans;
use crate::wire::{Teardown, Transport};

/// Makes a client, and the driver that must be spawned for anything to happen.
///
/// The crates `tenure-tokio` and `tenure-smol` do both in one call, for servers that are child processes.
pub fn connect<T: SessionTimer>(
    options: Options,
    transport: impl Transport,
    timer: T,
) -> (Client, McpDriver<T>) {
    let contradictions = options.contradictions();
    // Mostly there are none.
    let initial_events = (!contradictions.is_empty())
        .then(|| Box::new(InitialEvents { of: contradictions, on_event: options.on_event.clone() }));
    let Options {
        session,
        protocol,
        limits,
        on_event,
        handlers,
        subscriptions,
        log_level,
        trace,
        #[cfg(feature = "tracing")]
        parent,
    } = options;
    let protocol = match protocol.discover_deadline() {
        // The other half is for the handshake of the legacy era.
        None => protocol.discover_window(Some(session.connect_timeout / 2)),
        Some(_) => protocol,
    };
    let offer = handlers.map(|handlers| Arc::new(Offer::new(handlers, limits, &protocol)));
    let protocol = match &offer {
        Some(offer) => offer.announce(protocol),
        None => protocol,
    };
    let teardown = Teardown { stop: session.stop_timeout, abort: session.abort_timeout };
    let builder = Builder::new(session);
    #[cfg(feature = "tracing")]
    let builder = match parent {
        Some(span) => builder.parent_span(span),
        None => builder,
    };
    let builder = match trace {
        Some(sink) => builder.trace(sink),
        None => builder,
    };
    let builder = match on_event.clone() {
        Some(on_event) => builder.on_end(move |ended| {
            let (cause, failure) = (ended.cause, ended.failure.clone());
            on_event(ended.generation, &ServerEvent::Disconnected { cause, failure });
        }),
        None => builder,
    };
    let (era, wishes) = (LearnedEra::default(), Wishes::new(subscriptions, log_level));
    let common = Common {
        timer: timer.clone(),
        protocol,
        teardown,
        on_event,
        era,
        offer,
        wishes: wishes.clone(),
        transport: Box::new(transport),
    };
    let (client, driver) = builder.build(McpConnector::new(common), timer);
    (Client::new(client, limits, wishes), McpDriver { driver, initial_events })
}

/// The future that carries an MCP session; see [`Driver`].
///
/// Spawn it on any executor. It ends when the session was shut down, which dropping the last [`Client`]
/// does too.
///
/// # Cancel safety
/// Dropping it ends the session at once: callers get [`Error::Lost`](crate::Error::Lost), and what there is of the
/// server goes with its wire. It can't be taken up again.
#[must_use = "a session does nothing until its driver is spawned or awaited"]
pub struct McpDriver<T: SessionTimer> {
    driver: Driver<McpConnector<T>, T>,
    initial_events: Option<Box<InitialEvents>>,
}

/// What is to be told when the driver begins: not sooner, since whoever listens is called from its task.
struct InitialEvents {
    of: Vec<Contradiction>,
    on_event: Option<OnEvent>,
}

impl InitialEvents {
    fn tell(self) {
        for contradiction in self.of {
            spans::contradicts(&contradiction);
            let Some(on_event) = &self.on_event else {
                continue;
            };
            let event = ServerEvent::Contradiction(contradiction);
            // One who panics disturbs nobody.
            let _ = catch_unwind(AssertUnwindSafe(|| on_event(Generation::FIRST, &event)));
        }
    }
}

impl<T: SessionTimer> Future for McpDriver<T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(initial_events) = self.initial_events.take() {
            initial_events.tell();
        }
        Pin::new(&mut self.driver).poll(cx)
    }
}

impl<T: SessionTimer> fmt::Debug for McpDriver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.driver.fmt(f)
    }
}
