//! JSON-RPC 2.0: what a message is, looking into raw JSON, and whom an unread message concerns.

pub(crate) mod json;
pub(crate) mod message;
pub(crate) mod scan;
