//! JSON-RPC 2.0 below any protocol: what a message is, how one is written, looking into raw JSON without
//! changing it, and whom a message concerns that can't be read.

pub(crate) mod blame;
mod ends;
pub(crate) mod error;
pub(crate) mod id;
pub(crate) mod json;
pub(crate) mod known;
pub(crate) mod message;
pub(crate) mod meta;
pub(crate) mod number;
pub(crate) mod raw;
pub(crate) mod reader;
pub(crate) mod scan;
pub(crate) mod shared;
pub(crate) mod shown;
pub(crate) mod string;
