//! A session of the legacy era.

pub(crate) struct Session {
    pub(crate) id: String,
    /// The version that was agreed on.
    pub(crate) version: String,
    pub(crate) is_alive: bool,
    /// The stream that listens.
    pub(crate) listening: Option<usize>,
}
