//! What a client says of itself: who it is, what it has, what it speaks. The same for all of its connections.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::era::versions::Eras;
use crate::features::ClientFeature;
use crate::jsonrpc::json;

#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) website_url: Option<String>,
    pub(crate) icons: Option<Box<RawValue>>,
    pub(crate) capabilities: Box<RawValue>,
    pub(crate) features: BTreeSet<ClientFeature>,
    /// Of both eras, the one that is liked best first.
    pub(crate) versions: Vec<String>,
}

impl Default for About {
    fn default() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            title: None,
            description: None,
            website_url: None,
            icons: None,
            capabilities: json::object("{}"),
            features: BTreeSet::new(),
            versions: Eras::Legacy.versions(),
        }
    }
}

impl About {
    /// What the client says it has, as JSON, with what it says of roots.
    pub(crate) fn announced(&self, roots: &str) -> Cow<'_, str> {
        ClientFeature::announced(&self.features, self.capabilities.get(), roots)
    }

    /// Adds who the client is (MCP 2025-11-25, schema, `Implementation`), as JSON.
    pub(crate) fn push_client_info(&self, json: &mut String) {
        let texts = [
            ("{\"name", Some(&self.name)),
            (",\"version", Some(&self.version)),
            (",\"title", self.title.as_ref()),
            (",\"description", self.description.as_ref()),
            (",\"websiteUrl", self.website_url.as_ref()),
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
