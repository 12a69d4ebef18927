//! All elements of a server's list, page by page (MCP 2026-07-28, server/utilities/pagination).

mod collect;
mod list;

pub use collect::{Pages, PagesError, PromptPages, ResourcePages, ResourceTemplatePages, ToolPages};
pub use list::{List, ListWarning, PromptList, ResourceList, ResourceTemplateList, ToolList};
