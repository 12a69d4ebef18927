//! Which eras of the protocol a server knows, and what it says to those who don't know.

use serde_json::{Value, json};
use tenure_mcp::Eras;

use crate::choices::Choices;

/// The version of the modern era.
const MODERN: &str = "2026-07-28";

/// What a server knows of eras.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Knows {
    #[default]
    Legacy,
    Modern,
    Both,
    /// The legacy one, and it ends at any other first message.
    LegacyOrDeath,
    /// The legacy one, and it says nothing to what it doesn't know.
    LegacyOrSilence,
}

/// What a server does about a message that opens a connection.
#[derive(Clone, Debug)]
pub(crate) enum Opening {
    /// It opens.
    Open(Value),
    /// It is the wrong one, and answered with this error.
    Refuse(Value),
    Silence,
    Death,
}

impl Knows {
    pub(crate) fn draw(choices: &mut Choices) -> Self {
        use Knows::{Both, Legacy, LegacyOrDeath, LegacyOrSilence, Modern};
        let options = [(4, Legacy), (4, Modern), (3, Both), (3, LegacyOrDeath), (2, LegacyOrSilence)];
        choices.pick(&options).unwrap_or_default()
    }

    /// What it does about the request that opens a connection of either era; `None` if it is none.
    pub(crate) fn opening(self, method: &str, capabilities: &Value) -> Option<Opening> {
        let opening = match (method, self) {
            ("initialize", Self::Modern) => Opening::Refuse(json!({
                "code": -32022,
                "message": "unsupported",
                "data": { "supported": [MODERN] },
            })),
            ("initialize", _) => Opening::Open(json!({
                "protocolVersion": "2025-11-25",
                "capabilities": capabilities,
                "serverInfo": { "name": "simulated", "version": "1" },
            })),
            ("server/discover", Self::Modern | Self::Both) => Opening::Open(json!({
                "resultType": "complete",
                "supportedVersions": [MODERN],
                "capabilities": capabilities,
            })),
            ("server/discover", Self::Legacy) => {
                Opening::Refuse(json!({ "code": -32601, "message": "method not found" }))
            }
            ("server/discover", Self::LegacyOrDeath) => Opening::Death,
            ("server/discover", Self::LegacyOrSilence) => Opening::Silence,
            _ => return None,
        };
        Some(opening)
    }
}

/// Which eras the client offers.
pub(crate) fn offered(choices: &mut Choices) -> Eras {
    choices.pick(&[(8, Eras::Auto), (2, Eras::Legacy), (1, Eras::Modern)]).unwrap_or(Eras::Auto)
}

/// Returns whether a request says of which version it is, as each of the modern era does.
pub(crate) fn is_marked(message: &Value) -> bool {
    let mark = message.pointer("/params/_meta/io.modelcontextprotocol~1protocolVersion");
    mark.and_then(Value::as_str) == Some(MODERN)
}
