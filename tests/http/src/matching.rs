//! Which requests a test means.

use std::fmt;

use crate::journal::Request;

/// Which requests are meant.
pub struct Matching(Box<dyn Fn(&Request) -> bool + Send>);

/// All of them.
pub fn any() -> Matching {
    Matching::of(|_| true)
}

/// Those with this JSON-RPC method.
pub fn rpc(method: &'static str) -> Matching {
    Matching::of(move |request| request.method == "POST" && request.rpc() == Some(method))
}

/// Those with this HTTP method.
pub fn http(method: &'static str) -> Matching {
    Matching::of(move |request| request.method == method)
}

/// Those that answer something that the server asked.
pub fn reply() -> Matching {
    Matching::of(Request::is_reply)
}

impl Matching {
    /// Those of which `is_it` says so.
    pub fn of(is_it: impl Fn(&Request) -> bool + Send + 'static) -> Self {
        Self(Box::new(is_it))
    }

    /// Of these only those of which `is_it` says so.
    #[must_use]
    pub fn and(self, is_it: impl Fn(&Request) -> bool + Send + 'static) -> Self {
        Self::of(move |request| (self.0)(request) && is_it(request))
    }

    /// Of these only the tool call that is known by `key`.
    #[must_use]
    pub fn key(self, key: &'static str) -> Self {
        self.and(move |request| request.key() == Some(key))
    }

    pub(crate) fn is_it(&self, request: &Request) -> bool {
        (self.0)(request)
    }
}

impl fmt::Debug for Matching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matching").finish_non_exhaustive()
    }
}
