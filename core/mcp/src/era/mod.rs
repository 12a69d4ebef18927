//! All that an era of the protocol decides, and nothing else in this crate does. How the messages of an era are carried
//! over HTTP (its headers, its streams, what a status says of a session) are rules of HTTP: that room says so where it
//! asks which [`Era`] it has.
//!
//! - [`versions`]: which eras and versions there are.
//! - [`rules`]: the questions that an era answers: how a connection is opened and what follows, how requests
//!   are marked, what an answer means, which methods are the connection's own, what the server may ask.
//! - [`legacy`]: the answers up to 2025-11-25, with [`initialize`], the answer to its opening request.
//! - [`modern`]: the answers from 2026-07-28 on, with [`discover`], the answer to its opening request.
//! - [`opening`]: which era's request comes first, and when the other one's follows; [`offer`]: the versions
//!   that a server names, and the errors that one era alone has; [`refused_version`]: a version that changes while the
//!   connection lives.
//! - [`methods`]: what the connection's own requests and notices are called; [`stateless`]: what a server keeps of it.

pub(crate) mod discover;
pub(crate) mod error;
pub(crate) mod initialize;
mod legacy;
pub(crate) mod methods;
mod modern;
pub(crate) mod offer;
pub(crate) mod opening;
mod refused_version;
pub(crate) mod rules;
mod stateless;
pub(crate) mod versions;

use rules::Rules;
use versions::Era;

/// The rules of an era.
pub(crate) fn rules_of(era: Era) -> &'static dyn Rules {
    match era {
        Era::Legacy => &legacy::Legacy,
        Era::Modern => &modern::Modern,
    }
}

/// The era whose connections a request of this method opens, if one's are.
#[cfg(feature = "http")]
pub(crate) fn opened_by(method: &str) -> Option<Era> {
    [Era::Legacy, Era::Modern].into_iter().find(|era| rules_of(*era).opening_method() == method)
}
