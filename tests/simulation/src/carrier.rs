//! What a world is carried by.

/// What carries the messages of a world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Carrier {
    /// A pipe to a server of its own for each generation.
    #[default]
    Lines,
    /// HTTP, to one server that all generations share.
    Http,
}
