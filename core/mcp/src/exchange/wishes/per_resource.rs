//! How the legacy era asks for what a server is to tell of: one request for each resource (MCP 2025-11-25,
//! server/resources, "Subscriptions"). Changes of lists come by themselves.

use crate::error::RequestError;
use crate::exchange::Exchange;
use crate::exchange::wishes::PATIENCE;
use crate::exchange::wishes::resources::State;
use crate::jsonrpc::id::RequestId;
use crate::subscriptions::Subscriptions;
use crate::types::ResourceParams;

const SUBSCRIBE: &str = "resources/subscribe";
const UNSUBSCRIBE: &str = "resources/unsubscribe";

/// So many of these requests are out at once at most.
const AT_ONCE: usize = 16;

impl Exchange {
    pub(crate) fn subscribe_to(&mut self, wished: Subscriptions) -> Result<(), RequestError> {
        if wished == *self.wishes.wished {
            return Ok(());
        }
        // As large as the request of the modern era that says the same: so what is kept is bounded.
        let (size, limit) = (wished.filter().len(), self.options.about.limits.max_message);
        if size > limit {
            return Err(RequestError::TooLarge { size, limit });
        }
        *self.wishes.wished.make() = wished;
        self.ask_for_resources();
        Ok(())
    }

    pub(crate) fn resource_answered(&mut self, id: RequestId, is_ok: bool) {
        self.wishes.resources.make().answered(id, is_ok);
        self.ask_for_resources();
    }

    /// Asks for what is not asked for yet, as far as may be, and tells what came of it when all is answered.
    fn ask_for_resources(&mut self) {
        let wished = (*self.wishes.wished).clone();
        if let Some(resources) = self.wishes.resources.there() {
            resources.forget_refused(&wished);
        }
        let is_offered = self.wishes.offers().resources.is_some_and(|offered| offered.subscribe);
        while is_offered
            && self.wishes.resources.asked.len() < AT_ONCE
            && let Some((uri, state)) = self.wishes.resources.next(&wished)
        {
            let method = if state == State::Subscribing { SUBSCRIBE } else { UNSUBSCRIBE };
            let params = ResourceParams { uri: &uri, meta: None }.to_raw();
            let sent = self.send_own(method, params.get(), PATIENCE).ok();
            let resources = self.wishes.resources.make();
            match sent {
                Some(id) => {
                    resources.states.insert(uri.clone(), state);
                    resources.asked.insert(id, uri);
                }
                None => drop(resources.states.insert(uri, State::Refused)),
            }
        }
        if self.wishes.resources.asked.is_empty() {
            self.tell_granted();
        }
    }

    fn tell_granted(&mut self) {
        let wishes = &self.wishes;
        let offers = wishes.offers();
        let is_granted = |uri: &&String| wishes.resources.states.get(*uri) == Some(&State::Subscribed);
        let told = Subscriptions {
            tools: offers.tools.is_some_and(|offered| offered.list_changed),
            prompts: offers.prompts.is_some_and(|offered| offered.list_changed),
            resources: offers.resources.is_some_and(|offered| offered.list_changed),
            uris: wishes.wished.uris.iter().filter(is_granted).cloned().collect(),
        };
        let granted = wishes.wished.common(&told);
        let refused = wishes.wished.without(&granted);
        self.events.subscribed(granted, refused);
    }
}
