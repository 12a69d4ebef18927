//! Which requests are in flight, until when, and which response is whose.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::value::RawValue;

use crate::exchange::deadline_queue::DeadlineQueue;
use crate::exchange::in_flight::{Concerns, InFlight, Moved, Reports, Round, Told};
use crate::exchange::numbered::Numbered;
use crate::exchange::request_deadline::RequestDeadline;
use crate::exchange::tokens::Tokens;
use crate::jsonrpc::id::RequestId;
use crate::seldom::Seldom;

/// Above this a JavaScript peer would round.
const LAST_ID: u64 = (1 << 53) - 1;

#[derive(Debug)]
pub(crate) struct Requests {
    last_id: u64,
    in_flight: Numbered<InFlight>,
    /// How many of them are the connection's own.
    own: usize,
    /// Whose the rounds behind the first ones are, as long as they are not answered.
    rounds: Seldom<BTreeMap<RequestId, RequestId>>,
    deadlines: DeadlineQueue,
    /// The JSON-RPC ids of what was given up after it was sent; each may still be answered once.
    given_up: Seldom<BTreeSet<RequestId>>,
    max_given_up: usize,
    pub(crate) tokens: Tokens,
}

impl Requests {
    pub(crate) fn new(max_given_up: usize) -> Self {
        Self {
            last_id: 0,
            in_flight: Numbered::new(),
            own: 0,
            rounds: Seldom::new(),
            deadlines: DeadlineQueue::new(),
            given_up: Seldom::new(),
            max_given_up,
            tokens: Tokens::default(),
        }
    }

    /// How many callers wait.
    pub(crate) fn len(&self) -> usize {
        self.in_flight.len().saturating_sub(self.own)
    }

    /// The id that the next [`Requests::add`] or [`Requests::begin_round`] takes.
    pub(crate) fn next_id(&self) -> Option<RequestId> {
        (self.last_id < LAST_ID).then(|| RequestId(self.last_id.saturating_add(1)))
    }

    /// A request was queued, in this place.
    pub(crate) fn add(&mut self, id: RequestId, deadline: RequestDeadline, place: u64) {
        self.last_id = self.last_id.max(id.0);
        if let Some(due) = deadline.at() {
            self.deadlines.add(due, id);
        }
        self.in_flight.push(id.0, InFlight::new(id, deadline, place));
    }

    /// A request of the connection's own was.
    pub(crate) fn add_own(&mut self, id: RequestId, deadline: RequestDeadline, place: u64) {
        self.add(id, deadline, place);
        if let Some(request) = self.in_flight.get_mut(id.0) {
            request.is_own = true;
            self.own = self.own.saturating_add(1);
        }
    }

    /// Returns whether a request in flight is the connection's own.
    pub(crate) fn is_own(&self, id: RequestId) -> bool {
        self.in_flight.get(id.0).is_some_and(|request| request.is_own)
    }

    /// The request has no deadline any more.
    pub(crate) fn wait_for_ever(&mut self, id: RequestId) {
        self.change_deadline(id, |deadline| *deadline = RequestDeadline::new(Duration::ZERO, None, None));
    }

    /// Returns whether this was the id of a request, once.
    pub(crate) fn was_made(&self, wire_id: RequestId) -> bool {
        wire_id.0 > 0 && wire_id.0 <= self.last_id
    }

    /// The round that is out was answered, and there will be another one.
    pub(crate) fn end_round(&mut self, id: RequestId) {
        if let Some(request) = self.in_flight.get_mut(id.0) {
            request.round = Round::Answered;
            request.was_answered = true;
            self.rounds.there().map(|rounds| rounds.remove(&request.wire_id));
        }
    }

    /// The request goes out again, under this id; it was queued in this place.
    pub(crate) fn begin_round(&mut self, id: RequestId, wire_id: RequestId, place: u64) {
        self.last_id = self.last_id.max(wire_id.0);
        if let Some(request) = self.in_flight.get_mut(id.0) {
            request.wire_id = wire_id;
            request.round = Round::Queued;
            request.place = place;
            self.rounds.make().insert(wire_id, id);
            if let Some(token) = request.token.take() {
                self.tokens.remove(&token.token);
            }
        }
    }

    /// The request, in flight, asks for a sign of life and for nothing else.
    pub(crate) fn mark_about_life(&mut self, id: RequestId) {
        if let Some(request) = self.in_flight.get_mut(id.0) {
            request.is_about_life = true;
        }
    }

    /// The call that the server is at, if it can be only one.
    pub(crate) fn only_call(&self) -> Option<RequestId> {
        let mut calls = self
            .in_flight
            .iter()
            .filter(|(_, request)| request.round == Round::Sent && !request.is_about_life && !request.is_own);
        let (id, _) = calls.next()?;
        calls.next().is_none().then_some(RequestId(id))
    }

    /// The request in flight that has this id in JSON-RPC.
    pub(crate) fn in_flight_as(&self, wire_id: RequestId) -> Option<RequestId> {
        let id = self.rounds.get(&wire_id).copied().unwrap_or(wire_id);
        self.in_flight.get(id.0).filter(|request| request.wire_id == wire_id && !request.is_own).map(|_| id)
    }

    /// The server waits for this side on behalf of the request.
    pub(crate) fn pause_deadline(&mut self, id: RequestId, now: Duration) {
        self.change_deadline(id, |deadline| deadline.pause(now));
    }

    /// It waits no more, once for each time that it did.
    pub(crate) fn resume_deadline(&mut self, id: RequestId, now: Duration) {
        self.change_deadline(id, |deadline| deadline.resume(now));
    }

