//! Who the server is, whichever way the era has to say so.

use serde_json::value::RawValue;

use crate::era::versions::Era;
use crate::jsonrpc::json;

/// What a server said of itself when the connection was opened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Server {
    /// Its name, for programs.
    pub name: String,
    /// Its version. Some servers send an empty one.
    pub version: String,
    /// Its name, for people.
    pub title: Option<String>,
    /// Its capabilities, an object.
    pub capabilities: Box<RawValue>,
    /// How to use it, meant for a model.
    pub instructions: Option<String>,
    /// How the connection to it was opened, and how requests to it are marked.
    pub era: Era,
    /// The protocol version agreed on.
    pub protocol_version: String,
    /// All that it said, byte for byte: the whole answer to the request that opened the connection.
    pub raw: Box<RawValue>,
}

impl Server {
    /// One of the server's capabilities, such as `tools`; `None` if the server does not have it.
    pub fn capability(&self, name: &str) -> Option<&RawValue> {
        let [found] = json::fields(self.capabilities.get(), [name]).ok()?;
        found.filter(|raw| !json::is_null(raw))
    }
}
