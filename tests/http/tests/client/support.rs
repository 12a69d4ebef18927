//! What the tests need of a runtime and of a client.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use tenure::KeepAlive;
use tenure_bounds::whole;
use tenure_http_server::Speaks;
use tenure_mcp::{Client, Eras, Options, ServerEvent};

use crate::arrivals::Arrivals;
use crate::tokens::Tokens;

/// A deadline that is meant to pass.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// Far longer than anything takes that is bounded.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// What most rows are true of.
pub(crate) const BOTH: [Speaks; 2] = [Speaks::Legacy, Speaks::Modern];

/// A deadline that no test reaches.
const LONG: Duration = Duration::from_secs(20);

pub(crate) trait Runtime {
    /// A client of the server at this address, carried by a task of its own.
    fn http(url: &str, setup: Setup) -> Client;

    /// Lets time pass: enough for what must not happen to happen.
    fn pause(time: Duration) -> impl Future<Output = ()>;

    fn block_on<T>(body: impl Future<Output = T>) -> T;
}

/// Runs a test to its end, which has to come.
pub(crate) fn run<R: Runtime, T>(body: impl Future<Output = T>) -> T {
    R::block_on(whole("the test to end", body))
}

/// All of them at once; what they give, in order.
pub(crate) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut left: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    poll_fn(|cx| {
        for (future, output) in left.iter_mut().filter(|(_, output)| output.is_none()) {
            if let Poll::Ready(done) = future.as_mut().poll(cx) {
                *output = Some(done);
            }
        }
        if left.iter().all(|(_, output)| output.is_some()) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    left.into_iter().filter_map(|(_, output)| output).collect()
}

/// How a client is set up.
pub(crate) struct Setup {
    pub(crate) options: Options,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) max_exchanges: Option<usize>,
    pub(crate) old_transport: bool,
    pub(crate) credentials: Option<Tokens>,
    /// Which answers have come.
    pub(crate) arrivals: Arrivals,
}

impl Setup {
    /// A session that stays, and deadlines that no test reaches unless it means to.
    pub(crate) fn new(eras: Eras) -> Self {
        let options = Options::new()
            .session(|config| config.stop_timeout(LONG).keep_alive(KeepAlive::Always))
            .connect_timeout(LONG)
            .call_timeout(Some(LONG))
            .eras(eras);
        let arrivals = Arrivals::default();
        Self {
            options,
            headers: Vec::new(),
            max_exchanges: None,
            old_transport: false,
            credentials: None,
            arrivals,
        }
    }

    pub(crate) fn options(mut self, change: impl FnOnce(Options) -> Options) -> Self {
        self.options = change(self.options);
        self
    }
}

/// What happened to the session without being asked for.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<ServerEvent>>>);

impl Heard {
    pub(crate) fn by(&self, options: Options) -> Options {
        let heard = self.0.clone();
        options.on_event(move |_, event| heard.lock().unwrap().push(event.clone()))
    }

    pub(crate) fn all(&self) -> Vec<ServerEvent> {
        self.0.lock().unwrap().clone()
    }

    /// The methods of the notifications.
    pub(crate) fn notifications(&self) -> Vec<String> {
        let method = |event| match event {
            ServerEvent::Notification { method, .. } => Some(method),
            _ => None,
        };
        self.all().into_iter().filter_map(method).collect()
    }

    /// How often the protocol was broken in a way that concerns no call.
    pub(crate) fn protocol_errors(&self) -> Vec<String> {
        let words = |event| match event {
            ServerEvent::ProtocolError(error) => Some(error.to_string()),
            _ => None,
        };
        self.all().into_iter().filter_map(words).collect()
    }
}
