//! What is told of a session that is watched: a line each, or an object.

use std::time::SystemTime;

use serde_json::{Value, json};
use tenure::Status;
use tenure_mcp::proto::types::Notification;
use tenure_mcp::{Era, ServerEvent, SubscriptionEnd, Subscriptions};

use crate::text;

/// The most characters of a line's last column.
const LONGEST: usize = 1000;
/// The columns before it.
const GENERATION: usize = 5;
const KIND: usize = 14;

/// Something that happened.
#[derive(Clone, Debug)]
pub(super) struct News {
    pub(super) time: SystemTime,
    /// 0 before the first.
    pub(super) generation: u64,
    pub(super) payload: Payload,
}

#[derive(Clone, Debug)]
pub(super) enum Payload {
    Event(ServerEvent),
    State(Status),
    /// So many were not read in time.
    Missed(u64),
}

impl News {
    pub(super) fn now(generation: u64, payload: Payload) -> Self {
        Self { time: SystemTime::now(), generation, payload }
    }

    /// Returns whether it belongs to the server's log.
    pub(super) fn is_of_the_log(&self) -> bool {
        match &self.payload {
            Payload::Event(ServerEvent::Notification { method, .. }) => method == "notifications/message",
            Payload::Event(ServerEvent::Disconnected { failure, .. }) => failure.is_some(),
            Payload::Missed(_) => true,
            _ => false,
        }
    }

    /// One line for people.
    pub(super) fn line(&self) -> String {
        let (kind, what) = self.words();
        let generation = match self.generation {
            0 => String::new(),
            number => format!("g{number}"),
        };
        let columns = [
            self.clock(),
            text::padded(&generation, GENERATION),
            text::padded(&text::one_line(&kind), KIND),
            text::shortened(&text::one_line(&what), LONGEST),
        ];
        columns.join(" ").trim_end().to_owned() + "\n"
    }

    /// The time of the day.
    fn clock(&self) -> String {
        let time = humantime::format_rfc3339_millis(self.time).to_string();
        time.split_once('T').map_or_else(String::new, |(_, clock)| clock.to_owned())
    }

    fn words(&self) -> (String, String) {
        match &self.payload {
            Payload::State(status) => ("state".to_owned(), status.to_string()),
            Payload::Missed(number) => {
                ("missed".to_owned(), format!("{} that nobody read in time", text::counted(*number, "line")))
            }
            Payload::Event(ServerEvent::Connected { server, pid }) => {
                let pid = pid.map_or_else(String::new, |pid| format!(", process {pid}"));
                let words = text::server(&server.name, &server.version, &server.protocol_version) + &pid;
                ("connected".to_owned(), words)
            }
            Payload::Event(ServerEvent::Disconnected { cause, failure }) => {
                let failure = failure.as_ref().map_or_else(String::new, |failure| format!(": {failure}"));
                ("disconnected".to_owned(), format!("{cause:#}{failure}"))
            }
            Payload::Event(ServerEvent::Notification { method, params }) => {
                notified(method, Notification::read(method, params.as_deref()), params.as_deref())
            }
            Payload::Event(ServerEvent::ProtocolError(error)) => ("protocol".to_owned(), error.to_string()),
            Payload::Event(ServerEvent::Dropped(dropped)) => {
                ("dropped".to_owned(), format!("{} messages were too many", dropped.total()))
            }
            Payload::Event(ServerEvent::Contradiction(contradiction)) => {
                ("settings".to_owned(), contradiction.to_string())
            }
            Payload::Event(ServerEvent::Gap) => {
                ("gap".to_owned(), "what the server told meanwhile may be missing".to_owned())
            }
            Payload::Event(ServerEvent::Subscribed { granted, refused }) => {
                let refused =
                    if refused.is_empty() { String::new() } else { format!("; refused: {}", named(refused)) };
                ("subscribed".to_owned(), named(granted) + &refused)
            }
            Payload::Event(ServerEvent::SubscriptionEnded { why, again }) => {
                let again = if *again { "; it is asked for again" } else { "" };
                ("unsubscribed".to_owned(), ended(why) + again)
            }
            Payload::Event(event @ (ServerEvent::LogLevelRefused(_) | ServerEvent::WishNotSent(_))) => {
                ("refused".to_owned(), no_log(event).unwrap_or_default())
            }
            Payload::Event(other) => ("other".to_owned(), format!("{other:?}")),
        }
    }

