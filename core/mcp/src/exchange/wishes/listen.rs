//! How the one request of the modern era that asks for all a server is to tell of stays open, ends and is made
//! again (MCP 2026-07-28, basic/patterns/subscriptions).

use std::time::Duration;

use serde_json::value::RawValue;

use crate::era::rules::Answer;
use crate::error::{CallError, ProtocolError, RequestError};
use crate::exchange::Exchange;
use crate::exchange::wishes::listening::Listen;
use crate::jsonrpc::id::{RequestId, own_id};
use crate::jsonrpc::json;
use crate::jsonrpc::message::{INVALID_PARAMS, METHOD_NOT_FOUND};
use crate::subscriptions::{SubscriptionEnd, Subscriptions};

const LISTEN: &str = "subscriptions/listen";
const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";
const ID: &str = "io.modelcontextprotocol/subscriptionId";

/// So long a server may take to acknowledge.
const PATIENCE: Duration = Duration::from_secs(10);

impl Exchange {
    pub(crate) fn listen_to(&mut self, wished: Subscriptions) -> Result<(), RequestError> {
        let listening = &self.wishes.listening;
        let is_under_way = listening.live.is_some() || listening.next.is_some() || listening.again.is_some();
        if wished == *self.wishes.wished && (is_under_way || wished.is_empty()) {
            return Ok(());
        }
        let next = if wished.is_empty() { None } else { Some(self.listen(&wished)?) };
        *self.wishes.wished.make() = wished;
        let listening = self.wishes.listening.make();
        let before = std::mem::replace(&mut listening.next, next);
        listening.failures = 0;
        listening.again = None;
        self.end_listening(before);
        if next.is_none() {
            let live = self.wishes.listening.make().live.take();
            self.end_listening(live);
            self.events.subscribed(Subscriptions::default(), Subscriptions::default());
        }
        Ok(())
    }

    fn listen(&mut self, wished: &Subscriptions) -> Result<Listen, RequestError> {
        let params = format!("{{\"notifications\":{}}}", wished.filter());
        let id = self.send_own(LISTEN, &params, PATIENCE)?;
        Ok(Listen { id, since: self.now, was_heard: false })
    }

    fn end_listening(&mut self, listen: Option<Listen>) {
        if let Some(Listen { id, .. }) = listen {
            self.withdraw(id, None);
        }
    }

    /// Makes the request again that ended, if it is time.
    pub(crate) fn listen_again(&mut self) {
        if self.wishes.listening.again.is_none_or(|again| again > self.now) {
            return;
        }
        self.wishes.listening.make().again = None;
        let wished = (*self.wishes.wished).clone();
        match self.listen(&wished) {
            Ok(listen) => self.wishes.listening.make().next = Some(listen),
            Err(_) => self.events.subscription_ended(SubscriptionEnd::Unacknowledged, false),
        }
    }

    /// Nothing can be sent any more. What was sent goes on.
    pub(crate) fn stop_listening(&mut self) {
        let is_out = |next: &Listen| self.requests.is_sent(next.id);
        if let Some(listening) = self.wishes.listening.there() {
            listening.next = listening.next.filter(is_out);
            listening.again = None;
        }
    }

    /// A notification, if it is of a subscription or about one. Returns whether it was.
    pub(crate) fn handle_subscribed(&mut self, method: &str, params: Option<&RawValue>) -> bool {
        let Some(said) = params.and_then(subscription) else {
            return false;
        };
        let Some(id) = own_id(said.get()).filter(|id| self.wishes.listening.is_one(*id)) else {
            if !own_id(said.get()).is_some_and(|id| self.requests.was_made(id)) {
                let id = json::excerpt(said.get().as_bytes());
                self.events.protocol_error(ProtocolError::UnknownSubscription { id });
            }
            // Of one that has ended it is late.
            return true;
        };
        // A guess, before the server can know of it.
        if !self.requests.is_sent(id) {
            return true;
        }
        if method == ACKNOWLEDGED {
            self.acknowledged(id, params);
        } else {
            self.wishes.listening.make().heard(id);
            self.events.notification(method.to_owned(), params);
        }
        true
    }

    fn acknowledged(&mut self, id: RequestId, params: Option<&RawValue>) {
        if !self.wishes.listening.is_next(id) {
            return;
        }
        self.requests.wait_for_ever(id);
        let listening = self.wishes.listening.make();
        let next = listening.next.take();
        let before = std::mem::replace(&mut listening.live, next);
        self.end_listening(before);
        let [filter] =
            params.and_then(|params| json::fields(params.get(), ["notifications"]).ok()).unwrap_or_default();
        let wished = &*self.wishes.wished;
        let granted = filter.map_or_else(Subscriptions::default, |filter| wished.granted(filter));
        let refused = wished.without(&granted);
        self.events.subscribed(granted, refused);
    }

    /// The server cancelled a request of ours, which it may do with these (MCP 2026-07-28,
    /// basic/patterns/cancellation). Returns whether it was one of these.
    pub(crate) fn handle_listening_cancelled(&mut self, wire_id: &RawValue) -> bool {
        let id = own_id(wire_id.get())
            .filter(|id| self.wishes.listening.is_one(*id) && self.requests.is_sent(*id));
        let Some(id) = id else {
            return false;
        };
        self.requests.give_up(id);
        self.listening_ended(id, SubscriptionEnd::Cancelled);
        true
    }

    pub(crate) fn listening_answered(&mut self, id: RequestId, answer: Answer) {
        let why = match answer {
            Ok(_) => SubscriptionEnd::Closed,
            Err(CallError::TimedOut) => SubscriptionEnd::Unacknowledged,
            Err(error) => SubscriptionEnd::Refused(error),
        };
        self.listening_ended(id, why);
    }

    fn listening_ended(&mut self, id: RequestId, why: SubscriptionEnd) {
        let listening = self.wishes.listening.make();
        let Some(ended) = listening.take(id) else {
            return;
        };
        let is_final = self.outbound.is_closed() || is_final(&why);
        let again = if is_final { None } else { listening.retry_at(ended, self.now) };
        listening.again = again;
        if again.is_none() {
            // What was granted before is not what is wished.
            let live = self.wishes.listening.make().live.take();
            self.end_listening(live);
        }
        self.events.subscription_ended(why, again.is_some());
    }
}

/// Returns whether another request would end the same way.
fn is_final(why: &SubscriptionEnd) -> bool {
    match why {
        SubscriptionEnd::Refused(CallError::Server(error)) => {
            matches!(error.code, Some(METHOD_NOT_FOUND | INVALID_PARAMS))
        }
        #[cfg(feature = "http")]
        SubscriptionEnd::Refused(CallError::Http(error)) => {
            error.delivery == crate::delivery::Delivery::Refused && !error.is_retryable()
        }
        SubscriptionEnd::Refused(_)
        | SubscriptionEnd::Closed
        | SubscriptionEnd::Cancelled
        | SubscriptionEnd::Unacknowledged => false,
    }
}

/// The subscription that a notification says it is of.
fn subscription(params: &RawValue) -> Option<&RawValue> {
    let [meta] = json::fields(params.get(), ["_meta"]).ok()?;
    let [id] = json::fields(meta?.get(), [ID]).ok()?;
    id
}
