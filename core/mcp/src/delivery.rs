//! How far a request got that has no result.

/// How far a call got that has no result: whether it can be made again without being done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// It was not sent, and never will be: the server can't have seen it.
    NotSent,
    /// The server says that it did not take it.
    Refused,
    /// The server may have done what it was asked for, or do it still.
    Unknown,
}

impl Delivery {
    /// What became of a request that went out twice, with these ends.
    #[cfg(feature = "http")]
    pub(crate) const fn or_worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Refused, _) | (_, Self::Refused) => Self::Refused,
            (Self::NotSent, Self::NotSent) => Self::NotSent,
        }
    }
}