    /// One object, in a line.
    pub(super) fn json(&self) -> String {
        let (kind, words) = self.words();
        let string = |text: &str| Value::from(text).to_string();
        let time = string(&humantime::format_rfc3339_millis(self.time).to_string());
        let (event, more) = match &self.payload {
            // What the server sent stays as it came.
            Payload::Event(ServerEvent::Notification { method, params }) => {
                let params = params.as_ref().map_or("null", |params| params.get());
                ("notification", format!("\"method\":{},\"params\":{params}", string(method)))
            }
            Payload::Event(ServerEvent::Connected { server, pid }) => {
                let pid = pid.map_or_else(|| "null".to_owned(), |pid| pid.to_string());
                ("connected", format!("\"pid\":{pid},\"server\":{}", server.raw.get()))
            }
            Payload::Event(ServerEvent::Subscribed { granted, refused }) => {
                let (granted, refused) = (as_json(granted), as_json(refused));
                ("subscribed", format!("\"granted\":{granted},\"refused\":{refused}"))
            }
            Payload::State(status) => {
                let name = status.name().to_string().to_lowercase();
                ("state", format!("\"state\":{},\"message\":{}", string(&name), string(&words)))
            }
            Payload::Missed(number) => ("missed", format!("\"lines\":{number}")),
            Payload::Event(_) => (kind.as_str(), format!("\"message\":{}", string(&words))),
        };
        format!("{{\"time\":{time},\"generation\":{},\"event\":{},{more}}}\n", self.generation, string(event))
    }
}

/// Why the server tells nothing of its log; `None` if that is not what happened.
pub(super) fn no_log(event: &ServerEvent) -> Option<String> {
    match event {
        ServerEvent::LogLevelRefused(error) => Some(format!("the log level: {error}")),
        ServerEvent::WishNotSent(error) => Some(error.to_string()),
        // MCP 2026-07-28, server/utilities/logging: no messages but for a request that asks for them.
        ServerEvent::Connected { server, .. } if server.era == Era::Modern => Some(
            "a server of the modern era tells its log only while it answers a request; try --era legacy"
                .into(),
        ),
        _ => None,
    }
}

fn named(wished: &Subscriptions) -> String {
    let lists = [("tools", wished.tools), ("prompts", wished.prompts), ("resources", wished.resources)];
    let lists = lists.into_iter().filter(|(_, is_in)| *is_in).map(|(name, _)| name);
    let names: Vec<&str> = lists.chain(wished.uris.iter().map(String::as_str)).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

fn as_json(wished: &Subscriptions) -> Value {
    let Subscriptions { tools, prompts, resources, uris, .. } = wished;
    json!({ "tools": tools, "prompts": prompts, "resources": resources, "uris": uris })
}

fn ended(why: &SubscriptionEnd) -> String {
    match why {
        SubscriptionEnd::Closed => "ended by the server".to_owned(),
        SubscriptionEnd::Cancelled => "cancelled by the server".to_owned(),
        SubscriptionEnd::Unacknowledged => "the server did not confirm it in time".to_owned(),
        SubscriptionEnd::Refused(error) => error.to_string(),
        other => format!("{other:?}"),
    }
}

fn notified(
    method: &str,
    read: Notification,
    params: Option<&serde_json::value::RawValue>,
) -> (String, String) {
    let changed = |what: &str| ("changed".to_owned(), what.to_owned());
    match read {
        Notification::Log { level, logger, data, .. } => {
            let logger = logger.map_or_else(String::new, |logger| format!("{logger}: "));
            let data = serde_json::from_str::<String>(data.get()).unwrap_or_else(|_| data.get().to_owned());
            (level.to_string(), logger + &data)
        }
        Notification::ToolsChanged => changed("tools"),
        Notification::ResourcesChanged => changed("resources"),
        Notification::PromptsChanged => changed("prompts"),
        Notification::ResourceUpdated { uri, .. } => ("updated".to_owned(), uri),
        _ => {
            let params = params.map_or_else(String::new, |params| format!(" {}", params.get()));
            ("notified".to_owned(), format!("{method}{params}"))
        }
    }
}
