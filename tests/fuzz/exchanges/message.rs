//! What can be read in a request that goes out.

use bytes::Bytes;
use http::{Method, Request};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What an exchange is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A request of the dialogue, by its id in JSON-RPC.
    Request {
        wire: u64,
        method: String,
    },
    /// Whether the server still knows the session.
    Question,
    /// `notifications/initialized`.
    Confirm,
    /// An answer to the server, or a cancel notice.
    Control,
    Note,
    /// A stream, taken up from there.
    Stream {
        cursor: Option<String>,
    },
    End,
}

impl Kind {
    pub(super) fn is_opening(&self) -> bool {
        matches!(self, Self::Request { wire: _, method } if method == "initialize" || method == "server/discover")
    }

    /// Returns whether it is one of those of which only so many are open at once.
    pub(super) fn is_call(&self) -> bool {
        matches!(self, Self::Request { method, .. } if !self.is_opening() && method != "subscriptions/listen")
    }
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    method: Option<String>,
    params: Option<Params>,
}

#[derive(Deserialize)]
struct Params {
    #[serde(rename = "_meta")]
    meta: Option<Meta>,
    #[serde(rename = "requestState")]
    state: Option<Box<RawValue>>,
    #[serde(rename = "inputResponses")]
    inputs: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion")]
    version: Option<String>,
}

/// What a request is.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) kind: Kind,
    /// The version that a message of the modern era names.
    pub(super) version: Option<String>,
    pub(super) method: Option<String>,
    /// The answer to a server that wanted input.
    pub(super) is_round: bool,
}

pub(super) fn header<'a>(request: &'a Request<Bytes>, name: &str) -> Option<&'a str> {
    let mut values = request.headers().get_all(name).iter();
    let value = values.next().map(|value| value.to_str().expect("a header is text"));
    assert!(values.next().is_none(), "{name} is there twice");
    value
}

/// What it is; it is one of the protocol.
pub(super) fn read(request: &Request<Bytes>) -> Read {
    let bare = |kind| Read { kind, version: None, method: None, is_round: false };
    match *request.method() {
        Method::GET => {
            assert!(request.body().is_empty(), "a GET has a body");
            assert_eq!(header(request, "accept"), Some("text/event-stream"));
            bare(Kind::Stream { cursor: header(request, "last-event-id").map(ToOwned::to_owned) })
        }
        Method::DELETE => {
            assert!(request.body().is_empty(), "a DELETE has a body");
            bare(Kind::End)
        }
        Method::POST => posted(request),
        _ => panic!("{} is sent", request.method()),
    }
}

fn posted(request: &Request<Bytes>) -> Read {
    assert_eq!(header(request, "content-type"), Some("application/json"));
    assert_eq!(header(request, "accept"), Some("application/json, text/event-stream"));
    assert_eq!(header(request, "last-event-id"), None);
    let head: Head<'_> = serde_json::from_slice(request.body()).expect("what is sent is a message");
    let wire = head.id.and_then(|id| serde_json::from_str(id.get()).ok());
    let asks_itself = head.id.is_some_and(|id| id.get().starts_with("\"tenure-"));
    let kind = match (head.method.as_deref(), wire) {
        (Some(_), _) if asks_itself => Kind::Question,
        (Some(method), Some(wire)) => Kind::Request { wire, method: method.to_owned() },
        (Some("notifications/initialized"), None) => Kind::Confirm,
        (Some("notifications/cancelled"), None) | (None, _) => Kind::Control,
        (Some(_), None) => Kind::Note,
    };
    let is_round =
        head.params.as_ref().is_some_and(|params| params.state.is_some() || params.inputs.is_some());
    let version = head.params.and_then(|params| params.meta).and_then(|meta| meta.version);
    Read { kind, version, method: head.method, is_round }
}

/// What may be done twice, by the rules of HTTP: it asks, and changes nothing but what this client is told.
pub(super) fn is_safe(method: &str) -> bool {
    matches!(
        method,
        "server/discover"
            | "ping"
            | "tools/list"
            | "resources/list"
            | "resources/templates/list"
            | "resources/read"
            | "resources/subscribe"
            | "resources/unsubscribe"
            | "prompts/list"
            | "prompts/get"
            | "completion/complete"
            | "logging/setLevel"
            | "subscriptions/listen"
    )
}
