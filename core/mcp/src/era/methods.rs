//! The methods by which connections are opened, confirmed, kept and left. Callers name others.

/// Opens a connection of the legacy era (MCP 2025-11-25, basic/lifecycle).
pub(crate) const INITIALIZE: &str = "initialize";

/// Confirms it.
pub(crate) const INITIALIZED: &str = "notifications/initialized";

/// Asks a server of the legacy era for a sign of life, or this side (MCP 2025-11-25, basic/utilities/ping).
pub(crate) const PING: &str = "ping";

/// Asks a server of the modern era what it is, which also opens a connection, and is its sign of life (MCP 2026-07-28,
/// server/discover).
pub(crate) const DISCOVER: &str = "server/discover";

/// The notice that nobody waits for a request any more, in both eras.
pub(crate) const CANCELLED: &str = "notifications/cancelled";
