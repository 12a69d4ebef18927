//! Typed views of params and results, lenient where leniency does no harm.
//!
//! Each view keeps the raw JSON it was made from, byte for byte, with every field that is unknown here, every
//! number as it was written and every key in its place; JSON inside (schemas, structured content, `_meta`)
//! stays raw.
//!
//! Optional text of the wrong type is read as absent, and of a repeated key the last one counts. What a
//! result can't do without, and what would change its meaning (`isError`, `nextCursor`, `resultType`), must
//! be right, else the whole view fails with a [`DecodeError`] that hands the raw JSON back.

mod call;
mod content;
pub(crate) mod decode;
mod list;
mod result_type;

pub use call::{CallToolParams, CallToolResult};
pub use content::Content;
pub use decode::DecodeError;
pub use list::{ListToolsParams, ListToolsResult, Tool};
pub use result_type::ResultType;
