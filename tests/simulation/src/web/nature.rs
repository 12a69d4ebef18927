//! Which faults there are in a world of HTTP.

use crate::choices::Choices;

/// The faults of HTTP in a world, each there or not.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is there or not, independent of the others")]
pub(crate) struct Web {
    /// Connections that break before the head.
    pub(crate) breaks: bool,
    /// Proxies that answer in the server's place.
    pub(crate) proxies: bool,
    /// Heads that never come.
    pub(crate) hangs: bool,
    /// Requests that are sent elsewhere, or refused for want of credentials.
    pub(crate) diverts: bool,
    /// Streams that drop.
    pub(crate) drops: bool,
    /// Streams that can be taken up again.
    pub(crate) resumes: bool,
    /// Sessions that the server forgets.
    pub(crate) expires: bool,
    /// Ways of a dead session that only look like one.
    pub(crate) vague: bool,
    /// The server gives its sessions names.
    pub(crate) has_sessions: bool,
    /// It tells on a stream of its own.
    pub(crate) listens: bool,
    /// It takes its time at the end of a session.
    pub(crate) slow_end: bool,
    /// Answers come as streams, mostly.
    pub(crate) streams: bool,
}

impl Web {
    pub(crate) fn draw(choices: &mut Choices) -> Self {
        let mut fault = |percent| choices.chance(percent);
        Self {
            breaks: fault(35),
            proxies: fault(30),
            hangs: fault(25),
            diverts: fault(20),
            drops: fault(45),
            resumes: fault(60),
            expires: fault(40),
            vague: fault(30),
            has_sessions: !fault(25),
            listens: fault(60),
            slow_end: fault(25),
            streams: fault(60),
        }
    }
}
