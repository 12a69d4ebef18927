//! What a client says of itself (who it is, what it has, what it speaks), and its limits. The same for all of its
//! connections.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::era::versions::{Eras, Version};
use crate::features::ClientFeature;
use crate::jsonrpc::json;

#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) name: Cow<'static, str>,
    pub(crate) version: Cow<'static, str>,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) website_url: Option<String>,
    pub(crate) icons: Option<Box<RawValue>>,
    /// What it says it has, if it says that itself.
    pub(crate) capabilities: Option<Box<RawValue>>,
    pub(crate) features: BTreeSet<ClientFeature>,
    /// Of both eras, the one that is liked best first.
    pub(crate) versions: Cow<'static, [Version]>,
    pub(crate) limits: Limits,
}

/// How much there may be of what; see the methods of [`Options`](crate::Options).
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "as the methods of the options")]
pub(crate) struct Limits {
    pub(crate) max_message: usize,
    pub(crate) max_in_flight: usize,
    pub(crate) max_queued: usize,
    pub(crate) max_replies: usize,
    pub(crate) max_events: usize,
    pub(crate) max_server_requests: usize,
    pub(crate) max_inputs: usize,
    pub(crate) max_rounds: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message: 16 * 1024 * 1024,
            max_in_flight: 1024,
            max_queued: 64 * 1024 * 1024,
            max_replies: 256,
            max_events: 1024,
            max_server_requests: 64,
            max_inputs: 16,
            max_rounds: 8,
        }
    }
}

impl Default for About {
    fn default() -> Self {
        Self {
            name: Cow::Borrowed(env!("CARGO_PKG_NAME")),
            version: Cow::Borrowed(env!("CARGO_PKG_VERSION")),
            title: None,
            description: None,
            website_url: None,
            icons: None,
            capabilities: None,
            features: BTreeSet::new(),
            versions: Cow::Borrowed(Eras::Legacy.versions()),
            limits: Limits::default(),
        }
    }
}

impl About {
    /// What the client says it has by itself, as JSON.
    pub(crate) fn capabilities(&self) -> &str {
        self.capabilities.as_deref().map_or("{}", RawValue::get)
    }

    /// What the client says it has, as JSON, with what it says of roots.
    pub(crate) fn announced(&self, roots: &str) -> Cow<'_, str> {
        ClientFeature::announced(&self.features, self.capabilities(), roots)
    }

    /// The versions, to be told.
    pub(crate) fn named_versions(&self) -> Vec<String> {
        self.versions.iter().map(ToString::to_string).collect()
    }

    /// Adds who the client is (MCP 2025-11-25, schema, `Implementation`), as JSON.
    pub(crate) fn push_client_info(&self, json: &mut String) {
        let texts = [
            ("{\"name", Some(&*self.name)),
            (",\"version", Some(&*self.version)),
            (",\"title", self.title.as_deref()),
            (",\"description", self.description.as_deref()),
            (",\"websiteUrl", self.website_url.as_deref()),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                json::push(json, [name, "\":\"", &json::escaped(text), "\""]);
            }
        }
        if let Some(icons) = &self.icons {
            json::push(json, [",\"icons\":", icons.get()]);
        }
        json.push('}');
    }
}
