//! The exchanges of one session, between the machine that decides and the client that moves bytes.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tenure::Time;
use tenure_driver::wake::Key;
use tenure_driver::{Alarm, Failure, Timer};
use tenure_mcp_proto::http::{Challenge, ExchangeId, Exchanges, HttpError, Output, Reuse, Settings};
use tenure_mcp_proto::{Outgoing, RequestId};

use crate::wire::http::bells::{Bells, Ringer};
use crate::wire::http::client::HttpClient;
use crate::wire::http::ending::Ending;
use crate::wire::http::exchange::{Came, Exchange};
use crate::wire::http::hook::{Asking, Hook};
use crate::wire::{Carrier, Received};

/// So much is taken of what is there after a deadline has come, before that is judged: a server that never pauses must
/// not put it off for ever.
const REST: usize = 1024;

pub(super) struct HttpCarrier<T: Timer> {
    machine: Exchanges,
    client: Arc<dyn HttpClient>,
    hook: Hook,
    open: BTreeMap<ExchangeId, Exchange>,
    /// What was asked when the server refused a credential.
    asking: Option<Asking>,
    alarm: Alarm<T>,
    bells: Arc<Bells>,
    key: Option<Key>,
    ending: Arc<Ending>,
    retiring: Retiring,
    /// How it ended, if it has.
    over: Option<Result<(), Failure>>,
    /// Something came from the server, and nobody was told yet.
    has_piece: bool,
    /// How much was taken since a deadline came that isn't judged yet.
    overdue: usize,
}

/// Whether something new may still be sent.
///
/// That the session takes nothing more is told before anything that came with it: a caller who heard first that its
/// call failed for that could acquire the same session again.
enum Retiring {
    No,
    /// No more, for that reason, and the runner doesn't know yet.
    Untold(Failure),
    /// The runner was told, and nobody can acquire the session any more when it receives next.
    Told,
    /// The machine knows that, or the runner ends the session itself.
    Known,
}

impl<T: Timer> HttpCarrier<T> {
    pub(super) fn new(
        client: Arc<dyn HttpClient>,
        settings: Settings,
        hook: Hook,
        timer: T,
        (bells, ending): (Arc<Bells>, Arc<Ending>),
    ) -> Self {
        Self {
            machine: Exchanges::new(settings),
            client,
            hook,
            open: BTreeMap::new(),
            asking: None,
            alarm: Alarm::new(timer),
            bells,
            key: None,
            ending,
            retiring: Retiring::No,
            over: None,
            has_piece: false,
            overdue: 0,
        }
    }

    fn now(&mut self) -> Duration {
        self.alarm.now().into()
    }

    /// Does what the machine wants done.
    fn act(&mut self) {
        while let Some(output) = self.machine.poll() {
            match output {
                Output::Open { exchange, request, reuse } => self.begin(exchange, request, reuse),
                Output::Drop(exchange) => drop(self.open.remove(&exchange)),
                Output::AskCredentials { challenges, refused } => self.ask(challenges, refused),
                Output::Piece => self.has_piece = true,
                Output::Retiring(error) => self.retire(failure_of(error)),
                Output::Ended(error) => self.end(error.map(failure_of)),
                // What the machine may learn to want, it can do without here.
                _ => {}
            }
        }
    }

    fn begin(&mut self, id: ExchangeId, request: Request<Bytes>, reuse: Reuse) {
        let exchange = Exchange::begin(id, request, reuse, (&self.client, &self.hook, &self.bells));
        self.open.insert(id, exchange);
    }

    fn ask(&mut self, challenges: Vec<Challenge>, refused: Option<u64>) {
        if let Some(answer) = self.hook.renewed(challenges, refused) {
            self.asking = Some(Asking::begin(answer, &self.bells));
        } else {
            let now = self.now();
            self.machine.credentials(now, Err("no credentials were given".to_owned()));
        }
    }

    fn retire(&mut self, failure: Failure) {
        if let Retiring::No = self.retiring {
            self.retiring = Retiring::Untold(failure);
        }
    }

    fn end(&mut self, failure: Option<Failure>) {
        self.open.clear();
        self.asking = None;
        self.alarm.unset();
        if let Some(failure) = &failure {
            self.retire(failure.clone());
        }
        self.over = Some(failure.map_or(Ok(()), Err));
        self.ending.come();
    }

    /// Returns whether there is something to tell whoever receives.
    fn has_news(&self) -> bool {
        let is_retiring = matches!(self.retiring, Retiring::Untold(_));
        is_retiring || self.has_piece || self.over.is_some() || self.machine.has_incoming()
    }

