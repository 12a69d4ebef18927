//! The requests of the server that wait for their answers, in one generation.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use serde_json::value::RawValue;
use tenure::Generation;
use tenure_mcp_proto::types::meta_of;
use tenure_mcp_proto::{Event, RequestError, RequestId, Server, ServerRequestId};

use crate::handlers::context::HandlerContext;
use crate::handlers::offer::{Offer, Outcome};
use crate::handlers::refusal::Refusal;
use crate::handlers::unhandled::Unhandled;
use crate::session::channel::Channel;
use crate::session::events::ServerEvent;
use crate::session::listener::Listener;
use crate::spans::AskReport;

/// The requests that wait. They are polled by the runner of their generation, and end with it.
///
/// All are polled when the runner is; it is not worth a waker for each, since there are few, and the runner takes many
/// messages at a time.
pub(crate) struct OpenRequests {
    offer: Option<Arc<Offer>>,
    channel: Arc<Channel>,
    generation: Generation,
    open: Vec<OpenRequest>,
}

struct OpenRequest {
    id: ServerRequestId,
    method: String,
    work: Work,
    report: AskReport,
}

enum Work {
    Handler(Pin<Box<dyn Future<Output = Outcome> + Send>>),
    /// The answer, for which there was no room yet.
    Answer(Result<Box<RawValue>, Refusal>),
}

impl OpenRequests {
    pub(crate) const fn new(
        offer: Option<Arc<Offer>>,
        channel: Arc<Channel>,
        generation: Generation,
    ) -> Self {
        Self { offer, channel, generation, open: Vec::new() }
    }

    /// Takes an event if it concerns what the server asks for, and hands it back if not.
    pub(crate) fn take(&mut self, event: Event, server: Option<&Arc<Server>>) -> Option<Event> {
        match (event, server) {
            (Event::Request { id, method, params, call }, Some(server)) => {
                let report = AskReport::new(&method, &self.channel);
                let work = self.begin(&method, params, call, server.clone());
                let request = OpenRequest { id, method, work, report };
                self.open.push(request);
            }
            // The protocol hands out nothing before the handshake is complete.
            (Event::Request { id, .. }, None) => self.give_up(id),
            (Event::RequestCancelled { id, .. }, _) => self.cancel(id),
            (event, _) => return Some(event),
        }
        None
    }

    /// The server asks. How many requests may wait is bounded by the protocol.
    fn begin(
        &self,
        method: &str,
        params: Option<Box<RawValue>>,
        call: Option<RequestId>,
        server: Arc<Server>,
    ) -> Work {
        let Some(offer) = self.offer.clone() else {
            return Work::Handler(Box::pin(std::future::ready(Outcome::not_offered())));
        };
        let context = HandlerContext {
            generation: self.generation,
            server,
            method: method.to_owned(),
            call,
            meta: meta_of(params.as_deref()),
            channel: self.channel.clone(),
            limits: offer.limits,
        };
        Work::Handler(Box::pin(offer.handle(context, params)))
    }

    /// The server doesn't wait any more.
    fn cancel(&mut self, id: ServerRequestId) {
        if let Some(at) = self.open.iter().position(|request| request.id == id) {
            let OpenRequest { work, report, .. } = self.open.remove(at);
            report.end("cancelled by the server", None);
            drop_quietly(work);
        }
    }

    /// No handler works on any more: they are dropped now, and what they had to answer ends with its connection.
    pub(crate) fn drop_all(&mut self) {
        if self.open.is_empty() {
            return;
        }
        for OpenRequest { work, .. } in std::mem::take(&mut self.open) {
            drop_quietly(work);
        }
    }

    /// The server takes no answers any more: handlers are dropped, and calls that they worked for go on waiting for
    /// answers of their own.
    pub(crate) fn give_up_all(&mut self) {
        let ids: Vec<_> = self.open.iter().map(|request| request.id).collect();
        self.drop_all();
        for id in ids {
            self.give_up(id);
        }
    }

    fn give_up(&self, id: ServerRequestId) {
        let refusal = Refusal::internal("the session is being closed");
        let _ = self.channel.answer(id, Err(refusal.as_answer()));
    }

    /// Works on what is asked.
    pub(crate) fn work(&mut self, cx: &mut Context<'_>, listener: &Listener) {
        if self.open.is_empty() {
            return;
        }
        for mut request in std::mem::take(&mut self.open) {
            if let Work::Handler(handler) = &mut request.work {
                let polled = catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx)));
                let outcome = match polled {
                    Ok(Poll::Pending) => {
                        self.open.push(request);
                        continue;
                    }
                    Ok(Poll::Ready(outcome)) => outcome,
                    Err(panic) => {
                        drop_quietly(panic);
                        Outcome::refused(Refusal::internal("Internal error"), Unhandled::Panicked)
                    }
                };
                Self::complete(&mut request, outcome, listener);
            }
            let kept = self.settle(request, listener);
            self.open.extend(kept);
        }
    }

    /// It has come to an answer, which is still to be sent.
    fn complete(request: &mut OpenRequest, outcome: Outcome, listener: &Listener) {
        let Outcome { answer, why } = outcome;
        if let Some(why) = why {
            listener.tell(&ServerEvent::Unhandled { method: request.method.clone(), why });
        }
        drop_quietly(std::mem::replace(&mut request.work, Work::Answer(answer)));
    }

    /// Sends the answer, if there is one, or keeps the request until there is room for it. One that is too large gives
    /// way to an error: the server is never left waiting.
    fn settle(&self, mut request: OpenRequest, listener: &Listener) -> Option<OpenRequest> {
        let mut is_shortened = false;
        loop {
            let Work::Answer(answer) = &request.work else {
                return Some(request);
            };
            let code = answer.as_ref().err().map(|refusal| refusal.code);
            let sent = match answer {
                Ok(result) => self.channel.answer(request.id, Ok(result)),
                Err(refusal) => self.channel.answer(request.id, Err(refusal.as_answer())),
            };
            match sent {
                Ok(()) => request.report.end(if code.is_none() { "answered" } else { "refused" }, code),
                Err(RequestError::QueueFull { .. }) => return Some(request),
                Err(RequestError::TooLarge { size, limit }) if !is_shortened => {
                    is_shortened = true;
                    let short = Refusal::internal("The answer is too large");
                    let why = Unhandled::TooLarge { size, limit };
                    Self::complete(&mut request, Outcome::refused(short, why), listener);
                    continue;
                }
                // The server doesn't wait any more.
                Err(_) => request.report.end("not sent", None),
            }
            return None;
        }
    }
}

impl Drop for OpenRequests {
    fn drop(&mut self) {
        self.drop_all();
    }
}

/// What a program made is dropped; if that panics, it costs nobody anything.
fn drop_quietly<T>(made_by_program: T) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(made_by_program))) {
        // Its own drop may panic, too.
        std::mem::forget(panic);
    }
}
