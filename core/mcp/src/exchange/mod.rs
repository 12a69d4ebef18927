//! What goes on between the two sides: requests in flight, what comes in, what goes out, what is told.

pub(crate) mod events;
pub(crate) mod inbound;
pub(crate) mod outbound;
pub(crate) mod requests;
