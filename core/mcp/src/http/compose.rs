//! What goes out: the requests, with the headers of their era.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, Version};

use crate::http::endpoint::Endpoint;
use crate::http::look::Asked;
use crate::http::params::text_header;
use crate::http::task::Task;

pub(crate) const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
pub(crate) const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
const EITHER: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// A request has so many mostly: the session's, those of its body, and the host.
const MOST_HEADERS: usize = 6;

/// What a legacy server knows the session by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    id: Option<HeaderValue>,
    version: Option<HeaderValue>,
    /// The headers of its messages, once there was one.
    posted: Option<Arc<HeaderMap>>,
}

impl Session {
    pub(crate) fn id(&self) -> Option<&HeaderValue> {
        self.id.as_ref()
    }

    pub(crate) fn set_id(&mut self, id: Option<HeaderValue>) {
        self.id = id;
        self.posted = None;
    }

    pub(crate) fn set_version(&mut self, version: Option<HeaderValue>) {
        self.version = version;
        self.posted = None;
    }

    /// Its headers, for each request behind `initialize`.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(MOST_HEADERS);
        headers.extend(self.id.clone().map(|id| (SESSION_ID, id)));
        headers.extend(self.version.clone().map(|version| (PROTOCOL_VERSION, version)));
        headers
    }

    /// The headers of each of its messages: the same for all of them.
    pub(crate) fn posted(&mut self) -> Arc<HeaderMap> {
        if self.posted.is_none() {
            self.posted = Some(posted(self.headers()));
        }
        self.posted.clone().unwrap_or_default()
    }
}

/// The headers of a message.
pub(crate) fn posted(mut headers: HeaderMap) -> Arc<HeaderMap> {
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(ACCEPT, EITHER);
    Arc::new(headers)
}

/// The headers of a stream that is asked for.
pub(crate) fn asked_for(mut headers: HeaderMap, cursor: Option<&HeaderValue>) -> HeaderMap {
    headers.insert(ACCEPT, EVENTS);
    headers.extend(cursor.map(|cursor| (LAST_EVENT_ID, cursor.clone())));
    headers
}

/// The headers that say in a request's head what its body says (MCP 2026-07-28, basic/transports/streamable-http).
pub(crate) fn mirrored(asked: &Asked<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let version = asked.version().and_then(|version| HeaderValue::try_from(version).ok());
    headers.extend(version.map(|version| (PROTOCOL_VERSION, version)));
    headers.insert(METHOD, text_header(&asked.method));
    headers.extend(asked.name().map(|name| (NAME, text_header(&name))));
    headers
}

/// Those that a notification of the modern era has.
pub(crate) fn mirrored_note(method: &str, version: Option<&HeaderValue>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.extend(version.cloned().map(|version| (PROTOCOL_VERSION, version)));
    headers.insert(METHOD, text_header(method));
    headers
}

/// The request of a task as it stands. The user's headers never replace those of the protocol.
pub(crate) fn request(task: &Task, own: &HeaderMap) -> Request<Bytes> {
    let mut request = Request::new(task.body.clone());
    *request.method_mut() = task.method.clone();
    *request.uri_mut() = task.endpoint.uri().clone();
    *request.version_mut() = Version::HTTP_11;
    let headers = request.headers_mut();
    headers.clone_from(&task.headers);
    for (name, value) in
        own.iter().filter(|(name, _)| !is_reserved(name) && !task.headers.contains_key(*name))
    {
        headers.append(name.clone(), value.clone());
    }
    request
}

/// Returns whether a header is the protocol's or HTTP's own to say: one of that name from elsewhere is left out.
///
/// ```
/// use http::header::{AUTHORIZATION, CONTENT_TYPE};
/// use tenure_mcp_proto::http::is_reserved;
///
/// assert!(is_reserved(&CONTENT_TYPE));
/// assert!(!is_reserved(&AUTHORIZATION));
/// ```
pub fn is_reserved(name: &HeaderName) -> bool {
    use http::header;
    let name_text = name.as_str();
    [SESSION_ID, PROTOCOL_VERSION, METHOD, NAME, LAST_EVENT_ID, ACCEPT, CONTENT_TYPE].contains(name)
        || name_text.starts_with("mcp-param-")
        || [
            header::HOST,
            header::CONTENT_LENGTH,
            header::TRANSFER_ENCODING,
            header::CONNECTION,
            header::UPGRADE,
            header::TE,
            header::TRAILER,
            header::EXPECT,
            header::ACCEPT_ENCODING,
            header::ORIGIN,
        ]
        .contains(name)
}

/// An id that a server gave its session: visible ASCII, of a sensible length (MCP 2025-11-25, basic/transports,
/// "Session Management").
pub(crate) fn session_id(headers: &HeaderMap) -> Result<Option<HeaderValue>, &'static str> {
    const LONGEST: usize = 1024;
    let Some(id) = headers.get(SESSION_ID) else {
        return Ok(None);
    };
    let bytes = id.as_bytes();
    if bytes.is_empty() || !bytes.iter().all(|byte| (0x21..=0x7e).contains(byte)) {
        return Err("its session id has characters that it must not have");
    }
    if bytes.len() > LONGEST {
        return Err("its session id is longer than 1 KiB");
    }
    let mut id = id.clone();
    // Whoever has it has the session.
    id.set_sensitive(true);
    Ok(Some(id))
}

/// A task that sends a message, with headers that are [posted].
pub(crate) fn post(
    purpose: crate::http::task::Purpose,
    endpoint: Endpoint,
    headers: Arc<HeaderMap>,
    body: Vec<u8>,
) -> Task {
    let mut task = Task::new(purpose, Method::POST, endpoint);
    task.headers = headers;
    task.body = Bytes::from(body);
    task
}
