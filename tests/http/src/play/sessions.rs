//! The sessions of the legacy era.

use crate::journal::Request;
use crate::play::Play;
use crate::play::session::Session;
use crate::reply::{Reply, Step};

impl Play {
    /// A head goes out. One that gives a session, whoever made it up, has made one.
    pub(crate) fn saw_head(&mut self, request: &Request, reply: &Reply) {
        let is_given = request.rpc() == Some("initialize") && (200..300).contains(&reply.status);
        let Some(id) = reply.has("mcp-session-id").filter(|_| is_given) else { return };
        let asked = request.json["params"]["protocolVersion"].as_str().unwrap_or_default();
        let version = version_of(reply).unwrap_or_else(|| asked.to_owned());
        self.sessions.push(Session { id: id.to_owned(), version, is_alive: true, listening: None });
    }

    pub(crate) fn expire(&mut self) {
        self.sessions.iter_mut().for_each(|session| session.is_alive = false);
    }

    pub(crate) fn session(&mut self, request: &Request) -> Option<&mut Session> {
        let id = request.session()?;
        self.sessions.iter_mut().find(|session| session.id == id && session.is_alive)
    }
}

/// The version that an answer to `initialize` names.
fn version_of(reply: &Reply) -> Option<String> {
    let texts = reply.steps.iter().filter_map(|step| match step {
        Step::Piece(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    });
    texts
        .filter_map(|text| text.split_once("\"protocolVersion\":\""))
        .find_map(|(_, rest)| rest.split('"').next().map(str::to_owned))
}
