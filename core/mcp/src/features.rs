//! What this side offers to a server.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::string::string;

/// Something that a server may ask for, if the client offers it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ClientFeature {
    /// `sampling/createMessage`: the server asks for an answer of the client's model (MCP 2025-11-25,
    /// client/sampling). Context and tools are announced with [`Options::capabilities`](crate::Options::capabilities).
    Sampling,
    /// `elicitation/create`: the server asks the person who uses the client to fill in a form (MCP 2025-11-25,
    /// client/elicitation, "Form Mode").
    FormElicitation,
    /// `elicitation/create`: the server sends the person who uses the client to a page (MCP 2025-11-25,
    /// client/elicitation, "URL Mode").
    UrlElicitation,
    /// `roots/list`: the server asks where it may work (MCP 2025-11-25, client/roots). When the roots change,
    /// [`notify`](crate::Connection::notify) a server of the legacy era with `notifications/roots/list_changed`.
    Roots,
    /// The request of this method. It is announced, if it needs to be, with
    /// [`Options::capabilities`](crate::Options::capabilities).
    Other(String),
}

/// Whether what a server asks for is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Offered,
    NotOffered,
    /// Elicitation is offered, but not in this way.
    OtherMode,
}

const ELICITATION: [ClientFeature; 2] = [ClientFeature::FormElicitation, ClientFeature::UrlElicitation];

impl ClientFeature {
    /// What a request of the server asks for; `None` if it is an elicitation of a mode that is unknown here.
    ///
    /// ```
    /// use tenure_mcp_proto::ClientFeature;
    /// assert_eq!(ClientFeature::of("elicitation/create", None), Some(ClientFeature::FormElicitation));
    /// assert_eq!(ClientFeature::of("x/y", None), Some(ClientFeature::Other("x/y".to_owned())));
    /// ```
    pub fn of(method: &str, params: Option<&RawValue>) -> Option<Self> {
        match method {
            "sampling/createMessage" => Some(Self::Sampling),
            "roots/list" => Some(Self::Roots),
            "elicitation/create" => elicitation(params),
            other => Some(Self::Other(other.to_owned())),
        }
    }

    /// Whether a request is one of what is offered.
    pub(crate) fn wanted(offered: &BTreeSet<Self>, method: &str, params: Option<&RawValue>) -> Wanted {
        if offered.contains(&Self::Other(method.to_owned())) {
            return Wanted::Offered;
        }
        if Self::of(method, params).is_some_and(|feature| offered.contains(&feature)) {
            Wanted::Offered
        } else if method == "elicitation/create" && ELICITATION.iter().any(|mode| offered.contains(mode)) {
            Wanted::OtherMode
        } else {
            Wanted::NotOffered
        }
    }

    /// The client's capabilities with those of what is offered that they don't have (MCP 2025-11-25, schema,
    /// `ClientCapabilities`); what is said of `roots` its era says.
    pub(crate) fn announced<'c>(
        offered: &BTreeSet<Self>,
        capabilities: &'c str,
        roots: &str,
    ) -> Cow<'c, str> {
        let [form, url] = ELICITATION.map(|mode| offered.contains(&mode));
        let elicitation = match (form, url) {
            (false, false) => None,
            // What there was before there were modes, and still means this one.
            (true, false) => Some("{}"),
            (false, true) => Some(r#"{"url":{}}"#),
            (true, true) => Some(r#"{"form":{},"url":{}}"#),
        };
        let entries = [
            ("sampling", offered.contains(&Self::Sampling).then_some("{}")),
            ("elicitation", elicitation),
            ("roots", offered.contains(&Self::Roots).then_some(roots)),
        ];
        let mut announced = Cow::Borrowed(capabilities);
        for (name, value) in entries {
            if let Some(value) = value
                && !matches!(json::fields(capabilities, [name]), Ok([Some(_)]))
            {
                let entry = format!("\"{name}\":{value}");
                announced = json::with_entry(&announced, &entry).map_or(announced, Cow::Owned);
            }
        }
        announced
    }
}

/// Which way a person is asked; without a word it is a form.
fn elicitation(params: Option<&RawValue>) -> Option<ClientFeature> {
    let [mode] = params.and_then(|params| json::fields(params.get(), ["mode"]).ok()).unwrap_or_default();
    match mode.filter(|mode| !json::is_null(mode)) {
        None => Some(ClientFeature::FormElicitation),
        Some(mode) => match string(mode)?.as_str() {
            "form" => Some(ClientFeature::FormElicitation),
            "url" => Some(ClientFeature::UrlElicitation),
            _ => None,
        },
    }
}
