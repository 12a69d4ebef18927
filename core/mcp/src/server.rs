//! Who the server is, whichever way the era has to say so.

use serde_json::value::RawValue;

use crate::era::versions::Era;
use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;
use crate::types::{CacheHints, Text};

/// What a server said of itself when the connection was opened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Server {
    /// Its name, for programs; empty if it didn't say.
    pub name: Text,
    /// Its version; empty if it didn't say.
    pub version: Text,
    /// Its name, for people.
    pub title: Option<Text>,
    /// What it is.
    pub description: Option<Text>,
    /// Where there is more about it.
    pub website_url: Option<Text>,
    /// Its icons, a list, as they were sent.
    pub icons: Option<Raw>,
    /// Its capabilities, an object; an empty one if it sent none. See [`offers`](Self::offers).
    pub capabilities: Raw,
    /// How to use it, meant for a model.
    pub instructions: Option<Text>,
    /// How the connection to it was opened, and how requests to it are marked.
    pub era: Era,
    /// The protocol version agreed on.
    pub protocol_version: Text,
    /// How long what it said may be kept, and by whom; servers of the legacy era give no hints.
    pub cache: CacheHints,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// All that it said, byte for byte: the whole answer to the request that opened the connection.
    pub raw: Raw,
}

impl Server {
    /// One of the server's capabilities, such as `tools`; `None` if the server does not have it.
    pub fn capability(&self, name: &str) -> Option<&RawValue> {
        let [found] = json::fields(self.capabilities.get(), [name]).ok()?;
        found.filter(|raw| !json::is_null(raw))
    }

    /// What it offers, by its capabilities (MCP 2025-11-25, schema, `ServerCapabilities`). What there is beside
    /// these, such as `tasks`, is in the [`capabilities`](Self::capabilities) as it was sent.
    pub fn offers(&self) -> Offers {
        let names = ["tools", "resources", "prompts", "completions", "logging"];
        let capabilities = json::fields(self.capabilities.get(), names).unwrap_or_default();
        let there = capabilities.map(|raw| raw.filter(|raw| !json::is_null(raw)));
        let [tools, resources, prompts, completions, logging] = there;
        Offers {
            tools: tools.map(Offered::read),
            resources: resources.map(Offered::read),
            prompts: prompts.map(Offered::read),
            completions: completions.is_some(),
            logging: logging.is_some(),
        }
    }
}

/// What a server offers. What it doesn't offer it must not be asked for (MCP 2025-11-25, basic/lifecycle,
/// "Capability Negotiation").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offers {
    /// `tools/list` and `tools/call`.
    pub tools: Option<Offered>,
    /// `resources/list`, `resources/templates/list` and `resources/read`.
    pub resources: Option<Offered>,
    /// `prompts/list` and `prompts/get`.
    pub prompts: Option<Offered>,
    /// `completion/complete`.
    pub completions: bool,
    /// `logging/setLevel` and log messages.
    pub logging: bool,
}

/// How something with a list is offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offered {
    /// The server tells when the list changes.
    pub list_changed: bool,
    /// The server tells when an element changes, to whom subscribes to it. Resources only.
    pub subscribe: bool,
}

impl Offered {
    fn read(raw: &RawValue) -> Self {
        let fields = json::fields(raw.get(), ["listChanged", "subscribe"]).unwrap_or_default();
        let [list_changed, subscribe] = fields.map(|raw| raw.is_some_and(|raw| raw.get() == "true"));
        Self { list_changed, subscribe }
    }
}
