//! Which methods may be asked twice.

use crate::era::methods::{DISCOVER, PING};

/// Returns whether a request of this method does no harm when it is made twice: by the specification it only reads, or
/// sets what it sets. So it may be made again when nobody knows whether the server has taken it. Nothing is that isn't
/// known here: a method of an extension, say, or `tools/call`.
///
/// ```
/// use tenure_mcp_proto::http::is_idempotent;
///
/// assert!(is_idempotent("tools/list"));
/// assert!(!is_idempotent("tools/call"));
/// ```
pub fn is_idempotent(method: &str) -> bool {
    const IDEMPOTENT: [&str; 13] = [
        "completion/complete",
        "logging/setLevel",
        PING,
        "prompts/get",
        "prompts/list",
        "resources/list",
        "resources/read",
        "resources/subscribe",
        "resources/templates/list",
        "resources/unsubscribe",
        DISCOVER,
        "subscriptions/listen",
        "tools/list",
    ];
    IDEMPOTENT.contains(&method)
}
