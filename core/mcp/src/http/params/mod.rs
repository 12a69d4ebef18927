//! Arguments of tools as headers: `x-mcp-header`
//! (MCP 2026-07-28, basic/transports/streamable-http, "Custom Headers from Tool Parameters").
//!
//! `params/schema.rs` reads which arguments of a tool are wanted, `params/value.rs` writes a value, `params/tools.rs`
//! knows the tools.

mod schema;
mod tools;
mod value;

pub(crate) use schema::check;
pub(crate) use tools::ToolHeaders;
pub(crate) use value::text_header;
