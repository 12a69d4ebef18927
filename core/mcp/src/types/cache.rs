//! How long a result may be kept, and by whom (MCP 2026-07-28, server/utilities/caching).

use std::time::Duration;

use serde_json::value::RawValue;

use crate::jsonrpc::number::integer;
use crate::jsonrpc::string::is;

/// How long a result may be kept, and by whom (MCP 2026-07-28, server/utilities/caching). Hints: what the server
/// has may change before.
///
/// What came after the server wanted input must not be kept at all. Servers of earlier versions give no hints; that
/// means not to keep it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheHints {
    /// So long since it was received it may be used; zero if there is no hint.
    pub ttl: Duration,
    /// Who may use it.
    pub scope: CacheScope,
}

/// Who may use a result that is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheScope {
    /// Only who asked, with the same authorization. So is whatever the server does not say.
    #[default]
    Private,
    /// Anybody.
    Public,
}

impl CacheHints {
    pub(crate) fn read(ttl: Option<&RawValue>, scope: Option<&RawValue>) -> Self {
        let ttl = ttl.and_then(|ttl| integer(ttl.get())).and_then(|ttl| u64::try_from(ttl).ok());
        let is_public = scope.is_some_and(|scope| is(scope, "public"));
        Self {
            ttl: Duration::from_millis(ttl.unwrap_or_default()),
            scope: if is_public { CacheScope::Public } else { CacheScope::Private },
        }
    }

    /// Of what is made of both.
    pub(crate) fn and(self, other: Self) -> Self {
        let is_public = [self.scope, other.scope] == [CacheScope::Public; 2];
        Self {
            ttl: self.ttl.min(other.ttl),
            scope: if is_public { CacheScope::Public } else { CacheScope::Private },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    #[test]
    fn what_is_no_hint_means_not_to_keep_it_or_to_keep_it_to_oneself() {
        let read = |ttl: &str, scope: &str| {
            let hints = CacheHints::read(Some(&raw(ttl)), Some(&raw(scope)));
            (hints.ttl.as_millis(), hints.scope)
        };
        assert_eq!(read("300000", "\"public\""), (300_000, CacheScope::Public));
        assert_eq!(read("1.5e3", "\"private\""), (1500, CacheScope::Private));
        for (ttl, scope) in
            [("-5", "\"PUBLIC\""), ("0", "null"), ("\"5\"", "5"), ("1.5", "{}"), ("null", "[]")]
        {
            assert_eq!(read(ttl, scope), (0, CacheScope::Private), "{ttl} {scope}");
        }
        assert_eq!(CacheHints::read(None, None), CacheHints::default());
    }
}
