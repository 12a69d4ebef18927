//! Typed views of params and results, lenient where leniency does no harm.
//!
//! Each view keeps the raw JSON it was made from, byte for byte, with every field that is unknown here, every
//! number as it was written and every key in its place; JSON inside (schemas, structured content, `_meta`)
//! stays raw. All parts of a result share its text, see [`Raw`].
//!
//! Optional text of the wrong type is read as absent, half of a UTF-16 pair as U+FFFD, and of a repeated key
//! the last one counts. What is odd costs itself and no more: an element of a list, a block of content. Only
//! JSON of which nothing fits is a [`DecodeError`], and that hands the raw JSON back.

mod cache;
mod call;
mod complete;
mod content;
mod cursor;
pub(crate) mod decode;
mod elicitation;
mod form;
mod get_prompt;
mod list;
mod log;
mod notification;
mod params;
mod progress;
mod prompt;
mod read;
mod resource;
mod result_type;
mod roots;
mod sampling;
mod text;
mod tool;
mod typed;
mod warnings;
pub(crate) mod written;

pub use crate::jsonrpc::raw::Raw;
pub use cache::{CacheHints, CacheScope};
pub use call::{CallToolParams, CallToolResult};
pub use complete::{CompleteParams, CompleteResult, CompletionReference};
pub use content::Content;
pub use cursor::{Cursor, ListParams};
pub use decode::{DecodeError, meta_of};
pub use elicitation::{ElicitAction, ElicitFormParams, ElicitResult, ElicitUrlParams};
pub use form::{Choice, FieldKind, FormField, FormProblem, FormSchema};
pub use get_prompt::{GetPromptParams, GetPromptResult, PromptMessage, Role};
pub use list::{ListResult, Listed, OddElement};
pub use log::{LogLevel, NoLogLevel, SetLevelParams};
pub use notification::Notification;
pub use params::{Params, ParamsError};
pub use progress::Progress;
pub use prompt::{ListPromptsResult, Prompt, PromptArgument};
pub use read::{ReadResourceResult, ResourceContents, ResourceParams};
pub use resource::{ListResourceTemplatesResult, ListResourcesResult, Resource, ResourceTemplate};
pub use result_type::ResultType;
pub use roots::{ListRootsResult, Root};
pub use sampling::{CreateMessageParams, CreateMessageResult, SamplingMessage};
pub use text::Text;
pub use tool::{ListToolsResult, Tool};
pub use typed::decode;
