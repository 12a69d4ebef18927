//! What the era of the protocol decides.

pub(crate) mod legacy;