    /// The request, in flight, has a token of progress.
    pub(crate) fn add_token(&mut self, id: RequestId, token: String, progress: Reports) {
        if let Some(request) = self.in_flight.get_mut(id.0) {
            request.token = Some(Box::new(Told { token: token.clone(), progress }));
            self.tokens.insert(token, id);
        }
    }

    /// Progress came with this token: the request is so far.
    pub(crate) fn moved(&mut self, token: &RawValue, now: Duration, progress: f64) -> Moved {
        let request = self.tokens.owner(token).and_then(|id| Some((id, self.in_flight.get_mut(id.0)?)));
        let Some((id, request)) = request.filter(|(_, request)| request.round == Round::Sent) else {
            return Moved::Unknown;
        };
        match request.token.as_deref_mut().map(|told| &mut told.progress) {
            None | Some(Reports::Passed) => Moved::Passed,
            Some(Reports::Told(Some(before))) if progress <= *before => Moved::Back(id),
            Some(Reports::Told(far)) => {
                *far = Some(progress);
                self.change_deadline(id, |deadline| deadline.progressed(now));
                Moved::Forward(id)
            }
        }
    }

    /// Does something to a request's deadline.
    fn change_deadline(&mut self, id: RequestId, change: impl FnOnce(&mut RequestDeadline)) {
        let Some(request) = self.in_flight.get_mut(id.0) else {
            return;
        };
        if let Some(due) = request.deadline.at() {
            self.deadlines.remove(due, id);
        }
        change(&mut request.deadline);
        if let Some(due) = request.deadline.at() {
            self.deadlines.add(due, id);
        }
    }

    /// It is handed to the writer. Returns how long it may take at most from now on.
    pub(crate) fn hand_out(&mut self, id: RequestId, now: Duration) -> Option<Duration> {
        let request = self.in_flight.get_mut(id.0)?;
        request.round = Round::Sent;
        request.deadline.left(now)
    }

    /// It was handed to the writer in vain: the server never got it whole.
    pub(crate) fn mark_unsent(&mut self, id: RequestId) {
        if let Some(request) = self.in_flight.get_mut(id.0) {
            request.round = Round::Queued;
        }
    }

    pub(crate) fn was_wanted_again(&self, id: RequestId) -> bool {
        self.in_flight.get(id.0).is_some_and(InFlight::was_wanted_again)
    }

    pub(crate) fn is_sent(&self, id: RequestId) -> bool {
        self.in_flight.get(id.0).is_some_and(|request| request.round == Round::Sent)
    }

    /// A response with this id came. What is in flight stays so until [`Requests::complete`].
    pub(crate) fn answered(&mut self, wire_id: RequestId) -> Concerns {
        let id = self.rounds.get(&wire_id).copied().unwrap_or(wire_id);
        match self.in_flight.get(id.0) {
            Some(request) if request.wire_id != wire_id => Concerns::Answered,
            Some(request) => match request.round {
                Round::Sent => Concerns::InFlight(id),
                Round::Answered => Concerns::Answered,
                // A guess.
                Round::Queued => Concerns::Nobody,
            },
            None if self.given_up.there().is_some_and(|given_up| given_up.remove(&wire_id)) => {
                Concerns::GivenUp
            }
            None if self.was_made(wire_id) => Concerns::Answered,
            // Not even made.
            None => Concerns::Nobody,
        }
    }

    /// The request has its answer.
    pub(crate) fn complete(&mut self, id: RequestId) {
        self.take(id);
    }

    /// Nobody waits for this request any more.
    pub(crate) fn give_up(&mut self, id: RequestId) -> Option<InFlight> {
        let request = self.take(id)?;
        if request.round == Round::Sent {
            let given_up = self.given_up.make();
            given_up.insert(request.wire_id);
            if given_up.len() > self.max_given_up {
                // The oldest is the least likely to be answered still.
                given_up.pop_first();
            }
        }
        Some(request)
    }

    /// Takes any request, oldest first.
    pub(crate) fn take_first(&mut self) -> Option<(RequestId, InFlight)> {
        let id = RequestId(self.in_flight.first()?.0);
        Some((id, self.take(id)?))
    }

    /// Takes the requests of which no round is with the server, oldest first; and says whether it may know of
    /// an earlier one. Those of the connection's own are taken too, and not named.
    pub(crate) fn take_unsent(&mut self) -> Vec<(RequestId, bool)> {
        let unsent = self.in_flight.iter().filter(|(_, request)| request.round != Round::Sent);
        let unsent: Vec<_> = unsent.map(|(id, request)| (RequestId(id), request.may_be_known())).collect();
        let mut taken = |(id, _): &(RequestId, bool)| self.take(*id).is_some_and(|request| !request.is_own);
        unsent.into_iter().filter(|one| taken(one)).collect()
    }

    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|(deadline, _)| deadline)
    }

    /// The request that is due first, if any is.
    pub(crate) fn due(&self, now: Duration) -> Option<RequestId> {
        let (deadline, id) = self.deadlines.first()?;
        (deadline <= now).then_some(id)
    }

    fn take(&mut self, id: RequestId) -> Option<InFlight> {
        let request = self.in_flight.take(id.0)?;
        if let Some(due) = request.deadline.at() {
            self.deadlines.remove(due, id);
        }
        if let Some(token) = &request.token {
            self.tokens.remove(&token.token);
        }
        self.rounds.there().map(|rounds| rounds.remove(&request.wire_id));
        if request.is_own {
            self.own = self.own.saturating_sub(1);
        }
        Some(request)
    }
}

#[cfg(test)]
mod tests;
