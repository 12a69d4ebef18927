//! What a caller wishes to hear of, whichever way the era has to say so.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::error::CallError;
use crate::jsonrpc::json;
use crate::jsonrpc::string::string;
use crate::seldom::Empty;

/// What a server is to tell of, when it happens. The whole of it: see
/// [`Connection::subscribe`](crate::Connection::subscribe).
///
/// ```
/// use tenure_mcp_proto::Subscriptions;
/// let wished = Subscriptions::default().tools(true).resource("file:///project/notes");
/// assert!(wished.tools && !wished.prompts);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subscriptions {
    /// There are other tools.
    pub tools: bool,
    /// There are other prompts.
    pub prompts: bool,
    /// There are other resources.
    pub resources: bool,
    /// One of these resources, by its URI, has changed.
    pub uris: BTreeSet<String>,
}

impl Empty for Subscriptions {
    const EMPTY: &'static Self =
        &Self { tools: false, prompts: false, resources: false, uris: BTreeSet::new() };
}

impl Subscriptions {
    /// Whether to hear that there are other tools.
    #[must_use]
    pub fn tools(mut self, is_wished: bool) -> Self {
        self.tools = is_wished;
        self
    }

    /// Whether to hear that there are other prompts.
    #[must_use]
    pub fn prompts(mut self, is_wished: bool) -> Self {
        self.prompts = is_wished;
        self
    }

    /// Whether to hear that there are other resources.
    #[must_use]
    pub fn resources(mut self, is_wished: bool) -> Self {
        self.resources = is_wished;
        self
    }

    /// To hear that this resource has changed.
    #[must_use]
    pub fn resource(mut self, uri: impl Into<String>) -> Self {
        self.uris.insert(uri.into());
        self
    }

    /// Returns whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is in both.
    pub(crate) fn common(&self, other: &Self) -> Self {
        Self {
            tools: self.tools && other.tools,
            prompts: self.prompts && other.prompts,
            resources: self.resources && other.resources,
            uris: self.uris.intersection(&other.uris).cloned().collect(),
        }
    }

    /// What is not in the other.
    pub(crate) fn without(&self, other: &Self) -> Self {
        Self {
            tools: self.tools && !other.tools,
            prompts: self.prompts && !other.prompts,
            resources: self.resources && !other.resources,
            uris: self.uris.difference(&other.uris).cloned().collect(),
        }
    }

    /// The filter that says so (MCP 2026-07-28, basic/patterns/subscriptions, "Notification Filter").
    pub(crate) fn filter(&self) -> String {
        let lists = [
            ("toolsListChanged", self.tools),
            ("promptsListChanged", self.prompts),
            ("resourcesListChanged", self.resources),
        ];
        let mut entries: Vec<_> = lists
            .into_iter()
            .filter(|(_, is_wished)| *is_wished)
            .map(|(name, _)| format!("\"{name}\":true"))
            .collect();
        if !self.uris.is_empty() {
            let uris: Vec<_> = self.uris.iter().map(|uri| json::quoted(uri)).collect();
            entries.push(format!("\"resourceSubscriptions\":[{}]", uris.join(",")));
        }
        format!("{{{}}}", entries.join(","))
    }

    /// What of this a filter says, as far as it can be read.
    pub(crate) fn granted(&self, filter: &RawValue) -> Self {
        let names =
            ["toolsListChanged", "promptsListChanged", "resourcesListChanged", "resourceSubscriptions"];
        let [tools, prompts, resources, list] = json::fields(filter.get(), names).unwrap_or_default();
        let is_true = |raw: Option<&RawValue>| raw.is_some_and(|raw| raw.get() == "true");
        let mut uris = BTreeSet::new();
        if let Some(list) = list {
            let _ = json::elements(list.get(), &mut |uri| {
                uris.extend(string(uri).and_then(|uri| self.uris.get(&uri)).cloned());
                Ok(())
            });
        }
        let said =
            Self { tools: is_true(tools), prompts: is_true(prompts), resources: is_true(resources), uris };
        self.common(&said)
    }
}

/// Why a server tells no more of what it was [subscribed](crate::Connection::subscribe) to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SubscriptionEnd {
    /// The server ended it in order (MCP 2026-07-28, basic/patterns/subscriptions, "Graceful Closure").
    Closed,
    /// The server cancelled it (MCP 2026-07-28, basic/patterns/cancellation).
    Cancelled,
    /// It did not say in time that it would.
    Unacknowledged,
    /// It answered with an error, or with something that can't be read.
    Refused(CallError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    #[test]
    fn a_filter_says_what_is_wished_and_of_another_what_was_wished_is_read() {
        let all =
            Subscriptions::default().tools(true).prompts(true).resources(true).resource("a\"").resource("b");
        assert_eq!(
            all.filter(),
            r#"{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["a\"","b"]}"#
        );
        assert_eq!(Subscriptions::default().filter(), "{}");
        assert_eq!(all.granted(&raw(&all.filter())), all);
        let some = raw(
            r#"{"toolsListChanged":true,"promptsListChanged":5,"resourceSubscriptions":["\u0062","c",5]}"#,
        );
        let granted = all.granted(&some);
        assert_eq!(granted, Subscriptions::default().tools(true).resource("b"));
        assert_eq!(
            all.without(&granted),
            Subscriptions::default().prompts(true).resources(true).resource("a\"")
        );
        assert!(Subscriptions::default().granted(&some).is_empty(), "what nobody wished is not granted");
    }
}
