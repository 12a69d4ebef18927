//! Which eras and which protocol versions there are.

/// How a connection is opened and its requests are marked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Era {
    /// `initialize` first, then one version for the whole connection: protocol versions up to 2025-11-25.
    #[default]
    Legacy,
}

/// The protocol versions this crate speaks, latest first.
pub const SUPPORTED_VERSIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// The only version that has batches (MCP 2025-03-26, basic, "Batching").
pub(crate) const WITH_BATCHES: &str = "2025-03-26";
