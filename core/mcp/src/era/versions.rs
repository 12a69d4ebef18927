//! Which eras and which protocol versions there are.

use std::borrow::Cow;

/// How a connection is opened and its requests are marked (MCP 2026-07-28, basic/versioning, "Terminology").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Era {
    /// `initialize` first, then one version for the whole connection: protocol versions up to 2025-11-25.
    Legacy,
    /// No handshake: each request says its version, and who asks: protocol versions from 2026-07-28 on.
    Modern,
}

/// Which eras a client offers, with all of their versions that this crate speaks. Choose single versions with
/// [`Options::versions`](crate::Options::versions) instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Eras {
    /// The era that the server speaks, the modern one if it speaks both. `server/discover` is asked first, and
    /// `initialize` if the answer isn't one of the modern era (MCP 2026-07-28, basic/transports/stdio,
    /// "Backward Compatibility").
    Auto,
    /// The legacy era alone: `initialize` is the first message.
    Legacy,
    /// The modern era alone: a server that doesn't know it is refused.
    Modern,
}

/// The protocol versions of both eras that this crate speaks, latest first.
pub const SUPPORTED_VERSIONS: [&str; 5] =
    ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// A protocol version: mostly one of those that this crate speaks, of which nothing is to be kept.
pub(crate) type Version = Cow<'static, str>;

/// [`SUPPORTED_VERSIONS`] as options have them.
static SUPPORTED: [Version; 5] = {
    let [first, second, third, fourth, fifth] = SUPPORTED_VERSIONS;
    [
        Cow::Borrowed(first),
        Cow::Borrowed(second),
        Cow::Borrowed(third),
        Cow::Borrowed(fourth),
        Cow::Borrowed(fifth),
    ]
};

/// The first version of the modern era.
const FIRST_MODERN: &str = "2026-07-28";

/// The only version that has batches (MCP 2025-03-26, basic, "Batching").
pub(crate) const WITH_BATCHES: &str = "2025-03-26";

impl Era {
    /// The era of a version. Versions are dates, and later ones are modern.
    pub(crate) fn of(version: &str) -> Self {
        if version < FIRST_MODERN { Self::Legacy } else { Self::Modern }
    }
}

impl Eras {
    /// The versions of these eras, latest first.
    pub(crate) fn versions(self) -> &'static [Version] {
        let first_legacy = SUPPORTED.partition_point(|version| Era::of(version) == Era::Modern);
        let (modern, legacy) = SUPPORTED.split_at(first_legacy);
        match self {
            Self::Auto => &SUPPORTED,
            Self::Legacy => legacy,
            Self::Modern => modern,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_is_of_one_era() {
        assert_eq!(Era::of("2025-11-25"), Era::Legacy);
        assert_eq!(Era::of("2026-07-27"), Era::Legacy);
        assert_eq!(Era::of("2026-07-28"), Era::Modern);
        assert_eq!(Era::of("2027-01-01"), Era::Modern);
        let of = |eras: Eras| eras.versions();
        assert_eq!(of(Eras::Modern), ["2026-07-28"]);
        assert_eq!(of(Eras::Legacy), ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]);
        assert_eq!(of(Eras::Auto), SUPPORTED_VERSIONS);
    }
}
