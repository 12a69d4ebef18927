//! How far a server of the legacy era is with each resource that it is to tell of.

use std::collections::BTreeMap;

use crate::jsonrpc::id::RequestId;
use crate::seldom::Empty;
use crate::subscriptions::Subscriptions;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Subscribing,
    Subscribed,
    Refused,
    Unsubscribing,
}

/// How far the server is with each resource.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    pub(crate) states: BTreeMap<String, State>,
    pub(crate) asked: BTreeMap<RequestId, String>,
}

impl Empty for Resources {
    const EMPTY: &'static Self = &Self { states: BTreeMap::new(), asked: BTreeMap::new() };
}

impl Resources {
    /// Returns whether a request is one of these.
    pub(crate) fn is_one(&self, id: RequestId) -> bool {
        self.asked.contains_key(&id)
    }

    /// What was refused and is not wished any more may be asked for again.
    pub(crate) fn forget_refused(&mut self, wished: &Subscriptions) {
        self.states.retain(|uri, state| *state != State::Refused || wished.uris.contains(uri));
    }

    /// What is to be asked next, and what it makes of the resource.
    pub(crate) fn next(&self, wished: &Subscriptions) -> Option<(String, State)> {
        let is_new = |uri: &&String| !self.states.contains_key(*uri);
        let wish = wished.uris.iter().find(is_new).map(|uri| (uri.clone(), State::Subscribing));
        let is_old =
            |(uri, state): &(&String, &State)| **state == State::Subscribed && !wished.uris.contains(*uri);
        wish.or_else(|| self.states.iter().find(is_old).map(|(uri, _)| (uri.clone(), State::Unsubscribing)))
    }

    pub(crate) fn answered(&mut self, id: RequestId, is_ok: bool) {
        let Some(uri) = self.asked.remove(&id) else {
            return;
        };
        match self.states.get_mut(&uri) {
            Some(state @ State::Subscribing) => {
                *state = if is_ok { State::Subscribed } else { State::Refused };
            }
            // Whatever the server says: nobody wishes to hear of it.
            Some(_) | None => drop(self.states.remove(&uri)),
        }
    }
}
