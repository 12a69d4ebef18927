//! What a server tells (MCP 2025-11-25, schema, `ServerNotification`).

use serde_json::value::RawValue;

use crate::era::methods::CANCELLED;
use crate::jsonrpc::string::string;
use crate::types::decode::{object, present, text};
use crate::types::log::LogLevel;
use crate::types::progress::Progress;

/// What a notification of a server tells.
///
/// It is read from the method and the params of an [`Event::Notification`](crate::Event::Notification), which
/// keep the whole of it.
///
/// ```
/// use serde_json::value::RawValue;
/// use tenure_mcp_proto::types::{LogLevel, Notification};
///
/// let params = RawValue::from_string(r#"{"level":"error","data":{"n":1.00}}"#.to_owned())?;
/// match Notification::read("notifications/message", Some(&params)) {
///     Notification::Log { level, logger, data, .. } => {
///         assert_eq!((level, logger), (LogLevel::Error, None));
///         assert_eq!(data.get(), r#"{"n":1.00}"#);
///     }
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Notification {
    /// A call goes on (basic/utilities/progress). If it was asked for with
    /// [`RequestOptions::progress`](crate::RequestOptions::progress), it is an
    /// [`Event::Progress`](crate::Event::Progress) instead.
    Progress(Progress),
    /// A log message (server/utilities/logging).
    #[non_exhaustive]
    Log {
        /// How serious it is.
        level: LogLevel,
        /// Which part of the server says it.
        logger: Option<String>,
        /// What it says, any JSON, byte for byte.
        data: Box<RawValue>,
    },
    /// There are other tools now (server/tools, "List Changed Notification").
    ToolsChanged,
    /// There are other resources now (server/resources, "List Changed Notification").
    ResourcesChanged,
    /// There are other prompts now (server/prompts, "List Changed Notification").
    PromptsChanged,
    /// A resource that was subscribed to has changed, or one that is part of it (server/resources,
    /// "Subscriptions").
    #[non_exhaustive]
    ResourceUpdated {
        /// Its URI.
        uri: String,
    },
    /// The server doesn't wait for the answer to a request of its own any more
    /// (basic/utilities/cancellation). If the request was handed out, it is an
    /// [`Event::RequestCancelled`](crate::Event::RequestCancelled) instead.
    #[non_exhaustive]
    Cancelled {
        /// The id of its request, as it was sent.
        request_id: Box<RawValue>,
        /// Why.
        reason: Option<String>,
    },
    /// What a person was sent elsewhere for is done (client/elicitation, "URL Mode").
    #[non_exhaustive]
    ElicitationComplete {
        /// The elicitation, as the server named it when it asked.
        elicitation_id: String,
    },
    /// Anything else, also one of the above without what it needs.
    Other,
}

impl Notification {
    /// Reads a notification. Never fails, see [`Notification::Other`].
    pub fn read(method: &str, params: Option<&RawValue>) -> Self {
        match method {
            "notifications/tools/list_changed" => Some(Self::ToolsChanged),
            "notifications/resources/list_changed" => Some(Self::ResourcesChanged),
            "notifications/prompts/list_changed" => Some(Self::PromptsChanged),
            "notifications/progress" => params.and_then(Progress::read).map(Self::Progress),
            "notifications/message" => params.and_then(log),
            "notifications/resources/updated" => word(params, "uri").map(|uri| Self::ResourceUpdated { uri }),
            CANCELLED => params.and_then(cancelled),
            "notifications/elicitation/complete" => word(params, "elicitationId")
                .map(|elicitation_id| Self::ElicitationComplete { elicitation_id }),
            _ => None,
        }
        .unwrap_or(Self::Other)
    }
}

fn word(params: Option<&RawValue>, name: &str) -> Option<String> {
    let [word] = object(params?, [name]).ok()?;
    text(word)
}

fn log(params: &RawValue) -> Option<Notification> {
    let [level, logger, data] = object(params, ["level", "logger", "data"]).ok()?;
    let level = level.and_then(string)?.parse().ok()?;
    let data = data.unwrap_or(RawValue::NULL).to_owned();
    Some(Notification::Log { level, logger: text(logger), data })
}

fn cancelled(params: &RawValue) -> Option<Notification> {
    let [id, reason] = object(params, ["requestId", "reason"]).ok()?;
    let request_id = present(id)?.to_owned();
    Some(Notification::Cancelled { request_id, reason: text(reason) })
}