    /// Completes when there is something to tell. Input that is there is taken before a deadline is judged.
    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.bells.register(&mut self.key, cx.waker());
        loop {
            self.act();
            if self.has_news() {
                return Poll::Ready(());
            }
            if let Some(ringer) = self.bells.next() {
                self.answer(ringer);
                self.keep_overdue_deadline();
            } else {
                self.overdue = 0;
                ready!(self.poll_deadline(cx));
            }
        }
    }

    /// One bell rang.
    fn answer(&mut self, ringer: Ringer) {
        match ringer {
            Ringer::Exchange(id) => self.hear(id),
            Ringer::Hook => {
                let answer = self.asking.as_mut().map(Asking::poll);
                if let Some(Poll::Ready(answer)) = answer {
                    self.asking = None;
                    let now = self.now();
                    self.machine.credentials(now, answer);
                }
            }
            Ringer::Hurry => self.machine.abort(),
        }
    }

    /// Takes what comes next of an exchange; one that was dropped may have rung before.
    fn hear(&mut self, id: ExchangeId) {
        let Some(Poll::Ready(came)) = self.open.get_mut(&id).map(Exchange::poll) else {
            return;
        };
        let now = self.now();
        match came {
            Came::Authorized(version) => self.machine.authorized(id, version),
            Came::Head(status, headers) => self.machine.head(now, id, status, &headers),
            Came::Piece(piece) => self.machine.body(now, id, &piece),
            Came::End => {
                self.open.remove(&id);
                self.machine.end(now, id);
            }
            Came::Failed(failure) => {
                self.open.remove(&id);
                self.machine.failed(now, id, failure);
            }
        }
    }

    /// Completes when a deadline has passed and was judged.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.machine.poll_timeout() else {
            self.alarm.unset();
            return Poll::Pending;
        };
        let now = ready!(self.alarm.poll_until(Time::from(deadline), cx));
        self.machine.handle_timeout(now.into());
        Poll::Ready(())
    }

    /// Servers that never pause: a deadline that has come waits for so much of what they say, and no longer.
    fn keep_overdue_deadline(&mut self) {
        let Some(deadline) = self.machine.poll_timeout() else {
            self.overdue = 0;
            return;
        };
        let now = self.now();
        if now < deadline {
            self.overdue = 0;
            return;
        }
        self.overdue = self.overdue.saturating_add(1);
        if self.overdue > REST {
            self.overdue = 0;
            self.machine.handle_timeout(now);
        }
    }
}

impl<T> Carrier for HttpCarrier<T>
where
    T: Timer<Sleep: Send> + Send,
{
    fn limit(&mut self, max_message: usize) {
        self.machine.set_max_message(max_message);
    }

    fn patience(&mut self, time: Duration) {
        self.machine.set_patience(time);
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        if let Retiring::Untold(_) = self.retiring
            && let Retiring::Untold(failure) = mem::replace(&mut self.retiring, Retiring::Told)
        {
            return Poll::Ready(Err(failure));
        }
        if !matches!(self.retiring, Retiring::No) {
            return Poll::Ready(Err(Failure::new("the session takes nothing more")));
        }
        if self.machine.takes_replies() {
            return Poll::Ready(Ok(()));
        }
        self.bells.register(&mut self.key, cx.waker());
        Poll::Pending
    }

    fn takes_calls(&self) -> bool {
        self.machine.takes_calls()
    }

    fn send(&mut self, message: Outgoing) {
        let now = self.now();
        self.machine.send(now, message);
        self.act();
    }

    fn withdraw(&mut self, id: RequestId) {
        let now = self.now();
        self.machine.withdraw(now, id);
        self.act();
    }

    fn has_exchanges(&self) -> bool {
        true
    }

    fn tools_version(&self) -> u64 {
        self.machine.tools_version()
    }

    fn session_hint(&self) -> Option<String> {
        const MOST: usize = 8;
        let id = self.machine.session_id()?.to_str().ok()?;
        Some(id.chars().take(MOST.min(id.len() / 2)).collect())
    }

    /// What was taken is on its way by now.
    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<Received<'_>, Failure>> {
        if let Retiring::Told = self.retiring {
            self.retiring = Retiring::Known;
            let now = self.now();
            self.machine.retired(now);
            self.act();
        }
        if !self.has_news() {
            ready!(self.poll_work(cx));
        }
        if let Retiring::Untold(_) = self.retiring {
            // Whoever receives asks next whether it may send.
            return Poll::Pending;
        }
        if let Some(message) = self.machine.poll_incoming() {
            return Poll::Ready(Ok(Received::Message(message)));
        }
        if mem::take(&mut self.has_piece) {
            return Poll::Ready(Ok(Received::Piece));
        }
        match &self.over {
            Some(Ok(())) => Poll::Ready(Ok(Received::End)),
            Some(Err(failure)) => Poll::Ready(Err(failure.clone())),
            None => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn close(&mut self, _: &mut Context<'_>) {
        // Nobody asks any more whether anything may be sent.
        self.retiring = Retiring::Known;
        let now = self.now();
        self.machine.stop(now);
        self.act();
    }
}

impl<T: Timer> Drop for HttpCarrier<T> {
    fn drop(&mut self) {
        self.bells.deregister(&mut self.key);
    }
}

/// Why the session ended, in words that may hold some of the server's.
pub(crate) fn failure_of(error: HttpError) -> Failure {
    let is_quoted = !error.excerpt.is_empty();
    let is_retryable = error.is_retryable();
    let failure = Failure::new(error);
    let failure = if is_quoted { failure.confidential() } else { failure };
    if is_retryable { failure } else { failure.permanent() }
}
