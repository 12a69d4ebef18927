//! How a session is made.

use std::fmt;

use tenure::Config;

use crate::client::Client;
use crate::connector::Connector;
use crate::driver::Driver;
use crate::shared::Shared;
use crate::timer::Timer;
use crate::trace::{Sink, Trace, TraceEvent};

/// Makes a session: a client for callers and a driver to spawn.
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
}

impl Builder {
    /// A session with these limits and policies.
    pub fn new(config: Config) -> Self {
        Self { config, sink: None }
    }

    /// Gives every input of the machine and what came of it to `sink`, in order, from the driver's task.
    pub fn trace(mut self, sink: impl FnMut(&TraceEvent) + Send + 'static) -> Self {
        self.sink = Some(Box::new(sink));
        self
    }

    /// The client, and the driver that must be spawned for anything to happen.
    pub fn build<C: Connector, T: Timer>(self, connector: C, timer: T) -> (Client<C::Handle>, Driver<C, T>) {
        let trace = self.sink.is_some().then(Trace::default);
        let shared = Shared::new(self.config, trace);
        (Client::new(shared.clone()), Driver::new(shared, connector, timer, self.sink))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}
