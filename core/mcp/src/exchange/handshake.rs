//! How the opening goes: request after request, until the connection is ready or closed.

use std::sync::Arc;
use std::time::Duration;

use crate::era::error::HandshakeError;
use crate::era::opening::{Outcome, Step};
use crate::era::rules::Answer;
use crate::era::rules_of;
use crate::error::{CallError, RequestError};
use crate::exchange::in_flight::Round;
use crate::exchange::{Exchange, Stage};
use crate::jsonrpc::error::ServerError;
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::{json, message};
use crate::request_options::RequestOptions;
use crate::server::Server;

impl Exchange {
    /// Queues the first opening request.
    pub(crate) fn open(&mut self, now: Duration) -> Result<(), RequestError> {
        match self.stage {
            Stage::New => {}
            Stage::Closed => return Err(RequestError::Closed),
            Stage::Opening { .. } | Stage::Confirming { .. } | Stage::Ready { .. } => {
                return Err(RequestError::AlreadyStarted);
            }
        }
        if self
            .options
            .about
            .capabilities
            .as_deref()
            .is_some_and(|capabilities| !json::is_object(capabilities))
        {
            return Err(RequestError::InvalidParams);
        }
        self.tick(now);
        let step = self.opening.begin(&self.options, now);
        self.begin(step)
    }

    /// Queues an opening request.
    fn begin(&mut self, step: Step) -> Result<(), RequestError> {
        self.rules = rules_of(step.era());
        let params = self.rules.opening_params(&self.options, &step.version);
        self.marks = self.rules.marks(&self.options, &step.version).into();
        let timeout = self.opening.made(step).map(|deadline| deadline.saturating_sub(self.now));
        let options = RequestOptions { timeout, ..RequestOptions::default() };
        let id = self.send_request(self.now, self.rules.opening_method(), params.as_deref(), options)?;
        self.stage = Stage::Opening { id };
        Ok(())
    }

    /// The opening request's time is up. The server gets no notice of it, since an opening request is never
    /// cancelled.
    pub(super) fn opening_unanswered(&mut self, id: RequestId) {
        if let Some(request) = self.requests.give_up(id) {
            match request.round {
                Round::Sent => self.opening.abandon(id),
                Round::Queued | Round::Answered => self.outbound.take_back(request.place),
            }
        }
        self.opening_answered(Err(CallError::TimedOut));
    }

    /// The opening request ends: with it the connection is open, or another one follows, or everything ends.
    pub(super) fn opening_answered(&mut self, answer: Answer) {
        let finding = self.rules.judge_opening(&self.options, answer);
        let failure = match self.opening.judge(&self.options, finding) {
            Outcome::Open(server) => return self.opened(server),
            Outcome::Ask(step) => match self.begin(step) {
                Ok(()) => return,
                Err(error) => HandshakeError::Unsendable(error),
            },
            Outcome::Failed(error) => error,
        };
        self.events.handshake_failed(failure);
        self.close(&CallError::ConnectionLost { sent: true });
    }

    fn opened(&mut self, server: Arc<Server>) {
        self.rules = rules_of(server.era);
        if *server.protocol_version != *self.opening.step.version {
            self.marks = self.rules.marks(&self.options, &server.protocol_version).into();
        }
        let confirmation = self.rules.confirmation();
        if let Some(method) = confirmation {
            self.outbound.call(message::call(None, method, &[]), None);
        }
        if confirmation.is_some() && self.options.exchanges {
            self.stage = Stage::Confirming { server };
        } else {
            self.serve(server);
        }
    }

    /// Its carrier says that the server took the confirmation.
    pub(crate) fn confirmed(&mut self) {
        if let Stage::Confirming { server } = &self.stage {
            let server = server.clone();
            self.serve(server);
        }
    }

    fn serve(&mut self, server: Arc<Server>) {
        self.stage = Stage::Ready { version: self.opening.settle(&server.protocol_version) };
        self.wishes.server = Some(server.clone());
        self.events.ready(server);
    }

    /// A request is answered. What answers as no server of this era does is to be asked anew which one it speaks; over
    /// exchanges their carrier sees to that.
    pub(super) fn doubt_era(&mut self, answer: &Answer) {
        let Err(CallError::Server(ServerError { code: Some(code), .. })) = answer else {
            return;
        };
        if !self.options.exchanges && self.rules.errors_of_other_era().contains(code) && self.opening.refute()
        {
            self.events.other_era();
        }
    }

    /// The first question of the opening is answered, though nobody waited for that any more.
    pub(crate) fn opening_answered_late(&mut self, answer: Answer) {
        self.opening.hear_late(&self.options, answer);
    }
}
